import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import { findMailFaults } from "../../../../test/harness/mail-invariants.ts";
import { type MailRouting, mailRouting, screened } from "../../../../test/harness/mail-routing.ts";
import { consumeOne } from "../../../store/outbox/outbox.ts";
import { DomainError } from "../../errors.ts";
import { addMessages } from "../add-messages.ts";
import { createMailbox } from "../create-mailbox.ts";
import { deleteMailbox } from "../delete-mailbox.ts";
import { putScript } from "../filters/change-scripts.ts";
import { openMessageBytes } from "../open-message.ts";
import { readMailQuota } from "../read-mail-quota.ts";
import { readMailboxMessages } from "../read-mailbox-messages.ts";
import { readSelection } from "../read-selection.ts";
import { stageBytes } from "../stage-message.ts";
import { beginDelivery } from "./deliver-message.ts";
import { fanOutHandler } from "./fan-out.ts";
import { fanOutTopic } from "./fan-out-payload.ts";
import { prepareDelivery } from "./prepare-delivery.ts";
import { resolveRecipient } from "./resolve-recipient.ts";

let mail: MailFixture;
let routing: MailRouting;
before(async () => {
  mail = await openMailFixture();
  routing = mailRouting(mail);
});
after(async () => {
  assert.deepEqual(await findMailFaults(mail.store), []);
  await mail.close();
});

let serial = 0;
async function personWith(script: string): Promise<MailPerson> {
  const person = await mail.createPerson(`Filtre${serial++}`);
  await putScript(mail.deps, person.access, { name: "tri", content: script }, { mayReplace: true, activate: true });
  return person;
}

async function messagesIn(person: MailPerson, mailboxId: string) {
  const { uids } = await readSelection(mail.store.read, person.access, mailboxId);
  return readMailboxMessages(mail.store.read, person.access, mailboxId, uids);
}

async function textOf(person: MailPerson, messageId: string): Promise<string> {
  const source = await openMessageBytes(mail.deps, person.access, messageId);
  const chunks: Buffer[] = [];
  for await (const chunk of source.open()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test("what a script keeps and files is one message in several mailboxes, with its flags, and counts once", async () => {
  const person = await personWith(
    'require ["fileinto", "imap4flags", "copy"]; setflag "\\\\Flagged"; fileinto :copy "Archives"; fileinto "Factures"; keep;',
  );
  const bills = await createMailbox(mail.deps, person.access, { name: "Factures", parentId: null });
  const used = (await readMailQuota(mail.store.read, person.access)).usedBytes;
  await routing.deliver([person.address], { subject: "Facture", body: "x".repeat(1_000) });
  const [inInbox] = await messagesIn(person, person.mailboxes.inbox);
  const [inBills] = await messagesIn(person, bills.id);
  assert.equal(inInbox?.messageId, inBills?.messageId);
  assert.deepEqual([inInbox?.flags, inBills?.flags], [["\\Flagged"], ["\\Flagged"]]);
  assert.equal((await readMailQuota(mail.store.read, person.access)).usedBytes - used, inInbox!.size);
});

test("a copy whose header the script edits has its own bytes, and so has what is sent on after it", async () => {
  const person = await personWith(
    'require ["fileinto", "editheader", "copy"]; fileinto :copy "Avant"; addheader "X-Tri" "oui"; redirect :copy "loin@perso.example"; fileinto "Un"; fileinto "Deux";',
  );
  const names = ["Avant", "Un", "Deux"];
  const made = [];
  for (const name of names) made.push(await createMailbox(mail.deps, person.access, { name, parentId: null }));
  await routing.deliver([person.address], { subject: "Édité", body: "é".repeat(60_000) });
  const copies = await Promise.all(made.map(async ({ id }) => (await messagesIn(person, id))[0]!));
  assert.notEqual(copies[0]!.messageId, copies[1]!.messageId);
  assert.equal(copies[1]!.messageId, copies[2]!.messageId);
  assert.doesNotMatch(await textOf(person, copies[0]!.messageId), /^X-Tri:/m);
  assert.match(await textOf(person, copies[1]!.messageId), /^X-Tri: oui\r\n/m);
  const [sent] = await routing.takeQueue();
  assert.match(sent!.text, /^X-Tri: oui\r\n/m);
  assert.doesNotMatch(sent!.text, /^Return-Path:/im);
  assert.match(sent!.returnPath, /^SRS0=.*=paul@bourg-fleuri\.example$/);
  assert.equal(sent!.header, `Delivered-To: ${person.address}\r\n`);
});

test("a redirect that would go round keeps the message instead", async () => {
  const person = await personWith('redirect "loin@perso.example";');
  await routing.deliver([person.address]);
  assert.equal(await routing.inboxCount(person), 0);
  assert.equal((await routing.takeQueue()).length, 1);
  const { outcomes } = await routing.deliver([person.address], { headers: `Delivered-To: ${person.address}` });
  assert.equal(outcomes[0]?.outcome, "delivered");
  assert.equal(await routing.inboxCount(person), 1);
  assert.deepEqual(await routing.takeQueue(), []);
});

test("a script that discards leaves a trace and no message", async () => {
  const person = await personWith("discard;");
  const { outcomes, added } = await routing.deliver([person.address]);
  assert.deepEqual([outcomes[0]?.outcome, added], ["discarded", []]);
});

test("a rejection refuses the only recipient in the dialogue, and is reported when there are others", async () => {
  const person = await personWith('require ["ereject"]; ereject "Je ne lis plus ce courrier.";');
  const other = await mail.createPerson("Autre");
  await assert.rejects(
    routing.deliver([person.address]),
    (error) => error instanceof DomainError && error.code === "message_refused" && error.data?.status === "5.7.1",
  );
  const { outcomes } = await routing.deliver([person.address, other.address]);
  assert.deepEqual(outcomes.map((each) => each.outcome).sort(), ["delivered", "refused"]);
  assert.equal(await routing.inboxCount(person), 0);
  assert.equal(await routing.inboxCount(other), 1);
  const [report] = await routing.takeQueue();
  assert.deepEqual([report?.returnPath, report?.to], ["", ["paul@exterieur.example"]]);
  const body = Buffer.from(/base64\r\n\r\n([^-]+)--/.exec(report!.text)![1]!, "base64").toString();
  assert.match(body, /Je ne lis plus ce courrier\./);
  await routing.deliver([person.address, other.address], { screening: screened("fail", "exterieur.example") });
  assert.deepEqual(await routing.takeQueue(), []);
});

test("a reason with accents is told by a report rather than by SMTP, when the sender is proved", async () => {
  const person = await personWith('require "reject"; reject "Écrivez plutôt à la mairie.";');
  const { outcomes } = await routing.deliver([person.address]);
  assert.equal(outcomes[0]?.outcome, "refused");
  const [report] = await routing.takeQueue();
  const body = Buffer.from(/base64\r\n\r\n([^-]+)--/.exec(report!.text)![1]!, "base64").toString();
  assert.match(body, /Écrivez plutôt à la mairie\./);
  await assert.rejects(
    routing.deliver([person.address], { screening: screened("none", "exterieur.example") }),
    (error) => error instanceof DomainError && error.code === "message_refused",
  );
  const plain = await personWith('require "reject"; reject "Non.";');
  await assert.rejects(
    routing.deliver([plain.address]),
    (error) => error instanceof DomainError && error.message === "Non.",
  );
});

test("a mailbox that goes between the filters and the transaction loses nothing", async () => {
  const person = await personWith('require "fileinto"; fileinto "Bientôt";');
  const doomed = await createMailbox(mail.deps, person.access, { name: "Bientôt", parentId: null });
  const staged = await stageBytes(mail.deps, Buffer.from("From: a@b.example\r\nSubject: x\r\n\r\nx\r\n"));
  const prepared = await prepareDelivery(mail.deps, {
    ...staged,
    arrival: "submitted",
    sender: "a@b.example",
    recipients: [await resolveRecipient(mail.store.read, person.address)],
    receivedAt: new Date(),
  });
  await deleteMailbox(mail.deps, person.access, doomed.id, { onDestroyRemoveEmails: true });
  await mail.store.transact(async (tx) => {
    await addMessages(tx, await beginDelivery(tx, mail.deps, prepared));
  });
  assert.equal(await routing.inboxCount(person), 1);
});

test("the fan-out runs the filters of each account, and once though a batch is done again", async () => {
  const members: MailPerson[] = [];
  for (let n = 0; n < 51; n++) members.push(await mail.createPerson(`liste${n}`));
  const filing = await personWith(
    'require ["fileinto", "copy"]; redirect :copy "loin@perso.example"; fileinto "Liste";',
  );
  const files = await createMailbox(mail.deps, filing.access, { name: "Liste", parentId: null });
  await routing.createGroup("tous@bourg-fleuri.example", { members: [...members, filing] });
  await routing.deliver(["tous@bourg-fleuri.example"]);
  const handler = fanOutHandler(mail.deps);
  let calls = 0;
  const handlers = {
    [fanOutTopic]: async (...args: Parameters<typeof handler>) => {
      await handler(...args);
      if (++calls <= 2) throw new Error("cut off before the commit");
    },
  };
  let outcome = "";
  while (outcome !== "empty") {
    ({ outcome } = await consumeOne(mail.store, handlers));
    await mail.store.transact((tx) =>
      tx
        .updateTable("outbox")
        .set({ available_at: new Date(0) })
        .execute(),
    );
  }
  assert.equal(calls, 4);
  assert.equal((await messagesIn(filing, files.id)).length, 1);
  assert.equal(await routing.inboxCount(filing), 0);
  for (const person of members) assert.equal(await routing.inboxCount(person), 1);
  assert.equal((await routing.takeQueue()).length, 1);
});

test("while its owner may not send, or is suspended, an account sends nothing on and keeps what comes", async () => {
  const person = await personWith('require ["vacation"]; redirect "ailleurs@exterieur.example"; vacation "Absent";');
  const { organizationId, ownerId } = person.access;
  const queued = async () =>
    (
      await mail.store.read
        .selectFrom("outbound_recipient")
        .select("id")
        .where("organization_id", "=", organizationId)
        .execute()
    ).length;
  const before = await queued();
  await mail.store.transact(async (tx) => {
    await tx
      .insertInto("sending_pause")
      .values({ organization_id: organizationId, principal_id: ownerId, reason: "test" })
      .execute();
  });
  await routing.deliver([person.address], { subject: "Pendant la pause" });
  assert.equal((await messagesIn(person, person.mailboxes.inbox)).length, 1);
  assert.equal(await queued(), before);
  await mail.store.transact(async (tx) => {
    await tx.updateTable("sending_pause").set({ resumed_at: new Date() }).where("principal_id", "=", ownerId).execute();
  });
  await routing.deliver([person.address], { subject: "Après" });
  assert.equal((await messagesIn(person, person.mailboxes.inbox)).length, 1);
  const after = await queued();
  assert.ok(after > before);
  await mail.store.transact(async (tx) => {
    await tx.updateTable("principal").set({ state: "suspended" }).where("id", "=", ownerId).execute();
  });
  await routing.deliver([person.address], { subject: "Suspendue" });
  assert.equal((await messagesIn(person, person.mailboxes.inbox)).length, 2);
  assert.equal(await queued(), after);
});
