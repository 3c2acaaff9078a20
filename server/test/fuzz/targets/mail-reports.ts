import { decompressReport } from "../../../src/formats/mail-report/decompress-report.ts";
import { MailReportError } from "../../../src/formats/mail-report/mail-report.ts";
import { parseDmarcReport } from "../../../src/formats/mail-report/parse-dmarc-report.ts";
import { parseTlsReport } from "../../../src/formats/mail-report/parse-tls-report.ts";
import { parsePolicy } from "../../../src/formats/mta-sts/policy.ts";
import { type FuzzTarget, kindOf } from "../target.ts";

function outcome(parse: () => unknown): string {
  try {
    return JSON.stringify(parse())?.replace(/\d+/g, "0").slice(0, 60) ?? "nothing";
  } catch (error) {
    if (error instanceof MailReportError) return kindOf(error.message);
    throw error;
  }
}

/** Reports and policies that other domains write. */
export const mailReports: FuzzTarget = {
  name: "mail-reports",
  maxBytes: 16_384,
  seeds: [
    '<?xml version="1.0"?><feedback><report_metadata><org_name>exemple</org_name><email>d@exemple.example</email><report_id>1</report_id><date_range><begin>1795000000</begin><end>1795086400</end></date_range></report_metadata><policy_published><domain>bourg.example</domain><p>reject</p><pct>100</pct></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>bourg.example</header_from></identifiers><auth_results><dkim><domain>bourg.example</domain><result>pass</result></dkim></auth_results></record></feedback>',
    '{"organization-name":"Exemple","date-range":{"start-datetime":"2026-11-22T00:00:00Z","end-datetime":"2026-11-22T23:59:59Z"},"contact-info":"a@b.example","report-id":"x","policies":[{"policy":{"policy-type":"sts","policy-string":["version: STSv1"],"policy-domain":"bourg.example","mx-host":["mx.bourg.example"]},"summary":{"total-successful-session-count":5,"total-failure-session-count":1},"failure-details":[{"result-type":"certificate-expired","sending-mta-ip":"192.0.2.1","receiving-mx-hostname":"mx","failed-session-count":1}]}]}',
    "version: STSv1\r\nmode: enforce\r\nmx: mx.bourg.example\r\nmx: *.bourg.example\r\nmax_age: 604800\r\n",
  ],
  words: [
    "<record>",
    "</record>",
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    "&b;",
    "<![CDATA[",
    "<count>",
    "-1",
    "99999999999999999999",
    "{",
    "}",
    "[",
    "null",
    "mode: ",
    "mx: ",
    "max_age: ",
    '"policies":',
    "\u001f\u008b\b",
  ],
  run(input) {
    const text = input.toString("utf8");
    return [
      outcome(() => parseDmarcReport(text)),
      outcome(() => parseTlsReport(text)),
      outcome(() => parsePolicy(text)),
      outcome(() => decompressReport(input).length > 0),
    ].join("|");
  },
};
