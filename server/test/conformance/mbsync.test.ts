import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { appendMessages } from "../../src/domain/mail/append-messages.ts";
import { createMailbox } from "../../src/domain/mail/create-mailbox.ts";
import { expungeMessages } from "../../src/domain/mail/expunge-messages.ts";
import { listMailboxes } from "../../src/domain/mail/list-mailboxes.ts";
import { moveMessages } from "../../src/domain/mail/move-messages.ts";
import { stageBytes } from "../../src/domain/mail/stage-message.ts";
import { storeFlags } from "../../src/domain/mail/store-flags.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

const total = 10_000;
/** A run that takes longer, in milliseconds, is ended and fails. */
const deadline = 300_000;

let suite: TestSuite;
let person: TownPerson;
let directory: string;
let inboxId: string;
let archiveId: string;

before(async () => {
  suite = await startSuite();
  const town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  person = await town.addPerson("Nadia Benali");
  directory = await mkdtemp(join(tmpdir(), "bouquet-mbsync-"));
  const mailboxes = await listMailboxes(suite.domain.store.read, person.access);
  inboxId = mailboxes.find((each) => each.role === "inbox")!.id;
  archiveId = (await createMailbox(suite.domain.mail, person.access, { name: "Élus & délibérations", parentId: null }))
    .id;
  for (let from = 0; from < total; from += 500) await addToInbox(from, from + 500);
  await mkdir(join(directory, "mail"));
  await writeFile(
    join(directory, "mbsyncrc"),
    `IMAPAccount town
Host 127.0.0.1
Port ${suite.port("imap")}
User ${person.address}
Pass ${person.appPassword}
SSLType None
AuthMechs LOGIN
Timeout 120

IMAPStore far
Account town

MaildirStore near
Path ${directory}/mail/
Inbox ${directory}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
CopyArrivalDate yes
`,
  );
});
after(async () => {
  await suite.close();
  await rm(directory, { recursive: true, force: true });
});

function messageText(number: number): string {
  return `From: Prefecture <prefecture@etat.example>\r\nTo: nadia@bourg-fleuri.example\r\nSubject: =?utf-8?Q?D=C3=A9lib=C3=A9ration?= ${number}\r\nMessage-ID: <${number}@etat.example>\r\nDate: Mon, 23 Nov 2026 08:30:00 +0100\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nLigne ${number}\r\n`;
}

async function addToInbox(from: number, to: number): Promise<void> {
  const messages = [];
  for (let number = from; number < to; number++) {
    const staged = await stageBytes(suite.domain.mail, Buffer.from(messageText(number)));
    messages.push({
      ...staged,
      mailboxId: inboxId,
      flags: [],
      receivedAt: new Date(Date.UTC(2026, 10, 1, 0, 0, number)),
    });
  }
  await appendMessages(suite.domain.mail, person.access, messages);
}

/** Runs mbsync; `until` ends it in the middle when it says so. */
async function mbsync(until?: () => Promise<boolean>): Promise<{ code: number | null; output: string }> {
  const child = spawn("mbsync", ["-c", join(directory, "mbsyncrc"), "-a"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HOME: directory },
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const ended = once(child, "close") as Promise<[number | null]>;
  const timer = setTimeout(() => child.kill("SIGKILL"), deadline);
  let isRunning = true;
  void ended.then(() => {
    isRunning = false;
  });
  while (until && isRunning) {
    if (await until()) child.kill("SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [code] = await ended;
  clearTimeout(timer);
  return { code, output };
}

/** As the person's own program sees them: Message-ID → flags, with one entry for each copy. */
async function readNear(mailbox: string): Promise<[id: string, flags: string][]> {
  const read: [string, string][] = [];
  for (const part of ["cur", "new"]) {
    const folder = join(directory, "mail", mailbox, part);
    for (const name of await readdir(folder)) {
      const id =
        /^Message-ID: (.*)$/m.exec((await readFile(join(folder, name), "utf8")).replaceAll("\r", ""))?.[1] ?? "";
      read.push([
        id,
        [...(/:2,([A-Z]*)$/.exec(name)?.[1] ?? "")]
          .filter((flag) => "FRSD".includes(flag))
          .sort()
          .join(""),
      ]);
    }
  }
  return read.sort(([a], [b]) => (a < b ? -1 : 1));
}

async function readFar(mailboxId: string): Promise<[id: string, flags: string][]> {
  const rows = await suite.domain.store.read
    .selectFrom("mailbox_message as c")
    .innerJoin("message as m", (join) =>
      join.onRef("m.organization_id", "=", "c.organization_id").onRef("m.id", "=", "c.message_id"),
    )
    .select(["c.flags", "m.summary"])
    .where("c.organization_id", "=", person.organizationId)
    .where("c.mailbox_id", "=", mailboxId)
    .execute();
  const letters: Record<string, string> = { "\\Flagged": "F", "\\Answered": "R", "\\Seen": "S", "\\Draft": "D" };
  return rows
    .map(({ flags, summary }): [string, string] => [
      `<${(summary as unknown as { messageId: string }).messageId}>`,
      flags
        .map((flag) => letters[flag] ?? "")
        .sort()
        .join(""),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

async function countNear(mailbox: string): Promise<number> {
  let count = 0;
  for (const part of ["cur", "new"]) {
    count += (await readdir(join(directory, "mail", mailbox, part)).catch(() => [])).length;
  }
  return count;
}

async function assertSame(): Promise<void> {
  for (const [mailbox, id] of [
    ["INBOX", inboxId],
    ["Élus & délibérations", archiveId],
  ] as const) {
    const near = await readNear(mailbox === "INBOX" ? mailbox : await nearName(mailbox));
    assert.equal(new Set(near.map(([each]) => each)).size, near.length, `${mailbox}: nothing is doubled`);
    assert.deepEqual(near, await readFar(id), `${mailbox}: both sides hold the same`);
  }
}

/** mbsync 1.4 keeps names as the protocol writes them. */
async function nearName(name: string): Promise<string> {
  const names = await readdir(join(directory, "mail"));
  const found = names.find((each) => each === name || each === "&AMk-lus &- d&AOk-lib&AOk-rations");
  assert.ok(found, `one of ${names}`);
  return found;
}

test(`${total} messages come over, although mbsync is killed in the middle`, async () => {
  const killed = await mbsync(async () => (await countNear("INBOX")) > total / 4);
  assert.equal(killed.code, null, killed.output);
  const partly = await countNear("INBOX");
  assert.ok(partly < total, "it was ended in the middle");
  const { code, output } = await mbsync();
  assert.equal(code, 0, output);
  assert.equal(await countNear("INBOX"), total);
  await assertSame();
});

test("what changes on both sides is the same on both sides afterwards", async () => {
  const uids = (
    await suite.domain.store.read
      .selectFrom("mailbox_message")
      .select("uid")
      .where("organization_id", "=", person.organizationId)
      .where("mailbox_id", "=", inboxId)
      .orderBy("uid")
      .execute()
  ).map((row) => row.uid);
  const { mail } = suite.domain;
  await storeFlags(mail, person.access, inboxId, uids.slice(0, 300), { mode: "add", flags: ["\\Seen", "\\Flagged"] });
  await moveMessages(mail, person.access, {
    fromMailboxId: inboxId,
    toMailboxId: archiveId,
    uids: uids.slice(300, 500),
  });
  await expungeMessages(mail, person.access, inboxId, uids.slice(500, 600));
  await addToInbox(total, total + 150);

  const cur = join(directory, "mail", "INBOX", "cur");
  const fresh = join(directory, "mail", "INBOX", "new");
  const names = [
    ...(await readdir(cur)).map((name) => join(cur, name)),
    ...(await readdir(fresh)).map((name) => join(fresh, name)),
  ];
  const chosen: string[] = [];
  for (const path of names) {
    const number = Number(/^Message-ID: <(\d+)@/m.exec(await readFile(path, "utf8"))?.[1]);
    if (number >= 5_000 && number < 5_600) chosen.push(path);
  }
  assert.equal(chosen.length, 600);
  for (const [index, path] of chosen.entries()) {
    const base = path
      .split("/")
      .at(-1)!
      .replace(/:2,.*$/, "");
    await rename(path, join(cur, `${base}:2,${index < 200 ? "ST" : index < 400 ? "RS" : "F"}`));
  }
  for (let number = 0; number < 100; number++) {
    await writeFile(
      join(cur, `17000000${number}.own_${number}.machine:2,S`),
      messageText(90_000 + number).replaceAll("\r\n", "\n"),
    );
  }

  for (let round = 0; round < 2; round++) {
    const { code, output } = await mbsync();
    assert.equal(code, 0, output);
  }
  await assertSame();
  const inbox = new Map(await readFar(inboxId));
  assert.equal(inbox.size, total - 200 - 100 + 150 - 200 + 100);
  assert.equal(inbox.get("<90007@etat.example>"), "S");
  assert.equal((await readFar(archiveId)).length, 200);
});

test("once in step, nothing is transferred", async () => {
  const before = await readFar(inboxId);
  const { code, output } = await mbsync();
  assert.equal(code, 0, output);
  assert.deepEqual(await readFar(inboxId), before);
});
