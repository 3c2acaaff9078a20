import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { openPortalSession, openServiceSession } from "../../src/domain/identity/open-session.ts";
import { listReports } from "../../src/domain/mail/reports/list-reports.ts";
import { setMtaStsMode } from "../../src/domain/mail/submission/own-mta-sts-policy.ts";
import { RawSmtp } from "../harness/smtp-suite.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

let suite: TestSuite;
let organizationId: string;
let administrator: TownPerson;
let person: TownPerson;
let stranger: TownPerson;

before(async () => {
  suite = await startSuite({ settings: { BOUQUET_HELO_NAME: "mx.bouquet.example" } });
  const townHall = await createTownHall(suite.domain, "Val Joli", "val-joli.example");
  organizationId = townHall.organizationId;
  administrator = await townHall.addPerson("Odile Martin", { roles: ["member_administrator"] });
  person = await townHall.addPerson("Paul Simple");
  const other = await createTownHall(suite.domain, "Ailleurs", "ailleurs.example");
  stranger = await other.addPerson("Anne Loin", { roles: ["member_administrator"] });
});
after(() => suite.close());

function get(host: string, path = "/.well-known/mta-sts.txt", method = "GET", cookie?: string) {
  return new Promise<{ status: number; type: string; text: string }>((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port: suite.port("http"), path, method, headers: { host, ...(cookie && { cookie }) } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode!, type: response.headers["content-type"] ?? "", text }),
        );
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}

test("each domain's MTA-STS policy is served under its own host name, and follows its mode", async () => {
  const first = await get("mta-sts.val-joli.example");
  assert.deepEqual(
    [first.status, first.type, first.text],
    [
      200,
      "text/plain; charset=utf-8",
      "version: STSv1\r\nmode: testing\r\nmx: mx.bouquet.example\r\nmax_age: 86400\r\n",
    ],
  );
  await setMtaStsMode(suite.domain.store, "val-joli.example", "enforce");
  assert.match((await get("MTA-STS.val-joli.example:8443")).text, /mode: enforce/);
  assert.equal((await get("mta-sts.nulle-part.example")).status, 404);
  assert.equal((await get("mta-sts.")).status, 404);
  assert.equal((await get("mta-sts.val-joli.example", "/autre")).status, 404);
  assert.equal((await get("mta-sts.val-joli.example", undefined, "POST")).status, 405);
  assert.equal((await get("mta-sts.val-joli.example", undefined, "HEAD")).text, "");
});

test("a report that comes on port 25 is read by the running program", { timeout: 120_000 }, async () => {
  const client = new RawSmtp(connect({ host: "127.0.0.1", port: suite.port("smtp") }));
  await client.greeting;
  const xml =
    "<feedback><report_metadata><org_name>Voisin</org_name><report_id>r-1</report_id><date_range><begin>1767225600</begin>" +
    "<end>1767311999</end></date_range></report_metadata><policy_published><domain>val-joli.example</domain></policy_published>" +
    "<record><row><source_ip>192.0.2.1</source_ip><count>4</count><policy_evaluated><disposition>none</disposition>" +
    "<dkim>pass</dkim><spf>fail</spf></policy_evaluated></row></record></feedback>";
  assert.match(await client.begin("noreply@voisin.example", "dmarc-reports@val-joli.example"), /^354/);
  client.write(
    "From: noreply@voisin.example\r\nDate: Mon, 05 Jan 2026 10:00:00 +0100\r\nMessage-ID: <r@voisin.example>\r\n" +
      `Subject: Report\r\nMIME-Version: 1.0\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n` +
      `${gzipSync(xml)
        .toString("base64")
        .replace(/.{1,76}/g, "$&\r\n")}\r\n.\r\n`,
  );
  assert.match(await client.reply(), /^250/);
  client.socket.destroy();
  const deadline = Date.now() + 60_000;
  for (;;) {
    const reports = await listReports(suite.domain.store.read, organizationId);
    if (reports.length > 0) {
      assert.deepEqual(
        reports.map((each) => [each.reporter, each.total, each.failed]),
        [["Voisin", 4, 0]],
      );
      break;
    }
    assert.ok(Date.now() < deadline, "the report was not read");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

async function ask(who: TownPerson, path: string) {
  const client = { remoteAddress: "127.0.0.1", userAgent: undefined };
  const { familyId } = await openPortalSession(suite.domain.identity, who.viewer, client);
  const session = { uid: who.uid, familyId, service: "mail" as const, client };
  const { token } = await openServiceSession(suite.domain.identity, session);
  const answer = await get(`mail.localhost:${suite.port("http")}`, path, "GET", `bouquet=${token}`);
  return { status: answer.status, body: answer.status === 200 ? JSON.parse(answer.text) : undefined };
}

test("an administrator sees the reports and the keys of their own domains, nobody else does", async () => {
  const { body } = await ask(administrator, "/api/mail/reports?kind=dmarc&domain=val-joli.example");
  assert.deepEqual(
    body.reports.map((each: { reporter: string; total: number }) => [each.reporter, each.total]),
    [["Voisin", 4]],
  );
  const id = body.reports[0].id as string;
  const { body: details } = await ask(administrator, `/api/mail/reports/${id}`);
  assert.deepEqual(
    [details.rows[0].source, details.rows[0].count, details.rows[0].detail.spf],
    ["192.0.2.1", 4, "fail"],
  );
  assert.deepEqual((await ask(administrator, "/api/mail/reports?kind=tls")).body.reports, []);
  assert.equal((await ask(administrator, "/api/mail/reports?kind=autre")).status, 400);
  const { body: keys } = await ask(administrator, "/api/mail/dkim-keys");
  assert.deepEqual(
    keys.keys.map((key: { domain: string; algorithm: string; state: string }) => [
      key.domain,
      key.algorithm,
      key.state,
    ]),
    [
      ["val-joli.example", "rsa", "active"],
      ["val-joli.example", "ed25519", "active"],
    ],
  );
  assert.ok(!JSON.stringify(keys).includes("PRIVATE"));
  for (const path of ["/api/mail/reports", `/api/mail/reports/${id}`, "/api/mail/dkim-keys"]) {
    assert.equal((await ask(person, path)).status, 403, path);
  }
  assert.deepEqual((await ask(stranger, "/api/mail/reports")).body.reports, []);
  assert.equal((await ask(stranger, `/api/mail/reports/${id}`)).status, 404);
});
