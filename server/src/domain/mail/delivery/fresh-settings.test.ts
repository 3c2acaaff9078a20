import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { FakeDns } from "../../../../test/harness/fake-dns.ts";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import { openStore, type Store } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import { activateScript, putScript } from "../filters/change-scripts.ts";
import { readSelection } from "../read-selection.ts";
import { screenMessage } from "../screening/screen-message.ts";
import type { ScreeningOptions } from "../screening/screening-deps.ts";
import { addSenderRule, removeSenderRule } from "../screening/sender-rules.ts";
import { stageBytes } from "../stage-message.ts";
import { checkRecipientQuota } from "./check-recipient-quota.ts";
import { deliverMessage } from "./deliver-message.ts";
import { resolveRecipient } from "./resolve-recipient.ts";
import { setForward } from "./set-forward.ts";

let mail: MailFixture;
/** As another copy of the program has it. */
let other: Store;
before(async () => {
  mail = await openMailFixture();
  other = await openStore({ connectionString: mail.connectionString, maxConnections: 2, onConnectionError() {} });
});
after(async () => {
  await other.close();
  await mail.close();
});

const dns = new FakeDns();

/** The whole way of a message of port 25: its recipient, its screening, its delivery. */
async function receive(person: MailPerson, scanners: ScreeningOptions = {}): Promise<string> {
  const sender = "paul@exterieur.example";
  const bytes = Buffer.from(`From: <${sender}>\r\nSubject: Bonjour\r\n\r\nBonjour\r\n`);
  const recipient = await resolveRecipient(mail.store.read, person.address);
  await checkRecipientQuota(mail.store.read, recipient);
  const { screening } = await screenMessage(
    { ...mail.deps, ...scanners, resolver: dns },
    {
      id: "1.1",
      remoteAddress: "192.0.2.1",
      helo: "mx.exterieur.example",
      sender,
      recipients: [recipient],
      size: bytes.length,
      bytes,
      open: () => Readable.from([bytes]),
    },
  );
  const message = { arrival: "received" as const, sender, screening, receivedAt: new Date() };
  const { outcomes } = await deliverMessage(mail.deps, {
    ...message,
    ...(await stageBytes(mail.deps, bytes)),
    recipients: [recipient],
  });
  return outcomes[0]!.outcome;
}

const isRefused = (error: unknown): boolean => error instanceof DomainError && error.code === "message_refused";
const isFull = (error: unknown): boolean => error instanceof DomainError && error.code === "over_quota";

for (const [copy, storeOf] of [
  ["this copy", () => mail.store],
  ["another copy", () => other],
] as const) {
  test(`what changes through ${copy} of the program counts for the next message`, async () => {
    const store = storeOf();
    const deps = { ...mail.deps, store };
    const person = await mail.createPerson(`Mobile-${copy.replace(" ", "-")}`);
    const { organizationId, accountId } = person.access;
    assert.equal(await receive(person), "delivered");

    for (const owner of [person.access, { organizationId, accountId: null }]) {
      const rule = { kind: "block" as const, pattern: "exterieur.example", createdBy: null };
      const { id } = await addSenderRule(store, { organizationId, accountId: owner.accountId }, rule);
      // A person's list says Junk, an organization's refuses.
      if (owner.accountId === null) await assert.rejects(receive(person), isRefused);
      else assert.equal(await receive(person), "junk");
      await removeSenderRule(store, { organizationId, accountId: owner.accountId }, id);
      assert.equal(await receive(person), "delivered");
    }

    const script = { name: "tri", content: "discard;" };
    await putScript(deps, person.access, script, { mayReplace: true, activate: true });
    assert.equal(await receive(person), "discarded");
    await activateScript(deps, person.access, undefined);
    assert.equal(await receive(person), "delivered");

    await store.transact((tx) =>
      setForward(tx, person.access, { addresses: ["loin@perso.example"], keepsCopy: false }),
    );
    assert.equal(await receive(person), "queued");
    await store.transact((tx) => setForward(tx, person.access, undefined));
    assert.equal(await receive(person), "delivered");

    const limit = (bytes: number) =>
      store.transact((tx) =>
        tx
          .updateTable("quota")
          .set({ limit_bytes: bytes })
          .where("organization_id", "=", organizationId)
          .where("account_id", "=", accountId)
          .execute(),
      );
    await limit(1);
    await assert.rejects(receive(person), isFull);
    await limit(1e9);
    assert.equal(await receive(person), "delivered");
  });
}

test("what changes while a scanner looks at a message counts for that message", async () => {
  const person = await mail.createPerson("Patiente");
  const content = 'require "fileinto"; fileinto "Archives";';
  const outcome = await receive(person, {
    virusScanner: {
      async scan() {
        const script = { name: "tri", content };
        await putScript({ ...mail.deps, store: other }, person.access, script, { mayReplace: true, activate: true });
        return { outcome: "clean" };
      },
    },
  });
  assert.equal(outcome, "delivered");
  const countIn = async (mailboxId: string) =>
    (await readSelection(mail.store.read, person.access, mailboxId)).uids.length;
  assert.equal(await countIn(person.mailboxes.inbox), 0);
});
