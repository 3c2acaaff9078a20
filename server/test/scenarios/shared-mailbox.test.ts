import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { connect as connectTls } from "node:tls";
import type { Command } from "../../src/cli/command.ts";
import { grantCommand } from "../../src/cli/commands/grant.ts";
import { sharedMailboxCommand } from "../../src/cli/commands/shared-mailbox.ts";
import { RawClient } from "../harness/imap-suite.ts";
import { JmapClient } from "../harness/jmap-client.ts";
import { RawSmtp } from "../harness/smtp-suite.ts";
import { noDns, startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

/* A shared mailbox from the operator's command to Outlook: opened by its own address with one's own app password, everywhere. */

let suite: TestSuite;
let lea: TownPerson;
let tom: TownPerson;
let stranger: TownPerson;
const box = "mairie@bourg-fleuri.example";

before(async () => {
  suite = await startSuite();
  const town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  const other = await createTownHall(suite.domain, "Val-Joli", "val-joli.example");
  lea = await town.addPerson("Lea");
  tom = await town.addPerson("Tom");
  stranger = await other.addPerson("Max");
});
after(() => suite?.close());

async function run(command: Command, positionals: string[], options: Record<string, unknown> = {}): Promise<string> {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const context = { domain: suite.domain, config: suite.config, resolver: noDns, print };
  await command.run(context, positionals, options);
  return lines.join("\n");
}

async function imap(login: string, { appPassword }: TownPerson): Promise<{ client: RawClient; answer: string }> {
  const client = new RawClient(connect({ host: "127.0.0.1", port: suite.port("imap") }));
  await client.readLine();
  return { client, answer: (await client.run(`LOGIN ${login} ${appPassword}`)).at(-1)! };
}

async function submit(login: string, { appPassword }: TownPerson, from: string, subject: string): Promise<string> {
  const port = suite.port("submissions");
  const client = new RawSmtp(connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false }));
  await client.greeting;
  await client.send("EHLO pc.example");
  const entered = await client.send(`AUTH PLAIN ${Buffer.from(`\0${login}\0${appPassword}`).toString("base64")}`);
  if (!entered.startsWith("235")) return entered;
  const sender = await client.send(`MAIL FROM:<${from}>`);
  if (!sender.startsWith("250")) return sender;
  await client.send(`RCPT TO:<${tom.address}>`);
  await client.send("DATA");
  client.write(`From: Mairie <${from}>\r\nSubject: ${subject}\r\n\r\nx\r\n.\r\n`);
  const answer = await client.reply();
  client.socket.destroy();
  return answer;
}

/** The header of a message in Tom's inbox. */
async function received(subject: string): Promise<string> {
  const { client } = await imap(tom.address, tom);
  await client.run("SELECT INBOX");
  const found = /^\* SEARCH (\d+)/m.exec((await client.run(`UID SEARCH SUBJECT ${subject}`)).join("\n"))?.[1];
  assert.ok(found, `${subject} has arrived`);
  const lines = await client.run(`UID FETCH ${found} BODY.PEEK[HEADER]`);
  client.destroy();
  return lines.join("\n");
}

/** The answers of a protocol that speaks in lines, one command after the other. */
async function talk(port: "pop3" | "managesieve", commands: readonly string[]): Promise<string> {
  const client = new RawClient(connect({ host: "127.0.0.1", port: suite.port(port) }));
  const answer = /^(\+OK|-ERR|OK|NO|BYE)/;
  const lines = await client.readUntil(answer);
  for (const command of commands) {
    client.send(`${command}\r\n`);
    lines.push(...(await client.readUntil(answer)));
  }
  client.destroy();
  return lines.join("\n");
}

test("a shared mailbox made and granted by command is opened by its address with the person's app password", async () => {
  assert.match(await run(sharedMailboxCommand, ["create", box, "Mairie"]), /^Boîte partagée créée : mairie@/);
  await assert.rejects(run(grantCommand, ["set", box, stranger.address, "lire"]), /no such person/);
  await assert.rejects(run(grantCommand, ["set", box, lea.address, "tout"]), /n’est pas un droit/);
  assert.equal(
    await run(grantCommand, ["set", box, lea.address, "lire,ecrire,supprimer,envoyer-comme"]),
    "Lea : lire, écrire, supprimer, envoyer-comme (Mairie)",
  );
  await run(grantCommand, ["set", box, tom.address, "lire"], { mailbox: "Archives" });
  assert.equal(
    await run(grantCommand, ["list", box]),
    `Lea <${lea.address}> : lire, écrire, supprimer, envoyer-comme\nTom <${tom.address}> : lire – dossier Archives`,
  );
  const { client, answer } = await imap(box, lea);
  assert.match(answer, /^OK/);
  await client.run("SELECT INBOX");
  // Neither one mailbox of it, nor an app password of another commune, nor another's name opens it.
  for (const person of [tom, stranger]) assert.match((await imap(box, person)).answer, /AUTHENTICATIONFAILED/);
  assert.match((await imap(lea.address, tom)).answer, /AUTHENTICATIONFAILED/);
  const pop3 = await talk("pop3", [`USER ${box}`, `PASS ${lea.appPassword}`, "STAT", "QUIT"]);
  assert.match(pop3, /^\+OK 0 0$/m);
  const plain = Buffer.from(`\0${box}\0${lea.appPassword}`).toString("base64");
  const sieve = await talk("managesieve", [`AUTHENTICATE "PLAIN" "${plain}"`, "LISTSCRIPTS"]);
  assert.doesNotMatch(sieve, /^NO/m);
  // Taken away, the open connection ends.
  await run(grantCommand, ["remove", box, lea.address]);
  await client.readUntil(/^\* BYE/);
  assert.match((await imap(box, lea)).answer, /AUTHENTICATIONFAILED/);
});

test("what is sent from its login is its own; on behalf it says who wrote", async () => {
  await run(grantCommand, ["set", box, lea.address, "lire,écrire,envoyer-comme"]);
  assert.match(await submit(box, lea, box, "Comme"), /^250 /);
  assert.doesNotMatch(await received("Comme"), /^Sender:/m);
  const { client } = await imap(box, lea);
  const sentBox = /"\\?\/?" "?([^"\r\n]+)"?$/.exec(
    (await client.run('LIST (SPECIAL-USE) "" "*"')).find((line) => line.includes("\\Sent"))!,
  )![1]!;
  assert.match((await client.run(`STATUS "${sentBox}" (MESSAGES)`))[0]!, /MESSAGES 1\)/);
  client.destroy();
  await run(grantCommand, ["set", box, lea.address, "lire,envoyer-pour"]);
  assert.match(await submit(lea.address, lea, box, "Pour"), /^250 /);
  assert.match(await received("Pour"), new RegExp(`^Sender: .*<${lea.address}>`, "m"));
  await run(grantCommand, ["set", box, lea.address, "lire"]);
  assert.match(await submit(lea.address, lea, box, "Non"), /^5\d\d /);
  assert.match(await submit(box, stranger, box, "Non"), /^535 /);
});

test("whether what one has read is read for all is said by command", async () => {
  assert.match(await run(sharedMailboxCommand, ["personal-seen", box, "oui"]), /chacun/);
  assert.match(await run(sharedMailboxCommand, ["personal-seen", box, "non"]), /pour tous/);
  await assert.rejects(run(sharedMailboxCommand, ["personal-seen", box, "yes"]), /oui ou non/);
});

test("what one person has seen moves the states of their JMAP alone", async () => {
  await run(grantCommand, ["set", box, lea.address, "lire,écrire"]);
  await run(grantCommand, ["set", box, tom.address, "lire"]);
  await run(sharedMailboxCommand, ["personal-seen", box, "oui"]);
  const { client: writer } = await imap(box, lea);
  await writer.append("INBOX", "Subject: Vu\r\n\r\nx\r\n");
  writer.destroy();
  const origin = `http://127.0.0.1:${suite.port("http")}`;
  const [hers, his] = [await JmapClient.open(origin, lea), await JmapClient.open(origin, tom)];
  const accountId = Object.entries(his.session.accounts).find(([, { name }]) => name === "Mairie")![0];
  const { ids } = await his.call("Email/query", { accountId, filter: { subject: "Vu" } });
  const state = async (of: JmapClient) => (await of.call("Email/get", { accountId, ids: [] })).state;
  const [before, hersBefore] = [await state(his), await state(hers)];
  await his.call("Email/set", { accountId, update: { [ids[0]!]: { "keywords/$seen": true } } });
  assert.deepEqual((await his.call("Email/changes", { accountId, sinceState: before })).updated, ids);
  assert.deepEqual((await hers.call("Email/changes", { accountId, sinceState: hersBefore })).updated, []);
  const unread = async (of: JmapClient) =>
    (await of.call("Mailbox/get", { accountId, ids: null })).list.find(({ role }) => role === "inbox")!.unreadEmails;
  assert.equal((await unread(hers)) - (await unread(his)), 1);
  const unseen = { accountId, filter: { subject: "Vu", notKeyword: "$seen" } };
  assert.deepEqual((await his.call("Email/query", unseen)).ids, []);
  assert.deepEqual((await hers.call("Email/query", unseen)).ids, ids);
});

test("a right taken away by another copy of the program is refused soon after", async () => {
  const second = await startSuite({ beside: suite });
  try {
    await run(grantCommand, ["set", box, lea.address, "lire,écrire"]);
    const { client } = await imap(lea.address, lea);
    await client.run("SELECT Shared/Mairie/INBOX");
    assert.match((await client.run("STORE 1 +FLAGS (\\Flagged)")).at(-1)!, /^OK/);
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);
    const context = { domain: second.domain, config: second.config, resolver: noDns, print };
    await grantCommand.run(context, ["set", box, lea.address, "lire"], {});
    const deadline = Date.now() + 60_000;
    for (;;) {
      const answer = (await client.run("STORE 1 -FLAGS (\\Flagged)")).at(-1)!;
      if (/^NO \[NOPERM\]/.test(answer)) break;
      assert.ok(Date.now() < deadline, answer);
    }
    client.destroy();
  } finally {
    await second.close();
  }
});

test("nothing went wrong on the server meanwhile", () => {
  assert.deepEqual(suite.log, []);
});
