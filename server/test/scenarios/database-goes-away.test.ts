import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import { highestConcurrency } from "../../src/domain/mail/submission/destinations.ts";
import { submitMessage } from "../../src/domain/mail/submission/submit-message.ts";
import type { OpenedDomain } from "../../src/open-domain.ts";
import { RawClient, sampleMessage } from "../harness/imap-suite.ts";
import { findMailFaults } from "../harness/mail-invariants.ts";
import { prepareProgram, type RunningProgram } from "../harness/run-program.ts";
import { startSmtpLoad } from "../harness/smtp-load.ts";
import { type SmtpSink, startSmtpSink } from "../harness/smtp-sink.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

const queuedCount = 40;

let directory: string;
let server: ChildProcess;
let program: RunningProgram;
let sink: SmtpSink;
let domain: OpenedDomain;
let odile: TownPerson;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "bouquet-gone-"));
  const runner = join(import.meta.dirname, "../programs/run-postgres.ts");
  server = spawn(process.execPath, [runner, directory, "60"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(server.stdout!, "data");
  sink = await startSmtpSink();
  program = await prepareProgram({
    settings: {
      DATABASE_URL: JSON.parse(String(line)).connectionString,
      BOUQUET_MAIL_ROUTES: `*=127.0.0.1:${sink.port}`,
      BOUQUET_ALLOW_PLAIN_AUTH_ON_LOOPBACK: "true",
    },
  });
  await program.start();
  domain = await program.openDomain();
  odile = await (await createTownHall(domain, "Les Essarts", "essarts.example")).addPerson("Odile Martin");
});
after(async () => {
  await domain?.close();
  await program?.remove();
  server.kill("SIGCONT");
  server.kill("SIGTERM");
  await once(server, "exit");
  await sink?.close();
  await rm(directory, { recursive: true, force: true });
});

/** As `pg_ctl stop -m immediate`: every connection ends at once, and what was not committed is gone. */
async function stopDatabase(): Promise<void> {
  const pid = Number(
    (await readFile(join(directory, "postgres-18", "cluster", "postmaster.pid"), "utf8")).split("\n")[0],
  );
  process.kill(pid, "SIGQUIT");
}

async function signIn(): Promise<RawClient> {
  const client = new RawClient(connect({ host: "127.0.0.1", port: program.ports.imap, noDelay: true }));
  await client.readLine();
  const lines = await client.run(`LOGIN ${odile.address} ${odile.appPassword}`);
  if (lines.at(-1)!.startsWith("OK")) return client;
  client.destroy();
  throw new Error(lines.at(-1));
}

/** Appends until told to stop, signing in again when the connection ends. @returns subjects that were answered OK, and other answers */
function startAppending(label: string) {
  const acknowledged = new Set<string>();
  const refusals: string[] = [];
  let isStopped = false;
  const work = async (): Promise<void> => {
    let client: RawClient | undefined;
    for (let n = 0; !isStopped; n++) {
      try {
        client ??= await signIn();
        const subject = `${label}-${n}`;
        const [answer = ""] = (await client.append("Archives", sampleMessage(subject))).slice(-1);
        if (answer.startsWith("OK")) acknowledged.add(subject);
        else refusals.push(answer);
      } catch (error) {
        refusals.push(String(error));
        client?.destroy();
        client = undefined;
      }
      if (refusals.length > 0) await delay(20);
    }
    client?.destroy();
  };
  const done = work();
  const stop = (): Promise<void> => {
    isStopped = true;
    return done;
  };
  return { acknowledged, refusals, stop };
}

async function submit(subject: string): Promise<void> {
  const bytes = Buffer.from(
    `From: ${odile.address}\r\nTo: ${subject}@ext.example\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@essarts.example>\r\n\r\nBonjour\r\n`,
  );
  await submitMessage({ ...domain.mail, secrets: domain.secrets }, odile.viewer, {
    source: {
      size: bytes.length,
      open: (range) =>
        (async function* () {
          yield bytes.subarray(range?.start ?? 0, range?.end);
        })() as never,
    },
    returnPath: odile.address,
    recipients: [{ address: `${subject}@ext.example` }],
  });
}

async function until(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`${what}: ${program.output()}`);
    await delay(50);
  }
}

const isReady = () =>
  fetch(`http://127.0.0.1:${program.ports.http}/ready`).then(
    (response) => response.status === 200,
    () => false,
  );

/** Copies in the mailboxes of each message with a subject that begins so. */
async function countCopies(label: string): Promise<Map<string, number>> {
  const found = await sql<{ subject: string; copies: number }>`
    SELECT m.subject, count(*) AS copies FROM message m
    JOIN mailbox_message mm ON mm.organization_id = m.organization_id AND mm.message_id = m.id
    WHERE m.subject LIKE ${`${label}-%`} GROUP BY 1`.execute(domain.store.read);
  return new Map(found.rows.map((row) => [row.subject, row.copies]));
}

async function assertOnce(label: string, acknowledged: ReadonlySet<string>): Promise<void> {
  const copies = await countCopies(label);
  for (const subject of acknowledged) assert.equal(copies.get(subject), 1, subject);
  for (const [subject, count] of copies) assert.equal(count, 1, subject);
}

for (const [label, title, messageCount, interrupt] of [
  ["restart", "restarted at once", 300, stopDatabase],
  ["outage", "gone for five seconds", 150, goAway],
] as const) {
  test(`the database is ${title} amid ${messageCount} deliveries, IMAP and sending: nothing is lost or doubled, all goes on`, async () => {
    const pid = program.process.pid;
    for (let n = 0; n < queuedCount; n++) await submit(`${label}-q${n}`);
    const load = startSmtpLoad({
      ports: [program.ports.smtp],
      to: [odile.address],
      label: `${label}-in`,
      count: messageCount,
      sessions: 6,
    });
    const appending = [startAppending(`${label}-a`), startAppending(`${label}-b`)];
    try {
      await load.reaches(messageCount / 3);
      await interrupt();
      await until("the program is not ready again", isReady);
      await until("the deliveries do not go on", () => load.acknowledged.size >= messageCount);
    } finally {
      server.kill("SIGCONT");
      await load.stop();
      for (const each of appending) await each.stop();
    }
    for (const answer of load.refusals) assert.match(answer, /^4\d\d |broke|ECONN|closed/i, program.output());
    for (const answer of appending.flatMap((each) => each.refusals)) {
      assert.match(answer, /UNAVAILABLE|closed/, program.output());
    }

    await assertOnce(`${label}-in`, load.acknowledged);
    await assertOnce(`${label}-a`, appending[0]!.acknowledged);
    await assertOnce(`${label}-b`, appending[1]!.acknowledged);
    await untilAllSent(label);
    const sent = new Map<string, number>();
    for (const { to } of sink.messages) {
      if (to[0]!.startsWith(`${label}-q`)) sent.set(to[0]!, (sent.get(to[0]!) ?? 0) + 1);
    }
    assert.equal(sent.size, queuedCount, "all left");
    // What the other server took while we could not note it leaves again: no more than were under way.
    const again = [...sent.values()].filter((count) => count > 1);
    assert.ok(again.length <= highestConcurrency && again.every((count) => count === 2), `again: ${again}`);
    assert.equal(program.process.pid, pid);
    assert.equal(program.process.exitCode, null);
    assert.deepEqual(await findMailFaults(domain.store), []);
  });
}

/** Nobody starts it again meanwhile. What is asked of the program then is answered, and not by silence. */
async function goAway(): Promise<void> {
  const session = await signIn();
  await session.run("SELECT INBOX");
  server.kill("SIGSTOP");
  const since = performance.now();
  await stopDatabase();
  await until("the program says that it is ready", async () => !(await isReady()));
  const answers = await session.run("STATUS Archives (MESSAGES)");
  assert.match(answers.at(-1)!, /^NO \[UNAVAILABLE\]/);
  await assert.rejects(signIn(), /^Error: NO \[UNAVAILABLE\]/);
  const ports = [program.ports.smtp];
  const other = startSmtpLoad({ ports, to: [odile.address], label: "never", count: 1, sessions: 1 });
  await until("no answer by SMTP", () => other.refusals.length > 0).finally(() => other.stop());
  assert.match(other.refusals[0]!, /^4[25]1 4\.3\./);
  await delay(Math.max(0, 5_000 - (performance.now() - since)));
  server.kill("SIGCONT");
  await until("the program is not ready again", isReady);
  // The session that was open all the time goes on.
  assert.match((await session.run("STATUS Archives (MESSAGES)")).at(-1)!, /^OK/);
  session.destroy();
}

/** Attempts that were under way when the database went are due again when their leases end: brought forward. */
async function untilAllSent(label: string): Promise<void> {
  await until("messages still wait", async () => {
    await domain.store.transact((tx) =>
      sql`UPDATE outbound_recipient SET next_attempt_at = now(), lease_until = NULL, lease_owner = NULL
        WHERE state = 'queued' AND lease_until < now() + interval '110 seconds'`.execute(tx),
    );
    const waiting =
      await sql`SELECT FROM outbound_recipient WHERE state <> 'sent' AND address LIKE ${`${label}-%`}`.execute(
        domain.store.read,
      );
    return waiting.rows.length === 0;
  });
}
