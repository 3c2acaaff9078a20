import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../test/harness/mail-fixture.ts";
import { findMailFaults } from "../../../test/harness/mail-invariants.ts";
import { DomainError } from "../errors.ts";
import { changesSince } from "./changes-since.ts";
import { createMailbox } from "./create-mailbox.ts";
import { deleteMailbox } from "./delete-mailbox.ts";
import { destroyMessages } from "./destroy-messages.ts";
import { expungeMessages } from "./expunge-messages.ts";
import { messageFlags } from "./flags.ts";
import { countThreads } from "./list-mailboxes.ts";
import { type MailType, mailState } from "./mail-state.ts";
import { moveMessages } from "./move-messages.ts";
import { readMessages, readThreads } from "./read-messages.ts";
import { setMessage, setMessages } from "./set-messages.ts";
import { storeFlags } from "./store-flags.ts";
import { updateMailbox } from "./update-mailbox.ts";

let mail: MailFixture;
before(async () => {
  mail = await openMailFixture();
});
after(async () => {
  assert.deepEqual(await findMailFaults(mail.store), []);
  await mail.close();
});

const code = (wanted: string) => (error: unknown) => error instanceof DomainError && error.code === wanted;
const stateOf = async (person: MailPerson, type: MailType) => (await mailState(mail.store.read, person.access))[type];
const changes = (person: MailPerson, type: MailType, since: string, max?: number) =>
  changesSince(mail.store.read, person.access, type, since, max);
const read = async (person: MailPerson, id: string) => (await readMessages(mail.store.read, person.access, [id]))[0]!;

test("each change moves the states it should and no other", async () => {
  const anna = await mail.createPerson("Anna");
  const { messageId, uid } = await mail.append(anna, {});
  const states = () => mailState(mail.store.read, anna.access);
  const appended = await states();
  await storeFlags(mail.deps, anna.access, anna.mailboxes.inbox, [uid], { mode: "add", flags: ["\\Flagged"] });
  const flagged = await states();
  assert.notEqual(flagged.Email, appended.Email);
  assert.deepEqual([flagged.Mailbox, flagged.Thread], [appended.Mailbox, appended.Thread]);
  await setMessage(mail.deps, anna.access, messageId, { flags: { add: ["\\Seen"] } });
  const seen = await states();
  assert.notEqual(seen.Mailbox, flagged.Mailbox);
  assert.equal(seen.Thread, flagged.Thread);
  await setMessage(mail.deps, anna.access, messageId, { flags: { add: ["\\Seen"] } });
  assert.deepEqual(await states(), seen);
});

test("created, updated and destroyed messages are told once, and those never seen not at all", async () => {
  const bea = await mail.createPerson("Bea");
  const { inbox, archive } = bea.mailboxes;
  const kept = await mail.append(bea, { subject: "gardé" });
  const moved = await mail.append(bea, { subject: "déplacé" });
  const doomed = await mail.append(bea, { subject: "détruit" });
  const since = await stateOf(bea, "Email");
  const born = await mail.append(bea, { subject: "né" });
  const ephemeral = await mail.append(bea, { subject: "éphémère" });
  await moveMessages(mail.deps, bea.access, {
    fromMailboxId: inbox,
    uids: [moved.uid, born.uid],
    toMailboxId: archive,
  });
  await destroyMessages(mail.deps, bea.access, [doomed.messageId, ephemeral.messageId]);
  const told = await changes(bea, "Email", since);
  assert.deepEqual(told.created, [born.messageId]);
  assert.deepEqual(told.updated, [moved.messageId]);
  assert.deepEqual(told.destroyed, [doomed.messageId]);
  assert.equal(told.newState, await stateOf(bea, "Email"));
  assert.deepEqual(
    await changes(bea, "Email", told.newState).then((each) => [each.created, each.updated, each.destroyed]),
    [[], [], []],
  );
  const threads = await changes(bea, "Thread", since);
  assert.deepEqual(threads.created, [born.threadId]);
  assert.ok(threads.destroyed.includes(doomed.threadId) && !threads.destroyed.includes(kept.threadId));
});

test("leaving one mailbox of two is an update of the message", async () => {
  const carl = await mail.createPerson("Carl");
  const { inbox, archive } = carl.mailboxes;
  const { messageId, uid } = await mail.append(carl, {});
  await setMessage(mail.deps, carl.access, messageId, { mailboxIds: [inbox, archive] });
  const since = await stateOf(carl, "Email");
  await expungeMessages(mail.deps, carl.access, inbox, [uid]);
  assert.deepEqual((await changes(carl, "Email", since)).updated, [messageId]);
});

test("pages of one change each, ending inside a transaction, tell the same as one page", async () => {
  const dora = await mail.createPerson("Dora");
  const { inbox, archive } = dora.mailboxes;
  const old = [];
  for (let n = 0; n < 5; n++) old.push(await mail.append(dora, { subject: `${n}` }));
  const since = await stateOf(dora, "Email");
  const born = await mail.append(dora, { subject: "né" });
  const uids = [...old.map((each) => each.uid), born.uid];
  await moveMessages(mail.deps, dora.access, { fromMailboxId: inbox, uids, toMailboxId: archive });
  await destroyMessages(mail.deps, dora.access, [old[0]!.messageId, old[1]!.messageId]);
  const whole = await changes(dora, "Email", since);
  const seen = { created: [] as string[], updated: [] as string[], destroyed: [] as string[] };
  for (let state = since, pages = 0; ; pages++) {
    const page = await changes(dora, "Email", state, 1);
    assert.ok(page.created.length + page.updated.length + page.destroyed.length <= 1);
    for (const kind of ["created", "updated", "destroyed"] as const) seen[kind].push(...page[kind]);
    state = page.newState;
    assert.ok(pages < 20);
    if (!page.hasMore) break;
  }
  // The new message was moved later than it was created: a page apart, it is told as both.
  assert.deepEqual(new Set(seen.created), new Set(whole.created));
  assert.deepEqual(new Set(seen.updated), new Set([...whole.updated, born.messageId]));
  assert.deepEqual(new Set(seen.destroyed), new Set(whole.destroyed));
});

test("a state that is not ours, too old or of the future is refused", async () => {
  const emma = await mail.createPerson("Emma");
  await mail.append(emma, {});
  for (const state of ["", "x", "0-999999", "7-2", "0-2.zzz", "0--1", "0-2.00000000-0000-0000-0000-00000000000Z"]) {
    await assert.rejects(changes(emma, "Email", state), code("cannot_calculate_changes"));
  }
  await mail.store.transact((tx) =>
    tx
      .updateTable("feed")
      .set({ oldest_modseq: 3 })
      .where("account_id", "=", emma.access.accountId)
      .where("area", "=", "mail")
      .execute(),
  );
  await assert.rejects(changes(emma, "Email", "0-1"), code("cannot_calculate_changes"));
});

test("a mailbox whose counts alone changed is told as such, and a renamed one is not", async () => {
  const fred = await mail.createPerson("Fred");
  const since = await stateOf(fred, "Mailbox");
  await mail.append(fred, {});
  const counted = await changes(fred, "Mailbox", since);
  assert.deepEqual([counted.updated, counted.onlyCountsChanged], [[fred.mailboxes.inbox], true]);
  const made = await createMailbox(mail.deps, fred.access, { name: "Travaux", parentId: null });
  await updateMailbox(mail.deps, fred.access, fred.mailboxes.archive, { name: "Anciens" });
  const renamed = await changes(fred, "Mailbox", counted.newState);
  assert.deepEqual(
    [renamed.created, renamed.updated, renamed.onlyCountsChanged],
    [[made.id], [fred.mailboxes.archive], false],
  );
  await deleteMailbox(mail.deps, fred.access, made.id, { onDestroyRemoveEmails: false });
  assert.deepEqual((await changes(fred, "Mailbox", renamed.newState)).destroyed, [made.id]);
});

test("a message in two mailboxes has the flags of both, and is seen only when seen in both", async () => {
  const gina = await mail.createPerson("Gina");
  const { inbox, archive } = gina.mailboxes;
  const { messageId } = await mail.append(gina, {}, { flags: ["\\Flagged"] });
  await setMessage(mail.deps, gina.access, messageId, { mailboxIds: [archive, inbox] });
  const archived = (await read(gina, messageId)).mailboxes.find((each) => each.mailboxId === archive)!;
  await storeFlags(mail.deps, gina.access, archive, [archived.uid], { mode: "replace", flags: ["\\Seen", "suivi"] });
  assert.deepEqual(messageFlags((await read(gina, messageId)).mailboxes), ["\\Flagged", "suivi"]);
  await setMessage(mail.deps, gina.access, messageId, { flags: { replace: ["\\Seen"] } });
  assert.deepEqual(messageFlags((await read(gina, messageId)).mailboxes), ["\\Seen"]);
});

test("a set of changes does what it can and says of each what failed", async () => {
  const hugo = await mail.createPerson("Hugo");
  const other = await mail.createPerson("Iris");
  const { inbox, trash } = hugo.mailboxes;
  const [a, b, c] = [await mail.append(hugo, {}), await mail.append(hugo, {}), await mail.append(hugo, {})];
  const stranger = await mail.append(other, {});
  const results = await setMessages(mail.deps, hugo.access, [
    { messageId: a.messageId, mailboxIds: [trash], flags: { add: ["\\Seen"] } },
    { messageId: b.messageId, mailboxIds: [] },
    { messageId: c.messageId, mailboxIds: [other.mailboxes.inbox] },
    { messageId: stranger.messageId, mailboxIds: [inbox] },
    { messageId: "nothing", flags: { add: ["\\Seen"] } },
  ]);
  assert.deepEqual(
    [...results.values()].map((each) => each?.code ?? null),
    [null, "invalid", "not_found", "not_found", "not_found"],
  );
  assert.deepEqual(
    (await read(hugo, a.messageId)).mailboxes.map((each) => [each.mailboxId, each.flags]),
    [[trash, ["\\Seen"]]],
  );
});

test("answers join the thread of what they answer under the same subject only, and threads never merge", async () => {
  const jean = await mail.createPerson("Jean");
  const root = await mail.append(jean, { subject: "Fête du village", messageId: "racine@x" });
  const answer = await mail.append(jean, { subject: "Re: Fête du village", messageId: "r1@x", inReplyTo: "racine@x" });
  const french = await mail.append(jean, { subject: "RÉF : Fête du village", messageId: "r2@x", inReplyTo: "r1@x" });
  const renamed = await mail.append(jean, { subject: "Buvette", messageId: "r3@x", inReplyTo: "r1@x" });
  assert.equal(answer.threadId, root.threadId);
  assert.equal(french.threadId, root.threadId);
  assert.notEqual(renamed.threadId, root.threadId);

  // Two answers to messages that are unknown here, then one that refers to both: the newest thread takes it, both stay.
  const first = await mail.append(jean, { subject: "Re: Voirie", messageId: "v1@x", inReplyTo: "v0@x" });
  const second = await mail.append(jean, { subject: "Re: Voirie", messageId: "v2@x", inReplyTo: "w0@x" });
  const both = await mail.append(jean, {
    subject: "Re: Voirie",
    messageId: "v3@x",
    headers: "References: <v0@x> <w0@x>",
  });
  assert.notEqual(first.threadId, second.threadId);
  assert.equal(both.threadId, second.threadId);
  const threads = await readThreads(mail.store.read, jean.access, [second.threadId, first.threadId]);
  assert.deepEqual(
    threads.map((each) => each.messageIds),
    [[second.messageId, both.messageId], [first.messageId]],
  );
  const counts = await countThreads(mail.store.read, jean.access);
  assert.deepEqual(counts.get(jean.mailboxes.inbox), { total: 4, unread: 4 });
});

test("mailbox names are checked, siblings differ, and a tree has no cycle", async () => {
  const katy = await mail.createPerson("Katy");
  const make = (name: string, parentId: string | null = null) =>
    createMailbox(mail.deps, katy.access, { name, parentId });
  for (const name of ["", " ", "a/b", "a\nb", "x".repeat(256), "\u0085"])
    await assert.rejects(make(name), code("invalid"));
  await assert.rejects(make("inbox"), code("already_exists"));
  const parent = await make("Urbanisme");
  await assert.rejects(make("Urbanisme"), code("already_exists"));
  const child = await make("Urbanisme", parent.id);
  await assert.rejects(updateMailbox(mail.deps, katy.access, parent.id, { parentId: child.id }), code("invalid"));
  await assert.rejects(make("x", "00000000-0000-7000-8000-000000000000"), code("not_found"));
  await assert.rejects(
    deleteMailbox(mail.deps, katy.access, parent.id, { onDestroyRemoveEmails: true }),
    code("conflict"),
  );
  await assert.rejects(
    deleteMailbox(mail.deps, katy.access, katy.mailboxes.inbox, { onDestroyRemoveEmails: true }),
    code("invalid"),
  );
  let deep = child.id;
  for (let n = 3; n <= 20; n++) deep = (await make("x", deep)).id;
  await assert.rejects(make("x", deep), code("invalid"));
});
