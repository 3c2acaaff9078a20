import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../test/harness/mail-fixture.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { StoreError } from "../../store/store-error.ts";
import { claimRecent, unclaimedRecent } from "./claim-recent.ts";
import { countRecent } from "./count-recent.ts";
import { readMailbox } from "./list-mailboxes.ts";
import { mailState } from "./mail-state.ts";

let mail: MailFixture;
let anna: MailPerson;
let bea: MailPerson;

before(async () => {
  mail = await openMailFixture();
  anna = await mail.createPerson("Anna");
  bea = await mail.createPerson("Béa");
});
after(() => mail.close());

const inboxOf = ({ access, mailboxes }: MailPerson) => readMailbox(mail.store.read, access, mailboxes.inbox);
/** As whoever read the mailbox before anybody claimed. */
const claim = ({ access, mailboxes }: MailPerson, throughUid: number) =>
  claimRecent(mail.deps, access, { id: mailboxes.inbox, recentUid: 0 }, throughUid);

test("what was claimed is claimed once, and what came since is claimed alone", async () => {
  for (let n = 0; n < 3; n++) await mail.append(anna, { subject: `${n}` });
  assert.equal(await countRecent(mail.store.read, anna.access, await inboxOf(anna)), 3);
  assert.deepEqual(await claim(anna, 3), { from: 1, to: 3 });
  assert.equal(await claim(anna, 3), undefined);
  assert.equal(await claim(anna, 2), undefined);
  assert.equal(await countRecent(mail.store.read, anna.access, await inboxOf(anna)), 0);
  await mail.append(anna, { subject: "later" });
  assert.equal(await countRecent(mail.store.read, anna.access, await inboxOf(anna)), 1);
  assert.equal(await countRecent(mail.store.read, anna.access, await inboxOf(anna), 4), 0);
  assert.deepEqual(await claim(anna, 4), { from: 4, to: 4 });
});

test("of many who claim at once each uid goes to exactly one", async () => {
  const wanted = Array.from({ length: 24 }, (_, index) => ((index * 7) % 24) + 1);
  const claimed = (await Promise.all(wanted.map((uid) => claim(bea, uid)))).filter((range) => range !== undefined);
  const uids = claimed.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
  assert.deepEqual(
    uids.toSorted((a, b) => a - b),
    Array.from({ length: 24 }, (_, index) => index + 1),
  );
});

test("a claim waits for no feed, and nothing that clients synchronize moves", async () => {
  await mail.append(anna, { subject: "waits" });
  const before = await inboxOf(anna);
  const state = await mailState(mail.store.read, anna.access);
  const range = await mail.store.transact(async (tx) => {
    await lockMailFeed(tx, anna.access);
    return claim(anna, before.uidnext - 1);
  });
  assert.deepEqual(range, { from: before.uidnext - 1, to: before.uidnext - 1 });
  assert.deepEqual(await inboxOf(anna), { ...before, recentUid: before.uidnext - 1 });
  assert.deepEqual(await mailState(mail.store.read, anna.access), state);
});

test("nobody claims in a mailbox that they may not read, or that is not there", async () => {
  await mail.append(anna, { subject: "hers" });
  const { uidnext, recentUid } = await inboxOf(anna);
  assert.ok(recentUid < uidnext - 1);
  const nothing = { ...bea.access, rights: new Set<never>() };
  const notFound = { code: "not_found" };
  await assert.rejects(claimRecent(mail.deps, nothing, await inboxOf(bea), 99), notFound);
  await assert.rejects(countRecent(mail.store.read, nothing, await inboxOf(bea)), notFound);
  // Of another account: the row is not found by its id alone.
  assert.equal(await claimRecent(mail.deps, bea.access, await inboxOf(anna), uidnext - 1), undefined);
  assert.equal((await inboxOf(anna)).recentUid, recentUid);
});

test("where nothing can be written all that may be recent is", async () => {
  await mail.append(anna, { subject: "on a full disk" });
  const { id, uidnext, recentUid } = await inboxOf(anna);
  const failing = (error: Error) => ({ store: { ...mail.store, transact: () => Promise.reject(error) } });
  const full = failing(new StoreError("full", "No space left"));
  const recent = { from: recentUid + 1, to: uidnext - 1 };
  assert.deepEqual(await claimRecent(full, anna.access, { id, recentUid }, uidnext - 1), recent);
  assert.equal(await claimRecent(full, anna.access, { id, recentUid }, recentUid), undefined);
  await assert.rejects(
    claimRecent(failing(new TypeError("a bug")), anna.access, { id, recentUid }, uidnext - 1),
    TypeError,
  );
  assert.deepEqual(unclaimedRecent(await inboxOf(anna), uidnext - 1), recent);
});
