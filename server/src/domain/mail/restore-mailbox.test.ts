import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../test/harness/mail-fixture.ts";
import { findMailFaults } from "../../../test/harness/mail-invariants.ts";
import { openAccountForRecovery } from "../access/open-account-for-recovery.ts";
import { createMailbox } from "./create-mailbox.ts";
import { deleteMailbox } from "./delete-mailbox.ts";
import { expungeMessages } from "./expunge-messages.ts";
import { listDeletedMailboxes } from "./list-deleted-mailboxes.ts";
import { listExpunged } from "./list-expunged.ts";
import { listMailboxes } from "./list-mailboxes.ts";
import { readSelection } from "./read-selection.ts";
import { restoreMailbox } from "./restore-mailbox.ts";
import { restorePeriod } from "./restore-period.ts";
import { summarizeDeleted } from "./summarize-deleted.ts";

let mail: MailFixture;
before(async () => {
  mail = await openMailFixture();
});
after(async () => {
  assert.deepEqual(await findMailFaults(mail.store), []);
  await mail.close();
});

const gone = (person: MailPerson) => listDeletedMailboxes(mail.store.read, person.access);
const create = (person: MailPerson, name: string, parentId: string | null = null) =>
  createMailbox(mail.deps, person.access, { name, parentId });
const remove = (person: MailPerson, id: string) =>
  deleteMailbox(mail.deps, person.access, id, { onDestroyRemoveEmails: true });
const paths = async (person: MailPerson): Promise<string[]> => {
  const all = await listMailboxes(mail.store.read, person.access);
  const path = (id: string | null): string => {
    const found = all.find((each) => each.id === id);
    return found ? `${path(found.parentId)}/${found.name}:${found.total}` : "";
  };
  return all
    .filter((each) => each.role === null)
    .map((each) => path(each.id))
    .sort();
};

test("a tree of deleted mailboxes comes back whole, under new ids", async () => {
  const anna = await mail.createPerson("Anna");
  const works = await create(anna, "Travaux");
  const roads = await create(anna, "Voirie", works.id);
  await mail.append(anna, { subject: "un" }, { mailboxId: works.id });
  await mail.append(anna, { subject: "deux" }, { mailboxId: roads.id });
  await remove(anna, roads.id);
  await remove(anna, works.id);
  assert.deepEqual(
    (await gone(anna)).map(({ path, messages }) => [path.join("/"), messages]),
    [
      ["Travaux", 1],
      ["Travaux/Voirie", 1],
    ],
  );

  const { mailbox, restored } = await restoreMailbox(mail.deps, anna.access, works.id);
  assert.equal(restored, 1);
  assert.notEqual(mailbox.id, works.id);
  assert.notEqual(mailbox.uidvalidity, works.uidvalidity);
  await restoreMailbox(mail.deps, anna.access, roads.id);
  assert.deepEqual(await paths(anna), ["/Travaux:1", "/Travaux:1/Voirie:1"]);
  assert.deepEqual(await gone(anna), []);
  await assert.rejects(restoreMailbox(mail.deps, anna.access, works.id), { code: "not_found" });
});

test("a name that was taken meanwhile gets a number, and a mailbox whose place is gone stands at the top", async () => {
  const bea = await mail.createPerson("Bea");
  const above = await create(bea, "Dossiers");
  const inside = await create(bea, "2025", above.id);
  await remove(bea, inside.id);
  await create(bea, "2025", above.id);
  await restoreMailbox(mail.deps, bea.access, inside.id);
  assert.deepEqual(await paths(bea), ["/Dossiers:0", "/Dossiers:0/2025 (2):0", "/Dossiers:0/2025:0"]);
  const lost = await create(bea, "Perdu", above.id);
  await remove(bea, lost.id);
  for (const name of ["2025", "2025 (2)"]) {
    const found = (await listMailboxes(mail.store.read, bea.access)).find((each) => each.name === name);
    await remove(bea, found!.id);
  }
  await remove(bea, above.id);
  await restoreMailbox(mail.deps, bea.access, lost.id);
  assert.deepEqual(await paths(bea), ["/Perdu:0"]);
});

test("what somebody else may not write is not restored, and other people's mailboxes are not known", async () => {
  const carl = await mail.createPerson("Carl");
  const dora = await mail.createPerson("Dora");
  const own = await create(carl, "Privé");
  await remove(carl, own.id);
  await assert.rejects(restoreMailbox(mail.deps, dora.access, own.id), { code: "not_found" });
  await assert.rejects(restoreMailbox(mail.deps, { ...carl.access, rights: new Set(["read"]) }, own.id), {
    code: "forbidden",
  });
  await assert.rejects(restoreMailbox(mail.deps, carl.access, "no id"), { code: "not_found" });
});

test("an administrator brings back a period without having seen what it is; others do not", async () => {
  const emma = await mail.createPerson("Emma");
  const folder = await create(emma, "Élus");
  await mail.append(emma, { subject: "a" });
  await mail.append(emma, { subject: "b" });
  await mail.append(emma, { subject: "c" }, { mailboxId: folder.id });
  await expungeMessages(mail.deps, emma.access, emma.mailboxes.inbox, [1]);
  const since = new Date();
  await expungeMessages(mail.deps, emma.access, emma.mailboxes.inbox, [2]);
  await remove(emma, folder.id);
  const [today] = await summarizeDeleted(mail.store.read, emma.access);
  assert.equal(today?.messages, 3);

  const administrator = { ...emma.access.viewer, roles: new Set(["member_administrator"] as const) };
  const { read } = mail.store;
  await assert.rejects(openAccountForRecovery(read, emma.access.viewer, emma.access.accountId), { code: "not_found" });
  const elsewhere = { ...administrator, organizationId: "00000000-0000-7000-8000-000000000000" };
  await assert.rejects(openAccountForRecovery(read, elsewhere, emma.access.accountId), { code: "not_found" });

  const access = await openAccountForRecovery(read, administrator, emma.access.accountId);
  const period = { since, until: new Date(Date.now() + 1_000) };
  assert.deepEqual(await restorePeriod(mail.deps, access, period), { restored: 2 });
  assert.deepEqual((await readSelection(read, emma.access, emma.mailboxes.inbox)).uids, [3]);
  assert.deepEqual(await paths(emma), ["/Élus:1"]);
  assert.equal((await listExpunged(read, emma.access, { limit: 10 })).length, 1, "what was deleted before stays");
  await assert.rejects(restorePeriod(mail.deps, access, { since: period.until, until: since }), { code: "invalid" });
});
