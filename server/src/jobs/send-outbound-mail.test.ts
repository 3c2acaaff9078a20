import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { sql } from "kysely";
import { authenticate } from "mailauth";
import { simpleParser } from "mailparser";
import { findMailFaults } from "../../test/harness/mail-invariants.ts";
import { type SmtpSink, startSmtpSink } from "../../test/harness/smtp-sink.ts";
import { type SmtpPerson, type SmtpSuite, startSmtpSuite } from "../../test/harness/smtp-suite.ts";
import { allRights, type Right } from "../domain/access/account-access.ts";
import { attemptDelivery } from "../domain/mail/submission/attempt-delivery.ts";
import { cancelSubmission } from "../domain/mail/submission/cancel-submission.ts";
import { changeQueue } from "../domain/mail/submission/change-queue.ts";
import { listDnsRecords } from "../domain/mail/submission/dns-records.ts";
import { type Lease, leaseNext, releaseLease, renewLease } from "../domain/mail/submission/lease-next.ts";
import { countQueue, listQueue } from "../domain/mail/submission/list-queue.ts";
import { notificationTopic } from "../domain/mail/submission/notification-order.ts";
import { purgeFinishedSubmissions } from "../domain/mail/submission/purge-finished.ts";
import { recordAttempt } from "../domain/mail/submission/record-attempt.ts";
import { notificationHandler } from "../domain/mail/submission/send-notification.ts";
import { type Submission, submitMessage } from "../domain/mail/submission/submit-message.ts";
import { consumeNext } from "../domain/operation/consume-outbox.ts";
import { createMailTransport } from "../outbound/smtp-client/deliver-by-smtp.ts";
import { silentLogger } from "../telemetry/logger.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { startOutboundMail } from "./send-outbound-mail.ts";

let suite: SmtpSuite;
let sink: SmtpSink;
let lea: SmtpPerson;
let count = 0;

before(async () => {
  suite = await startSmtpSuite();
  sink = await startSmtpSink();
});
beforeEach(async () => {
  lea = await suite.addPerson(`Lea${++count}`);
  sink.messages.length = 0;
  suite.dns.set("MX", "ext.example", [{ exchange: "mx.ext.example", priority: 10 }]);
  suite.dns.set("A", "mx.ext.example", ["127.0.0.1"]);
});
afterEach(async () => {
  // Leased ones too, which nobody could drop.
  await suite.mail.store.transact((tx) =>
    sql`UPDATE outbound_recipient SET state = 'canceled' WHERE state IN ('queued', 'held')`.execute(tx),
  );
  await suite.mail.store.transact((tx) => sql`DELETE FROM outbound_destination`.execute(tx));
});
after(async () => {
  assert.deepEqual(await findMailFaults(suite.mail.store), []);
  await sink.close();
  await suite.close();
});

const deps = () => ({
  ...suite.mail,
  transport: createMailTransport({
    resolver: suite.dns,
    heloName: "mx.bouquet.example",
    routes: [],
    mxPort: sink.port,
    timeouts: { connectMs: 30_000, greetingMs: 30_000, idleMs: 30_000 },
  }),
});

function submit(recipients: string[], changes: Partial<Submission> = {}) {
  const bytes = Buffer.from(
    `From: Léa <${lea.address}>\r\nTo: ${recipients.join(", ")}\r\nSubject: =?utf-8?Q?R=C3=A9union?=\r\nMessage-ID: <r${count}@x.example>\r\n\r\nBonjour é\r\n.\r\n`,
  );
  return submitMessage(suite.mail, lea.viewer, {
    source: { size: bytes.length, open: (range) => readable(bytes.subarray(range?.start ?? 0, range?.end)) },
    returnPath: lea.address,
    recipients: recipients.map((address) => ({ address })),
    ...changes,
  });
}

function readable(bytes: Buffer) {
  return (async function* () {
    if (bytes.length > 0) yield bytes;
  })() as never;
}

/** Does everything that is due, as the job would. */
async function sendAllDue(): Promise<void> {
  for (let lease = await leaseNext(suite.mail.store); lease; lease = await leaseNext(suite.mail.store)) {
    await attemptDelivery(deps(), lease, new AbortController().signal);
  }
}

async function notifyAll(): Promise<void> {
  const handlers = { [notificationTopic]: notificationHandler(suite.mail) };
  for (;;) {
    const { outcome, error } = await consumeNext(suite.mail.store, handlers);
    if (outcome === "failed") throw error;
    if (outcome === "empty") return;
  }
}

const stateOf = async (outboundId: string) =>
  (
    await listQueue(suite.mail.store.read, { outboundId, states: ["queued", "held", "sent", "failed", "canceled"] })
  ).map((each) => [each.to, each.state, each.lastStatus]);

/** Moves a message into the past. */
async function age(outboundId: string, hours: number): Promise<void> {
  await suite.mail.store.transact((tx) =>
    sql`UPDATE outbound_message SET send_at = send_at - make_interval(hours => ${hours}),
        expires_at = expires_at - make_interval(hours => ${hours}) WHERE id = ${outboundId}`.execute(tx),
  );
  await changeQueue(suite.mail.store, { outboundId }, "retry");
}

test("the job sends a queued message, signed with the key that DNS is told", async () => {
  const job = startOutboundMail({ deps: deps(), log: silentLogger, metrics: createMetrics() });
  try {
    const { outboundId } = await submit(["paul@ext.example", "anne@ext.example"]);
    await sink.received(1);
    const [message] = sink.messages;
    assert.deepEqual(message!.to.toSorted(), ["anne@ext.example", "paul@ext.example"]);
    for (const record of await listDnsRecords(suite.mail.store.read, suite.domain, {
      hostName: "mx.bouquet.example",
      imapsPort: 993,
      submissionsPort: 465,
      submissionPort: undefined,
    })) {
      if (record.type !== "TXT") continue;
      const text = [...record.value.matchAll(/"([^"]*)"/g)].map((match) => match[1]!);
      suite.dns.set("TXT", record.name.replace(/\.$/, ""), [text]);
    }
    const result = await authenticate(message!.bytes, {
      ip: "127.0.0.1",
      helo: "x",
      sender: lea.address,
      resolver: suite.dns.resolve as never,
    });
    assert.deepEqual(
      result.dkim.results
        .map((each) => [each.algo, each.status.result, each.signingDomain, each.status.aligned])
        .toSorted(),
      [
        ["ed25519-sha256", "pass", suite.domain, suite.domain],
        ["rsa-sha256", "pass", suite.domain, suite.domain],
      ],
    );
    assert.ok(result.dmarc !== false && result.dmarc.status.result === "pass");
    await job.stop(5_000);
    assert.deepEqual(
      (await stateOf(outboundId)).map(([, state, status]) => [state, status]),
      [
        ["sent", "2.0.0"],
        ["sent", "2.0.0"],
      ],
    );
  } finally {
    await job.stop(0);
  }
});

test("a message put off by 4xx is tried again later and then arrives once", async () => {
  sink.rcptReplies.set("paul@ext.example", [{ code: 451, text: "4.7.1 Greylisted" }]);
  const { outboundId } = await submit(["paul@ext.example"]);
  await sendAllDue();
  const [waiting] = await listQueue(suite.mail.store.read, { outboundId });
  assert.deepEqual([waiting!.state, waiting!.lastStatus, waiting!.attempts], ["queued", "4.7.1", 1]);
  const minutes = (waiting!.nextAttemptAt.getTime() - Date.now()) / 60_000;
  assert.ok(minutes > 4.9 && minutes < 5.6, `${minutes} minutes`);
  await sendAllDue();
  assert.equal(sink.messages.length, 0);
  await changeQueue(suite.mail.store, { outboundId }, "retry");
  await sendAllDue();
  await sendAllDue();
  assert.equal(sink.messages.length, 1);
  assert.deepEqual(await stateOf(outboundId), [["paul@ext.example", "sent", "2.0.0"]]);
});

test("a recipient refused for good comes back as a notification that a person understands", async () => {
  sink.rcptReplies.set("paule@ext.example", [{ code: 550, text: "5.1.1 <paule@ext.example>: User unknown" }]);
  const { outboundId } = await submit(["paule@ext.example", "anne@ext.example"]);
  await sendAllDue();
  await notifyAll();
  assert.equal(sink.messages.length, 1);
  const [text, ...others] = await suite.readInbox(lea);
  assert.equal(others.length, 0);
  assert.match(text!, /^Return-Path: <>\r\n/);
  assert.match(text!, /^Auto-Submitted: auto-replied\r$/m);
  assert.match(text!, /^Content-Type: multipart\/report; report-type=delivery-status;/m);
  assert.match(
    text!,
    /Final-Recipient: rfc822; paule@ext\.example\r\nAction: failed\r\nStatus: 5\.1\.1\r\nRemote-MTA: dns; mx\.ext\.example\r\n/,
  );
  const parsed = await simpleParser(Buffer.from(text!, "latin1"));
  assert.equal(parsed.subject, "Message non remis : Réunion");
  assert.equal(parsed.inReplyTo, `<r${count}@x.example>`);
  assert.match(parsed.text!, /Votre message « Réunion » du .* n’a pas pu être remis à ce destinataire :/);
  assert.match(parsed.text!, /paule@ext\.example\n.*Pourquoi : cette adresse n’existe pas chez le destinataire/);
  assert.match(parsed.text!, /Que faire : Vérifiez l’orthographe/);
  assert.doesNotMatch(parsed.text!, /anne@/);
  assert.deepEqual((await stateOf(outboundId)).map((each) => each[1]).toSorted(), ["failed", "sent"]);
});

test("a notification reaches a mailbox that is full, and its own failure causes no other", async () => {
  await suite.mail.store.transact((tx) =>
    sql`UPDATE quota SET limit_bytes = 0 WHERE account_id = ${lea.accountId}`.execute(tx),
  );
  sink.dataReplies.push({ code: 554, text: "5.7.1 Looks like spam" });
  await submit(["paul@ext.example"]);
  await sendAllDue();
  await notifyAll();
  assert.equal((await suite.readInbox(lea)).length, 1);

  sink.dataReplies.push({ code: 554, text: "5.7.1 No" });
  const receipt = await submit(["paul@ext.example"], { returnPath: "" });
  await sendAllDue();
  await notifyAll();
  assert.deepEqual(await stateOf(receipt.outboundId), [["paul@ext.example", "failed", "5.7.1"]]);
  assert.equal((await suite.readInbox(lea)).length, 1);
});

test("a dead host is tried for five days: a notice after four hours, once, and a bounce at the end", async () => {
  suite.dns.set("A", "mx.ext.example", ["127.66.66.66"]);
  const { outboundId } = await submit(["paul@ext.example"]);
  await sendAllDue();
  await notifyAll();
  assert.equal((await suite.readInbox(lea)).length, 0);
  await age(outboundId, 5);
  await sendAllDue();
  await changeQueue(suite.mail.store, { outboundId }, "retry");
  await sendAllDue();
  await notifyAll();
  const delayed = await suite.readInbox(lea);
  assert.equal(delayed.length, 1);
  assert.match(delayed[0]!, /Action: delayed\r\nStatus: 4\.4\.1\r\n/);
  assert.match(delayed[0]!, /Will-Retry-Until: /);
  const parsed = await simpleParser(Buffer.from(delayed[0]!, "latin1"));
  assert.equal(parsed.subject, "Message en attente : Réunion");
  assert.match(parsed.text!, /le serveur du destinataire ne répond pas/);
  await age(outboundId, 120);
  await sendAllDue();
  await notifyAll();
  const [, bounce] = await suite.readInbox(lea);
  assert.match(bounce!, /Action: failed\r\nStatus: 5\.4\.7\r\n/);
  assert.deepEqual(await stateOf(outboundId), [["paul@ext.example", "failed", "5.4.7"]]);
});

test("copies of the program that lease at the same time never take the same recipient", async () => {
  for (let index = 0; index < 12; index++) {
    suite.dns.set("A", `d${index}.example`, ["127.0.0.1"]);
    await submit([`a@d${index}.example`, `b@d${index}.example`]);
  }
  const leases: Lease[] = [];
  const lessee = async (): Promise<void> => {
    for (let lease = await leaseNext(suite.mail.store); lease; lease = await leaseNext(suite.mail.store))
      leases.push(lease);
  };
  await Promise.all([lessee(), lessee(), lessee(), lessee()]);
  const taken = leases.flatMap((lease) => lease.recipients.map((recipient) => recipient.id));
  assert.equal(taken.length, 24);
  assert.equal(new Set(taken).size, 24);
});

test("two jobs on one queue send each message once", async () => {
  const jobs = [1, 2].map(() => startOutboundMail({ deps: deps(), log: silentLogger, metrics: createMetrics() }));
  try {
    for (let index = 0; index < 20; index++) await submit([`x${index}@ext.example`]);
    await sink.received(20);
  } finally {
    await Promise.all(jobs.map((job) => job.stop(5_000)));
  }
  assert.deepEqual(
    sink.messages.flatMap((each) => each.to).toSorted(),
    Array.from({ length: 20 }, (_, index) => `x${index}@ext.example`).toSorted(),
  );
});

test("no more messages than allowed are under way to one domain, all copies together", async () => {
  for (let index = 0; index < 6; index++) await submit([`x${index}@ext.example`]);
  const options = { maxPerDomain: 2, leaseSeconds: 60 };
  const leases = await Promise.all([1, 2, 3, 4, 5].map(() => leaseNext(suite.mail.store, options)));
  assert.equal(leases.filter((lease) => lease !== undefined).length, 2);
});

test("a lease whose process died is taken again after its time, and what the dead one says late is ignored", async () => {
  await submit(["paul@ext.example"]);
  const first = await leaseNext(suite.mail.store, { maxPerDomain: 4, leaseSeconds: 0 });
  const second = await leaseNext(suite.mail.store);
  assert.equal(second!.recipients[0]!.id, first!.recipients[0]!.id);
  await recordAttempt(suite.mail.store, first!, [
    {
      recipientId: first!.recipients[0]!.id,
      outcome: "failed",
      status: "5.0.0",
      reply: "late",
      remoteHost: null,
      relayedWithDsn: false,
    },
  ]);
  assert.deepEqual(await stateOf(second!.outboundId), [["paul@ext.example", "queued", null]]);
});

test("a lease is prolonged while it is held, and given back at once", async () => {
  await submit(["paul@ext.example"]);
  const lease = await leaseNext(suite.mail.store, { maxPerDomain: 4, leaseSeconds: 0 });
  assert.equal(await renewLease(suite.mail.store, lease!), true);
  assert.equal(await leaseNext(suite.mail.store), undefined);
  await releaseLease(suite.mail.store, lease!);
  const next = await leaseNext(suite.mail.store);
  assert.equal(next!.outboundId, lease!.outboundId);
  assert.equal(await renewLease(suite.mail.store, lease!), false);
});

const all = new Set(allRights);

test("a message for later can be taken back, then nobody gets it, colleagues neither", async () => {
  const tom = await suite.addPerson(`Tom${count}`);
  const sendAt = new Date(Date.now() + 60_000);
  const { outboundId } = await submit([tom.address, "paul@ext.example"], { sendAt });
  await sendAllDue();
  assert.deepEqual([sink.messages.length, (await suite.readInbox(tom)).length], [0, 0]);
  const reader = { ...lea, rights: new Set<Right>(["read", "write"]) };
  await assert.rejects(cancelSubmission(suite.mail.store, reader, outboundId), { code: "forbidden" });
  await cancelSubmission(suite.mail.store, { ...lea, rights: all }, outboundId);
  await changeQueue(suite.mail.store, { outboundId }, "retry");
  await sendAllDue();
  assert.deepEqual([sink.messages.length, (await suite.readInbox(tom)).length], [0, 0]);
  await assert.rejects(cancelSubmission(suite.mail.store, { ...tom, rights: all }, outboundId), { code: "not_found" });
});

test("a message for later reaches colleagues when its time has come, without leaving the house", async () => {
  const tom = await suite.addPerson(`Tom${count}`);
  const { outboundId } = await submit([tom.address], { sendAt: new Date(Date.now() + 60_000) });
  await changeQueue(suite.mail.store, { outboundId }, "retry");
  await sendAllDue();
  assert.equal((await suite.readInbox(tom)).length, 1);
  assert.equal(sink.messages.length, 0);
  await assert.rejects(cancelSubmission(suite.mail.store, { ...lea, rights: all }, outboundId), { code: "conflict" });
});

test("the operator holds, releases and drops what waits", async () => {
  const { outboundId } = await submit(["paul@ext.example"]);
  assert.equal(await changeQueue(suite.mail.store, { domain: "ext.example" }, "hold"), 1);
  await sendAllDue();
  assert.equal(sink.messages.length, 0);
  assert.deepEqual((await countQueue(suite.mail.store.read)).held, 1);
  assert.equal(await changeQueue(suite.mail.store, { outboundId }, "release"), 1);
  await sendAllDue();
  assert.equal(sink.messages.length, 1);
  const other = await submit(["anne@ext.example"]);
  assert.equal(await changeQueue(suite.mail.store, { outboundId: other.outboundId }, "drop"), 1);
  await sendAllDue();
  await notifyAll();
  assert.equal(sink.messages.length, 1);
  assert.deepEqual(await suite.readInbox(lea), []);
});

test("what was finished long ago is forgotten with its bytes, what waits is not", async () => {
  const sent = await submit(["paul@ext.example"]);
  await sendAllDue();
  suite.dns.set("A", "mx.ext.example", ["127.66.66.66"]);
  const waiting = await submit(["paul@ext.example"]);
  const future = new Date(Date.now() + 60_000);
  await purgeFinishedSubmissions(suite.mail.store, suite.mail.blobs, future);
  assert.deepEqual(await stateOf(sent.outboundId), []);
  assert.equal((await stateOf(waiting.outboundId)).length, 1);
  const references = await suite.mail.store.read
    .selectFrom("blob_reference")
    .select("owner_id")
    .where("kind", "=", "outbound")
    .where("owner_id", "in", [sent.outboundId, waiting.outboundId])
    .execute();
  assert.deepEqual(
    references.map((row) => row.owner_id),
    [waiting.outboundId],
  );
});

test("a success asked for is told, by us when the next server does not promise to", async () => {
  const { outboundId } = await submit([], {
    recipients: [{ address: lea.address, notify: ["SUCCESS"], orcpt: `rfc822;${lea.address}` }],
    dsn: { ret: "HDRS", envid: "E7" },
  });
  await notifyAll();
  const inbox = await suite.readInbox(lea);
  assert.equal(inbox.length, 2);
  const report = inbox.find((text) => text.includes("multipart/report"));
  assert.match(report!, /Original-Envelope-Id: E7\r\n/);
  assert.match(
    report!,
    /Original-Recipient: rfc822;lea[^\r]*\r\nFinal-Recipient: [^\r]*\r\nAction: delivered\r\nStatus: 2\.1\.5/,
  );
  assert.deepEqual(await stateOf(outboundId), [[lea.address, "sent", "2.1.5"]]);
});

test("a stop waits for the message under way", async () => {
  const slow = await startSmtpSink({
    onData(stream, _session, callback) {
      stream.resume();
      stream.on("end", () => {
        release = () => callback(null, "late");
        reached.resolve();
      });
    },
  });
  let release = (): void => {};
  const reached = Promise.withResolvers<void>();
  const transport = createMailTransport({ resolver: suite.dns, heloName: "a.example", routes: [], mxPort: slow.port });
  const job = startOutboundMail({ deps: { ...suite.mail, transport }, log: silentLogger, metrics: createMetrics() });
  const { outboundId } = await submit(["paul@ext.example"]);
  await reached.promise;
  const stopped = job.stop(30_000);
  release();
  await stopped;
  assert.deepEqual(
    (await stateOf(outboundId)).map((each) => each[1]),
    ["sent"],
  );
  await slow.close();
});
