import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { methods } from "../../src/protocols/jmap/methods/registry.ts";
import { JmapClient } from "../harness/jmap-client.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

let suite: TestSuite;
/** Léa asks; Tom is a colleague, Ada works in another commune. */
let lea: JmapClient;
const others: { name: string; client: JmapClient; things: Things }[] = [];

interface Things {
  email: string;
  mailbox: string;
  thread: string;
  blob: string;
  upload: string;
  submission: string;
  identity: string;
}

before(async () => {
  suite = await startSuite();
  const origin = `http://127.0.0.1:${suite.port("http")}`;
  const town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  const elsewhere = await createTownHall(suite.domain, "Val-Joli", "val-joli.example");
  lea = await JmapClient.open(origin, await town.addPerson("Lea"));
  for (const person of [await town.addPerson("Tom"), await elsewhere.addPerson("Ada")]) {
    const client = await JmapClient.open(origin, person);
    others.push({ name: person.address, client, things: await makeThings(client, person) });
  }
});
after(() => suite?.close());

async function makeThings(client: JmapClient, person: TownPerson): Promise<Things> {
  const mailbox = await client.mailboxId("drafts");
  const upload = await client.upload(Buffer.from("secret"), "text/plain");
  const { created } = await client.call("Email/set", {
    create: {
      e: {
        mailboxIds: { [mailbox]: true },
        from: [{ name: null, email: person.address }],
        to: [{ name: null, email: person.address }],
        subject: "secret",
        textBody: [{ partId: "t" }],
        bodyValues: { t: { value: "secret" } },
        attachments: [{ blobId: upload.blobId, name: "secret.txt", type: "text/plain" }],
      },
    },
  });
  const email = created!.e!;
  const { list } = await client.call("Identity/get", { ids: null });
  const envelope = {
    mailFrom: { email: person.address, parameters: { HOLDFOR: "3600" } },
    rcptTo: [{ email: person.address }],
  };
  const sent = await client.call("EmailSubmission/set", {
    create: { s: { identityId: list[0]!.id, emailId: email.id, envelope } },
  });
  return {
    email: email.id,
    mailbox,
    thread: email.threadId!,
    blob: email.blobId!,
    upload: upload.blobId,
    submission: sent.created!.s!.id,
    identity: list[0]!.id,
  };
}

/** The least arguments with which each method gets as far as the account. */
const least: Record<string, object> = {
  changes: { sinceState: "0-0" },
  queryChanges: { sinceQueryState: "0-0" },
  copy: { create: {} },
  import: { emails: {} },
  parse: { blobIds: [] },
};
const special: Record<string, object> = {
  "SearchSnippet/get": { emailIds: [] },
  "Recipient/query": { filter: { text: "a" } },
  "SieveScript/validate": { blobId: "x" },
  "FilterRules/get": {},
  "FilterRules/set": { rules: { vacation: null, forward: null, rules: [] } },
};

test("no method opens the account of another person, here or elsewhere", async () => {
  for (const { name, client } of others) {
    for (const method of Object.keys(methods)) {
      if (method === "Core/echo") continue;
      const given = special[method] ?? least[method.split("/")[1]!] ?? { ids: [] };
      const { ids, ...rest } = given as { ids?: unknown };
      const withIds = method.endsWith("/get") && method !== "SearchSnippet/get" ? { ids } : {};
      const from = method === "Email/copy" ? { fromAccountId: lea.accountId } : {};
      const type = await lea.failure(method, { accountId: client.accountId, ...from, ...withIds, ...rest });
      assert.equal(type, "accountNotFound", `${method} on the account of ${name}`);
    }
    const copying = { fromAccountId: client.accountId, accountId: lea.accountId, create: {} };
    assert.equal(await lea.failure("Email/copy", copying), "fromAccountNotFound");
  }
});

test("ids of others are not found in one's own account, whatever the method", async () => {
  const ownDrafts = await lea.mailboxId("drafts");
  for (const { things } of others) {
    for (const [type, id] of [
      ["Email", things.email],
      ["Mailbox", things.mailbox],
      ["Thread", things.thread],
      ["EmailSubmission", things.submission],
      ["Identity", things.identity],
    ] as const) {
      const { list, notFound } = await lea.call(`${type}/get`, { ids: [id] });
      assert.deepEqual([list, notFound], [[], [id]], type);
    }
    const changed = await lea.call("Email/set", {
      update: { [things.email]: { "keywords/$seen": true } },
      destroy: [things.email],
    });
    assert.equal(changed.notUpdated![things.email]!.type, "willDestroy");
    assert.equal(changed.notDestroyed![things.email]!.type, "notFound");
    const patched = await lea.call("Email/set", { update: { [things.email]: { mailboxIds: { [ownDrafts]: true } } } });
    assert.equal(patched.notUpdated![things.email]!.type, "notFound");
    const boxes = await lea.call("Mailbox/set", { update: { [things.mailbox]: { name: "x" } } });
    assert.equal(boxes.notUpdated![things.mailbox]!.type, "notFound");
    const destroyed = await lea.call("Mailbox/set", { destroy: [things.mailbox], onDestroyRemoveEmails: true });
    assert.equal(destroyed.notDestroyed![things.mailbox]!.type, "notFound");
    const nested = await lea.call("Mailbox/set", { create: { m: { name: "x", parentId: things.mailbox } } });
    assert.deepEqual(nested.notCreated!.m!.properties, ["parentId"]);
    const placed = await lea.call("Email/set", {
      create: { e: { mailboxIds: { [things.mailbox]: true }, subject: "x" } },
    });
    assert.deepEqual(placed.notCreated!.e!.properties, ["mailboxIds"]);
    const { ids } = await lea.call("Email/query", { filter: { inMailbox: things.mailbox } });
    assert.deepEqual(ids, []);
    const snippets = await lea.call("SearchSnippet/get", { filter: { text: "secret" }, emailIds: [things.email] });
    assert.deepEqual([snippets.list, snippets.notFound], [[], [things.email]]);
    const canceled = await lea.call("EmailSubmission/set", {
      update: { [things.submission]: { undoStatus: "canceled" } },
    });
    assert.equal(canceled.notUpdated![things.submission]!.type, "notFound");
    const { list: own } = await lea.call("Identity/get", { ids: null });
    const submitted = await lea.call("EmailSubmission/set", {
      create: {
        email: { identityId: own[0]!.id, emailId: things.email },
        identity: { identityId: things.identity, emailId: things.email },
      },
    });
    assert.deepEqual(submitted.notCreated!.email!.properties, ["emailId"]);
    assert.deepEqual(submitted.notCreated!.identity!.properties, ["identityId"]);
  }
});

test("blobs of others are neither downloaded, attached, imported nor parsed", async () => {
  const mailboxIds = { [await lea.mailboxId("drafts")]: true as const };
  for (const { client, things } of others) {
    for (const blobId of [things.blob, things.upload, `${things.blob}_1`, `${things.blob}_2`]) {
      assert.equal((await lea.download(blobId, "x", "text/plain")).status, 404);
      const theirs = lea.downloadUrl(blobId, "x", "text/plain", client.accountId);
      assert.equal((await fetch(theirs, { headers: lea.headers })).status, 404);
      const attached = await lea.call("Email/set", {
        create: { e: { mailboxIds, attachments: [{ blobId, type: "text/plain" }] } },
      });
      assert.deepEqual(attached.notCreated!.e, { type: "blobNotFound", notFound: [blobId] });
      const imported = await lea.call("Email/import", { emails: { i: { blobId, mailboxIds } } });
      assert.deepEqual(imported.notCreated!.i!.properties, ["blobId"]);
      assert.deepEqual((await lea.call("Email/parse", { blobIds: [blobId] })).notFound, [blobId]);
    }
    const upload = lea.session.uploadUrl.replace("{accountId}", client.accountId);
    assert.equal((await fetch(upload, { method: "POST", headers: lea.headers, body: "x" })).status, 404);
  }
});

test("what was tried changed nothing of theirs", async () => {
  for (const { client, things } of others) {
    const { list } = await client.call("Email/get", { ids: [things.email], properties: ["keywords", "mailboxIds"] });
    assert.deepEqual(list, [{ id: things.email, keywords: {}, mailboxIds: { [things.mailbox]: true } }]);
    const { list: submissions } = await client.call("EmailSubmission/get", { ids: [things.submission] });
    assert.equal(submissions[0]!.undoStatus, "pending");
    assert.equal((await client.download(things.upload, "x", "text/plain")).status, 200);
  }
  assert.deepEqual(
    suite.log.filter((line) => line["level"] === "error"),
    [],
  );
});
