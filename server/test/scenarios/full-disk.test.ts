import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import type { OpenedDomain } from "../../src/open-domain.ts";
import { RawClient, sampleMessage } from "../harness/imap-suite.ts";
import { findMailFaults } from "../harness/mail-invariants.ts";
import { prepareProgram, type RunningProgram } from "../harness/run-program.ts";
import { openSmallDisk, type SmallDisk } from "../harness/small-disk.ts";
import { type SmtpLoad, startSmtpLoad } from "../harness/smtp-load.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

const mebibyte = 2 ** 20;

/** Who may not mount one has none: the guard's own tests are beside it then. */
const smallDisk = await openSmallDisk(600 * mebibyte);
let disk: SmallDisk;
let program: RunningProgram;
let domain: OpenedDomain;
let odile: TownPerson;

before(async () => {
  if (!smallDisk) return;
  disk = smallDisk;
  // Its embedded PostgreSQL too is on the small disk.
  program = await prepareProgram({
    settings: {
      BOUQUET_DATA_DIRECTORY: join(disk.path, "data"),
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
  await smallDisk?.close();
});

function testOnDisk(title: string, run: () => Promise<void>): void {
  if (smallDisk) test(title, run);
}

async function signIn(): Promise<RawClient> {
  const client = new RawClient(connect({ host: "127.0.0.1", port: program.ports.imap, noDelay: true }));
  await client.readLine();
  assert.match((await client.run(`LOGIN ${odile.address} ${odile.appPassword}`)).at(-1)!, /^OK/);
  return client;
}

async function until(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`${what}: ${program.output()}`);
    await delay(50);
  }
}

const last = (lines: readonly string[]): string => lines.at(-1)!;

for (const [label, title, leaving] of [
  ["nearly", "nearly full", 40 * mebibyte],
  ["wholly", "full to the last block", 0],
] as const) {
  testOnDisk(
    `a disk that is ${title} amid deliveries: new mail is put off, reading and deleting go on, and mail comes again once there is room`,
    async () => {
      const session = await signIn();
      assert.match(last(await session.append("INBOX", sampleMessage(`${label} before`))), /^OK/);
      await session.run("SELECT INBOX");
      const [found = ""] = await session.run(`UID SEARCH SUBJECT "${label} before"`);
      const uid = /\d+/.exec(found)![0];
      const load = startSmtpLoad({
        ports: [program.ports.smtp],
        to: [odile.address],
        label,
        count: 120,
        sessions: 4,
      });
      try {
        await load.reaches(40);
        await disk.fill(leaving);
        await untilPutOff(load);
        const atOnce = load.acknowledged.size;
        assert.match(last(await session.append("INBOX", sampleMessage("too much"))), /^NO \[UNAVAILABLE\]/);
        // Reading, flags and deleting: who makes room must be able to.
        const fetched = await session.run(`UID FETCH ${uid} (BODY.PEEK[])`);
        assert.ok(fetched.some((line) => line.includes("Cordialement")) && last(fetched).startsWith("OK"));
        for (const flag of ["\\Seen", "\\Flagged", "\\Deleted"]) {
          assert.match(last(await session.run(`UID STORE ${uid} +FLAGS (${flag})`)), /^OK/);
        }
        assert.match(last(await session.run(`UID EXPUNGE ${uid}`)), /^OK/);
        await (await signIn()).run("LOGOUT");
        assert.equal(load.acknowledged.size, atOnce, "nothing was taken meanwhile");
        await disk.makeRoom();
        await until("mail does not come again", () => load.acknowledged.size >= 120);
      } finally {
        await disk.makeRoom();
        await load.stop();
      }
      for (const answer of load.refusals) assert.match(answer, /^45[12] 4\.3\.[01] /);
      assert.match(last(await session.append("INBOX", sampleMessage(`${label} after`))), /^OK/);
      session.destroy();
      await assertOnce(label, load);
      const rows = await copiesOf(label);
      assert.equal(rows.size, load.acknowledged.size, "what was put off is nowhere");
      assert.equal(program.process.exitCode, null);
    },
  );
}

testOnDisk(
  "PostgreSQL that finds no room for its log is started again on the reserve, and loses nothing that was acknowledged",
  async () => {
    const load = startSmtpLoad({
      ports: [program.ports.smtp],
      to: [odile.address],
      label: "log",
      count: 90,
      sessions: 4,
    });
    const cluster = join(disk.path, "data", "postgres-18", "cluster");
    const readPid = async () =>
      (await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "")).split("\n")[0];
    const reserve = join(disk.path, "data", "reserve");
    try {
      await load.reaches(30);
      const pid = await readPid();
      assert.ok(existsSync(reserve));
      await disk.fill(0);
      await until("PostgreSQL goes on without room", async () => {
        // Each begins a new file of the log.
        await sql`SELECT pg_logical_emit_message(true, 'test', 'x'), pg_switch_wal()`
          .execute(domain.store.read)
          .catch(() => {});
        return (await readPid()) !== pid;
      });
      await until("the program is not ready again", () => isReady());
      assert.ok(!existsSync(reserve), "the reserve was given up");
      const session = await signIn();
      assert.match(last(await session.run("SELECT INBOX")), /^OK/);
      session.destroy();
      await disk.makeRoom();
      await until("mail does not come again", () => load.acknowledged.size >= 90);
    } finally {
      await disk.makeRoom();
      await load.stop();
    }
    await assertOnce("log", load);
  },
);

async function copiesOf(label: string): Promise<Map<string, number>> {
  const rows = await sql<{ subject: string; copies: number }>`
    SELECT m.subject, count(*) AS copies FROM message m
    JOIN mailbox_message mm ON mm.organization_id = m.organization_id AND mm.message_id = m.id
    WHERE m.subject LIKE ${`${label}-%`} GROUP BY 1`.execute(domain.store.read);
  return new Map(rows.rows.map((row) => [row.subject, row.copies]));
}

async function assertOnce(label: string, load: SmtpLoad): Promise<void> {
  const copies = await copiesOf(label);
  for (const subject of load.acknowledged) assert.equal(copies.get(subject), 1, subject);
  for (const [subject, count] of copies) assert.equal(count, 1, subject);
  assert.deepEqual(await findMailFaults(domain.store), []);
}

const isReady = () =>
  fetch(`http://127.0.0.1:${program.ports.http}/ready`).then(
    (response) => response.status === 200,
    () => false,
  );

/** Until each session was put off once more than what was under way when the disk became full. */
async function untilPutOff(load: SmtpLoad): Promise<void> {
  const before = load.refusals.length;
  await until("new mail is still taken", () => load.refusals.length >= before + 8);
  assert.match(load.refusals.at(-1)!, /^452 4\.3\.1 /);
}
