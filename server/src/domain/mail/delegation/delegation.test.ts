import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import { findMailFaults } from "../../../../test/harness/mail-invariants.ts";
import {
  type AccountAccess,
  allRights,
  listAccounts,
  listMailAccounts,
  openAccount,
  type Right,
} from "../../access/account-access.ts";
import { grantAccount } from "../../access/grant-account.ts";
import { watchAccess } from "../../access/watch-access.ts";
import { DomainError } from "../../errors.ts";
import { copyMessages } from "../copy-messages.ts";
import { createMailbox } from "../create-mailbox.ts";
import { deleteMailbox } from "../delete-mailbox.ts";
import { expungeMessages } from "../expunge-messages.ts";
import { isSeen } from "../flags.ts";
import { listMailboxes } from "../list-mailboxes.ts";
import { moveMessages } from "../move-messages.ts";
import { purgeExpunged } from "../purge-expunged.ts";
import { readMailboxChanges } from "../read-mailbox-changes.ts";
import { readMessages } from "../read-messages.ts";
import { readSelection } from "../read-selection.ts";
import { searchMailbox } from "../search-mailbox.ts";
import { setMessages } from "../set-messages.ts";
import { storeFlags } from "../store-flags.ts";
import { findGrantee } from "./find-grantee.ts";
import { grantMailbox } from "./grant-mailbox.ts";
import { listGrants } from "./list-grants.ts";
import { setPersonalSeen } from "./set-personal-seen.ts";

let fixture: MailFixture;
let serial = 0;
before(async () => {
  fixture = await openMailFixture();
});
after(() => fixture.close());

const person = () => fixture.createPerson(`Agent${++serial}`);
const keyOf = ({ access }: MailPerson) => ({
  organizationId: access.organizationId,
  principalId: access.viewer.principalId,
});
const fails = (code: string) => (error: unknown) => error instanceof DomainError && error.code === code;
const reach = async (viewer: MailPerson, of: MailPerson): Promise<AccountAccess> =>
  (await listMailAccounts(fixture.store.read, viewer.access.viewer)).find(
    ({ accountId }) => accountId === of.access.accountId,
  )!;

test("rights are given by who may, and never more than they have", async () => {
  const { store } = fixture;
  const [boss, assistant, third] = [await person(), await person(), await person()];
  const { inbox, archive } = boss.mailboxes;
  await grantMailbox(store, boss.access, null, keyOf(assistant), ["read", "write", "send_on_behalf"]);
  let hers = await reach(assistant, boss);
  await assert.rejects(grantMailbox(store, hers, null, keyOf(third), ["read"]), fails("forbidden"));
  await assert.rejects(grantMailbox(store, hers, inbox, keyOf(third), ["read"]), fails("forbidden"));
  await grantMailbox(store, boss.access, inbox, keyOf(assistant), ["share"]);
  hers = await reach(assistant, boss);
  await grantMailbox(store, hers, inbox, keyOf(third), ["read", "write"]);
  await assert.rejects(grantMailbox(store, hers, inbox, keyOf(third), ["read", "write", "delete"]), fails("forbidden"));
  await assert.rejects(grantMailbox(store, hers, archive, keyOf(third), ["read"]), fails("forbidden"));
  await assert.rejects(grantMailbox(store, hers, inbox, keyOf(boss), ["read"]), fails("invalid"));
  await assert.rejects(grantMailbox(store, boss.access, inbox, keyOf(third), ["send_as"]), fails("invalid"));
  // Who was given one mailbox sees that one, and the account is not theirs to open.
  const his = await reach(third, boss);
  assert.deepEqual(
    (await listMailboxes(store.read, his)).map(({ id }) => id),
    [inbox],
  );
  assert.ok(
    !(await listAccounts(store.read, third.access.viewer)).some(({ accountId }) => accountId === his.accountId),
  );
  await assert.rejects(openAccount(store.read, third.access.viewer, his.accountId), fails("not_found"));
  await assert.rejects(readSelection(store.read, his, archive), fails("not_found"));
  await assert.rejects(readMessages(store.read, his, []), fails("not_found"));
  await assert.rejects(
    storeFlags(fixture.deps, his, archive, [1], { mode: "add", flags: ["\\Seen"] }),
    fails("not_found"),
  );
  assert.deepEqual(
    (await listGrants(store.read, boss.access, archive)).map(({ identifier, rights }) => [identifier, rights]),
    [[assistant.address, ["read", "write", "send_on_behalf"]]],
  );
  // Taking it away takes nothing else.
  await grantMailbox(store, hers, inbox, keyOf(third), []);
  assert.equal(await reach(third, boss), undefined);
  assert.equal((await reach(assistant, boss)).rights.size, 3);
});

test("rights on a mailbox end with it when it is purged", async () => {
  const { store, deps } = fixture;
  const [boss, assistant] = [await person(), await person()];
  const made = await createMailbox(deps, boss.access, { name: "Projet", parentId: null });
  await grantMailbox(store, boss.access, made.id, keyOf(assistant), ["read", "manage"]);
  const inner = await createMailbox(deps, await reach(assistant, boss), { name: "Plans", parentId: made.id });
  assert.deepEqual((await listMailboxes(store.read, await reach(assistant, boss))).map(({ name }) => name).sort(), [
    "Plans",
    "Projet",
  ]);
  for (const id of [inner.id, made.id]) await deleteMailbox(deps, boss.access, id, { onDestroyRemoveEmails: true });
  assert.deepEqual(await listMailboxes(store.read, await reach(assistant, boss)), []);
  await purgeExpunged(store, new Date(Date.now() + 60_000));
  await purgeExpunged(store, new Date(Date.now() + 60_000));
  assert.equal(await reach(assistant, boss), undefined);
  assert.deepEqual(await listGrants(store.read, boss.access), []);
});

test("people and groups are found by address or login in their own organization only", async () => {
  const { store, organizationId, otherOrganizationId } = fixture;
  const someone = await person();
  const found = await findGrantee(store.read, organizationId, ` ${someone.address.toUpperCase()} `);
  assert.equal(found.principalId, someone.access.viewer.principalId);
  assert.equal((await findGrantee(store.read, organizationId, someone.access.viewer.uid)).kind, "person");
  for (const typed of ["", "anyone", "nobody@bourg-fleuri.example", "a\0b", "x".repeat(10_000)]) {
    await assert.rejects(findGrantee(store.read, organizationId, typed), fails("not_found"));
  }
  await assert.rejects(findGrantee(store.read, otherOrganizationId, someone.address), fails("not_found"));
});

test("what a connection keeps of its rights is read once, and again as soon as they change", async () => {
  const { store } = fixture;
  const [boss, assistant] = [await person(), await person()];
  let told = 0;
  const watch = watchAccess(store, assistant.access.viewer, () => told++);
  const rightsOnBoss = async () =>
    (await watch.list()).find(({ accountId }) => accountId === boss.access.accountId)?.rights.size ?? 0;
  assert.equal(await rightsOnBoss(), 0);
  const kept = await watch.list();
  const { generation } = watch;
  assert.equal(await watch.list(), kept);
  await store.transact((tx) => grantAccount(tx, boss.access, keyOf(assistant), ["read"]));
  assert.ok(watch.generation > generation && told > 0);
  assert.equal(await rightsOnBoss(), 1);
  await store.transact((tx) => grantAccount(tx, boss.access, keyOf(assistant), []));
  assert.equal(await rightsOnBoss(), 0);
  const before = watch.generation;
  watch.close();
  await store.transact((tx) => grantAccount(tx, boss.access, keyOf(assistant), ["read"]));
  assert.equal(watch.generation, before);
});

test("whatever happens in a mailbox with a personal \\Seen, each sees their own and all counts agree", async () => {
  const { store, deps } = fixture;
  const owner = await person();
  const [first, second] = [await person(), await person()];
  const all: readonly Right[] = allRights;
  for (const each of [first, second]) {
    await store.transact((tx) => grantAccount(tx, owner.access, keyOf(each), all));
  }
  await setPersonalSeen(store, owner.access, true);
  const viewers = [await reach(first, owner), await reach(second, owner), owner.access];
  assert.deepEqual(
    viewers.map(({ personalSeen }) => personalSeen),
    [true, true, false],
  );
  const { inbox, archive } = owner.mailboxes;
  /** What each viewer must see: message ids seen. The owner's is the flag of the copies. */
  const seen = viewers.map(() => new Set<string>());
  const ids: string[] = [];
  for (let n = 0; n < 12; n++)
    ids.push((await fixture.append(owner, {}, { mailboxId: n % 3 ? inbox : archive })).messageId);
  // A fixed sequence of pseudo-random choices.
  let state = 7;
  const pick = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  const known = viewers.map(() => new Map<string, { modseq: number; flags: Map<number, boolean> }>());
  for (let step = 0; step < 120; step++) {
    const who = pick(3);
    const access = viewers[who]!;
    const from = pick(2) ? inbox : archive;
    const to = from === inbox ? archive : inbox;
    const { uids } = await readSelection(store.read, access, from);
    const some = uids.filter(() => pick(3) === 0);
    const copies = async () =>
      new Map((await readMessages(store.read, access, ids)).map((message) => [message.id, message.mailboxes]));
    const messagesOf = async (of: readonly number[]) =>
      [...(await copies())].filter(([, list]) => list.some((copy) => copy.mailboxId === from && of.includes(copy.uid)));
    const action = pick(7);
    if (action < 3) {
      const mode = action === 0 ? "remove" : "add";
      for (const [id] of await messagesOf(some)) {
        // The owner's is of each copy: only messages with one copy keep the model simple.
        if (who === 2) continue;
        if (mode === "add") seen[who]!.add(id);
        else seen[who]!.delete(id);
      }
      if (who !== 2) await storeFlags(deps, access, from, some, { mode, flags: ["\\Seen", "\\Flagged"] });
      else await storeFlags(deps, access, from, some, { mode, flags: ["$label"] });
    } else if (action === 3) await moveMessages(deps, access, { fromMailboxId: from, uids: some, toMailboxId: to });
    else if (action === 4 && step % 5 === 0) {
      await copyMessages(deps, access, { fromMailboxId: from, uids: some.slice(0, 1), toMailboxId: to });
    } else if (action === 5 && who !== 2) {
      const chosen = (await messagesOf(some)).map(([id]) => id);
      await setMessages(
        deps,
        access,
        chosen.map((messageId) => ({ messageId, flags: { replace: ["\\Seen"] } })),
      );
      for (const id of chosen) seen[who]!.add(id);
    } else if (action === 6 && step % 17 === 0) await expungeMessages(deps, access, from, some.slice(0, 1));
    for (const [index, viewer] of viewers.entries()) {
      const listed = new Map((await listMailboxes(store.read, viewer)).map((each) => [each.id, each]));
      for (const mailboxId of [inbox, archive]) {
        const unseen = await searchMailbox(deps, viewer, mailboxId, {
          key: "not",
          of: { key: "flag", flag: "\\Seen" },
        });
        assert.equal(listed.get(mailboxId)!.unseen, unseen.length, `step ${step}`);
        await follow(known[index]!, viewer, mailboxId);
        const flags = known[index]!.get(mailboxId)!.flags;
        assert.deepEqual(
          [...flags]
            .filter(([, is]) => !is)
            .map(([uid]) => uid)
            .sort((a, b) => a - b),
          unseen,
          `step ${step}`,
        );
      }
      if (index === 2) continue;
      for (const message of await readMessages(store.read, viewer, ids)) {
        for (const copy of message.mailboxes) {
          assert.equal(isSeen(copy.flags), seen[index]!.has(message.id), `step ${step}, viewer ${index}`);
        }
      }
    }
  }
  assert.deepEqual(await findMailFaults(store), []);

  /** A client that resumes from the modseq it reached, as QRESYNC does. */
  async function follow(
    of: Map<string, { modseq: number; flags: Map<number, boolean> }>,
    access: AccountAccess,
    mailboxId: string,
  ): Promise<void> {
    const mine = of.get(mailboxId) ?? { modseq: 0, flags: new Map<number, boolean>() };
    const changes = await readMailboxChanges(store.read, access, mailboxId, mine.modseq, { limit: 1000 });
    for (const uid of changes.vanished) mine.flags.delete(uid);
    for (const { uid, flags } of changes.changed) mine.flags.set(uid, isSeen(flags));
    mine.modseq = changes.mailbox.highestModseq;
    of.set(mailboxId, mine);
  }
});
