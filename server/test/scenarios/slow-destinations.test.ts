import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { changeQueue } from "../../src/domain/mail/submission/change-queue.ts";
import { highestConcurrency } from "../../src/domain/mail/submission/destinations.ts";
import { submitMessage } from "../../src/domain/mail/submission/submit-message.ts";
import { type SmtpSink, startSmtpSink } from "../harness/smtp-sink.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";
import { until } from "../harness/until.ts";

const minute = 60_000;
const hour = 60 * minute;

/** What a bad server does with the bytes of a message: takes one a second, hangs up amid them, or never answers. */
type Manner = "trickles" | "dies" | "hangs" | "defers";

interface BadServer {
  readonly port: number;
  /** Connections in which DATA was begun and not ended. */
  readonly busy: Set<Socket>;
  /** The most there were at once. */
  most: number;
  /** How often DATA was begun. */
  taken: number;
  close(): Promise<void>;
}

async function startBadServer(manner: Manner): Promise<BadServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      bad.busy.delete(socket);
    });
    socket.write("220 bad.example ESMTP\r\n");
    const lines = createInterface({ input: socket });
    lines.on("line", (line) => {
      if (bad.busy.has(socket)) return;
      if (/^RCPT/i.test(line) && manner === "defers") socket.write("451 4.7.1 Try again later\r\n");
      else if (/^DATA/i.test(line)) beginData();
      else if (/^QUIT/i.test(line)) socket.end("221 2.0.0 Bye\r\n");
      else socket.write("250 2.0.0 Ok\r\n");
    });
    const beginData = (): void => {
      bad.busy.add(socket);
      bad.taken++;
      bad.most = Math.max(bad.most, bad.busy.size);
      socket.write("354 Go ahead\r\n");
      if (manner === "dies") return void socket.once("data", () => socket.destroy());
      lines.close();
      if (manner === "hangs") return void socket.resume();
      socket.removeAllListeners("data").pause();
      const timer = setInterval(() => socket.read(1), 1_000);
      socket.on("close", () => clearInterval(timer));
    };
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bad: BadServer = {
    port: (server.address() as AddressInfo).port,
    busy: new Set(),
    most: 0,
    taken: 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return bad;
}

let servers: Record<Manner, BadServer>;
let sink: SmtpSink;
let suite: TestSuite;
let odile: TownPerson;

before(async () => {
  sink = await startSmtpSink();
  const manners: readonly Manner[] = ["trickles", "dies", "hangs", "defers"];
  const started = await Promise.all(manners.map(async (manner) => [manner, await startBadServer(manner)] as const));
  servers = Object.fromEntries(started) as Record<Manner, BadServer>;
  const routes = started.flatMap(([manner, { port }]) => [
    `${manner}.example=127.0.0.1:${port}`,
    `*.${manner}.example=127.0.0.1:${port}`,
  ]);
  suite = await startSuite({
    settings: { BOUQUET_MAIL_ROUTES: [...routes, `*=127.0.0.1:${sink.port}`].join(",") },
  });
  odile = await (await createTownHall(suite.domain, "Les Essarts", "essarts.example")).addPerson("Odile Martin");
});
after(async () => {
  // First, so that the program does not wait for their answers.
  await Promise.all(Object.values(servers).map((each) => each.close()));
  await suite?.close();
  await sink?.close();
});

async function submit(subject: string, recipients: readonly string[], size = 200): Promise<string> {
  const head = `From: ${odile.address}\r\nTo: ${recipients[0]}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@essarts.example>\r\n\r\n`;
  const bytes = Buffer.from(head + "Bonjour,\r\n".repeat(size / 10));
  const { outboundId } = await submitMessage({ ...suite.domain.mail, secrets: suite.domain.secrets }, odile.viewer, {
    source: {
      size: bytes.length,
      open: (range) =>
        (async function* () {
          yield bytes.subarray(range?.start ?? 0, range?.end);
        })() as never,
    },
    returnPath: odile.address,
    recipients: recipients.map((address) => ({ address })),
  });
  return outboundId;
}

const sunk = (pattern: RegExp) => sink.messages.flatMap((each) => each.to).filter((address) => pattern.test(address));

test("destinations that trickle, hang and die, more of them than are tried at once, do not keep mail from the others", async () => {
  // Each domain a destination of its own: no limit for one destination helps here.
  for (let n = 0; n < 20; n++) {
    await submit(`h${n}`, [`x@d${n}.hangs.example`]);
    await submit(`t${n}`, [`x@d${n}.trickles.example`], 40_000);
  }
  for (let n = 0; n < 5; n++) await submit(`d${n}`, [`x@d${n}.dies.example`], 40_000);
  await until("the bad servers are not tried", () => servers.hangs.busy.size + servers.trickles.busy.size >= 20);
  for (let n = 0; n < 40; n++) await submit(`g${n}`, [`g${n}@good.example`]);
  await until("the good server waits", () => sunk(/good/).length >= 40);
  assert.ok(servers.hangs.busy.size + servers.trickles.busy.size >= 20, "the bad servers still keep us");
  assert.equal(new Set(sunk(/good/)).size, 40);

  // Each that died amid the data is put off, and was not tried twice at once.
  const put = await until("those that died are not put off", async () => {
    const rows = await sql<{ attempts: number; wait: number; state: string }>`
      SELECT attempts, state, extract(epoch FROM next_attempt_at - now()) * 1000 AS wait FROM outbound_recipient
      WHERE domain LIKE '%.dies.example' AND attempts > 0`.execute(suite.domain.store.read);
    return rows.rows.length === 5 && rows.rows;
  });
  for (const { attempts, wait, state } of put) {
    assert.deepEqual([attempts, state], [1, "queued"]);
    assert.ok(wait > 4 * minute && wait < 6 * minute, `${wait} ms`);
  }
  assert.equal(servers.dies.taken, 5);
});

test("many messages to one destination that hangs take no more connections than one destination may have", async () => {
  const before = servers.hangs.taken;
  for (let n = 0; n < 30; n++) await submit(`one${n}`, [`x${n}@hangs.example`]);
  await until("it is not tried", () => servers.hangs.taken > before);
  await submit("past", ["past@good.example"]);
  await until("the good server waits", () => sunk(/^past@/).length === 1);
  assert.ok(servers.hangs.taken - before <= highestConcurrency, `${servers.hangs.taken - before} at once`);
});

/** How many messages with this subject the sender has. */
async function told(subject: string): Promise<number> {
  const found = await suite.domain.store.read
    .selectFrom("message")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("account_id", "=", odile.accountId)
    .where("subject", "=", subject)
    .executeTakeFirstOrThrow();
  return Number(found.count);
}

test("a destination that puts off for five days is tried ever less often; the sender is told once of the delay and once of the failure", async () => {
  const outboundId = await submit("Patience", ["x@defers.example", "patient@good.example"]);
  const waits: number[] = [];
  let elapsed = 0;
  let delayToldAt: number | undefined;
  for (let attempts = 1; ; attempts++) {
    const row = await until(`no attempt ${attempts}`, async () => {
      const found = await sql<{ state: string; status: string; wait: number }>`
        SELECT state, last_status AS status, extract(epoch FROM next_attempt_at - now()) * 1000 AS wait
        FROM outbound_recipient WHERE outbound_id = ${outboundId} AND domain = 'defers.example' AND attempts >= ${attempts}
          AND lease_until IS NULL`.execute(suite.domain.store.read);
      return found.rows[0];
    });
    if (elapsed >= 4 * hour && delayToldAt === undefined) {
      await until("the sender is not told of the delay", async () => (await told("Message en attente : Patience")) > 0);
      delayToldAt = elapsed;
    }
    if (elapsed < 4 * hour)
      assert.equal(await told("Message en attente : Patience"), 0, `after ${elapsed / hour} hours`);
    if (row.state === "failed") {
      assert.equal(row.status, "5.4.7");
      break;
    }
    assert.deepEqual([row.state, row.status], ["queued", "4.7.1"]);
    waits.push(row.wait);
    elapsed += row.wait;
    await passTime(row.wait);
    await changeQueue(suite.domain.store, { outboundId }, "retry");
  }
  await until("the sender is not told of the failure", async () => (await told("Message non remis : Patience")) > 0);
  assert.ok(elapsed >= 119.9 * hour && elapsed < 125 * hour, `given up after ${elapsed / hour} hours`);
  assert.ok(delayToldAt !== undefined && delayToldAt < 8.5 * hour);
  for (const [index, wait] of waits.slice(0, -1).entries()) {
    const expected = Math.min(4 * hour, 5 * minute * 2 ** index);
    assert.ok(wait > expected * 0.9 && wait < expected * 1.15, `pause ${index}: ${wait / minute} minutes`);
  }
  assert.ok(waits.length < 45, `${waits.length} attempts`);
  // Nothing more is said, and who had it has it once.
  assert.equal(await told("Message en attente : Patience"), 1);
  assert.equal(await told("Message non remis : Patience"), 1);
  assert.deepEqual(sunk(/^patient@/), ["patient@good.example"]);
});

/** As if it were so much later: what the database knows of the times is moved back. */
async function passTime(ms: number): Promise<void> {
  await suite.domain.store.transact(async (tx) => {
    const interval = sql`make_interval(secs => ${ms / 1_000})`;
    await sql`UPDATE outbound_message SET send_at = send_at - ${interval}, expires_at = expires_at - ${interval}
      WHERE subject = 'Patience'`.execute(tx);
    await sql`UPDATE outbound_destination SET paused_until = paused_until - ${interval}
      WHERE domain = 'defers.example'`.execute(tx);
  });
}
