import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  makeIdentity,
  makeOrganization,
  makePerson,
  type TestPerson,
} from "../../../../test/harness/identity-suite.ts";
import { openTestStore, type TestStore } from "../../../../test/harness/test-database.ts";
import { startWebSuite, TestBrowser, type WebSuite } from "../../../../test/harness/web-suite.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { isSenderPaused, pauseSender } from "../../../domain/mail/limits/pause-sender.ts";
import { purgeTrace, traceDays } from "../../../domain/mail/trace/purge-trace.ts";
import { recordTrace } from "../../../domain/mail/trace/record-trace.ts";
import type { TraceEntry } from "../../../domain/mail/trace/trace-entry.ts";

let database: TestStore;
let identity: IdentityDeps;
let suite: WebSuite;
let administrator: TestPerson;
let person: TestPerson;
let colleague: TestPerson;
let stranger: TestPerson;

before(async () => {
  database = await openTestStore();
  identity = await makeIdentity(database.store);
  const organization = await makeOrganization(database.store);
  administrator = await makePerson(database.store, organization, { roles: ["member_administrator"] });
  person = await makePerson(database.store, organization);
  colleague = await makePerson(database.store, organization);
  const other = await makeOrganization(database.store, "Val-Joli");
  stranger = await makePerson(database.store, other, { roles: ["member_administrator"] });
  suite = await startWebSuite(identity);
  const entry = (changes: Partial<TraceEntry>): TraceEntry => ({
    direction: "in",
    at: new Date(),
    organizationId: organization.organizationId,
    sender: "Secretariat@Prefecture.example",
    recipient: person.address,
    outcome: "delivered",
    status: "2.0.0",
    detail: "",
    remoteAddress: "192.0.2.1",
    messageId: "<1@prefecture.example>",
    subject: "Arrêté\u0000 100 %",
    size: 1_234,
    ...changes,
  });
  await database.store.transact((tx) =>
    recordTrace(tx, [
      entry({}),
      entry({ recipient: colleague.address, outcome: "quarantined", detail: "virus" }),
      entry({ recipient: "", outcome: "refused", status: "5.7.1", organizationId: null }),
      entry({ at: new Date(Date.now() - (traceDays + 1) * 86_400_000), subject: "vieux" }),
    ]),
  );
});
after(async () => {
  await suite.close();
  await database.close();
});

async function callAs(who: TestPerson) {
  const browser = new TestBrowser(suite.port);
  const { portal } = suite.settings.origins;
  const entered = await browser.send(`${portal}/api/sign-in`, {
    method: "POST",
    headers: { origin: portal },
    json: { login: who.address, password: who.password },
  });
  assert.equal(entered.status, 200, entered.body);
  const { csrf } = JSON.parse((await browser.send(`${portal}/api/session`)).body);
  return async (path: string, method = "GET") => {
    const headers = { origin: portal, "x-bouquet-csrf": csrf };
    const answer = await browser.send(`${portal}${path}`, { method, headers });
    return { status: answer.status, body: answer.body === "" ? undefined : JSON.parse(answer.body) };
  };
}

test("did the letter of the prefecture come? Each sees what is theirs", async () => {
  const ask = async (who: TestPerson, query: string) =>
    (await (await callAs(who))(`/api/mail-trace?${query}`)).body.items;
  const [mine] = await ask(person, "address=prefecture.example&text=100 %25");
  assert.equal(mine.outcome, "delivered");
  assert.equal(mine.subject, "Arrêté  100 %");
  assert.equal(mine.sender, "secretariat@prefecture.example");
  assert.equal((await ask(person, "")).length, 2);
  assert.equal((await ask(administrator, "outcome=quarantined")).length, 1);
  assert.equal((await ask(administrator, "")).length, 3);
  assert.equal((await ask(stranger, "")).length, 0);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  assert.equal((await ask(person, `from=${since}`)).length, 1);
  assert.equal((await (await callAs(person))("/api/mail-trace?outcome=eaten")).status, 400);
  assert.equal((await (await callAs(person))("/api/mail-trace?page=x")).status, 400);
});

test("an administrator sees and resumes who is paused, of their own organization only", async () => {
  await pauseSender(database.store, person, "messages", "messagesPerHour: 200");
  const call = await callAs(administrator);
  const { senders } = (await call("/api/paused-senders")).body;
  assert.deepEqual(
    senders.map((each: { id: string; reason: string }) => [each.id, each.reason]),
    [[person.principalId, "messages"]],
  );
  const other = await callAs(stranger);
  assert.deepEqual((await other("/api/paused-senders")).body.senders, []);
  assert.equal((await other(`/api/paused-senders/${person.principalId}/resume`, "POST")).status, 404);
  assert.equal((await other(`/api/paused-senders/${person.principalId}`, "POST")).status, 404);
  const own = await callAs(person);
  assert.equal((await own("/api/paused-senders")).status, 403);
  assert.equal((await own(`/api/paused-senders/${person.principalId}/resume`, "POST")).status, 403);
  assert.equal(await isSenderPaused(database.store.read, person), true);
  assert.equal((await call(`/api/paused-senders/${person.principalId}/resume`, "POST")).status, 204);
  assert.equal(await isSenderPaused(database.store.read, person), false);
  assert.equal((await call(`/api/paused-senders/${colleague.principalId}`, "POST")).status, 204);
  assert.equal(await isSenderPaused(database.store.read, colleague), true);
});

test("what is older than 90 days goes", async () => {
  assert.equal(await purgeTrace(database.store), 1);
  assert.equal(await purgeTrace(database.store), 0);
});
