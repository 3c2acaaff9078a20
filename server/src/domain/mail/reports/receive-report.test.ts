import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type SmtpSuite, startSmtpSuite } from "../../../../test/harness/smtp-suite.ts";
import { openWorkerPool, type WorkerPool } from "../../../workers/worker-pool.ts";
import { consumeNext } from "../../operation/consume-outbox.ts";
import { listReports, purgeReports, readReportRows } from "./list-reports.ts";
import { reportHandler, reportTopic } from "./receive-report.ts";
import { recognizeReportAddress } from "./report-address.ts";

let suite: SmtpSuite;
let workers: WorkerPool;
const problems: string[] = [];

before(async () => {
  suite = await startSmtpSuite();
  await suite.addPerson("Maire", { roles: ["member_administrator"] });
  workers = openWorkerPool();
});
after(async () => {
  await workers.close();
  await suite.close();
});

function xml(id: string, domain = suite.domain, rows = 1): string {
  const row = `<record><row><source_ip>192.0.2.1</source_ip><count>2</count><policy_evaluated><disposition>none</disposition>
    <dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>${domain}</header_from></identifiers></record>`;
  return `<?xml version="1.0"?><feedback><report_metadata><org_name>Voisin</org_name><report_id>${id}</report_id>
    <date_range><begin>1767225600</begin><end>1767311999</end></date_range></report_metadata>
    <policy_published><domain>${domain}</domain><p>none</p></policy_published>${row.repeat(rows)}</feedback>`;
}

async function receive(to: string, type: string, content: Buffer): Promise<void> {
  const client = await suite.connect(suite.receiving);
  assert.match(await client.begin("noreply@voisin.example", to), /^354/);
  const encoded = content.toString("base64").replace(/.{1,76}/g, "$&\r\n");
  client.write(
    `From: noreply@voisin.example\r\nTo: ${to}\r\nSubject: Report\r\nMIME-Version: 1.0\r\n` +
      'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nVoici.\r\n' +
      `--b\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded}--b--\r\n.\r\n`,
  );
  assert.match(await client.reply(), /^250/);
  client.socket.destroy();
}

async function readAll(): Promise<void> {
  const handler = reportHandler({
    blobs: suite.mail.blobs,
    readReport: workers.readReport,
    onProblem: (_organizationId, problem) => problems.push(problem),
  });
  for (;;) {
    const { outcome, error } = await consumeNext(suite.mail.store, { [reportTopic]: handler });
    if (outcome === "failed") throw error;
    if (outcome === "empty") return;
  }
}

const list = (filter = {}) => listReports(suite.mail.store.read, suite.organizationId, filter);

test("a DMARC report that comes by mail is read once, kept, and is with the administrators too", async () => {
  const to = `dmarc-reports@${suite.domain}`;
  await receive(to, "application/gzip", gzipSync(xml("r-1", suite.domain, 500)));
  await receive(to, "application/gzip", gzipSync(xml("r-1")));
  await readAll();
  const reports = await list({ kind: "dmarc" });
  assert.deepEqual(
    reports.map((each) => [each.domain, each.reporter, each.reportId, each.total, each.failed]),
    [[suite.domain, "Voisin", "r-1", 1_000, 1_000]],
  );
  const rows = await readReportRows(suite.mail.store.read, suite.organizationId, reports[0]!.id);
  assert.deepEqual([rows.length, rows[0]!.source, rows[0]!.count, rows[0]!.detail.dkim], [500, "192.0.2.1", 2, "fail"]);
  const references = await suite.mail.store.read
    .selectFrom("blob_reference")
    .select("owner_id")
    .where("kind", "=", "mail_report")
    .execute();
  assert.deepEqual(references, []);
  assert.deepEqual(problems, []);
});

test("a report on TLS comes to its own address", async () => {
  const report = {
    "organization-name": "Voisin",
    "date-range": { "start-datetime": "2026-01-01T00:00:00Z", "end-datetime": "2026-01-01T23:59:59Z" },
    "report-id": "t-1",
    policies: [
      {
        policy: { "policy-type": "sts", "policy-domain": suite.domain },
        summary: { "total-successful-session-count": 7 },
        "failure-details": [{ "result-type": "starttls-not-supported", "failed-session-count": 2 }],
      },
    ],
  };
  await receive(`tls-reports@${suite.domain}`, "application/tlsrpt+gzip", gzipSync(JSON.stringify(report)));
  await readAll();
  const reports = await list({ kind: "tls" });
  assert.deepEqual(
    reports.map((each) => [each.reportId, each.total, each.failed]),
    [["t-1", 9, 2]],
  );
});

test("a bomb, a report of somebody else's domain and no report at all are kept nowhere, and nothing stops", async () => {
  const to = `dmarc-reports@${suite.domain}`;
  const before = (await list()).length;
  await receive(to, "application/gzip", gzipSync(Buffer.alloc(50 * 1024 * 1024, "<a>")));
  await receive(to, "application/gzip", gzipSync(xml("r-2", "ailleurs.example")));
  await receive(to, "text/plain", Buffer.from("Bonjour"));
  await readAll();
  assert.equal((await list()).length, before);
  assert.equal(problems.length, 2);
  assert.match(problems[0]!, /too large/);
});

test("one organization sees nothing of another's reports, and old ones are forgotten", async () => {
  const elsewhere = "00000000-0000-7000-8000-000000000001";
  assert.deepEqual(await listReports(suite.mail.store.read, elsewhere), []);
  const [report] = await list();
  await assert.rejects(readReportRows(suite.mail.store.read, elsewhere, report!.id), { code: "not_found" });
  await assert.rejects(readReportRows(suite.mail.store.read, suite.organizationId, "x"), { code: "not_found" });
  assert.ok((await purgeReports(suite.mail.store, new Date("2026-02-01"))) >= 2);
  assert.deepEqual(await list(), []);
});

test("only the addresses that our records name are for reports", () => {
  assert.deepEqual(recognizeReportAddress("DMARC-Reports@A.example"), { kind: "dmarc", domain: "a.example" });
  assert.deepEqual(recognizeReportAddress("tls-reports@a.example"), { kind: "tls", domain: "a.example" });
  assert.equal(recognizeReportAddress("dmarc@a.example"), undefined);
  assert.equal(recognizeReportAddress("pas une adresse"), undefined);
});
