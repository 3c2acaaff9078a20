import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import {
  type MailFixture,
  type MailPerson,
  mailBytes,
  openMailFixture,
} from "../../../../test/harness/mail-fixture.ts";
import { findMailFaults } from "../../../../test/harness/mail-invariants.ts";
import { type MailRouting, mailRouting } from "../../../../test/harness/mail-routing.ts";
import { setForward } from "../delivery/set-forward.ts";
import { attemptDelivery } from "./attempt-delivery.ts";
import { leaseNext } from "./lease-next.ts";
import { queueMessage } from "./queue-message.ts";

let mail: MailFixture;
let routing: MailRouting;
let anna: MailPerson;
const transport = { deliver: () => Promise.reject(new Error("nothing of this leaves")) };
before(async () => {
  mail = await openMailFixture();
  routing = mailRouting(mail);
  anna = await mail.createPerson("Anna");
});
after(async () => {
  assert.deepEqual(await findMailFaults(mail.store), []);
  await mail.close();
});

async function queue(to: string, returnPath = "paul@exterieur.example"): Promise<void> {
  const staged = await mail.deps.blobs.stage(mailBytes({ subject: "En file" }));
  await mail.store.transact((tx) =>
    queueMessage(tx, mail.deps.blobs, {
      organizationId: mail.organizationId,
      accountId: undefined,
      messageId: undefined,
      blob: staged,
      returnPath,
      prependedHeaders: "Delivered-To: bea@bourg-fleuri.example\r\n",
      isEightBit: false,
      isSmtpUtf8: false,
      dsn: { ret: null, envid: null },
      recipients: [{ address: to, domain: to.split("@")[1]!, notify: null, orcpt: null }],
      sendAt: undefined,
    }),
  );
}

const attempt = (lease: NonNullable<Awaited<ReturnType<typeof leaseNext>>>) =>
  attemptDelivery({ ...mail.deps, transport }, lease, new AbortController().signal);

test("two attempts at the same moment deliver once", async () => {
  const before = await routing.inboxCount(anna);
  await queue(anna.address);
  const lease = (await leaseNext(mail.store))!;
  const results = await Promise.all([attempt(lease), attempt(lease), attempt(lease)]);
  assert.deepEqual(results.map(([each]) => each!.outcome).sort(), ["retry", "retry", "sent"]);
  assert.equal(await routing.inboxCount(anna), before + 1);
});

test("who lost the lease while it worked delivers nothing: another copy has it", async () => {
  const before = await routing.inboxCount(anna);
  await queue(anna.address);
  const lost = (await leaseNext(mail.store))!;
  await mail.store.transact((tx) =>
    sql`UPDATE outbound_recipient SET next_attempt_at = now() - interval '1 second', lease_until = NULL, lease_owner = NULL
      WHERE state = 'queued'`.execute(tx),
  );
  const taken = (await leaseNext(mail.store))!;
  assert.equal((await attempt(lost))[0]?.outcome, "retry");
  assert.equal(await routing.inboxCount(anna), before);
  assert.equal((await attempt(taken))[0]?.outcome, "sent");
  assert.equal((await attempt(lost))[0]?.outcome, "retry");
  assert.equal(await routing.inboxCount(anna), before + 1);
});

test("what is delivered from the queue keeps the way it came, and is sent on from there", async () => {
  await routing.takeQueue();
  await mail.store.transact((tx) =>
    setForward(tx, anna.access, { addresses: ["anna@perso.example"], keepsCopy: false }),
  );
  await queue(anna.address);
  const lease = (await leaseNext(mail.store))!;
  assert.equal((await attempt(lease))[0]?.outcome, "sent");
  const sent = (await routing.takeQueue()).find((each) => each.to.includes("anna@perso.example"));
  assert.equal(sent?.header, `Delivered-To: ${anna.address}\r\n`);
  assert.match(sent!.text, /^Delivered-To: bea@bourg-fleuri\.example\r\n/);
});

test("an address that is none any more fails for good", async () => {
  await queue("parti@bourg-fleuri.example");
  const lease = (await leaseNext(mail.store))!;
  const [result] = await attempt(lease);
  assert.deepEqual([result?.outcome, result?.status], ["failed", "5.1.1"]);
});
