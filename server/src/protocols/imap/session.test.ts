import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { connect as upgrade } from "node:tls";
import { type ImapSuite, RawClient, sampleMessage, startImapSuite } from "../../../test/harness/imap-suite.ts";
import { grantAccount } from "../../domain/access/grant-account.ts";
import { revokeAppPassword } from "../../domain/identity/app-passwords.ts";

let suite: ImapSuite;

before(async () => {
  suite = await startImapSuite({ maxMessageBytes: 1_000_000, maxConnectionsPerPerson: 3 });
});
after(() => suite.close());

/** The tagged response of the last line. */
const result = (lines: string[]) => lines.at(-1) ?? "";

test("The greeting tells what can be done before signing in, and no more", async () => {
  const client = await suite.connect();
  const greeting = (await client.readLine()) ?? "";
  assert.match(greeting, /^\* OK \[CAPABILITY IMAP4rev1 IMAP4rev2 .*STARTTLS AUTH=PLAIN AUTH=LOGIN/);
  assert.doesNotMatch(greeting, /QRESYNC|LOGINDISABLED/);
  client.destroy();
});

test("Passwords in clear are refused where the setting forbids them, and taken after STARTTLS", async () => {
  const strict = await startImapSuite({ allowPlainAuthOnLoopback: false });
  try {
    const person = await strict.addPerson();
    const client = await strict.connect();
    assert.match((await client.readLine()) ?? "", /LOGINDISABLED/);
    assert.match(result(await client.run(`LOGIN ${person.address} ${person.secret}`)), /^NO \[PRIVACYREQUIRED\]/);
    assert.match(result(await client.run("AUTHENTICATE PLAIN")), /^NO \[PRIVACYREQUIRED\]/);
    assert.match(result(await client.run("STARTTLS")), /^OK/);
    client.socket.removeAllListeners("data");
    const secured = upgrade({ socket: client.socket, rejectUnauthorized: false });
    await once(secured, "secureConnect");
    const inside = new RawClient(secured);
    const [capabilities = ""] = await inside.run("CAPABILITY");
    assert.doesNotMatch(capabilities, /STARTTLS|LOGINDISABLED/);
    assert.match(result(await inside.run(`LOGIN ${person.address} ${person.secret}`)), /^OK \[CAPABILITY .*QRESYNC/);
    inside.destroy();
  } finally {
    await strict.close();
  }
});

test("Commands sent in clear behind STARTTLS are never obeyed", async () => {
  const client = await suite.connect();
  await client.readLine();
  client.send("a1 STARTTLS\r\na2 LOGIN evil evil\r\n");
  assert.match((await client.readLine()) ?? "", /^a1 OK/);
  assert.equal(await client.readLine(), null);
});

test("Each way of signing in works", async () => {
  const person = await suite.addPerson();
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const plain = base64(`\0${person.address}\0${person.secret}`);
  const open = async () => {
    const client = await suite.connect();
    await client.readLine();
    return client;
  };
  const first = await open();
  assert.match(result(await first.run(`AUTHENTICATE PLAIN ${plain}`)), /^OK/);
  first.destroy();
  const second = await open();
  second.send("a AUTHENTICATE PLAIN\r\n");
  assert.equal(await second.readLine(), "+ ");
  second.send(`${plain}\r\n`);
  assert.match((await second.readLine()) ?? "", /^a OK/);
  second.destroy();
  const third = await open();
  third.send("a AUTHENTICATE LOGIN\r\n");
  assert.equal(await third.readLine(), `+ ${base64("Username:")}`);
  third.send(`${base64(person.address)}\r\n`);
  assert.equal(await third.readLine(), `+ ${base64("Password:")}`);
  third.send(`${base64(person.secret)}\r\n`);
  assert.match((await third.readLine()) ?? "", /^a OK/);
  assert.match(result(await third.run("LOGIN a b")), /^BAD/);
  third.destroy();
  const fourth = await open();
  fourth.send(`a LOGIN {${person.address.length}}\r\n`);
  assert.equal(await fourth.readLine(), "+ OK");
  fourth.send(`${person.address} {${person.secret.length}+}\r\n${person.secret}\r\n`);
  assert.match((await fourth.readLine()) ?? "", /^a OK/);
  fourth.destroy();
});

test("Malformed and canceled sign-ins are refused, nobody signs in as another, and failures end the connection", async () => {
  const person = await suite.addPerson();
  const client = await suite.connect();
  await client.readLine();
  client.send("a AUTHENTICATE PLAIN\r\n");
  await client.readLine();
  client.send("*\r\n");
  assert.match((await client.readLine()) ?? "", /^a BAD/);
  assert.match(result(await client.run("AUTHENTICATE PLAIN ====")), /^BAD/);
  assert.match(result(await client.run("AUTHENTICATE PLAIN AAAA")), /^BAD/);
  assert.match(result(await client.run("AUTHENTICATE KERBEROS_V4")), /^NO/);
  const other = Buffer.from(`chef@x.example\0${person.address}\0${person.secret}`).toString("base64");
  assert.match(result(await client.run(`AUTHENTICATE PLAIN ${other}`)), /^NO \[AUTHORIZATIONFAILED\]/);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    assert.match(result(await client.run(`LOGIN ${person.address} wrong`)), /^NO \[AUTHENTICATIONFAILED\]/);
  }
  assert.match((await client.readLine()) ?? "", /^\* BYE/);
  await client.closed();
});

test("A person cannot hold more connections than the limit, and gets them back", async () => {
  const person = await suite.addPerson();
  const clients = [await suite.signIn(person), await suite.signIn(person), await suite.signIn(person)];
  const fourth = await suite.connect();
  await fourth.readLine();
  assert.match(result(await fourth.run(`LOGIN ${person.address} ${person.secret}`)), /^NO \[LIMIT\]/);
  await clients[0]!.run("LOGOUT");
  await clients[0]!.closed();
  assert.match(result(await fourth.run(`LOGIN ${person.address} ${person.secret}`)), /^OK/);
  for (const client of [...clients, fourth]) client.destroy();
});

test("A revoked app password ends the connections that it opened", async () => {
  const person = await suite.addPerson();
  const client = await suite.signIn(person);
  await revokeAppPassword(suite.deps.identity, person, person.appPasswordId);
  assert.match((await client.readLine()) ?? "", /^\* BYE/);
  await client.closed();
});

test("A right taken away is refused at the next command; without any the connection that has the mailbox selected ends", async () => {
  const person = await suite.addPerson();
  const shared = await suite.shareMailbox("Accueil", person, ["read", "write"]);
  const [inside, outside] = [await suite.signIn(person), await suite.signIn(person)];
  await inside.append("Shared/Accueil/INBOX", "Subject: x\r\n\r\ny\r\n");
  await inside.run("SELECT Shared/Accueil/INBOX");
  assert.match(result(await inside.run("STORE 1 +FLAGS (\\Flagged)")), /^OK/);
  const { store } = suite.mail;
  await store.transact((tx) => grantAccount(tx, shared, person, ["read"]));
  assert.match(result(await inside.run("STORE 1 -FLAGS (\\Flagged)")), /^NO \[NOPERM\]/);
  assert.match(result(await inside.run("FETCH 1 FLAGS")), /^OK/);
  assert.match(result(await outside.run("SELECT Shared/Accueil/INBOX")), /^OK \[READ-ONLY\]/);
  await outside.run("UNSELECT");
  await store.transact((tx) => grantAccount(tx, shared, person, []));
  await inside.readUntil(/^\* BYE/);
  assert.match(result(await outside.run("SELECT Shared/Accueil/INBOX")), /^NO \[NONEXISTENT\]/);
  outside.destroy();
});

test("Commands out of place and unknown ones are BAD, and too many of them end the connection", async () => {
  const client = await suite.connect();
  await client.readLine();
  for (const command of ["SELECT INBOX", "FETCH 1 FLAGS", "XYZZY", "IDLE", "CAPABILITY junk", "ENABLE CONDSTORE"]) {
    assert.match(result(await client.run(command)), /^BAD/, command);
  }
  client.send("one\r\n* two\r\n(three)\r\n\xff\r\n");
  assert.match((await client.readUntil(/BYE/)).at(-1)!, /^\* BYE/);
  await client.closed();
});

test("An unauthenticated flood of garbage, of lines and of literals ends with BYE and little memory", async () => {
  for (const flood of [
    "x".repeat(300_000),
    "a LOGIN {9999999999999+}\r\n",
    `a LOGIN ${"(".repeat(70_000)}\r\n`.repeat(12),
  ]) {
    const client = await suite.connect();
    await client.readLine();
    client.send(flood);
    await client.readUntil(/^\* BYE/);
    await client.closed();
  }
});

test("Pipelined commands are answered in order", async () => {
  const client = await suite.signIn(await suite.addPerson());
  const message = sampleMessage("pipeline");
  client.send(
    `a SELECT INBOX\r\nb APPEND INBOX {${message.length}+}\r\n${message}\r\nc FETCH 1 UID\r\nd STORE 1 +FLAGS (\\Deleted)\r\ne EXPUNGE\r\nf NOOP\r\n`,
  );
  const lines = await client.readUntil(/^f /);
  const tagged = lines.filter((line) => /^[a-f] /.test(line)).map((line) => line.slice(0, 4));
  assert.deepEqual(tagged, ["a OK", "b OK", "c OK", "d OK", "e OK", "f OK"]);
  const told = lines.filter((line) => /EXISTS|FETCH|EXPUNGE$/.test(line) && line.startsWith("*"));
  assert.deepEqual(told, [
    "* 0 EXISTS",
    "* 1 EXISTS",
    "* 1 FETCH (UID 1)",
    "* 1 FETCH (UID 1 FLAGS (\\Deleted \\Recent))",
    "* 1 EXPUNGE",
  ]);
  client.destroy();
});

test("APPEND refuses before the literal what cannot be stored, and the connection goes on", async () => {
  const client = await suite.signIn(await suite.addPerson());
  client.send("a APPEND Nowhere {10}\r\n");
  assert.match((await client.readLine()) ?? "", /^a NO \[TRYCREATE\]/);
  client.send("b APPEND INBOX {1000000000000}\r\n");
  assert.match((await client.readLine()) ?? "", /^b NO \[TOOBIG\]/);
  client.send("c APPEND INBOX {0}\r\n");
  assert.match((await client.readLine()) ?? "", /^c NO/);
  client.send(`d APPEND INBOX {1000001+}\r\n${"x".repeat(1_000_001)}\r\n`);
  assert.match((await client.readLine()) ?? "", /^d NO \[TOOBIG\]/);
  client.send("e APPEND INBOX (\\Nope) {5}\r\n");
  assert.match((await client.readLine()) ?? "", /^e (NO|BAD)/);
  client.send("f APPEND INBOX {5+}\r\nhello junk\r\n");
  assert.match((await client.readLine()) ?? "", /^f BAD/);
  assert.deepEqual(await client.run("STATUS INBOX (MESSAGES)"), ['* STATUS "INBOX" (MESSAGES 0)', "OK Status told."]);
  client.destroy();
});

test("A client that leaves in the middle of a message leaves nothing", async () => {
  const person = await suite.addPerson();
  const leaving = await suite.signIn(person);
  leaving.send(`a APPEND INBOX {500000}\r\n`);
  assert.equal(await leaving.readLine(), "+ OK");
  leaving.send("x".repeat(100_000));
  leaving.destroy();
  const client = await suite.signIn(person);
  assert.equal((await client.run("STATUS INBOX (MESSAGES)"))[0], '* STATUS "INBOX" (MESSAGES 0)');
  client.destroy();
});

test("Line ends, NUL and 8-bit bytes of a message come back as they were sent", async () => {
  const client = await suite.signIn(await suite.addPerson());
  const message = "Subject: a\n\nbare\nline\rends \u00e9\x01\r\n";
  await client.append("INBOX", message);
  await client.run("SELECT INBOX");
  const [fetched] = await client.run("FETCH 1 (BODY.PEEK[] BODY.PEEK[TEXT]<0.4> BODY.PEEK[9] RFC822.SIZE)");
  const size = Buffer.byteLength(message);
  assert.equal(
    fetched,
    `* 1 FETCH (BODY[] {${size}}\r\n${message} BODY[TEXT]<0> {4}\r\nbare BODY[9] NIL RFC822.SIZE ${size})`,
  );
  client.destroy();
});

test("Reading a body sets \\Seen and says so; PEEK, EXAMINE and headers do not", async () => {
  const client = await suite.signIn(await suite.addPerson());
  await client.append("INBOX", sampleMessage("a"));
  await client.run("EXAMINE INBOX");
  assert.doesNotMatch((await client.run("FETCH 1 BODY[TEXT]")).join(), /FLAGS/);
  assert.match(result(await client.run("STORE 1 +FLAGS (\\Seen)")), /^NO/);
  assert.match(result(await client.run("EXPUNGE")), /^NO/);
  await client.run("SELECT INBOX");
  assert.doesNotMatch((await client.run("FETCH 1 (BODY.PEEK[] RFC822.HEADER)")).join(), /FLAGS/);
  assert.match((await client.run("FETCH 1 BODY[TEXT]")).join(), /FLAGS \(\\Seen \\Recent\)\)/);
  assert.deepEqual(await client.run("NOOP"), ["OK Nothing done."]);
  client.destroy();
});

test("While sequence numbers are in use nothing is expunged, and messages that are gone are said to be", async () => {
  const person = await suite.addPerson();
  const [one, two] = [await suite.signIn(person), await suite.signIn(person)];
  for (const subject of ["a", "b", "c"]) await one.append("INBOX", sampleMessage(subject));
  await one.run("SELECT INBOX");
  await two.run("SELECT INBOX");
  await two.run("STORE 1 +FLAGS.SILENT (\\Deleted)");
  assert.deepEqual(await two.run("EXPUNGE"), ["* 1 EXPUNGE", "OK Expunged."]);
  const fetched = await one.run("FETCH 1:3 UID");
  assert.deepEqual(fetched.slice(0, -1), ["* 2 FETCH (UID 2)", "* 3 FETCH (UID 3)"]);
  assert.match(result(fetched), /^NO \[EXPUNGEISSUED\]/);
  assert.deepEqual((await one.run("SEARCH ALL"))[0], "* SEARCH 2 3");
  assert.deepEqual(await one.run("NOOP"), ["* 1 EXPUNGE", "* 2 RECENT", "OK Nothing done."]);
  assert.deepEqual((await one.run("SEARCH ALL"))[0], "* SEARCH 1 2");
  one.destroy();
  two.destroy();
});

test("Flags changed by another are told, one's own are not told twice, and new keywords are announced", async () => {
  const person = await suite.addPerson();
  const [one, two] = [await suite.signIn(person), await suite.signIn(person)];
  await one.append("INBOX", sampleMessage("a"));
  await one.run("SELECT INBOX");
  await two.run("SELECT INBOX");
  assert.equal(
    (await one.run("STORE 1 +FLAGS (\\Seen Facture)")).at(-2),
    "* 1 FETCH (UID 1 FLAGS (\\Seen facture \\Recent))",
  );
  assert.deepEqual(await one.run("NOOP"), ["OK Nothing done."]);
  const told = await two.run("NOOP");
  assert.match(told[0]!, /^\* FLAGS \(.* facture\)$/);
  assert.equal(told[1], "* 1 FETCH (UID 1 FLAGS (\\Seen facture))");
  assert.deepEqual(await two.run("STORE 1 -FLAGS.SILENT (Facture)"), ["OK Stored."]);
  one.destroy();
  two.destroy();
});

test("IDLE ends only with DONE, and what follows a wrong line is still answered", async () => {
  const client = await suite.signIn(await suite.addPerson());
  await client.run("SELECT INBOX");
  client.send("a IDLE\r\n");
  assert.equal(await client.readLine(), "+ idling");
  client.send("b NOOP\r\n");
  assert.match((await client.readLine()) ?? "", /^a BAD/);
  client.send("c IDLE\r\nDONE\r\nd NOOP\r\n");
  const lines = await client.readUntil(/^d /);
  assert.deepEqual(lines, ["+ idling", "c OK No longer idling.", "d OK Nothing done."]);
  client.destroy();
});

test("A client that does not sign in is sent away", async () => {
  const hasty = await startImapSuite({ loginTimeoutMs: 20 });
  try {
    const client = await hasty.connect();
    await client.readUntil(/^\* BYE/);
    await client.closed();
  } finally {
    await hasty.close();
  }
});

test("A client in IDLE is given signs of life", async () => {
  const lively = await startImapSuite({ idleKeepaliveMs: 20 });
  try {
    const client = await lively.signIn(await lively.addPerson());
    client.send("a IDLE\r\n");
    await client.readUntil(/^\* OK Still here/);
    client.send("DONE\r\n");
    await client.readUntil(/^a OK/);
  } finally {
    await lively.close();
  }
});

test("A mailbox that another deletes says goodbye to whoever has it selected", async () => {
  const person = await suite.addPerson();
  const [one, two] = [await suite.signIn(person), await suite.signIn(person)];
  await one.run("CREATE Projet");
  await two.run("SELECT Projet");
  assert.match(result(await one.run("DELETE Projet")), /^OK/);
  two.send("a NOOP\r\n");
  assert.match((await two.readLine()) ?? "", /^\* BYE/);
  await two.closed();
  one.destroy();
});

test("An orderly stop says BYE between two commands, to those in IDLE too, and finishes what runs", async () => {
  const stopping = await startImapSuite();
  try {
    const person = await stopping.addPerson();
    const [idle, quiet, busy] = [
      await stopping.signIn(person),
      await stopping.signIn(person),
      await stopping.signIn(person),
    ];
    await idle.run("SELECT INBOX");
    idle.send("a IDLE\r\n");
    await idle.readLine();
    const message = sampleMessage("dernier");
    busy.send(`a APPEND INBOX {${message.length}}\r\n`);
    assert.equal(await busy.readLine(), "+ OK");
    const stopped = stopping.stop();
    assert.match((await quiet.readUntil(/BYE/)).at(-1)!, /^\* BYE/);
    busy.send(`${message}\r\n`);
    const lines = await busy.readUntil(/BYE/);
    assert.match(lines[0]!, /^a OK \[APPENDUID/);
    await idle.readUntil(/BYE/);
    await stopped;
  } finally {
    await stopping.close();
  }
});
