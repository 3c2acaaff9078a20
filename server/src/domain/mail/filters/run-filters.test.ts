// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are those of Sieve
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type MailFixture,
  type MailPerson,
  mailBytes,
  openMailFixture,
} from "../../../../test/harness/mail-fixture.ts";
import { screened } from "../../../../test/harness/mail-routing.ts";
import { createMailbox } from "../create-mailbox.ts";
import type { IncomingMessage } from "../delivery/incoming-message.ts";
import { readAccountRoutes } from "../delivery/read-account-routes.ts";
import { readStaged } from "../delivery/stage-incoming.ts";
import { listMailboxes } from "../list-mailboxes.ts";
import { stageBytes } from "../stage-message.ts";
import { updateMailbox } from "../update-mailbox.ts";
import { putScript } from "./change-scripts.ts";
import { purgeFilterMemory } from "./filter-memory.ts";
import type { FilterOutcome } from "./filter-outcome.ts";
import { putGlobalScript } from "./global-scripts.ts";
import { recordOutcome, runFilters } from "./run-filters.ts";

let mail: MailFixture;
let people = 0;
before(async () => {
  mail = await openMailFixture();
});
after(() => mail.close());

const addPerson = () => mail.createPerson(`Filtre${++people}`, { roles: ["member_administrator"] });

async function activate(person: MailPerson, content: string): Promise<void> {
  await putScript(mail.deps, person.access, { name: "main", content }, { mayReplace: true, activate: true });
}

interface Given {
  sender?: string;
  subject?: string;
  headers?: string;
  to?: string;
}

async function incoming(person: MailPerson, given: Given = {}): Promise<IncomingMessage> {
  const { sender = "paul@ext.example", ...text } = given;
  const made = await stageBytes(mail.deps, mailBytes({ to: person.address, ...text }));
  return { arrival: "received", sender, ...made, receivedAt: new Date() };
}

async function activeScript({ access }: MailPerson) {
  return (await readAccountRoutes(mail.store.read, [access])).get(access.accountId)?.script;
}

async function run(person: MailPerson, given: Given = {}): Promise<FilterOutcome> {
  const account = { ...person.access, inboxId: person.mailboxes.inbox, address: person.address };
  return runFilters(mail.deps, account, await incoming(person, given), await activeScript(person));
}

const record = (person: MailPerson, outcome: FilterOutcome) =>
  mail.store.transact((tx) => recordOutcome(tx, person.access, outcome));

async function sentText(outcome: FilterOutcome, index = 0): Promise<string> {
  return (await readStaged(mail.deps, outcome.sends[index]!.staged!)).toString();
}

test("without an active script the message goes to the inbox", async () => {
  const person = await addPerson();
  const inbox = { placements: [{ mailboxId: person.mailboxes.inbox, flags: [] }], sends: [], seen: [] };
  assert.deepEqual(await run(person), inbox);
  await putScript(mail.deps, person.access, { name: "main", content: "discard;" });
  assert.deepEqual(await run(person), inbox);
});

test("mailboxes are found by name, by use and by id, and one that is not there is the inbox", async () => {
  const person = await addPerson();
  const place = async (command: string) => {
    await activate(person, `require ["fileinto", "special-use", "mailboxid", "mailbox"]; ${command}`);
    return (await run(person)).placements.map(({ mailboxId }) => mailboxId);
  };
  const { inbox, archive, junk } = person.mailboxes;
  assert.deepEqual(await place('fileinto "archives";'), [inbox], "names distinguish case");
  assert.deepEqual(await place('fileinto "Archives";'), [archive]);
  assert.deepEqual(await place('fileinto "inbox";'), [inbox]);
  assert.deepEqual(await place('fileinto :specialuse "\\\\Junk" "Rien";'), [junk]);
  const made = await createMailbox(mail.deps, person.access, { name: "Projets", parentId: null });
  await updateMailbox(mail.deps, person.access, made.id, { name: "Anciens projets" });
  assert.deepEqual(await place(`fileinto :mailboxid "${made.id}" "Projets";`), [made.id]);
  assert.deepEqual(await place('fileinto :mailboxid "nothing" "Archives";'), [archive]);
  assert.deepEqual(await place('if mailboxexists "Archives" { discard; }'), []);
});

test("a mailbox is made with the levels above it, once, whoever comes at the same moment", async () => {
  const person = await addPerson();
  await activate(person, 'require ["fileinto", "mailbox"]; fileinto :create "Un/Deux/Trois";');
  const outcomes = await Promise.all([run(person), run(person), run(person)]);
  const mailboxes = await listMailboxes(mail.store.read, person.access);
  const last = mailboxes.filter(({ name }) => name === "Trois");
  assert.equal(last.length, 1);
  assert.deepEqual(new Set(outcomes.map(({ placements }) => placements[0]?.mailboxId)), new Set([last[0]!.id]));
  await activate(person, 'require ["fileinto", "mailbox"]; fileinto :create "Un//Deux";');
  assert.deepEqual((await run(person)).placements[0]?.mailboxId, person.mailboxes.inbox);
});

test("one mailbox gets one copy, with the flags of the last who put it there", async () => {
  const person = await addPerson();
  await activate(
    person,
    'require ["fileinto", "imap4flags"]; addflag "\\\\Seen"; fileinto "INBOX"; setflag "$Label1"; keep; fileinto :flags "Projet" "Archives"; fileinto "Archives";',
  );
  assert.deepEqual((await run(person)).placements, [
    { mailboxId: person.mailboxes.inbox, flags: ["$label1"] },
    { mailboxId: person.mailboxes.archive, flags: ["$label1"] },
  ]);
});

test("an answer is given once in its time, also to two messages at once, and again when it was not sent", async () => {
  const person = await addPerson();
  await activate(person, 'require "vacation"; vacation :subject "Été" "Absente";');
  const both = await Promise.all([run(person), run(person)]);
  const answered = both.filter(({ sends }) => sends.length > 0);
  assert.equal(answered.length, 1);
  await record(person, answered[0]!);
  assert.deepEqual((await run(person, { sender: "PAUL@ext.example" })).sends, []);
  assert.equal((await run(person, { sender: "anne@ext.example" })).sends.length, 1);
  await mail.store.transact((tx) =>
    tx
      .updateTable("filter_memory")
      .set({ expires_at: new Date(0) })
      .execute(),
  );
  assert.equal((await run(person)).sends.length, 1);
  const text = await sentText(answered[0]!);
  assert.match(text, /^Subject: =\?utf-8\?B\?w4l0w6k=\?=\r$/m);
  assert.match(text, new RegExp(`^From: "?Filtre\\d+"? <${person.address}>\r$`, "m"));
  assert.match(text, /^To: <paul@ext\.example>\r$/m);
});

test("an answer bears the name and the subject that the script writes, as encoded words too", async () => {
  const person = await addPerson();
  const from = `:from "=?utf-8?q?Accueil_=C3=A9t=C3=A9?= <${person.address}>"`;
  await activate(person, `require "vacation"; vacation :subject "=?utf-8?b?w4lUw4k=?= 2026" ${from} "Absente";`);
  const text = await sentText(await run(person));
  assert.match(text, /^Subject: =\?utf-8\?B\?w4lUw4k=\?= 2026\r$|^Subject: =\?utf-8\?B\?w4lUw4kgMjAyNg==\?=\r$/im);
  assert.match(text, new RegExp(`^From: =\\?utf-8\\?B\\?QWNjdWVpbCDDqXTDqQ==\\?= <${person.address}>\r$`, "im"));
});

test("the author of an answer is one's own address, and an entity of MIME keeps only what describes it", async () => {
  const person = await addPerson();
  const entity = "Content-Type: text/html; charset=utf-8\r\nBcc: a@b.example\r\n\r\n<p>Absente</p>\r\n".replaceAll(
    "\r\n",
    "\n",
  );
  await activate(person, `require "vacation"; vacation :mime :from "autre@ext.example" text:\n${entity}.\n;`);
  const text = await sentText(await run(person));
  assert.match(text, new RegExp(`^From: .*<${person.address}>\r$`, "m"));
  assert.match(text, /\r\nMIME-Version: 1\.0\r\nContent-Type: text\/html; charset=utf-8\r\n\r\n<p>Absente<\/p>\r\n/);
  assert.doesNotMatch(text, /Bcc/);
});

test("nobody is answered who is a program, a list, oneself, or who wrote to somebody else", async () => {
  const person = await addPerson();
  await activate(person, 'require "vacation"; vacation :addresses "alias@bourg-fleuri.example" "Absente";');
  for (const given of [
    { sender: "" },
    { sender: person.address },
    { sender: person.address.replace("@", "+x@") },
    { sender: "MAILER-DAEMON@ext.example" },
    { sender: "owner-liste@ext.example" },
    { sender: "liste-request@ext.example" },
    { sender: "no-reply@ext.example" },
    { headers: "List-Unsubscribe: <mailto:x@ext.example>" },
    { headers: "Precedence: bulk" },
    { headers: "Auto-Submitted: auto-replied (vacation)" },
    { headers: "X-Auto-Response-Suppress: OOF" },
    { to: "quelqu-un@ailleurs.example" },
  ]) {
    assert.deepEqual((await run(person, given)).sends, [], JSON.stringify(given));
  }
  for (const [n, given] of [
    { headers: "Auto-Submitted: no" },
    { to: `Anne <${person.address.toUpperCase()}>` },
    { to: "alias@bourg-fleuri.example" },
    { to: "x@y.example", headers: `Cc: z@y.example, ${person.address.replace("@", "+tag@")}` },
  ].entries()) {
    assert.equal((await run(person, { ...given, sender: `p${n}@ext.example` })).sends.length, 1, JSON.stringify(given));
  }
});

test("a sender whom SPF or DMARC disproves is not answered: it is somebody else", async () => {
  const person = await addPerson();
  await activate(person, 'require "vacation"; vacation "Absente";');
  const account = { ...person.access, inboxId: person.mailboxes.inbox, address: person.address };
  const answers = async (spf: "fail" | "none") => {
    const message = { ...(await incoming(person)), screening: screened(spf, "ext.example") };
    return (await runFilters(mail.deps, account, message, await activeScript(person))).sends.length;
  };
  assert.equal(await answers("fail"), 0);
  assert.equal(await answers("none"), 1);
});

test("a notification goes by mail, and none goes about a message that a program sent", async () => {
  const person = await addPerson();
  await activate(
    person,
    'require ["enotify", "variables"]; if header :matches "subject" "*" { notify :importance "1" :message "Reçu : ${1}" "mailto:tel@ext.example?cc=tel@ext.example,b@ext.example&Received=x&X-Team=mairie&body=Vite"; }',
  );
  const outcome = await run(person, { subject: "devis" });
  assert.deepEqual(outcome.sends[0]?.recipients, ["tel@ext.example", "b@ext.example"]);
  assert.equal(outcome.sends[0]?.returnPath, "");
  const text = await sentText(outcome);
  assert.match(text, /^Auto-Submitted: auto-notified; owner-email="[^"]+"\r$/m);
  assert.match(text, /^Importance: High\r$/m);
  assert.match(text, /^X-Team: mairie\r$/m);
  assert.match(text, /^Cc: <b@ext\.example>\r$/m);
  assert.doesNotMatch(text, /^Received/m);
  assert.match(text, new RegExp(`\r\n\r\n${Buffer.from("Vite").toString("base64")}\r\n`));
  assert.deepEqual((await run(person, { headers: "Auto-Submitted: auto-generated" })).sends, []);
});

test("ids of duplicates are known once the delivery has committed", async () => {
  const person = await addPerson();
  await activate(person, 'require "duplicate"; if duplicate :uniqueid "x" { discard; }');
  const first = await run(person);
  assert.equal((await run(person)).placements.length, 1);
  await record(person, first);
  assert.deepEqual((await run(person)).placements, []);
  await mail.store.transact((tx) =>
    tx
      .updateTable("filter_memory")
      .set({ expires_at: new Date(0) })
      .execute(),
  );
  assert.equal((await run(person)).placements.length, 1);
  assert.ok((await purgeFilterMemory(mail.store)) >= 1);
  assert.equal(await purgeFilterMemory(mail.store), 0);
});

test("scripts for all are those of one's own organization", async () => {
  const person = await addPerson();
  const other = await mail.createPerson("Ailleurs", { organizationId: mail.otherOrganizationId, roles: [] });
  const viewer = { ...person.access.viewer, roles: new Set(["member_administrator"] as const) };
  await putGlobalScript(mail.deps, viewer, { name: "commun", content: "discard;" });
  await assert.rejects(
    putGlobalScript(mail.deps, { ...viewer, roles: new Set() }, { name: "commun", content: "keep;" }),
    /administrator/,
  );
  const script = 'require "include"; include :optional :global "commun";';
  await activate(person, script);
  await activate(other, script);
  assert.deepEqual((await run(person)).placements, []);
  assert.equal((await run(other)).placements.length, 1);
});

test("a script that compiles no more keeps the message in the inbox, and its owner is told once a day", async () => {
  const person = await addPerson();
  await activate(person, "discard;");
  await mail.store.transact((tx) =>
    tx
      .updateTable("sieve_script")
      .set({ content: "\r\nno longer known;\r\n" })
      .where("account_id", "=", person.access.accountId)
      .execute(),
  );
  const outcome = await run(person);
  assert.deepEqual(outcome.placements, [{ mailboxId: person.mailboxes.inbox, flags: [] }]);
  assert.deepEqual(
    outcome.sends.map(({ kind, recipients }) => [kind, recipients]),
    [["notice", [person.address]]],
  );
  assert.match(
    Buffer.from((await sentText(outcome)).split("\r\n\r\n")[1]!, "base64").toString(),
    /Script : main, ligne 2/,
  );
  await record(person, outcome);
  assert.deepEqual((await run(person)).sends, []);
});

test("an edited header makes bytes of their own, once for all who get them", async () => {
  const person = await addPerson();
  await activate(
    person,
    'require ["editheader", "fileinto", "copy"]; addheader "X-Tri" "a"; fileinto "Archives"; redirect "x@ext.example"; keep; ',
  );
  const { placements, sends } = await run(person);
  const [first, second] = placements;
  assert.ok(first?.edited);
  assert.equal(first.edited, second?.edited);
  assert.equal(sends[0]?.staged, first.edited.staged);
  const bytes = await readStaged(mail.deps, first.edited.staged);
  assert.match(bytes.toString(), /^X-Tri: a\r\nFrom: /);
  assert.equal(first.edited.analyzed.root.bodyEnd, bytes.length);
});
