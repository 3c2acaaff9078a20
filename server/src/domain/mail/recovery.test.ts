import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../test/harness/mail-fixture.ts";
import { findMailFaults } from "../../../test/harness/mail-invariants.ts";
import { collectBlobs } from "../../store/blobs/collect-blobs.ts";
import { DomainError } from "../errors.ts";
import { copyMessages } from "./copy-messages.ts";
import { createMailbox } from "./create-mailbox.ts";
import { deleteMailbox } from "./delete-mailbox.ts";
import { destroyMessages } from "./destroy-messages.ts";
import { expungeMessages } from "./expunge-messages.ts";
import { listExpunged } from "./list-expunged.ts";
import { moveMessages } from "./move-messages.ts";
import { purgeExpunged } from "./purge-expunged.ts";
import { readMailQuota } from "./read-mail-quota.ts";
import { readMailboxMessages } from "./read-mailbox-messages.ts";
import { readMessages } from "./read-messages.ts";
import { readSelection } from "./read-selection.ts";
import { restoreExpunged } from "./restore-expunged.ts";
import { searchMessages } from "./search/search-messages.ts";

let mail: MailFixture;
before(async () => {
  mail = await openMailFixture();
});
after(async () => {
  assert.deepEqual(await findMailFaults(mail.store), []);
  await mail.close();
});

const expunged = (person: MailPerson) => listExpunged(mail.store.read, person.access, { limit: 50 });
const uids = async (person: MailPerson, mailboxId = person.mailboxes.inbox) =>
  (await readSelection(mail.store.read, person.access, mailboxId)).uids;

test("what was deleted at once comes in pages that leave nothing out", async () => {
  const paul = await mail.createPerson("Paul");
  for (const subject of ["un", "deux", "trois", "quatre", "cinq"]) await mail.append(paul, { subject });
  await expungeMessages(mail.deps, paul.access, paul.mailboxes.inbox, [1, 2, 3, 4]);
  await expungeMessages(mail.deps, paul.access, paul.mailboxes.inbox, [5]);
  const found: string[] = [];
  for (let before: { expungedAt: Date; id: string } | undefined; ; ) {
    const page = await listExpunged(mail.store.read, paul.access, { limit: 2, ...(before && { before }) });
    if (page.length === 0) break;
    found.push(...page.map(({ subject }) => subject));
    before = page.at(-1);
  }
  assert.deepEqual([found[0], found.toSorted()], ["cinq", ["cinq", "deux", "quatre", "trois", "un"]]);
});

test("a restored message is where it was, with its flags but not Deleted, under a new uid and a new id, and is found", async () => {
  const anna = await mail.createPerson("Anna");
  const old = await mail.append(anna, { subject: "Subvention" }, { flags: ["\\Flagged", "\\Deleted"] });
  await expungeMessages(mail.deps, anna.access, anna.mailboxes.inbox, [1]);
  const [item] = await expunged(anna);
  assert.deepEqual([item?.subject, item?.mailboxName], ["Subvention", "INBOX"]);
  assert.deepEqual(await restoreExpunged(mail.deps, anna.access, [item!.id, "x"]), { restored: 1 });
  assert.deepEqual(await expunged(anna), []);
  const [back] = await readMailboxMessages(mail.store.read, anna.access, anna.mailboxes.inbox, [2]);
  assert.deepEqual(back?.flags, ["\\Flagged"]);
  assert.notEqual(back?.messageId, old.messageId);
  assert.deepEqual(await readMessages(mail.store.read, anna.access, [old.messageId]), []);
  const { ids } = await searchMessages(mail.store.read, anna.access, { text: "subventions" }, { limit: 5 });
  assert.deepEqual(ids, [back?.messageId]);
  assert.deepEqual(await restoreExpunged(mail.deps, anna.access, [item!.id]), { restored: 0 });
});

test("copies of one message that are restored together or in turn are copies of one message again", async () => {
  const bea = await mail.createPerson("Bea");
  const { inbox, archive, drafts } = bea.mailboxes;
  await mail.append(bea, { subject: "a" });
  await copyMessages(mail.deps, bea.access, { fromMailboxId: inbox, uids: [1], toMailboxId: archive });
  const { messageId } = (await readMailboxMessages(mail.store.read, bea.access, inbox, [1]))[0]!;
  await copyMessages(mail.deps, bea.access, { fromMailboxId: inbox, uids: [1], toMailboxId: drafts });
  await destroyMessages(mail.deps, bea.access, [messageId]);
  const items = await expunged(bea);
  assert.equal(items.length, 3);
  await restoreExpunged(
    mail.deps,
    bea.access,
    items.slice(0, 2).map((each) => each.id),
  );
  const [third] = await expunged(bea);
  await restoreExpunged(mail.deps, bea.access, [third!.id]);
  const { ids } = await searchMessages(mail.store.read, bea.access, {}, { limit: 5 });
  const [message] = await readMessages(mail.store.read, bea.access, ids);
  assert.equal(ids.length, 1);
  assert.deepEqual(new Set(message?.mailboxes.map((each) => each.mailboxId)), new Set([inbox, archive, drafts]));
  assert.equal((await readMailQuota(mail.store.read, bea.access)).usedBytes, message?.size);
});

test("what was in a deleted mailbox comes back in the inbox, and a mailbox of that name can be made again", async () => {
  const carl = await mail.createPerson("Carl");
  const made = await createMailbox(mail.deps, carl.access, { name: "Travaux", parentId: null });
  await mail.append(carl, { subject: "b" }, { mailboxId: made.id });
  await deleteMailbox(mail.deps, carl.access, made.id, { onDestroyRemoveEmails: true });
  await createMailbox(mail.deps, carl.access, { name: "Travaux", parentId: null });
  const [item] = await expunged(carl);
  assert.equal(item?.mailboxName, "Travaux");
  await restoreExpunged(mail.deps, carl.access, [item!.id]);
  assert.deepEqual(await uids(carl), [1]);
});

test("nobody restores what is another's, and nothing comes back into a full mailbox", async () => {
  const dora = await mail.createPerson("Dora", { quota: 900 });
  const emma = await mail.createPerson("Emma");
  await mail.append(dora, { body: "x".repeat(500) });
  await expungeMessages(mail.deps, dora.access, dora.mailboxes.inbox, [1]);
  const [item] = await expunged(dora);
  assert.deepEqual(await expunged(emma), []);
  assert.deepEqual(await restoreExpunged(mail.deps, emma.access, [item!.id]), { restored: 0 });
  await mail.append(dora, { body: "x".repeat(500) });
  await assert.rejects(
    restoreExpunged(mail.deps, dora.access, [item!.id]),
    (error) => error instanceof DomainError && error.code === "over_quota",
  );
  assert.equal((await expunged(dora)).length, 1);
});

test("the recovery period ends for what was expunged before it, and takes messages, text, blobs and deleted mailboxes along", async () => {
  const fred = await mail.createPerson("Fred");
  const made = await createMailbox(mail.deps, fred.access, { name: "Travaux", parentId: null });
  const gone = await mail.append(fred, { body: "y".repeat(100_000) }, { mailboxId: made.id });
  const copied = await mail.append(fred, { subject: "reste ailleurs" });
  await copyMessages(mail.deps, fred.access, {
    fromMailboxId: fred.mailboxes.inbox,
    uids: [1],
    toMailboxId: fred.mailboxes.archive,
  });
  await deleteMailbox(mail.deps, fred.access, made.id, { onDestroyRemoveEmails: true });
  await expungeMessages(mail.deps, fred.access, fred.mailboxes.inbox, [1]);
  assert.equal((await purgeExpunged(mail.store, new Date(Date.now() - 60_000))).copies, 0);
  assert.equal((await expunged(fred)).length, 2);

  const later = new Date(Date.now() + 60_000);
  const purged = await purgeExpunged(mail.store, later);
  assert.ok(purged.mailboxes >= 1);
  assert.deepEqual(await expunged(fred), []);
  const ids = [gone.messageId, copied.messageId];
  const rows = await mail.store.read.selectFrom("message").select("id").where("id", "in", ids).execute();
  assert.deepEqual(
    rows.map((row) => row.id),
    [copied.messageId],
  );
  const texts = await mail.store.read
    .selectFrom("message_text")
    .select("message_id")
    .where("message_id", "in", ids)
    .execute();
  assert.equal(texts.length, 1);
  assert.equal((await collectBlobs(mail.store, mail.deps.blobs, later)).files, 1);
  await moveMessages(mail.deps, fred.access, {
    fromMailboxId: fred.mailboxes.archive,
    uids: [1],
    toMailboxId: fred.mailboxes.inbox,
  });
  assert.deepEqual(await uids(fred), [2]);
});

test("what was deleted from the trash comes back in the inbox", async () => {
  const fay = await mail.createPerson("Fay");
  await mail.append(fay, { subject: "a" }, { mailboxId: fay.mailboxes.trash });
  await expungeMessages(mail.deps, fay.access, fay.mailboxes.trash, [1]);
  const [item] = await expunged(fay);
  await restoreExpunged(mail.deps, fay.access, [item!.id]);
  assert.deepEqual([(await uids(fay)).length, (await uids(fay, fay.mailboxes.trash)).length], [1, 0]);
});
