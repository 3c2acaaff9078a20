import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { appendMessages } from "../../src/domain/mail/append-messages.ts";
import { expungeMessages } from "../../src/domain/mail/expunge-messages.ts";
import { listMailboxes } from "../../src/domain/mail/list-mailboxes.ts";
import { stageBytes } from "../../src/domain/mail/stage-message.ts";
import { sampleMessage } from "../harness/imap-suite.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

const run = promisify(execFile);
let suite: TestSuite;
let person: TownPerson;
let directory: string;
let inboxId: string;

before(async () => {
  suite = await startSuite();
  const town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  person = await town.addPerson("Nadia Benali");
  directory = await mkdtemp(join(tmpdir(), "bouquet-offlineimap-"));
  const mailboxes = await listMailboxes(suite.domain.store.read, person.access);
  inboxId = mailboxes.find((each) => each.role === "inbox")!.id;
  await add(0, 200);
  await writeFile(
    join(directory, "rc"),
    `[general]
accounts = town
metadata = ${directory}/metadata
ui = basic
socktimeout = 120

[Account town]
localrepository = near
remoterepository = far

[Repository near]
type = Maildir
localfolders = ${directory}/mail

[Repository far]
type = IMAP
remotehost = 127.0.0.1
remoteport = ${suite.port("imap")}
remoteuser = ${person.address}
remotepass = ${person.appPassword}
ssl = no
starttls = no
maxconnections = 2
`,
  );
});
after(async () => {
  await suite.close();
  await rm(directory, { recursive: true, force: true });
});

async function add(from: number, to: number): Promise<void> {
  const messages = [];
  for (let number = from; number < to; number++) {
    const staged = await stageBytes(suite.domain.mail, Buffer.from(sampleMessage(`Courrier ${number}`)));
    messages.push({ ...staged, mailboxId: inboxId, flags: [], receivedAt: new Date() });
  }
  await appendMessages(suite.domain.mail, person.access, messages);
}

async function offlineimap(): Promise<string> {
  const { stdout, stderr } = await run("offlineimap", ["-o", "-c", join(directory, "rc")], {
    timeout: 240_000,
    env: { ...process.env, HOME: directory },
    maxBuffer: 50_000_000,
  });
  const output = stdout + stderr;
  assert.doesNotMatch(output, /ERROR|Traceback/, output);
  return output;
}

/** Subject → flags, as Maildir has them. */
async function readNear(): Promise<Map<string, string>> {
  const read = new Map<string, string>();
  for (const part of ["cur", "new"]) {
    const folder = join(directory, "mail", "INBOX", part);
    for (const name of await readdir(folder)) {
      const subject = /^Subject: (.*?)\r?$/m.exec(await readFile(join(folder, name), "utf8"))?.[1] ?? "";
      assert.ok(!read.has(subject), `${subject} is doubled`);
      read.set(subject, /:2,([A-Z]*)$/.exec(name)?.[1] ?? "");
    }
  }
  return read;
}

async function readFar(): Promise<Map<string, string>> {
  const rows = await suite.domain.store.read
    .selectFrom("mailbox_message as c")
    .innerJoin("message as m", (join) =>
      join.onRef("m.organization_id", "=", "c.organization_id").onRef("m.id", "=", "c.message_id"),
    )
    .select(["c.flags", "m.subject"])
    .where("c.organization_id", "=", person.organizationId)
    .where("c.mailbox_id", "=", inboxId)
    .execute();
  const letters: Record<string, string> = { "\\Flagged": "F", "\\Answered": "R", "\\Seen": "S" };
  return new Map(
    rows.map(({ flags, subject }) => [
      subject,
      flags
        .map((flag) => letters[flag] ?? "")
        .sort()
        .join(""),
    ]),
  );
}

test("offlineimap takes a mailbox over, and carries changes both ways", async () => {
  await offlineimap();
  assert.equal((await readNear()).size, 200);

  const uids = await suite.domain.store.read
    .selectFrom("mailbox_message")
    .select("uid")
    .where("organization_id", "=", person.organizationId)
    .where("mailbox_id", "=", inboxId)
    .orderBy("uid")
    .execute();
  await expungeMessages(
    suite.domain.mail,
    person.access,
    inboxId,
    uids.slice(0, 20).map((row) => row.uid),
  );
  await add(200, 230);
  for (const part of ["cur", "new"]) {
    const folder = join(directory, "mail", "INBOX", part);
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), "utf8");
      const number = Number(/^Subject: Courrier (\d+)/m.exec(text)?.[1]);
      if (number < 100 || number >= 150) continue;
      if (number < 125) await unlink(join(folder, name));
      else await rename(join(folder, name), join(directory, "mail/INBOX/cur", `${name.replace(/:2,.*$/, "")}:2,FS`));
    }
  }
  await offlineimap();
  await offlineimap();

  const far = await readFar();
  assert.equal(far.size, 200 - 20 + 30 - 25);
  assert.equal(far.get("Courrier 130"), "FS");
  assert.deepEqual(new Map([...(await readNear())].sort()), new Map([...far].sort()));
});
