import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { ImapFlow } from "imapflow";
import { sql } from "kysely";
import { addGroupMembers } from "../../src/domain/identity/add-group-members.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import { sampleMessage } from "../harness/imap-suite.ts";
import { findMailFaults } from "../harness/mail-invariants.ts";
import { prepareProgram, type RunningProgram } from "../harness/run-program.ts";
import { startSmtpLoad } from "../harness/smtp-load.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTestDatabase } from "../harness/test-database.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";
import { until } from "../harness/until.ts";

const list = "accueil@essarts.example";
const deliveryCount = 120;
const appendCount = 40;

let suites: readonly [TestSuite, TestSuite];
let odile: TownPerson;

before(async () => {
  const first = await startSuite();
  suites = [first, await startSuite({ beside: first })];
  const hall = await createTownHall(first.domain, "Les Essarts", "essarts.example");
  odile = await hall.addPerson("Odile Martin");
  const quotas = { mail: 1e9, files: 0 };
  const group = await createPrincipalWithServices(first.domain.store, hall.organizationId, {
    kind: "group",
    displayName: "Accueil",
    address: list,
    quotas,
  });
  await first.domain.store.transact((tx) => addGroupMembers(tx, group, [odile.principalId]));
});
after(async () => {
  await suites?.[1].close();
  await suites?.[0].close();
});

async function connect(port: number, person: TownPerson): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: "127.0.0.1",
    port,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: person.address, pass: person.appPassword },
    logger: false,
    qresync: true,
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Uid, flags and subject of each message, as a client that asks for all is told. */
async function view(client: ImapFlow): Promise<{ uids: number[]; lines: string[] }> {
  const messages = await client.fetchAll("1:*", { uid: true, flags: true, envelope: true });
  return {
    uids: messages.map((each) => each.uid),
    lines: messages.map((each) => `${each.uid} ${[...each.flags!].sort().join(" ")} ${each.envelope!.subject}`),
  };
}

test("two copies that deliver to one mailbox and are read at once give every client the same, each message and UID once", async () => {
  const imaps = suites.map((suite) => suite.port("imaps"));
  // Two readers on each copy who only watch, as phones do: what they are told must add up.
  const watchers = await Promise.all([...imaps, ...imaps].map((port) => connect(port, odile)));
  for (const watcher of watchers) await watcher.mailboxOpen("INBOX");

  // To the person, and as a mailing does: several sessions, many messages on each, the person by two ways in one.
  const load = startSmtpLoad({
    ports: suites.map((suite) => suite.port("smtp")),
    to: [odile.address, list],
    label: "in",
    count: deliveryCount,
    sessions: 6,
  });
  const appended = new Set<string>();
  const append = async (label: string, port: number): Promise<void> => {
    const client = await connect(port, odile);
    for (let n = 0; n < appendCount; n++) {
      const subject = `${label}-${n}`;
      const answer = await client.append("INBOX", Buffer.from(sampleMessage(subject)), ["\\Seen"]);
      assert.ok(answer && answer.uid !== undefined);
      appended.add(`${answer.uid} ${subject}`);
    }
    await client.logout();
  };
  const removed = new Set<number>();
  const sweep = async (port: number): Promise<void> => {
    const client = await connect(port, odile);
    await client.mailboxOpen("INBOX");
    while (removed.size < 20) {
      const [uid] = (await client.search({ flagged: false, seen: false }, { uid: true })) || [];
      if (uid === undefined) continue;
      await client.messageFlagsAdd(`${uid}`, ["\\Flagged"], { uid: true });
      if (await client.messageDelete(`${uid}`, { uid: true })) removed.add(uid);
    }
    await client.logout();
  };
  await Promise.all([load.done, append("a", imaps[0]!), append("b", imaps[1]!), sweep(imaps[0]!), sweep(imaps[1]!)]);
  assert.deepEqual(load.refusals, []);

  const fresh = await Promise.all(imaps.map((port) => connect(port, odile)));
  for (const client of fresh) await client.mailboxOpen("INBOX");
  const [one, other] = await Promise.all(fresh.map(view));
  assert.deepEqual(one, other);
  const { uids, lines } = one!;
  assert.equal(uids.length, load.acknowledged.size + appended.size - removed.size);
  assert.deepEqual(
    uids,
    [...new Set(uids)].sort((a, b) => a - b),
    "UIDs ascend and are used once",
  );
  const subjects = new Set(lines.map((line) => line.split(" ").at(-1)!));
  assert.equal(subjects.size, lines.length, "each message is there once");
  for (const each of appended) {
    const [uid, subject] = each.split(" ");
    assert.ok(removed.has(Number(uid)) || lines.some((line) => line === `${uid} \\Seen ${subject}`), each);
  }
  assert.ok(uids.every((uid) => !removed.has(uid)));
  for (const watcher of watchers) {
    await until(
      "a watcher was not told of all",
      () => watcher.mailbox !== false && watcher.mailbox.exists === uids.length,
    );
    assert.deepEqual(await view(watcher), one);
  }
  await Promise.all([...fresh, ...watchers].map((client) => client.logout()));
  assert.deepEqual(await findMailFaults(suites[0].domain.store), []);
});

/** The processes that the program started and that run now. */
async function copiesOf(program: RunningProgram): Promise<number[]> {
  const { pid } = program.process;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.trim().split(" ").filter(Boolean).map(Number);
}

test("kill -9 of one of two copies amid deliveries loses nothing that was answered 250, and it is replaced", async () => {
  const database = await createTestDatabase();
  const program = await prepareProgram({
    settings: { DATABASE_URL: database.connectionString, BOUQUET_COPIES: "2" },
  });
  try {
    await program.start();
    const domain = await program.openDomain();
    const marc = await (await createTownHall(domain, "Val-Joli", "val-joli.example")).addPerson("Marc Petit");
    const before = await copiesOf(program);
    assert.equal(before.length, 2);
    const ports = [program.ports.smtp];
    const load = startSmtpLoad({ ports, to: [marc.address], label: "k", count: 150, sessions: 6 });
    try {
      await load.reaches(50);
      process.kill(before[0]!, "SIGKILL");
      await until("the deliveries do not go on", () => load.acknowledged.size >= 150);
      await until("the copy is not replaced", async () => (await copiesOf(program)).length === 2);
    } finally {
      await load.stop();
    }
    assert.deepEqual(
      load.refusals.filter((each) => !/broke|ECONN|closed/i.test(each)),
      [],
    );
    const found = await sql<{ subject: string; copies: number }>`
      SELECT m.subject, count(*) AS copies FROM message m
      JOIN mailbox_message mm ON mm.organization_id = m.organization_id AND mm.message_id = m.id
      WHERE m.account_id = ${marc.accountId} GROUP BY 1`.execute(domain.store.read);
    const copies = new Map(found.rows.map((row) => [row.subject, row.copies]));
    for (const subject of load.acknowledged) assert.equal(copies.get(subject), 1, subject);
    for (const [subject, count] of copies) assert.equal(count, 1, subject);
    assert.deepEqual(await findMailFaults(domain.store), []);
    await domain.close();
  } finally {
    await program.remove();
    await database.drop();
  }
});
