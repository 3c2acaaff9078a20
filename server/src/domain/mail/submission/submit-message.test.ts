import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { findMailFaults } from "../../../../test/harness/mail-invariants.ts";
import { type SmtpPerson, type SmtpSuite, startSmtpSuite } from "../../../../test/harness/smtp-suite.ts";
import { openOwnAccount } from "../../access/account-access.ts";
import { DomainError } from "../../errors.ts";
import { addGroupMembers } from "../../identity/add-group-members.ts";
import { createPrincipal } from "../../identity/create-principal.ts";
import { type GroupOptions, setGroupOptions } from "../../identity/group-options.ts";
import { appendMessage } from "../append-messages.ts";
import { listMailboxes } from "../list-mailboxes.ts";
import type { Mailbox } from "../model.ts";
import { openMessageBytes } from "../open-message.ts";
import { readMessages } from "../read-messages.ts";
import { stageBytes } from "../stage-message.ts";
import { submitMessage } from "./submit-message.ts";

let suite: SmtpSuite;
let lea: SmtpPerson;
let tom: SmtpPerson;
let sent: Mailbox;
let count = 0;

before(async () => {
  suite = await startSmtpSuite();
});
beforeEach(async () => {
  count++;
  lea = await suite.addPerson(`Lea${count}`);
  tom = await suite.addPerson(`Tom${count}`);
  const access = await openOwnAccount(suite.mail.store.read, lea.viewer);
  sent = (await listMailboxes(suite.mail.store.read, access)).find((each) => each.role === "sent")!;
});
after(async () => {
  assert.deepEqual(await findMailFaults(suite.mail.store), []);
  await suite.close();
});

const bytesOf = (headers = "") =>
  Buffer.from(
    `From: ${lea.address}\r\nTo: ${tom.address}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <m${count}@x.example>\r\n${headers}\r\nBonjour\r\n`,
  );

const sourceOf = (bytes: Buffer) => ({
  size: bytes.length,
  open: (range?: { start: number; end: number }) => Readable.from([bytes.subarray(range?.start ?? 0, range?.end)]),
});

const recipients = (...addresses: string[]) => addresses.map((address) => ({ address }));

async function blobOf(outboundId: string): Promise<string> {
  const row = await suite.mail.store.read
    .selectFrom("outbound_message")
    .select("blob_id")
    .where("id", "=", outboundId)
    .executeTakeFirstOrThrow();
  return row.blob_id;
}

test("a message that is kept already is not stored again for those outside", async () => {
  const access = await openOwnAccount(suite.mail.store.read, lea.viewer);
  const made = await stageBytes(suite.mail, bytesOf());
  const { messageId } = await appendMessage(suite.mail, access, {
    mailboxId: sent.id,
    staged: made.staged,
    analyzed: made.analyzed,
    flags: ["\\Seen"],
    receivedAt: new Date(),
  });
  const { outboundId, accountId } = await submitMessage(suite.mail, lea.viewer, {
    source: await openMessageBytes(suite.mail, access, messageId),
    kept: { blobId: made.staged.id, messageId },
    returnPath: lea.address,
    recipients: recipients("paul@ext.example", tom.address),
  });
  assert.equal(accountId, lea.accountId);
  assert.equal(await blobOf(outboundId), made.staged.id);
  assert.equal((await suite.readInbox(tom))[0], bytesOf().toString());
});

test("a kept message with Bcc leaves without it and keeps it at home", async () => {
  const bytes = bytesOf("Bcc: secret@ext.example\r\n");
  const { outboundId, saved } = await submitMessage(suite.mail, lea.viewer, {
    source: sourceOf(bytes),
    returnPath: lea.address,
    recipients: recipients("secret@ext.example", tom.address),
    saveTo: { mailboxId: sent.id, flags: ["\\Seen"] },
  });
  const access = await openOwnAccount(suite.mail.store.read, lea.viewer);
  const [kept] = await readMessages(suite.mail.store.read, access, [saved!.messageId]);
  assert.equal(kept!.summary.bcc[0]!.email, "secret@ext.example");
  assert.deepEqual(kept!.mailboxes[0]!.flags, ["\\Seen"]);
  assert.doesNotMatch((await suite.readInbox(tom))[0]!, /secret/);
  const left = await suite.mail.blobs.readAll(suite.mail.store.read, lea.organizationId, await blobOf(outboundId), 1e6);
  assert.doesNotMatch(left!.toString(), /secret/);
});

test("when the copy cannot be kept nothing is sent", async () => {
  const strangers = await openOwnAccount(suite.mail.store.read, tom.viewer);
  const theirs = (await listMailboxes(suite.mail.store.read, strangers)).find((each) => each.role === "sent")!;
  await assert.rejects(
    submitMessage(suite.mail, lea.viewer, {
      source: sourceOf(bytesOf()),
      returnPath: lea.address,
      recipients: recipients("paul@ext.example", tom.address),
      saveTo: { mailboxId: theirs.id, flags: [] },
    }),
    { code: "not_found" },
  );
  assert.deepEqual(await suite.readInbox(tom), []);
  const queued = await suite.mail.store.read
    .selectFrom("outbound_message")
    .select("id")
    .where("account_id", "=", lea.accountId)
    .execute();
  assert.deepEqual(queued, []);
});

test("unknown colleagues are all named and nobody gets anything", async () => {
  await assert.rejects(
    submitMessage(suite.mail, lea.viewer, {
      source: sourceOf(bytesOf()),
      returnPath: lea.address,
      recipients: recipients(tom.address, `a@${suite.domain}`, "b@", `c@${suite.domain}`),
    }),
    (error: { code: string; data: { addresses: string[] } }) => {
      assert.equal(error.code, "unknown_recipient");
      assert.deepEqual(error.data.addresses, [`a@${suite.domain}`, "b@", `c@${suite.domain}`]);
      return true;
    },
  );
  assert.deepEqual(await suite.readInbox(tom), []);
});

test("a person who sends to themself and saves a copy has both, one blob each, counts right", async () => {
  const { saved } = await submitMessage(suite.mail, lea.viewer, {
    source: sourceOf(bytesOf()),
    returnPath: lea.address,
    recipients: recipients(lea.address, tom.address),
    saveTo: { mailboxId: sent.id, flags: ["\\Seen"] },
  });
  assert.equal(saved!.mailboxId, sent.id);
  assert.equal((await suite.readInbox(lea)).length, 1);
});

test("an international domain is queued by its A-label, the local part as it was written", async () => {
  const { outboundId } = await submitMessage(suite.mail, lea.viewer, {
    source: sourceOf(bytesOf()),
    returnPath: lea.address,
    recipients: recipients("Jean.Dupont@Évreux.example"),
  });
  const rows = await suite.mail.store.read
    .selectFrom("outbound_recipient")
    .select(["address", "domain"])
    .where("outbound_id", "=", outboundId)
    .execute();
  assert.deepEqual(rows, [{ address: "Jean.Dupont@xn--vreux-9ra.example", domain: "xn--vreux-9ra.example" }]);
});

test("a return path with line ends around it is taken without them", async () => {
  const { outboundId } = await submitMessage(suite.mail, lea.viewer, {
    source: sourceOf(bytesOf()),
    returnPath: `${lea.address}\r\n`,
    recipients: recipients("paul@ext.example"),
  });
  const row = await suite.mail.store.read
    .selectFrom("outbound_message")
    .select("return_path")
    .where("id", "=", outboundId)
    .executeTakeFirstOrThrow();
  assert.equal(row.return_path, lea.address);
  await assert.rejects(
    submitMessage(suite.mail, lea.viewer, {
      source: sourceOf(bytesOf()),
      returnPath: `${lea.address}>\r\nRCPT TO:<x@y.example`,
      recipients: recipients("paul@ext.example"),
    }),
    { code: "sender_not_allowed" },
  );
});

async function createGroup(options: Partial<GroupOptions>): Promise<string> {
  const address = `groupe${count}@${suite.domain}`;
  await suite.mail.store.transact(async (tx) => {
    const group = await createPrincipal(tx, suite.organizationId, {
      kind: "group",
      displayName: "Groupe",
      address,
      quotas: { mail: 0, files: 0 },
    });
    await addGroupMembers(tx, group, [tom.principalId]);
    await setGroupOptions(tx, group, options);
  });
  return address;
}

test("a group that does not take mail of the sender's refuses the message before anybody has it", async () => {
  const group = await createGroup({ posting: "members" });
  const submission = { source: sourceOf(bytesOf()), returnPath: lea.address };
  await assert.rejects(
    submitMessage(suite.mail, lea.viewer, { ...submission, recipients: recipients(tom.address, group) }),
    (error) => error instanceof DomainError && error.code === "message_refused" && error.data?.status === "5.7.2",
  );
  assert.deepEqual(await suite.readInbox(tom), []);
});

test("what waits for a moderator is no success to be told", async () => {
  const group = await createGroup({ isModerated: true });
  const { outboundId } = await submitMessage(suite.mail, lea.viewer, {
    source: sourceOf(bytesOf()),
    returnPath: lea.address,
    recipients: [
      { address: tom.address, notify: ["SUCCESS"] },
      { address: group, notify: ["SUCCESS"] },
    ],
  });
  assert.equal((await suite.readInbox(tom)).length, 1);
  const told = await suite.mail.store.read
    .selectFrom("outbound_recipient")
    .select(["address", "dsn_notify"])
    .where("outbound_id", "=", outboundId)
    .orderBy("address", "desc")
    .execute();
  assert.deepEqual(told, [
    { address: tom.address, dsn_notify: ["SUCCESS"] },
    { address: group, dsn_notify: null },
  ]);
  const held = await suite.mail.store.read.selectFrom("held_message").select("address").execute();
  assert.deepEqual(held, [{ address: group }]);
});
