import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { sql } from "kysely";
import { type SmtpSink, startSmtpSink } from "../../test/harness/smtp-sink.ts";
import { type SmtpPerson, type SmtpSuite, startSmtpSuite } from "../../test/harness/smtp-suite.ts";
import { attemptDelivery } from "../domain/mail/submission/attempt-delivery.ts";
import { changeQueue } from "../domain/mail/submission/change-queue.ts";
import { highestConcurrency, listPausedDestinations, pauseMs } from "../domain/mail/submission/destinations.ts";
import { holdMessagesOf, releaseHeld } from "../domain/mail/submission/held-messages.ts";
import { type Lease, leaseNext } from "../domain/mail/submission/lease-next.ts";
import { listQueue } from "../domain/mail/submission/list-queue.ts";
import type { QueueSelection } from "../domain/mail/submission/select-queue.ts";
import { submitMessage } from "../domain/mail/submission/submit-message.ts";
import { createMailTransport } from "../outbound/smtp-client/deliver-by-smtp.ts";
import type { SmtpRoute } from "../outbound/smtp-client/smtp-client-options.ts";
import { silentLogger } from "../telemetry/logger.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { startOutboundMail } from "./send-outbound-mail.ts";

let suite: SmtpSuite;
let sink: SmtpSink;
let lea: SmtpPerson;
let count = 0;
const servers: Server[] = [];
const sockets = new Set<Socket>();

before(async () => {
  suite = await startSmtpSuite();
  sink = await startSmtpSink();
  lea = await suite.addPerson("Lea");
});
beforeEach(() => {
  sink.messages.length = 0;
});
afterEach(async () => {
  await suite.mail.store.transact((tx) =>
    sql`UPDATE outbound_recipient SET state = 'canceled' WHERE state IN ('queued', 'held')`.execute(tx),
  );
  await suite.mail.store.transact((tx) => sql`DELETE FROM outbound_destination`.execute(tx));
});
after(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  await sink.close();
  await suite.close();
});

const to = (domain: string, port: number): SmtpRoute => ({ pattern: domain, via: { host: "127.0.0.1", port } });

function deps(...routes: SmtpRoute[]) {
  const transport = createMailTransport({
    resolver: suite.dns,
    heloName: "mx.bouquet.example",
    routes: [...routes, to("*", sink.port)],
    idleMs: 200,
    timeouts: { connectMs: 30_000, greetingMs: 30_000, idleMs: 60_000 },
  });
  return { ...suite.mail, transport };
}

async function submit(...recipients: string[]): Promise<string> {
  const bytes = Buffer.from(
    `From: ${lea.address}\r\nSubject: x\r\nMessage-ID: <${++count}@x.example>\r\n\r\nBonjour\r\n`,
  );
  const { outboundId } = await submitMessage(suite.mail, lea.viewer, {
    source: {
      size: bytes.length,
      open: (range) =>
        (async function* () {
          yield bytes.subarray(range?.start ?? 0, range?.end);
        })() as never,
    },
    returnPath: lea.address,
    recipients: recipients.map((address) => ({ address })),
  });
  return outboundId;
}

async function sendAllDue(given = deps()): Promise<number> {
  let leases = 0;
  for (let lease = await leaseNext(suite.mail.store); lease; lease = await leaseNext(suite.mail.store)) {
    await attemptDelivery(given, lease, new AbortController().signal);
    leases++;
  }
  given.transport.close?.();
  return leases;
}

async function listening(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const statesOf = async (selection: QueueSelection) =>
  (
    await listQueue(suite.mail.store.read, { states: ["queued", "held", "sent", "failed", "canceled"], ...selection })
  ).map((each) => each.state);

async function leaseAll(): Promise<Lease[]> {
  const leases: Lease[] = [];
  for (let lease = await leaseNext(suite.mail.store); lease; lease = await leaseNext(suite.mail.store))
    leases.push(lease);
  return leases;
}

test("a destination begins with two messages at once and gets one more for each that it takes", async () => {
  for (let index = 0; index < 20; index++) await submit(`x${index}@doux.example`);
  const first = await leaseAll();
  assert.equal(first.length, 2);
  for (const lease of first) await attemptDelivery(deps(), lease, new AbortController().signal);
  assert.equal((await leaseAll()).length, 4);
  await suite.mail.store.transact((tx) =>
    sql`UPDATE outbound_destination SET concurrency = ${highestConcurrency}`.execute(tx),
  );
  assert.equal((await leaseAll()).length, highestConcurrency - 4);
});

test("a destination that cannot be reached is left alone, all its messages together, and no other is", async () => {
  const given = deps(to("mort.example", await closedPort()));
  for (let index = 0; index < 5; index++) await submit(`x${index}@mort.example`);
  await submit("y@vif.example");
  assert.equal(await sendAllDue(given), 2, "one attempt, and the message for the other");
  const [rest, ...others] = await listPausedDestinations(suite.mail.store.read);
  assert.deepEqual([rest!.domain, rest!.failures, others.length], ["mort.example", 1, 0]);
  assert.equal(sink.messages.length, 1);
  const waiting = await listQueue(suite.mail.store.read, { domain: "mort.example" });
  assert.deepEqual(waiting.map((each) => each.attempts).toSorted(), [0, 0, 0, 0, 1]);
  assert.ok(waiting.every((each) => each.nextAttemptAt > new Date()));
  assert.equal(await changeQueue(suite.mail.store, { domain: "mort.example" }, "retry"), 5);
  assert.deepEqual(await listPausedDestinations(suite.mail.store.read), []);
  await sendAllDue();
  assert.equal(sink.messages.length, 6);
});

test("a message whose time is over, or whose sender must hear, is dealt with while its destination rests", async () => {
  const given = deps(to("mort.example", await closedPort()));
  const old = await submit("x@mort.example");
  await sendAllDue(given);
  const late = await submit("y@mort.example");
  const waiting = await submit("z@mort.example");
  await suite.mail.store.transact((tx) =>
    sql`UPDATE outbound_message SET send_at = send_at - interval '5 days', expires_at = now() WHERE id = ${old}`.execute(
      tx,
    ),
  );
  await suite.mail.store.transact((tx) =>
    sql`UPDATE outbound_message SET send_at = send_at - interval '5 hours' WHERE id = ${late}`.execute(tx),
  );
  await suite.mail.store.transact((tx) =>
    sql`UPDATE outbound_recipient SET next_attempt_at = now() WHERE outbound_id = ${old}`.execute(tx),
  );
  assert.equal(await sendAllDue(given), 2);
  const entries = await listQueue(suite.mail.store.read, { states: ["queued", "failed"], domain: "mort.example" });
  assert.deepEqual(
    entries.map((each) => [each.outboundId, each.state, each.attempts]),
    [
      [old, "failed", 2],
      [late, "queued", 1],
      [waiting, "queued", 0],
    ],
  );
});

test("a few messages put off pause nothing; a server that puts off all of them is left alone", async () => {
  const submitMany = async (domain: string, deferred: number): Promise<void> => {
    for (let index = 0; index < 8; index++) {
      const address = `x${index}@${domain}`;
      await submit(address);
      if (index < deferred) sink.rcptReplies.set(address, [{ code: 451, text: "4.7.1 Later" }]);
    }
  };
  await submitMany("grise.example", 4);
  assert.equal(await sendAllDue(), 8);
  assert.deepEqual([sink.messages.length, await listPausedDestinations(suite.mail.store.read)], [4, []]);
  await submitMany("noire.example", 8);
  assert.equal(await sendAllDue(), 5);
  assert.deepEqual(
    (await listPausedDestinations(suite.mail.store.read)).map((each) => each.domain),
    ["noire.example"],
  );
});

test("the pause doubles from a minute up to an hour", () => {
  assert.deepEqual([1, 2, 3, 7, 50].map(pauseMs), [60_000, 120_000, 240_000, 3_600_000, 3_600_000]);
});

test("a slow server does not hold the mail for others", { timeout: 60_000 }, async () => {
  const port = await listening((socket) => {
    socket.write("220 lent\r\n");
  });
  const slow = ["lent1", "lent2", "lent3", "lent4"].map((name) => `${name}.example`);
  for (const domain of slow) for (const index of [1, 2]) await submit(`x${index}@${domain}`);
  const job = startOutboundMail({
    deps: deps(...slow.map((domain) => to(domain, port))),
    log: silentLogger,
    metrics: createMetrics(),
    concurrency: 4,
    slowMs: 50,
  });
  try {
    for (let index = 0; index < 5; index++) await submit(`y${index}@vif.example`);
    await sink.received(5);
  } finally {
    await job.stop(0);
  }
});

test("a server that dies in the middle of the data gets the message again, once", async () => {
  let connections = 0;
  const port = await listening((socket) => {
    connections++;
    socket.write("220 mourant\r\n");
    socket.on("data", (chunk) => {
      const text = chunk.toString("latin1");
      if (text.startsWith("DATA")) socket.write("354 go\r\n");
      else if (/^(EHLO|MAIL|RCPT)/.test(text)) socket.write("250 ok\r\n");
      else socket.destroy();
    });
  });
  const id = await submit("x@mourant.example");
  await sendAllDue(deps(to("mourant.example", port)));
  const [entry] = await listQueue(suite.mail.store.read, { outboundId: id });
  assert.deepEqual([entry!.state, entry!.lastStatus, connections], ["queued", "4.4.2", 1]);
  await changeQueue(suite.mail.store, { outboundId: id }, "retry");
  await sendAllDue();
  assert.deepEqual([sink.messages.length, await statesOf({ outboundId: id })], [1, ["sent"]]);
});

test("a refusal at each stage, for now or for good, is what the queue says", async () => {
  for (const stage of ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "."] as const) {
    for (const code of [450, 554] as const) {
      const port = await listening((socket) => {
        const reply = (verb: string, usual: string): void => {
          socket.write(verb === stage ? `${code} ${String(code)[0]}.7.0 Non\r\n` : `${usual}\r\n`);
        };
        let isData = false;
        reply("greeting", "220 a");
        socket.on("data", (chunk) => {
          const text = chunk.toString("latin1");
          if (isData) {
            if (!text.endsWith(".\r\n")) return;
            isData = false;
            reply(".", "250 2.0.0 ok");
          } else if (text.startsWith("DATA")) {
            isData = stage !== "DATA";
            reply("DATA", "354 go");
          } else if (/^QUIT/.test(text)) socket.end("221 bye\r\n");
          else if (/^HELO/.test(text)) reply("EHLO", "250 a");
          else reply(text.slice(0, 4), "250 ok");
        });
      });
      const id = await submit("x@refus.example");
      await sendAllDue(deps(to("refus.example", port)));
      const [entry] = await listQueue(suite.mail.store.read, { outboundId: id, states: ["queued", "failed"] });
      // What a server says before it is told of the message is about itself, and may be otherwise tomorrow.
      const isForGood = code === 554 && stage !== "greeting" && stage !== "EHLO";
      assert.deepEqual(
        [entry!.state, entry!.lastStatus],
        isForGood ? ["failed", "5.7.0"] : ["queued", "4.7.0"],
        `${code} at ${stage}`,
      );
      await suite.mail.store.transact((tx) => sql`DELETE FROM outbound_destination`.execute(tx));
      await changeQueue(suite.mail.store, { outboundId: id }, "drop");
    }
  }
});

test("connections are kept for the next message to the same server", async () => {
  const before = sink.connections;
  for (let index = 0; index < 6; index++) await submit(`x${index}@vif.example`);
  await sendAllDue();
  assert.deepEqual([sink.messages.length, sink.connections - before], [6, 1]);
});

test("what an account has in the queue is held for a reason and let go by the same", async () => {
  const id = await submit("x@vif.example", "y@vif.example");
  const hold = (reason: string) => suite.mail.store.transact((tx) => holdMessagesOf(tx, lea, reason));
  const release = (reason: string) => suite.mail.store.transact((tx) => releaseHeld(tx, { account: lea }, reason));
  assert.equal(await hold("sender_paused"), 2);
  assert.equal(await sendAllDue(), 0);
  const held = await listQueue(suite.mail.store.read, { heldReason: "sender_paused", sender: lea.address });
  assert.deepEqual(
    held.map((each) => [each.outboundId, each.state]),
    [
      [id, "held"],
      [id, "held"],
    ],
  );
  assert.equal(await release("awaiting_scan"), 0);
  assert.equal(await release("sender_paused"), 2);
  await sendAllDue();
  assert.deepEqual(await statesOf({ outboundId: id }), ["sent", "sent"]);
});

test("the queue is chosen by sender, destination, state and account", async () => {
  const tom = await suite.addPerson("Tom");
  await submit("x@un.example");
  const two = await submit("x@deux.example");
  const select = async (selection: QueueSelection) =>
    (await listQueue(suite.mail.store.read, selection)).map((each) => each.to);
  assert.deepEqual(await select({ sender: lea.address.toUpperCase(), domain: "un.example" }), ["x@un.example"]);
  assert.deepEqual(await select({ sender: tom.address }), []);
  assert.deepEqual(await select({ accountId: tom.accountId }), []);
  assert.deepEqual(await select({ sender: "<>" }), []);
  assert.equal(await changeQueue(suite.mail.store, { outboundId: two }, "hold"), 1);
  assert.deepEqual(await select({ states: ["held"] }), ["x@deux.example"]);
  assert.equal(await changeQueue(suite.mail.store, { accountId: lea.accountId, states: ["held"] }, "drop"), 1);
  assert.deepEqual(await select({}), ["x@un.example"]);
});

test("what leaves is in the trace: queued, put off, sent or given up", async () => {
  sink.rcptReplies.set("a@trace.example", [{ code: 451, text: "4.7.1 Later" }]);
  sink.rcptReplies.set("b@trace.example", [{ code: 550, text: "5.1.1 Nobody" }]);
  const id = await submit("a@trace.example", "b@trace.example");
  await sendAllDue();
  await changeQueue(suite.mail.store, { outboundId: id }, "retry");
  await sendAllDue();
  const rows = await suite.mail.store.read
    .selectFrom("mail_trace")
    .select(["recipient", "outcome", "status", "message_id", "subject", "direction"])
    .where("recipient", "like", "%@trace.example")
    .orderBy("recipient")
    .orderBy("at")
    .execute();
  assert.deepEqual(
    rows.map((row) => [row.recipient[0], row.outcome, row.status]),
    [
      ["a", "queued", ""],
      ["a", "deferred", "4.7.1"],
      ["a", "sent", "2.0.0"],
      ["b", "queued", ""],
      ["b", "failed", "5.1.1"],
    ],
  );
  assert.ok(
    rows.every((row) => row.message_id === `<${count}@x.example>` && row.subject === "x" && row.direction === "out"),
  );
});
