import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { findMailFaults } from "../harness/mail-invariants.ts";
import { RawSmtp } from "../harness/smtp-suite.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

let suite: TestSuite;
let lea: TownPerson;

before(async () => {
  suite = await startSuite();
  const town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  lea = await town.addPerson("Lea");
});
after(() => suite?.close());

async function inboxCount(): Promise<number> {
  const row = await suite.domain.store.read
    .selectFrom("mailbox")
    .select("total")
    .where("account_id", "=", lea.accountId)
    .where("role", "=", "inbox")
    .executeTakeFirstOrThrow();
  return row.total;
}

async function deliver(): Promise<string> {
  const client = new RawSmtp(connect({ host: "127.0.0.1", port: suite.port("smtp") }));
  const greeting = await client.greeting;
  if (!greeting.startsWith("220")) return greeting;
  await client.begin("paul@ext.example", lea.address);
  client.write("Subject: x\r\n\r\nx\r\n.\r\n");
  const answer = await client.reply();
  client.socket.destroy();
  return answer;
}

test("smtp-source hands in 400 messages of 10 kB over 20 connections, and each is there once", async () => {
  const before = await inboxCount();
  const args = ["-s", "20", "-m", "400", "-l", "10240", "-f", "paul@ext.example", "-t", lea.address];
  const child = spawn("/usr/sbin/smtp-source", [...args, `inet:127.0.0.1:${suite.port("smtp")}`]);
  let output = "";
  child.stderr.on("data", (chunk) => (output += chunk));
  child.stdout.on("data", (chunk) => (output += chunk));
  const timer = setTimeout(() => child.kill("SIGKILL"), 120_000);
  const [code] = await once(child, "close");
  clearTimeout(timer);
  assert.equal(code, 0, output);
  assert.equal((await inboxCount()) - before, 400);
  assert.deepEqual(await findMailFaults(suite.domain.store), []);
});

test("2,000 connections from one address: those beyond the limit are told 421, the others and other ports are served", async () => {
  const limit = suite.config.mail.smtpLimits.maxPerNetwork;
  const sockets: Socket[] = [];
  const counts = { "220": 0, "421": 0, cut: 0 };
  try {
    const greetings = Array.from({ length: 2_000 }, async () => {
      const socket = connect({ host: "127.0.0.1", port: suite.port("smtp") });
      sockets.push(socket);
      const client = new RawSmtp(socket);
      const code = await client.greeting.then(
        (line) => line.slice(0, 3) as "220" | "421",
        () => "cut" as const,
      );
      counts[code] += 1;
    });
    await Promise.all(greetings);
    assert.equal(counts["220"], limit);
    assert.equal(counts["220"] + counts["421"] + counts.cut, 2_000);
    assert.ok(counts["421"] > 0, JSON.stringify(counts));
    const submission = new RawSmtp(connect({ host: "127.0.0.1", port: suite.port("submission") }));
    assert.match(await submission.greeting, /^220 /);
    submission.socket.destroy();
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  // A connection is counted out when its end is seen.
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await deliver();
    if (answer.startsWith("250")) break;
    assert.match(answer, /^421 /);
    assert.ok(Date.now() < deadline, "nobody was let in again");
  }
});

test("clients that send a byte now and then, and never read, hold nobody up", async () => {
  const slow = Array.from({ length: 50 }, () => {
    const socket = connect({ host: "127.0.0.1", port: suite.port("smtp") });
    socket.on("error", () => {});
    socket.pause();
    socket.write("EHLO slow.example\r\nMAIL FROM:<a@b.ex");
    // Answers that are never read, up to the limit of idle commands.
    socket.write("\r\n".repeat(3));
    return socket;
  });
  try {
    const answers = await Promise.all(Array.from({ length: 10 }, deliver));
    for (const answer of answers) assert.match(answer, /^250 /);
  } finally {
    for (const socket of slow) socket.destroy();
  }
});

test("a client that never reads its replies is stopped, not kept in memory", async () => {
  const socket = connect({ host: "127.0.0.1", port: suite.port("smtp") });
  socket.on("error", () => {});
  socket.pause();
  const before = process.memoryUsage().rss;
  socket.write("EHLO x\r\n");
  for (let index = 0; index < 200 && !socket.destroyed; index++) socket.write(Buffer.from("NOOP\r\n".repeat(2_000)));
  assert.match(await deliver(), /^250 /);
  assert.ok(process.memoryUsage().rss - before < 100 * 2 ** 20);
  socket.destroy();
});
