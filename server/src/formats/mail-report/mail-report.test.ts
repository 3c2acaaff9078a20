import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, gzipSync } from "node:zlib";
import { decompressReport } from "./decompress-report.ts";
import { MailReportError, mostRows } from "./mail-report.ts";
import { parseDmarcReport } from "./parse-dmarc-report.ts";
import { parseTlsReport } from "./parse-tls-report.ts";

const record = `<record><row><source_ip>192.0.2.7</source_ip><count>3</count><policy_evaluated><disposition>quarantine</disposition>
  <dkim>fail</dkim><spf>pass</spf><reason><type>forwarded</type></reason></policy_evaluated></row>
  <identifiers><header_from>mairie.example</header_from></identifiers>
  <auth_results><dkim><domain>mairie.example</domain><selector>b1</selector><result>fail</result></dkim>
  <spf><domain>mairie.example</domain><result>pass</result></spf></auth_results></record>`;

const dmarc = (records = record, head = '<?xml version="1.0" encoding="UTF-8" ?>') => `${head}
<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><report_metadata><org_name>Voisin</org_name><email>a@b.example</email>
<report_id>r-1</report_id><date_range><begin>1767225600</begin><end>1767311999</end></date_range></report_metadata>
<policy_published><domain>Mairie.example</domain><p>quarantine</p><pct>100</pct></policy_published>${records}</feedback>`;

const tls = {
  "organization-name": "Voisin",
  "date-range": { "start-datetime": "2026-01-01T00:00:00Z", "end-datetime": "2026-01-01T23:59:59Z" },
  "report-id": "t-1",
  policies: [
    {
      policy: { "policy-type": "sts", "policy-string": ["version: STSv1"], "policy-domain": "mairie.example" },
      summary: { "total-successful-session-count": 5, "total-failure-session-count": 2 },
      "failure-details": [
        { "result-type": "certificate-expired", "sending-mta-ip": "2001:db8::1", "failed-session-count": 2 },
      ],
    },
  ],
};

function zip(content: Buffer, name = "report.xml", claim = content.length): Buffer {
  const data = deflateRawSync(content);
  const local = Buffer.alloc(30);
  local.write("PK\x03\x04", 0, "latin1");
  local.writeUInt16LE(8, 8);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.write("PK\x01\x02", 0, "latin1");
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(data.length, 20);
  central.writeUInt32LE(claim, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt32LE(local.length + name.length + data.length, 16);
  return Buffer.concat([local, Buffer.from(name), data, central, Buffer.from(name), end]);
}

test("a DMARC report gives its policy and rows, whatever its namespace", () => {
  const report = parseDmarcReport(dmarc());
  assert.deepEqual(
    [report.domain, report.reporter, report.reportId, report.beginsAt.toISOString(), report.policy],
    ["mairie.example", "Voisin", "r-1", "2026-01-01T00:00:00.000Z", { p: "quarantine", pct: "100" }],
  );
  assert.deepEqual(report.rows, [
    {
      source: "192.0.2.7",
      count: 3,
      result: "quarantine",
      detail: {
        dkim: "fail",
        spf: "pass",
        headerFrom: "mairie.example",
        envelopeFrom: "",
        reasons: ["forwarded"],
        dkimResults: [{ domain: "mairie.example", selector: "b1", result: "fail" }],
        spfResults: [{ domain: "mairie.example", result: "pass" }],
      },
    },
  ]);
});

test("a report on TLS gives successes and failures for each domain", () => {
  const [report] = parseTlsReport(JSON.stringify(tls));
  assert.deepEqual(
    [report!.domain, report!.policy, report!.rows.map((row) => [row.result, row.count, row.source])],
    [
      "mairie.example",
      { sts: "version: STSv1" },
      [
        ["success", 5, undefined],
        ["certificate-expired", 2, "2001:db8::1"],
      ],
    ],
  );
});

test("entities, document types and malformed XML are refused", () => {
  const bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>';
  for (const xml of [
    dmarc(record, bomb),
    dmarc().replace("r-1", "&b;"),
    dmarc(`${"<x>".repeat(20)}${"</x>".repeat(20)}`),
    dmarc().slice(0, 200),
    "<html></html>",
    dmarc(record.replace(">3<", ">-3<")),
    dmarc(record.replace(">3<", ">99999999999999999999<")),
    dmarc().replace("1767311999", "99999999999999"),
    "",
  ]) {
    assert.throws(() => parseDmarcReport(xml), MailReportError, xml.slice(0, 120));
  }
});

test("a report with too many rows is refused", () => {
  assert.throws(() => parseDmarcReport(dmarc("<record/>".repeat(mostRows + 1))), /too many rows/);
  const details = Array.from({ length: mostRows + 1 }, () => ({ "failed-session-count": 1 }));
  const policies = [{ ...tls.policies[0], "failure-details": details }];
  assert.throws(() => parseTlsReport(JSON.stringify({ ...tls, policies })), /too many rows/);
});

test("JSON of the wrong shape is refused, half characters are not kept", () => {
  for (const json of ["", "[]", "{}", "null", '{"policies":[1]}', JSON.stringify({ ...tls, "date-range": {} })]) {
    assert.throws(() => parseTlsReport(json), MailReportError, json);
  }
  const [odd] = parseTlsReport(JSON.stringify({ ...tls, "organization-name": "a\ud800\u0000b" }));
  assert.equal(odd!.reporter, "a\ufffd b");
});

test("gzip, zip and plain files are opened, damaged and swelling ones are refused", () => {
  const xml = Buffer.from(dmarc());
  assert.deepEqual(decompressReport(gzipSync(xml)), xml);
  assert.deepEqual(decompressReport(zip(xml)), xml);
  assert.deepEqual(decompressReport(xml), xml);
  const swelling = Buffer.alloc(30 * 1024 * 1024);
  for (const bytes of [
    gzipSync(swelling),
    zip(swelling),
    zip(swelling, "x", 10),
    gzipSync(xml).subarray(0, 40),
    zip(xml).subarray(0, 60),
    Buffer.from("PK\x03\x04PK\x05\x06", "latin1"),
  ]) {
    assert.throws(() => decompressReport(bytes), MailReportError);
  }
});
