import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { FilterRules } from "@bouquet/contract/jmap-filters.ts";
import { ImapFlow } from "imapflow";
import SMTPConnection from "nodemailer/lib/smtp-connection/index.js";
import { globalScriptCommand } from "../../src/cli/commands/global-script.ts";
import { FakeDns } from "../harness/fake-dns.ts";
import { JmapClient } from "../harness/jmap-client.ts";
import { ManageSieveClient } from "../harness/managesieve-client.ts";
import { type SmtpSink, startSmtpSink } from "../harness/smtp-sink.ts";
import { noDns, startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "../harness/town-hall.ts";
import { until } from "../harness/until.ts";

let sink: SmtpSink;
let suite: TestSuite;
let hall: TownHall;
let people = 0;

before(async () => {
  sink = await startSmtpSink();
  const dns = new FakeDns();
  dns.set("TXT", "ext.example", [["v=spf1 ip4:127.0.0.1 -all"]]);
  suite = await startSuite({ settings: { BOUQUET_MAIL_ROUTES: `*=127.0.0.1:${sink.port}` }, resolver: dns });
  hall = await createTownHall(suite.domain, "Les Essarts", "essarts.example");
});
after(async () => {
  await suite.close();
  await sink.close();
});

const addPerson = (): Promise<TownPerson> => hall.addPerson(`Filtre ${"abcdefghijklmnop"[people++]}`);

interface Mail {
  from?: string;
  subject: string;
  header?: string;
  body?: string;
}

/** Sends from outside; resolves with the server's answer, rejects with its refusal. */
async function send(to: string, { from = "paul@ext.example", subject, header = "", body = "Bonjour" }: Mail) {
  const connection = new SMTPConnection({ host: "127.0.0.1", port: suite.port("smtp"), ignoreTLS: true });
  const message = `From: Paul <${from}>\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: <${encodeURIComponent(subject)}@ext.example>\r\n${header}\r\n${body}\r\n`;
  try {
    await new Promise<void>((resolve, reject) => {
      connection.once("error", reject);
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    return await new Promise<string>((resolve, reject) =>
      connection.send({ from, to: [to] }, message, (error, info) => (error ? reject(error) : resolve(info.response))),
    );
  } finally {
    connection.close();
  }
}

/** Puts a script by ManageSieve and makes it the active one. */
async function activate(person: TownPerson, script: string): Promise<void> {
  const { client } = await ManageSieveClient.open(suite.port("managesieve"));
  assert.equal((await client.signIn(person.address, person.appPassword)).verb, "OK");
  const put = await client.put("filtres", script);
  assert.equal(put.verb, "OK", put.text);
  assert.equal((await client.run('SETACTIVE "filtres"')).verb, "OK");
  client.close();
}

async function withImap<T>(person: TownPerson, work: (client: ImapFlow) => Promise<T>): Promise<T> {
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: suite.port("imaps"),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: person.address, pass: person.appPassword },
    logger: false,
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.logout().catch(() => client.close());
  }
}

interface Seen {
  subject: string;
  flags: string[];
  source: string;
}

/** What IMAP shows of a mailbox. */
function look(person: TownPerson, mailbox: string): Promise<Seen[]> {
  return withImap(person, async (client) => {
    const opened = await client.mailboxOpen(mailbox, { readOnly: true });
    if (opened.exists === 0) return [];
    const seen: Seen[] = [];
    for await (const message of client.fetch("1:*", { envelope: true, flags: true, source: true })) {
      seen.push({
        subject: message.envelope?.subject ?? "",
        flags: [...(message.flags ?? [])].filter((flag) => flag !== "\\Recent").sort(),
        source: message.source?.toString() ?? "",
      });
    }
    return seen;
  });
}

const subjects = async (person: TownPerson, mailbox: string) =>
  (await look(person, mailbox)).map(({ subject }) => subject);

const sunkFor = (address: string) => sink.messages.filter((message) => message.to.includes(address));

test("a script put by ManageSieve files a mail that SMTP brings into a folder that IMAP shows, with flags", async () => {
  const person = await addPerson();
  await activate(
    person,
    [
      'require ["fileinto", "mailbox", "imap4flags", "envelope", "subaddress", "variables", "copy"];',
      'if header :matches "subject" "[*] *" {',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Sieve
      '  set :lower :upperfirst "name" "${1}";',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Sieve
      '  fileinto :create :flags ["\\\\Flagged", "$Projet"] "Projets/${name}";',
      "}",
      'elsif envelope :detail "to" "archives" { fileinto :copy "Archives"; }',
      'elsif header :contains "subject" "jeter" { discard; }',
      "",
    ].join("\r\n"),
  );
  await send(person.address, { subject: "[ÉCOLE] cantine" });
  await send(person.address.replace("@", "+archives@"), { subject: "à garder" });
  await send(person.address, { subject: "à jeter" });
  await send(person.address, { subject: "autre" });
  const [filed, ...more] = await look(person, "Projets/École");
  assert.deepEqual([filed?.subject, filed?.flags, more.length], ["[ÉCOLE] cantine", ["$projet", "\\Flagged"], 0]);
  assert.deepEqual(await subjects(person, "Archives"), ["à garder"]);
  assert.deepEqual(await subjects(person, "INBOX"), ["à garder", "autre"]);
});

test("who is away answers each sender once, and never a list, a program or themselves", async () => {
  const person = await addPerson();
  await activate(
    person,
    'require "vacation";\r\nvacation :days 7 :subject "Absente" text:\r\nDe retour lundi.\r\n.\r\n;\r\n',
  );
  await send(person.address, { from: "un@ext.example", subject: "v1" });
  await send(person.address, { from: "un@ext.example", subject: "v2" });
  await send(person.address, { from: "liste@ext.example", subject: "v3", header: "List-Id: <x.ext.example>\r\n" });
  await send(person.address, {
    from: "robot@ext.example",
    subject: "v4",
    header: "Auto-Submitted: auto-generated\r\n",
  });
  await send(person.address, { from: "noreply@ext.example", subject: "v5" });
  await send(person.address, { from: "deux@ext.example", subject: "v6" });
  await until("two answers", () => sunkFor("un@ext.example").length + sunkFor("deux@ext.example").length === 2);
  const [answer] = sunkFor("un@ext.example");
  assert.equal(answer!.from, "");
  const text = answer!.bytes.toString();
  assert.match(text, /^Subject: Absente\r$/m);
  assert.match(text, /^Auto-Submitted: auto-replied \(vacation\)\r$/m);
  assert.match(text, /^In-Reply-To: <v1@ext\.example>\r$/m);
  assert.match(text, new RegExp(Buffer.from("De retour lundi.\r\n").toString("base64").slice(0, 18)));
  for (const silent of ["liste@ext.example", "robot@ext.example", "noreply@ext.example"]) {
    assert.deepEqual(sunkFor(silent), []);
  }
  assert.equal((await subjects(person, "INBOX")).length, 6);
});

test("a message that the script rejects is refused at once with its words", async () => {
  const person = await addPerson();
  await activate(
    person,
    'require "reject";\r\nif header "subject" "non" { reject "Merci de passer par le formulaire"; }\r\n',
  );
  await assert.rejects(
    send(person.address, { subject: "non" }),
    (error: { responseCode?: number; response?: string }) => {
      assert.equal(error.responseCode, 550);
      assert.match(error.response ?? "", /formulaire/);
      return true;
    },
  );
  await send(person.address, { subject: "oui" });
  assert.deepEqual(await subjects(person, "INBOX"), ["oui"]);
});

test("a redirected message leaves with a return path of ours, and a copy stays when asked for", async () => {
  const person = await addPerson();
  await activate(
    person,
    'require "copy";\r\nif header :contains "subject" "copie" { redirect :copy "ailleurs@loin.example"; }\r\nelsif header :contains "subject" "suite" { redirect "ailleurs@loin.example"; }\r\n',
  );
  await send(person.address, { subject: "copie" });
  await send(person.address, { subject: "suite" });
  await until("two messages elsewhere", () => sunkFor("ailleurs@loin.example").length === 2);
  for (const message of sunkFor("ailleurs@loin.example")) {
    assert.match(message.from, /@essarts\.example$/);
    assert.match(message.bytes.toString(), /Bonjour/);
  }
  assert.deepEqual(await subjects(person, "INBOX"), ["copie"]);
});

test("a script that fails keeps the message, and its owner is told once", async () => {
  const person = await addPerson();
  await activate(
    person,
    'require ["variables", "fileinto", "include"];\r\ndiscard;\r\ninclude :personal "rien";\r\nfileinto "Archives";\r\n',
  );
  await send(person.address, { subject: "f1" });
  await send(person.address, { subject: "f2" });
  await until("a notice", async () => (await subjects(person, "INBOX")).length >= 3);
  const inbox = await look(person, "INBOX");
  assert.deepEqual(inbox.map(({ subject }) => subject).sort(), [
    "Vos filtres de messagerie ne fonctionnent pas",
    "f1",
    "f2",
  ]);
  assert.deepEqual(await subjects(person, "Archives"), []);
});

test("a header that the script edits is in the copy that was filed after it, and only there", async () => {
  const person = await addPerson();
  await activate(
    person,
    [
      'require ["editheader", "fileinto", "copy"];',
      'fileinto :copy "Archives";',
      'addheader "X-Tri" "été";',
      'deleteheader "x-secret";',
      "",
    ].join("\r\n"),
  );
  await send(person.address, { subject: "tri", header: "X-Secret: oui\r\n" });
  const [before] = await look(person, "Archives");
  const [after] = await look(person, "INBOX");
  assert.match(before!.source, /^X-Secret: oui\r$/m);
  assert.doesNotMatch(before!.source, /^X-Tri/m);
  assert.match(after!.source, /^X-Tri: =\?utf-8\?B\?w6l0w6k=\?=\r$/m);
  assert.doesNotMatch(after!.source, /X-Secret/);
  assert.match(after!.source, /\r\n\r\nBonjour\r\n/);
});

test("a message that came already is thrown away as a duplicate", async () => {
  const person = await addPerson();
  await activate(person, 'require "duplicate";\r\nif duplicate { discard; }\r\n');
  await send(person.address, { subject: "une-fois" });
  await send(person.address, { subject: "une-fois" });
  await send(person.address, { subject: "autre-fois" });
  assert.deepEqual(await subjects(person, "INBOX"), ["une-fois", "autre-fois"]);
});

test("rules made on a screen are the script that ManageSieve shows, and a script of a person's is never replaced silently", async () => {
  const person = await addPerson();
  const jmap = await JmapClient.open(`http://127.0.0.1:${suite.port("http")}`, person);
  const [mailboxes] = await jmap.calls(["Mailbox/get", { accountId: jmap.accountId, ids: null }]);
  const archive = (mailboxes![1] as { list: { id: string; role: string; name: string }[] }).list.find(
    ({ role }) => role === "archive",
  )!;
  const rules: FilterRules = {
    vacation: null,
    forward: null,
    rules: [
      {
        name: "Délibérations",
        isEnabled: true,
        match: "all",
        conditions: [{ field: "subject", operator: "contains", value: "DÉLIBÉRATION", isNegated: false }],
        actions: [
          { kind: "flag", flags: ["\\Seen"] },
          { kind: "move", mailboxId: archive.id, mailbox: "Archives" },
        ],
        stops: true,
      },
    ],
  };
  const { accountId } = jmap;
  const empty = await jmap.call("FilterRules/get", {});
  assert.deepEqual([empty.kind, empty.scriptName, empty.rules?.rules], ["rules", null, []]);
  const saved = await jmap.call("FilterRules/set", { ifInState: empty.state, rules });
  assert.equal(saved.error, null);
  assert.notEqual(saved.newState, saved.oldState);
  await send(person.address, { subject: "=?utf-8?q?d=C3=A9lib=C3=A9rations?= du 3" });
  await send(person.address, { subject: "autre" });
  assert.deepEqual(
    (await look(person, "Archives")).map(({ subject, flags }) => [subject, flags]),
    [["délibérations du 3", ["\\Seen"]]],
  );
  assert.deepEqual(await subjects(person, "INBOX"), ["autre"]);
  assert.deepEqual((await jmap.call("FilterRules/get", {})).rules, rules);

  const { client } = await ManageSieveClient.open(suite.port("managesieve"));
  await client.signIn(person.address, person.appPassword);
  assert.match((await client.run('GETSCRIPT "Bouquet"')).lines.join("\n"), /fileinto :mailboxid/);

  const vacation = await jmap.call("VacationResponse/set", {
    update: { singleton: { isEnabled: true, textBody: "Absent", toDate: "2027-01-04T00:00:00Z" } },
  });
  assert.deepEqual(vacation.updated, { singleton: null });
  const after = await jmap.call("FilterRules/get", {});
  assert.deepEqual([after.rules?.vacation?.text, after.rules?.rules], ["Absent", rules.rules]);

  await client.put("main", "keep;\r\n");
  await client.run('SETACTIVE "main"');
  const byHand = await jmap.call("FilterRules/get", {});
  assert.deepEqual([byHand.kind, byHand.scriptName, byHand.rules], ["script", "main", null]);
  const refused = await jmap.call("FilterRules/set", { rules });
  assert.equal(refused.error?.type, "forbidden");
  assert.match((await client.run('GETSCRIPT "main"')).lines.join("\n"), /keep;/);
  assert.equal((await jmap.call("FilterRules/set", { rules, replacesScript: true })).error, null);
  assert.deepEqual((await client.run("LISTSCRIPTS")).lines, ['"Bouquet" ACTIVE', '"main"']);
  client.close();

  const wrong = structuredClone(rules);
  Object.assign(wrong.rules[0]!.actions[1]!, { mailbox: "" });
  const invalid = await jmap.call("FilterRules/set", { rules: wrong });
  assert.deepEqual(invalid.error?.properties, ["rules/0/actions/1/mailbox"]);
  assert.ok(accountId);
});

test("a script of the organization, put by command, is there for everybody to include", async () => {
  const directory = await mkdtemp(join(tmpdir(), "bouquet-global-script-"));
  const file = join(directory, "commun.sieve");
  const run = async (...args: string[]) => {
    const lines: string[] = [];
    const print = (line: string) => lines.push(line);
    const context = { domain: suite.domain, config: suite.config, resolver: noDns, print };
    await globalScriptCommand.run(context, ["essarts.example", ...args], {});
    return lines.join("\n");
  };
  try {
    await writeFile(file, 'require "fileinto";\nif header :contains "subject" "bulletin" { fileinto "Archives"; }\n');
    await run("put", "commun", file);
    assert.equal(await run(), "commun");
    assert.match(await run("show", "commun"), /bulletin/);
    const person = await addPerson();
    await activate(person, 'require "include";\r\ninclude :global "commun";\r\n');
    await send(person.address, { subject: "bulletin-1" });
    assert.deepEqual(await subjects(person, "Archives"), ["bulletin-1"]);
    await writeFile(file, "nonsense;\n");
    await assert.rejects(run("put", "commun", file), /line 1/);
    await run("remove", "commun");
    assert.match(await run(), /pas de script/);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("JMAP manages scripts as RFC 9661 has it", async () => {
  const person = await addPerson();
  const jmap = await JmapClient.open(`http://127.0.0.1:${suite.port("http")}`, person);
  const upload = async (text: string) => (await jmap.upload(Buffer.from(text), "application/sieve")).blobId;
  const good = await upload('require "fileinto";\r\nfileinto "Archives";\r\n');
  const bad = await upload("keep\r\nnonsense;\r\n");
  assert.equal((await jmap.call("SieveScript/validate", { blobId: good })).error, null);
  const judged = (await jmap.call("SieveScript/validate", { blobId: bad })).error;
  assert.equal(judged?.type, "invalidSieve");
  assert.match(judged?.description ?? "", /line 2/);
  const set = await jmap.call("SieveScript/set", {
    create: { a: { name: "un", blobId: good }, b: { name: "deux", blobId: good } },
    onSuccessActivateScript: "#a",
  });
  assert.equal(set.notCreated, null);
  const list = (await jmap.call("SieveScript/get", { ids: null })).list;
  assert.deepEqual(
    list.map(({ name, isActive }) => [name, isActive]),
    [
      ["deux", false],
      ["un", true],
    ],
  );
  const one = list.find(({ name }) => name === "un")!;
  assert.equal(
    await (await jmap.download(one.blobId, "un.sieve", "application/sieve")).text(),
    'require "fileinto";\r\nfileinto "Archives";\r\n',
  );
  const found = await jmap.call("SieveScript/query", { filter: { isActive: true } });
  assert.deepEqual(found.ids, [one.id]);
  const failed = await jmap.call("SieveScript/set", {
    create: { c: { name: "un", blobId: good }, d: { name: "trois", blobId: bad } },
    destroy: [one.id],
  });
  assert.deepEqual(
    [failed.notCreated?.c?.type, failed.notCreated?.d?.type, failed.notDestroyed?.[one.id]?.type],
    ["alreadyExists", "invalidSieve", "sieveIsActive"],
  );
  await jmap.call("SieveScript/set", { onSuccessDeactivateScript: true });
  const gone = await jmap.call("SieveScript/set", { destroy: [one.id] });
  assert.deepEqual(gone.destroyed, [one.id]);
});
