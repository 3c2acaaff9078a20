import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { grantAccount } from "../../src/domain/access/grant-account.ts";
import { listAppPasswords, revokeAppPassword } from "../../src/domain/identity/app-passwords.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import { JmapClient, type PushEvent, stateChange } from "../harness/jmap-client.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "../harness/town-hall.ts";

let suite: TestSuite;
let second: TestSuite;
let town: TownHall;
let lea: TownPerson;
let tom: TownPerson;
let client: JmapClient;

before(async () => {
  suite = await startSuite();
  second = await startSuite({ beside: suite });
  town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  lea = await town.addPerson("Lea");
  tom = await town.addPerson("Tom");
  client = await JmapClient.open(`http://127.0.0.1:${suite.port("http")}`, lea);
});
after(async () => {
  await second?.close();
  await suite?.close();
});

async function makeEmail(maker: JmapClient, accountId = maker.accountId): Promise<string> {
  const { list } = await maker.call("Mailbox/get", { accountId, ids: null });
  const drafts = list.find((mailbox) => mailbox.role === "drafts")!.id;
  const { created, notCreated } = await maker.call("Email/set", {
    accountId,
    create: { e: { mailboxIds: { [drafts]: true }, subject: "Poussé" } },
  });
  assert.equal(notCreated, null);
  return created!.e!.id;
}

async function next(events: AsyncGenerator<PushEvent>, wanted = "state"): Promise<PushEvent> {
  for (;;) {
    const { value, done } = await events.next();
    assert.ok(!done, "the stream has ended");
    if (value.event === wanted) return value;
  }
}

/** The first ping says that the stream listens. */
async function openPush(of: JmapClient, query: string, signal: AbortSignal): Promise<AsyncGenerator<PushEvent>> {
  const events = of.push(signal, `${query}&ping=60`);
  await next(events, "ping");
  return events;
}

test("a change made on another copy of the program is pushed, with the states that /changes knows", async () => {
  const abort = new AbortController();
  const events = await openPush(client, "types=Email,Mailbox&closeafter=no", abort.signal);
  const { state } = await client.call("Email/get", { ids: [] });
  const elsewhere = await JmapClient.open(`http://127.0.0.1:${second.port("http")}`, lea);
  const id = await makeEmail(elsewhere);
  const event = await next(events);
  const { changed } = stateChange(event);
  assert.deepEqual(Object.keys(changed), [client.accountId]);
  assert.deepEqual(Object.keys(changed[client.accountId]!).sort(), ["Email", "Mailbox"]);
  const changes = await client.call("Email/changes", { sinceState: state });
  assert.deepEqual(changes.created, [id]);
  assert.equal(changes.newState, changed[client.accountId]!.Email);
  abort.abort();

  // Who comes back with the id of the last event is told only what came after it.
  const back = new AbortController();
  client.headers["last-event-id"] = "of an earlier state";
  const missed = client.push(back.signal, "types=*&closeafter=state&ping=0");
  assert.ok(stateChange(await next(missed)).changed[client.accountId]!.EmailDelivery);
  assert.equal((await missed.next()).done, true, "closeafter=state ends the stream");
  client.headers["last-event-id"] = event.id!;
  const events2 = await openPush(client, "types=Email&closeafter=state", back.signal);
  const other = await makeEmail(client);
  const last = stateChange(await next(events2)).changed[client.accountId]!.Email!;
  assert.deepEqual((await client.call("Email/changes", { sinceState: changes.newState })).newState, last);
  assert.notEqual(other, id);
  delete client.headers["last-event-id"];
  back.abort();
});

test("a shared mailbox that is granted appears in the session, is pushed, read, written and sent from", async () => {
  const { store } = suite.domain;
  const shared = await createPrincipalWithServices(store, town.organizationId, {
    kind: "shared_mailbox",
    displayName: "Mairie",
    address: `mairie@${town.domain}`,
    quotas: { mail: 2e9, files: 5e9 },
  });
  const before = client.session;
  assert.equal(await client.failure("Mailbox/get", { accountId: shared.accountId, ids: null }), "accountNotFound");
  await store.transact((tx) => grantAccount(tx, shared, lea, ["read"]));
  const reader = await JmapClient.open(client.origin, lea);
  assert.notEqual(reader.session.state, before.state);
  assert.equal(reader.session.accounts[shared.accountId]!.isReadOnly, true);
  assert.deepEqual(Object.keys(reader.session.accounts), [client.accountId, shared.accountId]);
  assert.equal(await reader.failure("Email/set", { accountId: shared.accountId, create: {} }), "accountReadOnly");
  const { list: rights } = await reader.call("Mailbox/get", { accountId: shared.accountId, ids: null });
  assert.deepEqual(
    new Set(rights.flatMap(({ myRights }) => Object.entries(myRights).flatMap(([right, has]) => (has ? [right] : [])))),
    new Set(["mayReadItems"]),
  );

  await store.transact((tx) => grantAccount(tx, shared, lea, ["read", "write", "send_as"]));
  const abort = new AbortController();
  const events = await openPush(reader, "types=Email&closeafter=no", abort.signal);
  const colleague = await JmapClient.open(client.origin, tom);
  const id = await makeEmail(reader, shared.accountId);
  assert.ok(stateChange(await next(events)).changed[shared.accountId]!.Email);
  abort.abort();
  const refused = await reader.call("Email/set", { accountId: shared.accountId, destroy: [id] });
  assert.equal(refused.notDestroyed![id]!.type, "forbidden");

  const { list: own } = await reader.call("Identity/get", { ids: null });
  assert.deepEqual(
    own.map((identity) => identity.email),
    [lea.address, `mairie@${town.domain}`],
  );
  const { list: identities } = await reader.call("Identity/get", { accountId: shared.accountId, ids: null });
  assert.deepEqual(
    identities.map((identity) => identity.email),
    [`mairie@${town.domain}`],
  );
  const { list } = await reader.call("Mailbox/get", { accountId: shared.accountId, ids: null });
  const sent = list.find((mailbox) => mailbox.role === "sent")!.id;
  const [, submitted, filed] = await reader.calls(
    [
      "Email/set",
      {
        accountId: shared.accountId,
        create: {
          e: {
            mailboxIds: { [sent]: true },
            from: [{ name: "Mairie", email: `mairie@${town.domain}` }],
            to: [{ name: null, email: tom.address }],
            subject: "De la mairie",
          },
        },
      },
    ],
    [
      "EmailSubmission/set",
      {
        accountId: shared.accountId,
        create: { s: { identityId: identities[0]!.id, emailId: "#e" } },
        onSuccessUpdateEmail: { "#s": { "keywords/$seen": true } },
      },
    ],
  );
  assert.equal(submitted![1].notCreated, null, JSON.stringify(submitted));
  assert.equal(filed![0], "Email/set");
  const { ids } = await colleague.call("Email/query", { filter: { from: "mairie" } });
  assert.equal(ids.length, 1);
});

test("an email is copied to the shared mailbox, and the original goes when asked", async () => {
  const id = await makeEmail(client);
  const from = client.accountId;
  const target = Object.keys((await JmapClient.open(client.origin, lea)).session.accounts).find(
    (each) => each !== from,
  )!;
  const { list } = await client.call("Mailbox/get", { accountId: target, ids: null });
  const inbox = list.find((mailbox) => mailbox.role === "inbox")!.id;
  const answers = await client.calls([
    "Email/copy",
    {
      fromAccountId: from,
      accountId: target,
      create: {
        c: { id, mailboxIds: { [inbox]: true }, keywords: { $flagged: true } },
        none: { id: "nothing", mailboxIds: { [inbox]: true } },
      },
      onSuccessDestroyOriginal: true,
    },
  ]);
  const copied = answers[0]![1] as { created: Record<string, { id: string }>; notCreated: Record<string, object> };
  assert.deepEqual(copied.notCreated, { none: { type: "notFound" } });
  assert.deepEqual((answers[1]![1] as { destroyed: string[] }).destroyed, [id]);
  const got = await client.call("Email/get", {
    accountId: target,
    ids: [copied.created.c!.id],
    properties: ["keywords", "mailboxIds", "subject"],
  });
  assert.deepEqual(got.list[0], {
    id: copied.created.c!.id,
    subject: "Poussé",
    keywords: { $flagged: true },
    mailboxIds: { [inbox]: true },
  });
});

test("the stream ends when the app password that opened it is revoked", async () => {
  const events = await openPush(client, "types=*&closeafter=no", new AbortController().signal);
  const [password] = await listAppPasswords(suite.domain.store.read, lea);
  await revokeAppPassword(suite.domain.identity, lea, password!.id);
  for await (const event of events) assert.notEqual(event.event, "state");
  assert.equal((await fetch(`${client.origin}/jmap/session`, { headers: client.headers })).status, 401);
});

test("nothing went wrong on the server meanwhile", () => {
  assert.deepEqual(
    suite.log.filter((line) => line["level"] === "error"),
    [],
  );
});
