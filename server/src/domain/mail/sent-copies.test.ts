import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { type SmtpPerson, type SmtpSuite, startSmtpSuite } from "../../../test/harness/smtp-suite.ts";
import { openAccount } from "../access/account-access.ts";
import { grantAccount } from "../access/grant-account.ts";
import type { CreatedPrincipal } from "../identity/create-principal.ts";
import { createPrincipalWithServices } from "../lifecycle/create-principal-with-services.ts";
import { appendMessage } from "./append-messages.ts";
import { purgeSentCopies, setFilesSentCopies } from "./sent-copies.ts";
import { stageMessage } from "./stage-message.ts";
import { submitMessage } from "./submission/submit-message.ts";

let suite: SmtpSuite;
let lea: SmtpPerson;
let shared: CreatedPrincipal & { address: string };
let count = 0;

before(async () => {
  suite = await startSmtpSuite();
});
beforeEach(async () => {
  lea = await suite.addPerson(`Lea${++count}`);
  const address = `mairie${count}@${suite.domain}`;
  const created = await createPrincipalWithServices(suite.mail.store, suite.organizationId, {
    kind: "shared_mailbox",
    displayName: "Mairie",
    address,
    quotas: { mail: 1e9, files: 1e6 },
  });
  shared = { ...created, address };
  await suite.mail.store.transact((tx) => grantAccount(tx, shared, lea, ["read", "write", "send_as"]));
});
after(() => suite.close());

const message = (from: string, id = `<m${count}@x.example>`): Buffer =>
  Buffer.from(
    `From: ${from}\r\nTo: x@ext.example\r\nBcc: y@ext.example\r\nSubject: Avis\r\nDate: Mon, 05 Jan 2026 10:00:00 +0100\r\n` +
      `${id === "" ? "" : `Message-ID: ${id}\r\n`}\r\nBonjour\r\n`,
  );

const source = (bytes: Buffer) => ({
  size: bytes.length,
  open: (range?: { start: number; end: number }) => Readable.from([bytes.subarray(range?.start ?? 0, range?.end)]),
});

const submit = (from: string, bytes = message(from), kept?: { blobId: string; messageId: string | undefined }) =>
  submitMessage(suite.mail, lea.viewer, {
    source: source(bytes),
    returnPath: from,
    recipients: [{ address: "x@ext.example" }],
    ...(kept && { kept }),
  });

async function sentOf(account: { organizationId: string; accountId: string }) {
  return suite.mail.store.read
    .selectFrom("mailbox as m")
    .leftJoin("mailbox_message as x", (join) =>
      join.onRef("x.organization_id", "=", "m.organization_id").onRef("x.mailbox_id", "=", "m.id"),
    )
    .select(["m.id", "x.uid", "x.flags", "x.message_id"])
    .where("m.account_id", "=", account.accountId)
    .where("m.role", "=", "sent")
    .orderBy("x.uid")
    .execute();
}

async function append(account: { organizationId: string; accountId: string }, bytes: Buffer) {
  const [sent] = await sentOf(account);
  const access = await openAccount(suite.mail.store.read, lea.viewer, account.accountId);
  const { staged, analyzed } = await stageMessage(suite.mail, access, source(bytes).open(), { maxSize: 1e6 });
  return appendMessage(suite.mail, access, {
    staged,
    analyzed,
    mailboxId: sent!.id,
    flags: ["\\Seen"],
    receivedAt: new Date(),
  });
}

test("what is sent as a shared mailbox is in its Sent, read, and the client's own copy is that one", async () => {
  const { saved } = await submit(shared.address);
  const own = await append(shared, message(shared.address));
  assert.deepEqual([own.uid, own.messageId], [saved!.uid, saved!.messageId]);
  const rows = await sentOf(shared);
  assert.deepEqual(
    rows.map((row) => [row.uid, row.flags]),
    [[saved!.uid, ["\\Seen"]]],
  );
  assert.equal((await sentOf(lea))[0]!.uid, null);
});

test("a client that files its copy before it sends has one copy too", async () => {
  await append(shared, message(shared.address));
  const { saved } = await submit(shared.address);
  assert.equal(saved, undefined);
  assert.equal((await sentOf(shared)).length, 1);
});

test("a copy filed while the message is sent makes one, whichever comes first", async () => {
  for (let round = 1; round <= 5; round++) {
    const bytes = message(shared.address, `<m${count}.${round}@x.example>`);
    await Promise.all([submit(shared.address, bytes), append(shared, bytes)]);
    assert.equal((await sentOf(shared)).length, round);
  }
});

test("what a person sends is filed by us only when the account wants it", async () => {
  assert.equal((await submit(lea.address)).saved, undefined);
  await setFilesSentCopies(suite.mail.store, lea, true);
  assert.notEqual((await submit(lea.address, message(lea.address, "<autre@x.example>"))).saved, undefined);
  await setFilesSentCopies(suite.mail.store, shared, false);
  assert.equal((await submit(shared.address)).saved, undefined);
});

test("a message kept in the account is its program's to file", async () => {
  const draft = await append(shared, message(shared.address));
  const row = await suite.mail.store.read
    .selectFrom("message")
    .select("blob_id")
    .where("id", "=", draft.messageId)
    .executeTakeFirstOrThrow();
  const { saved } = await submit(shared.address, message(shared.address), {
    blobId: row.blob_id,
    messageId: draft.messageId,
  });
  assert.equal(saved, undefined);
  assert.equal((await sentOf(shared)).length, 1);
});

test("another message, one without an id, or one that was moved away is added", async () => {
  await submit(shared.address);
  await append(shared, message(shared.address, "<z@x.example>"));
  await append(shared, message(shared.address, ""));
  assert.equal((await sentOf(shared)).length, 3);
});

test("the memory of what was filed ends, the copy stays", async () => {
  await submit(shared.address);
  await suite.mail.store.transact((tx) =>
    tx
      .updateTable("filed_copy")
      .set({ filed_at: new Date(Date.now() - 25 * 3_600_000) })
      .execute(),
  );
  assert.ok((await purgeSentCopies(suite.mail.store)) >= 1);
  await append(shared, message(shared.address));
  assert.equal((await sentOf(shared)).length, 2);
});
