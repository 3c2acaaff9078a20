import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, openMailFixture } from "../../../test/harness/mail-fixture.ts";
import { findMailFaults } from "../../../test/harness/mail-invariants.ts";
import { DomainError } from "../errors.ts";
import { copyMessages } from "./copy-messages.ts";
import { expungeMessages } from "./expunge-messages.ts";
import { listMailboxes, readMailbox } from "./list-mailboxes.ts";
import { moveMessages } from "./move-messages.ts";
import { readMailQuota } from "./read-mail-quota.ts";
import { readMailboxChanges } from "./read-mailbox-changes.ts";
import { readMailboxMessages } from "./read-mailbox-messages.ts";
import { readMessages } from "./read-messages.ts";
import { readSelection } from "./read-selection.ts";
import { storeFlags } from "./store-flags.ts";

let mail: MailFixture;
before(async () => {
  mail = await openMailFixture();
});
after(async () => {
  assert.deepEqual(await findMailFaults(mail.store), []);
  await mail.close();
});

test("an appended message has the next uid, its flags, and counts in its mailbox and the quota", async () => {
  const anna = await mail.createPerson("Anna");
  const first = await mail.append(anna, { subject: "Conseil municipal" }, { flags: ["\\seen", "$Forwarded"] });
  const second = await mail.append(anna, { subject: "Voirie" });
  assert.deepEqual([first.uid, second.uid], [1, 2]);
  assert.ok(second.modseq > first.modseq);
  const selection = await readSelection(mail.store.read, anna.access, anna.mailboxes.inbox);
  assert.deepEqual(selection.uids, [1, 2]);
  assert.equal(selection.firstUnseenUid, 2);
  assert.deepEqual(selection.keywords, ["$forwarded"]);
  assert.deepEqual([selection.mailbox.total, selection.mailbox.unseen, selection.mailbox.uidnext], [2, 1, 3]);
  const [message] = await readMessages(mail.store.read, anna.access, [first.messageId]);
  assert.equal(message?.subject, "Conseil municipal");
  assert.deepEqual(message?.mailboxes[0]?.flags, ["$forwarded", "\\Seen"]);
  const quota = await readMailQuota(mail.store.read, anna.access);
  assert.equal(quota.usedBytes, selection.mailbox.size);
});

test("a store that changes nothing takes no modseq, and one that does names what it changed", async () => {
  const bea = await mail.createPerson("Bea");
  for (const subject of ["a", "b", "c"]) await mail.append(bea, { subject });
  const inbox = bea.mailboxes.inbox;
  const added = await storeFlags(mail.deps, bea.access, inbox, [1, 2, 99], { mode: "add", flags: ["\\Seen"] });
  assert.deepEqual(
    added.updated.map((each) => [each.uid, each.modseq, each.flags]),
    [
      [1, added.modseq, ["\\Seen"]],
      [2, added.modseq, ["\\Seen"]],
    ],
  );
  const again = await storeFlags(mail.deps, bea.access, inbox, [1, 2], { mode: "add", flags: ["\\SEEN"] });
  assert.deepEqual([again.modseq, again.updated, again.unchanged.length], [added.modseq, [], 2]);
  const replaced = await storeFlags(mail.deps, bea.access, inbox, [1, 2, 3], { mode: "replace", flags: ["urgent"] });
  assert.equal(replaced.updated.length, 3);
  assert.equal((await readMailbox(mail.store.read, bea.access, inbox)).unseen, 3);
});

test("a store refuses what changed since the client looked, and changes the rest", async () => {
  const carl = await mail.createPerson("Carl");
  await mail.append(carl, { subject: "a" });
  const { modseq } = await mail.append(carl, { subject: "b" });
  const inbox = carl.mailboxes.inbox;
  await storeFlags(mail.deps, carl.access, inbox, [1], { mode: "add", flags: ["\\Flagged"] });
  const stored = await storeFlags(
    mail.deps,
    carl.access,
    inbox,
    [1, 2],
    { mode: "add", flags: ["\\Seen"] },
    { unchangedSince: modseq },
  );
  assert.deepEqual(stored.failed, [1]);
  assert.deepEqual(
    stored.updated.map((each) => each.uid),
    [2],
  );
});

test("a move gives new uids, leaves departures, and the message keeps its id and its flags", async () => {
  const dora = await mail.createPerson("Dora");
  const { messageId, modseq } = await mail.append(dora, { subject: "a" }, { flags: ["\\Flagged"] });
  await mail.append(dora, { subject: "b" });
  const { inbox, archive } = dora.mailboxes;
  const moved = await moveMessages(mail.deps, dora.access, {
    fromMailboxId: inbox,
    uids: [1, 7],
    toMailboxId: archive,
  });
  assert.deepEqual(moved.pairs, [[1, 1]]);
  const [arrived] = await readMailboxMessages(mail.store.read, dora.access, archive, [1]);
  assert.deepEqual([arrived?.messageId, arrived?.flags], [messageId, ["\\Flagged"]]);
  const changes = await readMailboxChanges(mail.store.read, dora.access, inbox, modseq, { limit: 10 });
  assert.deepEqual(changes.vanished, [1]);
  assert.deepEqual(
    changes.changed.map((each) => each.uid),
    [2],
  );
});

test("moving within one mailbox gives new uids at its end", async () => {
  const emma = await mail.createPerson("Emma");
  for (const subject of ["a", "b", "c"]) await mail.append(emma, { subject });
  const { inbox } = emma.mailboxes;
  const moved = await moveMessages(mail.deps, emma.access, { fromMailboxId: inbox, uids: [1, 3], toMailboxId: inbox });
  assert.deepEqual(moved.pairs, [
    [1, 4],
    [3, 5],
  ]);
  assert.deepEqual((await readSelection(mail.store.read, emma.access, inbox)).uids, [2, 4, 5]);
});

test("copies of one message count once in the quota, until the last one is expunged", async () => {
  const fred = await mail.createPerson("Fred");
  const { messageId } = await mail.append(fred, { subject: "a" });
  const { inbox, archive } = fred.mailboxes;
  const before = await readMailQuota(mail.store.read, fred.access);
  await copyMessages(mail.deps, fred.access, { fromMailboxId: inbox, uids: [1], toMailboxId: archive });
  assert.equal((await readMailQuota(mail.store.read, fred.access)).usedBytes, before.usedBytes);
  await expungeMessages(mail.deps, fred.access, inbox, [1]);
  assert.equal((await readMailQuota(mail.store.read, fred.access)).usedBytes, before.usedBytes);
  assert.equal((await readMessages(mail.store.read, fred.access, [messageId])).length, 1);
  const gone = await expungeMessages(mail.deps, fred.access, archive, [1, 2]);
  assert.deepEqual(gone.uids, [1]);
  assert.equal((await readMailQuota(mail.store.read, fred.access)).usedBytes, 0);
  assert.deepEqual(await readMessages(mail.store.read, fred.access, [messageId]), []);
});

test("a message that does not fit is refused and nothing of it stays", async () => {
  const gina = await mail.createPerson("Gina", { quota: 500 });
  await mail.append(gina, { subject: "petit" });
  await assert.rejects(
    mail.append(gina, { body: "x".repeat(500) }),
    (error) => error instanceof DomainError && error.code === "over_quota",
  );
  const [inbox] = await listMailboxes(mail.store.read, gina.access);
  assert.deepEqual([inbox?.total, inbox?.uidnext], [1, 2]);
});

test("another account's message is a message of its own, also in another organization, and a move takes it away", async () => {
  const hugo = await mail.createPerson("Hugo");
  const iris = await mail.createPerson("Iris", { organizationId: mail.otherOrganizationId });
  const body = `${"Une longue délibération. ".repeat(40)}\r\n`.repeat(100);
  const { messageId } = await mail.append(hugo, { subject: "Transfert", body });
  await mail.append(hugo, { subject: "Petit" });
  const moved = await moveMessages(mail.deps, hugo.access, {
    fromMailboxId: hugo.mailboxes.inbox,
    uids: [1, 2],
    toMailboxId: iris.mailboxes.archive,
    toAccess: iris.access,
  });
  assert.deepEqual(moved.pairs, [
    [1, 1],
    [2, 2],
  ]);
  const [arrived] = await readMailboxMessages(mail.store.read, iris.access, iris.mailboxes.archive, [1]);
  assert.notEqual(arrived?.messageId, messageId);
  const [message] = await readMessages(mail.store.read, iris.access, [arrived!.messageId]);
  assert.equal(message?.subject, "Transfert");
  const bytes = await mail.deps.blobs.readAll(mail.store.read, mail.otherOrganizationId, message!.blobId, 1e6);
  assert.ok(bytes?.includes("délibération"));
  assert.equal((await readMailQuota(mail.store.read, hugo.access)).usedBytes, 0);
});

test("a mailbox of somebody else does not exist, whatever is asked of it", async () => {
  const jean = await mail.createPerson("Jean");
  const katy = await mail.createPerson("Katy", { organizationId: mail.otherOrganizationId });
  const { messageId } = await mail.append(jean, { subject: "secret" });
  const inbox = jean.mailboxes.inbox;
  const own = katy.mailboxes.inbox;
  const notFound = (error: unknown) => error instanceof DomainError && error.code === "not_found";
  for (const access of [katy.access, (await mail.createPerson("Luc")).access]) {
    await assert.rejects(readSelection(mail.store.read, access, inbox), notFound);
    await assert.rejects(readMailboxMessages(mail.store.read, access, inbox, [1]), notFound);
    await assert.rejects(readMailboxChanges(mail.store.read, access, inbox, 1, { limit: 5 }), notFound);
    await assert.rejects(expungeMessages(mail.deps, access, inbox, [1]), notFound);
    await assert.rejects(storeFlags(mail.deps, access, inbox, [1], { mode: "add", flags: ["\\Seen"] }), notFound);
    await assert.rejects(
      copyMessages(mail.deps, access, { fromMailboxId: inbox, uids: [1], toMailboxId: own }),
      notFound,
    );
    assert.deepEqual(await readMessages(mail.store.read, access, [messageId, "x", "../.."]), []);
  }
  await assert.rejects(mail.append(katy, {}, { mailboxId: inbox }), notFound);
});
