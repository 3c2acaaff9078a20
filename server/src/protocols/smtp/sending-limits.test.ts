import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type RawSmtp, type SmtpPerson, type SmtpSuite, startSmtpSuite } from "../../../test/harness/smtp-suite.ts";
import { grantAccount } from "../../domain/access/grant-account.ts";
import { listPausedSenders, resumeSender } from "../../domain/mail/limits/pause-sender.ts";
import { pausedSenderTopic } from "../../domain/mail/limits/paused-sender-order.ts";
import { defaultSendingLimits, type SendingLimitSettings } from "../../domain/mail/limits/sending-rates.ts";
import { setSendingLimit } from "../../domain/mail/limits/set-sending-limit.ts";
import { pausedSenderHandler } from "../../domain/mail/limits/tell-paused-sender.ts";
import { leaseNext } from "../../domain/mail/submission/lease-next.ts";
import { listQueue } from "../../domain/mail/submission/list-queue.ts";
import { recordAttempt } from "../../domain/mail/submission/record-attempt.ts";
import { searchTrace, traceScopeOf } from "../../domain/mail/trace/search-trace.ts";
import { consumeOne } from "../../store/outbox/outbox.ts";

let suite: SmtpSuite;
afterEach(() => suite.close());

const plain = (login: string, secret: string) => Buffer.from(`\0${login}\0${secret}`).toString("base64");

async function start(sendingLimits: Partial<SendingLimitSettings> = {}): Promise<SmtpPerson> {
  suite = await startSmtpSuite({
    sendingLimits: { ...defaultSendingLimits, ...sendingLimits },
    proxies: ["127.0.0.1"],
  });
  return suite.addPerson("Lea");
}

async function connectFrom(address = "192.0.2.1"): Promise<RawSmtp> {
  const { RawSmtp: Client } = await import("../../../test/harness/smtp-suite.ts");
  const { connect } = await import("node:net");
  const client = new Client(connect({ host: "127.0.0.1", port: suite.submission.port }));
  client.write(`PROXY TCP4 ${address} 198.51.100.1 4660 587\r\n`);
  await client.greeting;
  await client.send("EHLO pc.example");
  await client.startTls();
  await client.send("EHLO pc.example");
  return client;
}

async function signIn(person: SmtpPerson, address?: string): Promise<RawSmtp> {
  const client = await connectFrom(address);
  assert.match(await client.send(`AUTH PLAIN ${plain(person.address, person.secret)}`), /^235 2\.7\.0 /);
  return client;
}

async function submit(client: RawSmtp, from: string, to: string[], header = `From: ${from}`): Promise<string> {
  const sender = await client.send(`MAIL FROM:<${from}>`);
  if (!sender.startsWith("250")) return sender;
  for (const each of to) {
    const answer = await client.send(`RCPT TO:<${each}>`);
    if (!answer.startsWith("250")) return answer;
  }
  await client.send("DATA");
  client.write(`${header}\r\nSubject: x\r\n\r\nx\r\n.\r\n`);
  return client.reply();
}

const tight = { ...defaultSendingLimits.person, messagesPerHour: 2 };

/** As the job does. */
async function runOutbox(): Promise<void> {
  const handlers = { [pausedSenderTopic]: pausedSenderHandler(suite.mail) };
  while ((await consumeOne(suite.mail.store, handlers)).outcome === "done");
}

test("who passes a limit is paused: 450 4.7.1, the queue held, both told once, and resumed by an administrator", async () => {
  const lea = await start({ person: tight });
  const chief = await suite.addPerson("Chef", { roles: ["member_administrator"] });
  const client = await signIn(lea);
  for (let index = 0; index < 2; index++) {
    assert.match(await submit(client, lea.address, ["x@ext.example"]), /^250 /);
  }
  assert.match(await submit(client, lea.address, ["x@ext.example"]), /^450 4\.7\.1 /);
  assert.match(
    await client.send(`MAIL FROM:<${lea.address}>`),
    /^450 4\.7\.1 .*paused/,
    "at MAIL already, the next time",
  );
  const { read } = suite.mail.store;
  assert.deepEqual(
    (await listQueue(read)).map((each) => each.state),
    ["held", "held"],
  );
  const [paused] = await listPausedSenders(read, suite.organizationId);
  assert.equal(paused!.principalId, lea.principalId);
  assert.equal(paused!.reason, "messages");

  await runOutbox();
  for (const reader of [lea, chief]) {
    const inbox = await suite.readInbox(reader);
    assert.equal(inbox.length, 1);
    assert.match(inbox[0]!, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(
      Buffer.from(inbox[0]!.split("\r\n\r\n")[1]!, "base64").toString(),
      /Les envois de Lea <lea@bourg-fleuri\.example> sont suspendus/,
    );
  }

  await resumeSender(suite.mail.store, lea, "test");
  assert.deepEqual(
    (await listQueue(read)).map((each) => each.state),
    ["queued", "queued"],
  );
  assert.match(await submit(client, lea.address, ["x@ext.example"]), /^250 /);
  assert.deepEqual(await listPausedSenders(read), []);
});

test("a limit of one's own wins over that of the organization, and that over the configuration's", async () => {
  const lea = await start({ person: tight });
  const tom = await suite.addPerson("Tom");
  const { store } = suite.mail;
  await setSendingLimit(store, suite.organizationId, { kind: "each_person" }, { messagesPerHour: 1 });
  await setSendingLimit(
    store,
    suite.organizationId,
    { kind: "person", principalId: lea.principalId },
    { messagesPerHour: 0 },
  );
  const one = await signIn(lea);
  for (let index = 0; index < 4; index++) assert.match(await submit(one, lea.address, ["x@ext.example"]), /^250 /);
  const other = await signIn(tom);
  assert.match(await submit(other, tom.address, ["x@ext.example"]), /^250 /);
  assert.match(await submit(other, tom.address, ["x@ext.example"]), /^450 4\.7\.1 /);
});

test("what an organization sends in all is put off, and pauses nobody", async () => {
  const lea = await start({ organization: { ...defaultSendingLimits.organization, recipientsPerHour: 3 } });
  const client = await signIn(lea);
  assert.match(await submit(client, lea.address, ["a@ext.example", "b@ext.example"]), /^250 /);
  assert.match(await submit(client, lea.address, ["a@ext.example", "b@ext.example"]), /^450 4\.7\.1 Your organization/);
  assert.deepEqual(await listPausedSenders(suite.mail.store.read), []);
  assert.match(await submit(client, lea.address, ["a@ext.example"]), /^250 /);
});

test("counts survive this copy of the program and are read by another", async () => {
  const lea = await start({ person: tight });
  const client = await signIn(lea);
  await submit(client, lea.address, ["x@ext.example"]);
  await suite.mail.limits!.usage.flush();
  const { SendingLimits } = await import("../../domain/mail/limits/sending-limits.ts");
  const other = new SendingLimits(suite.mail.store, { ...defaultSendingLimits, person: tight });
  await other.admit(lea, 1);
  await assert.rejects(other.admit(lea, 1), { code: "sending_limited" });
});

test("the marks of a stolen password pause too: recipients that do not exist, many networks", async () => {
  const lea = await start({ unknownRecipientsPerHour: 2, networksPerHour: 2 });
  const client = await signIn(lea);
  await client.send(`MAIL FROM:<${lea.address}>`);
  for (const expected of ["550", "550", "450"]) {
    assert.equal((await client.send(`RCPT TO:<rien@${suite.domain}>`)).slice(0, 3), expected);
  }
  const tom = await suite.addPerson("Tom");
  await signIn(tom, "192.0.2.1");
  await signIn(tom, "192.0.2.200");
  await signIn(tom, "198.51.100.7");
  const fourth = await connectFrom("203.0.113.7");
  assert.match(await fourth.send(`AUTH PLAIN ${plain(tom.address, tom.secret)}`), /^450 4\.7\.1 /);
  const reasons = (await listPausedSenders(suite.mail.store.read)).map((each) => each.reason).sort();
  assert.deepEqual(reasons, ["networks", "unknown_recipients"]);
});

test("recipients that other servers do not know pause the sender at the next message", async () => {
  const lea = await start({ unknownRecipientsPerHour: 1 });
  const client = await signIn(lea);
  assert.match(await submit(client, lea.address, ["a@ext.example", "b@ext.example"]), /^250 /);
  const lease = await leaseNext(suite.mail.store);
  assert.equal(lease?.recipients.length, 2);
  const results = lease!.recipients.map(({ id }) => ({
    recipientId: id,
    outcome: "failed" as const,
    status: "5.1.1",
    reply: "550 5.1.1 Unknown",
    remoteHost: "mx.ext.example",
    relayedWithDsn: false,
  }));
  await recordAttempt(suite.mail.store, lease!, results);
  assert.match(await submit(client, lea.address, ["c@ext.example"]), /^450 4\.7\.1 /);
  const [paused] = await listPausedSenders(suite.mail.store.read);
  assert.equal(paused!.reason, "unknown_recipients");
});

test("an account that may only send sends as itself, and opens nothing else", async () => {
  const lea = await start();
  const printer = await suite.addPerson("Imprimante", { kind: "service" });
  const client = await signIn(printer);
  assert.match(await submit(client, printer.address, [lea.address, "x@ext.example"]), /^250 /);
  assert.match(await submit(client, lea.address, ["x@ext.example"]), /^550 5\.7\.1 /);
  assert.equal((await suite.readInbox(lea)).length, 1);
  const { authenticateClient } = await import("../../domain/identity/authenticate-client.ts");
  for (const scope of ["imap", "dav"] as const) {
    const credentials = { login: printer.address, secret: printer.secret, scope, remoteAddress: "192.0.2.1" };
    await assert.rejects(authenticateClient(suite.identity, credentials), { code: "wrong_credentials" });
  }
  const { verifyCredentials } = await import("../../domain/identity/verify-credentials.ts");
  const typed = { login: printer.address, password: printer.secret, remoteAddress: "192.0.2.1" };
  await assert.rejects(verifyCredentials(suite.identity, typed), { code: "wrong_credentials" });
});

test("who sends on behalf of a mailbox is named in Sender; a Sender of somebody else is refused", async () => {
  const lea = await start();
  const tom = await suite.addPerson("Tom");
  const hall = await suite.addPerson("Mairie", { kind: "shared_mailbox" });
  await suite.mail.store.transact((tx) => grantAccount(tx, hall, lea, ["read", "send_on_behalf"]));
  const client = await signIn(lea);
  assert.match(await submit(client, hall.address, [tom.address]), /^250 /);
  const forged = `From: ${hall.address}\r\nSender: ${tom.address}`;
  assert.match(await submit(client, hall.address, [tom.address], forged), /^550 5\.7\.1 /);
  const right = `From: ${hall.address}\r\nSender: ${lea.address}`;
  assert.match(await submit(client, hall.address, [tom.address], right), /^250 /);
  const inbox = await suite.readInbox(tom);
  assert.equal(inbox.length, 2);
  assert.match(inbox[0]!, /^Sender: Lea <lea@bourg-fleuri\.example>\r$/m);
  assert.equal(inbox[1]!.match(/^Sender:/gm)?.length, 1);
});

test("a person sees the trace of their own mail, an administrator that of the organization, with pages", async () => {
  const lea = await start();
  const tom = await suite.addPerson("Tom");
  const zoe = await suite.addPerson("Zoe");
  const client = await signIn(lea);
  await submit(client, lea.address, [tom.address.replace("@", "+tag@")]);
  await client.send(`MAIL FROM:<${lea.address}>`);
  await client.send(`RCPT TO:<rien@${suite.domain}>`);
  await suite.trace.flush();
  const { read } = suite.mail.store;
  const seenBy = async (person: SmtpPerson, roles: readonly "member_administrator"[] = []) =>
    searchTrace(read, await traceScopeOf(read, { ...person.viewer, roles: new Set(roles) }), {});
  assert.equal((await seenBy(zoe)).rows.length, 0);
  assert.equal((await seenBy(tom)).rows.length, 1, "with a tag too");
  assert.ok((await seenBy(lea)).rows.some((row) => row.outcome === "refused" && row.direction === "out"));
  const all = await seenBy(zoe, ["member_administrator"]);
  const other = await searchTrace(read, { organizationId: crypto.randomUUID(), addresses: undefined }, {});
  assert.equal(other.rows.length, 0);
  const ids: string[] = [];
  for (let page: string | undefined; ; ) {
    const found = await searchTrace(read, "everything", { limit: 1, ...(page !== undefined && { page }) });
    ids.push(...found.rows.map((row) => row.id));
    page = found.next;
    if (page === undefined) break;
  }
  assert.deepEqual(
    ids,
    all.rows.map((row) => row.id),
  );
  await assert.rejects(searchTrace(read, "everything", { page: "x" }), { code: "invalid" });
  assert.equal((await searchTrace(read, "everything", { recipient: "bourg-fleuri" })).rows.length, ids.length);
  assert.equal((await searchTrace(read, "everything", { text: "100%" })).rows.length, 0);
});
