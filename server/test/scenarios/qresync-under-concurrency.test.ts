import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startListener } from "../../src/net/listener.ts";
import { openTls } from "../../src/net/tls.ts";
import { serveClient } from "../../src/protocols/imap/serve-client.ts";
import { openStore } from "../../src/store/database.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";
import { type ImapSuite, type MailPerson, RawClient, sampleMessage, startImapSuite } from "../harness/imap-suite.ts";
import { findMailFaults } from "../harness/mail-invariants.ts";
import { SyncedMailbox } from "../harness/synced-mailbox.ts";

/** How long the writers write; 60 for a thorough run. */
const seconds = Number(process.env.BOUQUET_TEST_SYNC_SECONDS ?? 8);
const writerCount = 8;
const clientCount = 4;

let suite: ImapSuite;
/** Ports of two copies of the program on one database: what one remembers of a mailbox, the other changes. */
let ports: number[];
let closeCopy: () => Promise<void>;

before(async () => {
  suite = await startImapSuite();
  const store = await openStore({
    connectionString: suite.connectionString,
    maxConnections: 10,
    onConnectionError: () => {},
  });
  const directory = await mkdtemp(join(tmpdir(), "bouquet-copy-"));
  const listener = await startListener({
    name: "IMAP",
    listen: { host: "127.0.0.1", port: 0 },
    tls: await openTls({ files: undefined, directory, hostNames: ["localhost"], log: silentLogger }),
    implicitTls: false,
    log: silentLogger,
    onConnection: (connection) =>
      serveClient(connection, {
        ...suite.deps,
        mail: { ...suite.mail, store },
        identity: { ...suite.deps.identity, store },
      }),
  });
  ports = [suite.port, listener.port];
  closeCopy = async () => {
    await listener.close(5_000);
    await store.close();
    await rm(directory, { recursive: true, force: true });
  };
});
after(async () => {
  await closeCopy();
  await suite.close();
});

async function signIn(person: MailPerson, copy: number): Promise<RawClient> {
  const client = new RawClient(connect({ host: "127.0.0.1", port: ports[copy % ports.length]!, noDelay: true }));
  await client.readLine();
  await client.run(`LOGIN ${person.address} ${person.secret}`);
  return client;
}

const flags = ["\\Seen", "\\Flagged", "\\Answered", "$Forwarded", "urgent"];
const pick = <T>(from: readonly T[]): T => from[randomInt(from.length)]!;

/** Appends, flags, copies, moves and expunges what is there, at random, until told to stop. */
async function write(person: MailPerson, number: number, isOver: () => boolean): Promise<number> {
  const client = await signIn(person, number);
  await client.run("SELECT INBOX");
  let count = 0;
  for (; !isOver(); count++) {
    const [found = ""] = await client.run("UID SEARCH ALL");
    const uids = found.match(/\d+/g) ?? [];
    const some = (): string => Array.from({ length: randomInt(1, 4) }, () => pick(uids)).join(",");
    const turn = uids.length < 5 ? 0 : uids.length > 60 ? 9 : randomInt(10);
    if (turn <= 2) await client.append("INBOX", sampleMessage(`w${number}-${count}`), `(${pick(flags)}) `);
    else if (turn <= 6) await client.run(`UID STORE ${some()} ${pick(["+", "-", ""])}FLAGS.SILENT (${pick(flags)})`);
    else if (turn === 7) await client.run(`UID COPY ${some()} INBOX`);
    else if (turn === 8) await client.run(`UID MOVE ${some()} Archive`);
    else {
      const gone = some();
      await client.run(`UID STORE ${gone} +FLAGS.SILENT (\\Deleted)`);
      await client.run(`UID EXPUNGE ${gone}`);
    }
  }
  client.destroy();
  return count;
}

test("eight writers on two copies of the program and four clients that synchronize end with identical mailboxes", async () => {
  const person = await suite.addPerson();
  const setUp = await signIn(person, 0);
  await setUp.run("CREATE Archive");
  for (let number = 0; number < 20; number++) await setUp.append("INBOX", sampleMessage(`start ${number}`));
  const end = performance.now() + seconds * 1_000;
  const isOver = (): boolean => performance.now() > end;
  const clients = Array.from({ length: clientCount }, () => new SyncedMailbox());
  const follow = async (mailbox: SyncedMailbox, number: number): Promise<void> => {
    for (let connection = number; !isOver(); connection++) {
      const client = await signIn(person, connection);
      await mailbox.resume(client, "INBOX");
      // Some stay for long, some come back soon: what is told meanwhile, and what is asked for on coming back.
      for (let turn = randomInt(1, 30); turn > 0 && !isOver(); turn--) await mailbox.follow(client);
      client.destroy();
    }
  };
  const [counts] = await Promise.all([
    Promise.all(Array.from({ length: writerCount }, (_, number) => write(person, number, isOver))),
    Promise.all(clients.map(follow)),
  ]);
  assert.ok(
    counts.every((count) => count > 0),
    `each writer wrote: ${counts}`,
  );

  const whole = new SyncedMailbox();
  await whole.resume(await signIn(person, 0), "INBOX");
  const otherWhole = new SyncedMailbox();
  await otherWhole.resume(await signIn(person, 1), "INBOX");
  assert.deepEqual(otherWhole.view(), whole.view(), "both copies of the program say the same");
  for (const [number, mailbox] of clients.entries()) {
    await mailbox.resume(await signIn(person, number), "INBOX");
    assert.deepEqual(mailbox.view(), whole.view(), `client ${number}`);
  }
  const rows = await suite.mail.store.read
    .selectFrom("mailbox_message as c")
    .innerJoin("mailbox as m", (join) =>
      join.onRef("m.organization_id", "=", "c.organization_id").onRef("m.id", "=", "c.mailbox_id"),
    )
    .select(["c.uid", "c.flags", "c.modseq"])
    .where("m.role", "=", "inbox")
    .where("m.account_id", "=", person.accountId!)
    .orderBy("c.uid")
    .execute();
  assert.deepEqual(
    whole.view(),
    rows.map(({ uid, flags: set, modseq }) => `${uid} ${[...set].sort().join(" ")} ${modseq}`),
  );
  assert.deepEqual(await findMailFaults(suite.mail.store), []);
});
