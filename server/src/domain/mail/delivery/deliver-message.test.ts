import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type MailFixture,
  type MailPerson,
  mailBytes,
  openMailFixture,
} from "../../../../test/harness/mail-fixture.ts";
import { findMailFaults } from "../../../../test/harness/mail-invariants.ts";
import { collectBlobs } from "../../../store/blobs/collect-blobs.ts";
import { consumeOne } from "../../../store/outbox/outbox.ts";
import { DomainError } from "../../errors.ts";
import { addAddress, createPrincipal } from "../../identity/create-principal.ts";
import { destroyMessages } from "../destroy-messages.ts";
import { openMessageBytes } from "../open-message.ts";
import { purgeExpunged } from "../purge-expunged.ts";
import { readMailboxMessages } from "../read-mailbox-messages.ts";
import { readSelection } from "../read-selection.ts";
import { stageBytes } from "../stage-message.ts";
import { checkRecipientQuota } from "./check-recipient-quota.ts";
import { deliverMessage } from "./deliver-message.ts";
import { fanOutHandler } from "./fan-out.ts";
import { fanOutTopic } from "./fan-out-payload.ts";
import { findRecipient, resolveRecipient } from "./resolve-recipient.ts";

let mail: MailFixture;
let anna: MailPerson;
let bea: MailPerson;
let carl: MailPerson;
before(async () => {
  mail = await openMailFixture();
  anna = await mail.createPerson("Anna", { roles: ["member_administrator"] });
  bea = await mail.createPerson("Bea");
  carl = await mail.createPerson("Carl", { organizationId: mail.otherOrganizationId });
});
after(async () => {
  assert.deepEqual(await findMailFaults(mail.store), []);
  await mail.close();
});

const code = (wanted: string) => (error: unknown) => error instanceof DomainError && error.code === wanted;
const resolve = (address: string) => resolveRecipient(mail.store.read, address);

async function deliver(addresses: string[], subject: string, body?: string) {
  const staged = await stageBytes(mail.deps, mailBytes({ subject, ...(body && { body }) }));
  const recipients = await Promise.all(addresses.map(resolve));
  const { added } = await deliverMessage(mail.deps, {
    ...staged,
    arrival: "received",
    sender: "paul@exterieur.example",
    recipients,
    receivedAt: new Date(),
  });
  return added;
}

async function inboxCount(person: MailPerson): Promise<number> {
  return (await readSelection(mail.store.read, person.access, person.mailboxes.inbox)).uids.length;
}

async function createGroup(address: string, members: { principalId: string }[]): Promise<{ principalId: string }> {
  return mail.store.transact(async (tx) => {
    const group = await createPrincipal(tx, mail.organizationId, {
      kind: "group",
      displayName: address,
      address,
      quotas: { mail: 0, files: 0 },
    });
    await tx
      .insertInto("group_member")
      .values(
        members.map((each) => ({
          organization_id: mail.organizationId,
          group_id: group.principalId,
          member_id: each.principalId,
        })),
      )
      .execute();
    return group;
  });
}

test("an address means its owner in any case, with a plus tag, and by an alias", async () => {
  await mail.store.transact((tx) =>
    addAddress(
      tx,
      { organizationId: mail.organizationId, principalId: anna.access.ownerId },
      "accueil+urgent@bourg-fleuri.example",
      "alias",
    ),
  );
  for (const address of [
    "ANNA@Bourg-Fleuri.example",
    "anna+factures@bourg-fleuri.example",
    "accueil+urgent@bourg-fleuri.example",
  ]) {
    const found = await resolve(address);
    assert.ok(found.kind === "account" && found.accountId === anna.access.accountId, address);
  }
});

test("an unknown mailbox of ours is refused, a domain that is not ours is somebody else's business", async () => {
  for (const address of [
    "personne@bourg-fleuri.example",
    "accueil@bourg-fleuri.example",
    "",
    "@",
    "a b@bourg-fleuri.example",
  ]) {
    await assert.rejects(findRecipient(mail.store.read, address), code("unknown_recipient"), address);
  }
  assert.equal(await findRecipient(mail.store.read, "quelqu-un@ailleurs.example"), undefined);
  await assert.rejects(resolve("quelqu-un@ailleurs.example"), code("unknown_recipient"));
});

test("postmaster of each domain is its administrators, until somebody has the address", async () => {
  const found = await resolve("Postmaster@bourg-fleuri.example");
  assert.ok(found.kind === "group");
  assert.deepEqual(
    found.accounts.map((each) => each.accountId),
    [anna.access.accountId],
  );
  await assert.rejects(resolve("postmaster@val-joli.example"), code("unknown_recipient"));
});

test("groups that contain one another reach each member once", async () => {
  const inner = await createGroup("elus@bourg-fleuri.example", [{ principalId: anna.access.ownerId }]);
  const outer = await createGroup("tous@bourg-fleuri.example", [{ principalId: bea.access.ownerId }, inner]);
  await mail.store.transact((tx) =>
    tx
      .insertInto("group_member")
      .values({ organization_id: mail.organizationId, group_id: inner.principalId, member_id: outer.principalId })
      .execute(),
  );
  const before = [await inboxCount(anna), await inboxCount(bea)];
  await deliver(["tous@bourg-fleuri.example", "anna@bourg-fleuri.example", "elus@bourg-fleuri.example"], "À tous");
  assert.deepEqual([await inboxCount(anna), await inboxCount(bea)], [before[0]! + 1, before[1]! + 1]);
});

test("each organization has its own blob, so that the end of one leaves the other's bytes", async () => {
  const body = "Un long compte rendu. ".repeat(5_000);
  const delivered = await deliver(["anna@bourg-fleuri.example", "carl@val-joli.example"], "Deux communes", body);
  const toAnna = delivered.find((each) => each.accountId === anna.access.accountId)!;
  const toCarl = delivered.find((each) => each.accountId === carl.access.accountId)!;
  await destroyMessages(mail.deps, anna.access, [toAnna.messageId]);
  await purgeExpunged(mail.store, new Date(Date.now() + 60_000));
  const collected = await collectBlobs(mail.store, mail.deps.blobs, new Date(Date.now() + 60_000));
  assert.equal(collected.files, 1);
  const source = await openMessageBytes(mail.deps, carl.access, toCarl.messageId);
  let size = 0;
  for await (const chunk of source.open()) size += (chunk as Buffer).length;
  assert.equal(size, source.size);
  assert.ok(size > 100_000);
});

test("a full mailbox is refused at RCPT; a message too large for its only recipient is refused whole", async () => {
  const full = await mail.createPerson("Dora", { quota: 600 });
  await assert.rejects(deliver([full.address], "Trop gros", "x".repeat(1_000)), code("over_quota"));
  assert.equal(await inboxCount(full), 0);
  const before = await inboxCount(anna);
  await deliver([full.address, anna.address], "À deux", "x".repeat(1_000));
  assert.equal(await inboxCount(full), 1);
  assert.equal(await inboxCount(anna), before + 1);
  await assert.rejects(checkRecipientQuota(mail.store.read, await resolve(full.address)), code("over_quota"));
  await assert.rejects(deliver([full.address, anna.address], "Encore"), code("over_quota"));
  assert.equal(await inboxCount(anna), before + 1, "nothing is delivered when one is refused after DATA");
});

test("a large group is promised by one row, then each member gets the message once, though a batch fails and is done again", async () => {
  const people: MailPerson[] = [];
  for (let n = 0; n < 61; n++) people.push(await mail.createPerson(`membre${n}`, { quota: n === 0 ? 1 : 1e9 }));
  await createGroup(
    "liste@bourg-fleuri.example",
    people.map((each) => ({ principalId: each.access.ownerId })),
  );
  const now = await deliver(["liste@bourg-fleuri.example", people[3]!.address], "À la liste");
  assert.equal(now.length, 1);
  const handler = fanOutHandler(mail.deps);
  let calls = 0;
  const handlers = {
    [fanOutTopic]: async (...args: Parameters<typeof handler>) => {
      await handler(...args);
      if (++calls === 1) throw new Error("cut off before the commit");
    },
  };
  assert.equal((await consumeOne(mail.store, handlers)).outcome, "failed");
  await mail.store.transact((tx) =>
    tx
      .updateTable("outbox")
      .set({ available_at: new Date(0) })
      .execute(),
  );
  let outcome = "";
  while (outcome !== "empty") ({ outcome } = await consumeOne(mail.store, handlers));
  for (const person of people) assert.equal(await inboxCount(person), 1, person.address);
  const [message] = await readMailboxMessages(mail.store.read, people[9]!.access, people[9]!.mailboxes.inbox, [1]);
  assert.ok(message && message.size > 0);
  const left = await mail.store.read
    .selectFrom("blob_reference")
    .select("kind")
    .where("kind", "=", "fan-out")
    .execute();
  assert.deepEqual(left, []);
});
