import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, beforeEach, test } from "node:test";
import { promisify } from "node:util";
import { findMailFaults } from "../../../test/harness/mail-invariants.ts";
import { type SmtpPerson, type SmtpSuite, startSmtpSuite } from "../../../test/harness/smtp-suite.ts";
import { StoreError } from "../../store/store-error.ts";

const run = promisify(execFile);

let suite: SmtpSuite;
let lea: SmtpPerson;
let count = 0;

before(async () => {
  suite = await startSmtpSuite({ limits: { maxRefusals: 5 } });
});
beforeEach(async () => {
  lea = await suite.addPerson(`Lea${++count}`);
});
after(async () => {
  assert.deepEqual(await findMailFaults(suite.mail.store), []);
  await suite.close();
});

const message = (body = "Bonjour", headers = "") =>
  `From: Paul <paul@ext.example>\r\nTo: x@y.example\r\nSubject: Essai\r\n${headers}\r\n${body}\r\n`;

async function deliver(text: string, to = lea.address, from = "paul@ext.example"): Promise<string> {
  const client = await suite.connect(suite.receiving);
  assert.match(await client.begin(from, to), /^354/);
  client.write(`${text}.\r\n`);
  const reply = await client.reply();
  client.socket.end("QUIT\r\n");
  return reply;
}

test("a message sent by swaks is in the inbox with its trace when swaks has ended", async () => {
  const { stdout } = await run("swaks", [
    "--server",
    `127.0.0.1:${suite.receiving.port}`,
    ...["--from", "paul@ext.example", "--to", lea.address, "--helo", "pc.ext.example", "--body", "Salut"],
  ]);
  assert.match(stdout, /<-\s+250 2\.\d\.\d Delivered/);
  const [text] = await suite.readInbox(lea);
  assert.match(
    text!,
    new RegExp(
      "^Return-Path: <paul@ext.example>\r\n" +
        "Authentication-Results: mx\\.bouquet\\.example;[^]*?\r\n" +
        "Received: from pc\\.ext\\.example \\(\\[127\\.0\\.0\\.1\\]\\)\r\n" +
        "\tby mx\\.bouquet\\.example with ESMTP id [\\w.]+\r\n" +
        `\tfor <${lea.address}>;\r\n` +
        "\t\\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d \\+0000\r\n",
    ),
  );
  assert.match(text!, /\r\n\r\nSalut/);
});

test("STARTTLS is offered and its mail is received with ESMTPS", async () => {
  const client = await suite.connect(suite.receiving);
  assert.match(await client.send("EHLO a.example"), /STARTTLS/);
  await client.startTls();
  assert.doesNotMatch(await client.send("EHLO a.example"), /STARTTLS/);
  await client.send("MAIL FROM:<paul@ext.example>");
  await client.send(`RCPT TO:<${lea.address}>`);
  await client.send("DATA");
  client.write(`${message()}.\r\n`);
  assert.match(await client.reply(), /^250 /);
  assert.match((await suite.readInbox(lea))[0]!, /with ESMTPS id \w+\.1 \(TLSv1\.3 TLS_[A-Z0-9_]+\)\r\n/);
});

test("nobody can sign in on the port of other servers", async () => {
  const client = await suite.connect(suite.receiving);
  assert.doesNotMatch(await client.send("EHLO a.example"), /AUTH/);
  assert.match(await client.send("AUTH PLAIN AGEAYg=="), /^5\d\d /);
});

test("an unknown mailbox is refused at RCPT by 550 5.1.1, another domain by 550 5.7.1", async () => {
  const client = await suite.connect(suite.receiving);
  await client.send("EHLO a.example");
  await client.send("MAIL FROM:<paul@ext.example>");
  assert.match(await client.send(`RCPT TO:<personne@${suite.domain}>`), /^550 5\.1\.1 /);
  assert.match(await client.send("RCPT TO:<x@ailleurs.example>"), /^550 5\.7\.1 /);
  assert.match(await client.send("RCPT TO:<x%ailleurs.example@bourg-fleuri.example>"), /^550 5\.1\.1 /);
  assert.match(await client.send("DATA"), /^503/);
});

test("someone who guesses addresses is sent away", async () => {
  const client = await suite.connect(suite.receiving);
  await client.send("EHLO a.example");
  await client.send("MAIL FROM:<paul@ext.example>");
  for (let index = 0; index < 5; index++) {
    assert.match(await client.send(`RCPT TO:<essai${index}@${suite.domain}>`), /^550 5\.1\.1/);
  }
  assert.match(await client.send(`RCPT TO:<essai@${suite.domain}>`), /^421 /);
  await client.closed;
});

test("a full mailbox is refused at RCPT by 452 4.2.2, one too full for the announced size too", async () => {
  const full = await suite.addPerson(`Plein${count}`, { quotas: { mail: 2_000, files: 0 } });
  const client = await suite.connect(suite.receiving);
  await client.send("EHLO a.example");
  await client.send("MAIL FROM:<paul@ext.example> SIZE=5000");
  assert.match(await client.send(`RCPT TO:<${full.address}>`), /^452 4\.2\.2 /);
});

test("a message that does not fit is refused after DATA by 452 4.2.2 and leaves nothing", async () => {
  const full = await suite.addPerson(`Presque${count}`, { quotas: { mail: 3_000, files: 0 } });
  assert.match(await deliver(message("x".repeat(4_000)), full.address), /^452 4\.2\.2 /);
  assert.deepEqual(await suite.readInbox(full), []);
});

test("a message larger than the limit is refused at MAIL when announced, after DATA otherwise, by 552 5.3.4", async () => {
  const client = await suite.connect(suite.receiving);
  assert.match(await client.send("EHLO a.example"), /SIZE 25000000/);
  assert.match(await client.send("MAIL FROM:<paul@ext.example> SIZE=26000000"), /^552 5\.3\.4 /);
  assert.match(await client.begin("paul@ext.example", lea.address), /^354/);
  const block = Buffer.from(`${"x".repeat(998)}\r\n`.repeat(1_000));
  client.write(message("debut"));
  for (let index = 0; index < 26; index++) client.write(block);
  client.write(".\r\n");
  assert.match(await client.reply(), /^552 5\.3\.4 /);
  assert.match(await client.send("NOOP"), /^250/);
  assert.deepEqual(await suite.readInbox(lea), []);
});

test("a message of several megabytes arrives byte for byte", async () => {
  const body = Array.from({ length: 60_000 }, (_, index) => `ligne ${index} ${"é".repeat(20)}`).join("\r\n");
  assert.match(await deliver(Buffer.from(message(body)).toString("latin1")), /^250 /);
  const [text] = await suite.readInbox(lea);
  assert.ok(Buffer.from(text!, "latin1").toString().endsWith(message(body)));
});

test("a connection that breaks off in the middle of DATA delivers nothing", async () => {
  const client = await suite.connect(suite.receiving);
  await client.begin("paul@ext.example", lea.address);
  client.write(message("x".repeat(200_000)));
  client.socket.end();
  await client.closed;
  assert.match(await deliver(message("Après")), /^250 /);
  const inbox = await suite.readInbox(lea);
  assert.equal(inbox.length, 1);
  assert.match(inbox[0]!, /Après|Apr\u00c3\u00a8s/);
});

test("commands may be pipelined, replies come in order", async () => {
  const client = await suite.connect(suite.receiving);
  client.write(
    `EHLO a.example\r\nMAIL FROM:<paul@ext.example>\r\nRCPT TO:<${lea.address}>\r\nRCPT TO:<rien@${suite.domain}>\r\nDATA\r\n`,
  );
  const replies = [];
  for (let index = 0; index < 5; index++) replies.push((await client.reply()).slice(0, 3));
  assert.deepEqual(replies, ["250", "250", "250", "550", "354"]);
  client.write(`${message()}.\r\nRSET\r\nNOOP\r\nQUIT\r\n`);
  assert.deepEqual(
    [await client.reply(), await client.reply(), await client.reply(), await client.reply()].map((each) =>
      each.slice(0, 3),
    ),
    ["250", "250", "250", "221"],
  );
  assert.equal((await suite.readInbox(lea)).length, 1);
});

for (const [name, end] of [
  ["LF . LF", "\n.\n"],
  ["LF . CRLF", "\n.\r\n"],
  ["CRLF . LF", "\r\n.\n"],
  ["CR . CR", "\r.\r"],
  ["CRLF . CR", "\r\n.\r"],
] as const) {
  test(`a message smuggled behind ${name} is not taken for another, and the carrier is refused`, async () => {
    const client = await suite.connect(suite.receiving);
    await client.begin("paul@ext.example", lea.address);
    client.write(
      `${message("Porteur")}${end}MAIL FROM:<maire@${suite.domain}>\r\nRCPT TO:<${lea.address}>\r\nDATA\r\n${message("Passager")}.\r\n`,
    );
    assert.match(await client.reply(), /^554 5\.5\.2 /);
    assert.match(await client.send("NOOP"), /^250/);
    assert.deepEqual(await suite.readInbox(lea), []);
  });
}

test("dots at the beginning of lines arrive as they were written", async () => {
  assert.match(await deliver(message("..\r\n...suite\r\n..fin")), /^250 /);
  assert.match((await suite.readInbox(lea))[0]!, /\r\n\r\n\.\r\n\.\.suite\r\n\.fin\r\n$/);
});

test("malformed commands are answered by 5xx and hurt nothing", async () => {
  const client = await suite.connect(suite.receiving);
  for (const line of ["EHLO", "MAIL FROM:<a@b.example>", "XYZZY", "\u0000\u0001", "MAIL"]) {
    assert.match(await client.send(line), /^5\d\d/, JSON.stringify(line));
  }
  await client.send("EHLO a.example");
  for (const line of [
    "MAIL FROM:paul@ext.example",
    "MAIL FROM:<paul@ext.example",
    "MAIL FROM:<a@b@c>",
    "MAIL FROM:<paul@ext.example> SIZE=abc",
    "MAIL FROM:<paul@ext.example> BODY=X",
    "MAIL FROM:<paul\u0000@ext.example>",
    `MAIL FROM:<${"a".repeat(300)}@ext.example>`,
  ]) {
    assert.match(await client.send(line), /^5\d\d/, JSON.stringify(line.slice(0, 60)));
  }
  assert.match(await client.send("MAIL FROM:<>"), /^250/);
});

test("a command line without end is cut off", async () => {
  const client = await suite.connect(suite.receiving);
  client.write("A".repeat(100_000));
  assert.match(await client.reply(), /^421 /);
  await client.closed;
});

test("a header of one megabyte is refused by 552, long lines in the body are not", async () => {
  assert.match(await deliver(message("x", `X-Enorme: ${"a".repeat(1_000_000)}\r\n`)), /^552 5\.3\.4 /);
  assert.match(await deliver(message("y".repeat(300_000))), /^250 /);
});

test("a NUL byte in the data is refused by 554", async () => {
  assert.match(await deliver(message("a\u0000b")), /^554 5\.6\.0 /);
});

test("a message that went through more than 50 servers is refused by 554 5.4.6", async () => {
  const hop = "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n";
  assert.match(await deliver(message("x", hop.repeat(51))), /^554 5\.4\.6 /);
  assert.match(await deliver(message("x", hop.repeat(50))), /^250 /);
});

test("MIME nested 1,000 deep is delivered", async () => {
  const open = Array.from(
    { length: 1_000 },
    (_, depth) => `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n`,
  ).join("");
  assert.match(await deliver(`From: a@b.example\r\nSubject: profond\r\n${open}\r\nfond\r\n`), /^250 /);
  assert.equal((await suite.readInbox(lea)).length, 1);
});

test("what others wrote in our name is taken out: Authentication-Results and Return-Path", async () => {
  const forged =
    "Authentication-Results: mx.bouquet.example; spf=pass; dkim=pass\r\n" +
    'authentication-results: (note) "MX.bouquet.example"\r\n\t; dmarc=pass\r\n' +
    "Authentication-Results: other.example; spf=pass\r\n" +
    "Return-Path: <maire@bourg-fleuri.example>\r\n";
  assert.match(await deliver(message("x", forged)), /^250 /);
  const [text] = await suite.readInbox(lea);
  assert.equal(text!.match(/^authentication-results:.*mx\.bouquet\.example/gim)?.length, 1);
  assert.doesNotMatch(text!, /dmarc=pass|dkim=pass/);
  assert.match(text!, /other\.example; spf=pass/);
  assert.equal(text!.match(/^Return-Path:/gim)?.length, 1);
});

test("SPF and DMARC are looked up and recorded", async () => {
  suite.dns.set("TXT", "spf.example", [["v=spf1 ip4:127.0.0.1 -all"]]);
  suite.dns.set("TXT", "_dmarc.spf.example", [["v=DMARC1; p=reject"]]);
  await deliver("From: <a@spf.example>\r\nSubject: x\r\n\r\nx\r\n", lea.address, "a@spf.example");
  const [text] = await suite.readInbox(lea);
  assert.match(text!, /spf=pass/);
  assert.match(text!, /dmarc=pass/);
});

test("when no DNS server answers the message arrives within seconds, as temperror", { timeout: 60_000 }, async () => {
  suite.dns.isDown = true;
  try {
    assert.match(await deliver(message()), /^250 /);
  } finally {
    suite.dns.isDown = false;
  }
  assert.match((await suite.readInbox(lea))[0]!, /^Authentication-Results:[\s\S]*?temperror/m);
});

test("postmaster without a domain is accepted when there is an administrator", async () => {
  const admin = await suite.addPerson(`Chef${count}`, { roles: ["member_administrator"] });
  assert.match(await deliver(message("Plainte"), "postmaster"), /^250 /);
  assert.equal((await suite.readInbox(admin)).length, 1);
});

test("a message to several people is delivered once to each", async () => {
  const second = await suite.addPerson(`Tom${count}`);
  const client = await suite.connect(suite.receiving);
  await client.begin("paul@ext.example", lea.address, second.address, lea.address);
  client.write(`${message()}.\r\n`);
  assert.match(await client.reply(), /^250 /);
  assert.equal((await suite.readInbox(lea)).length, 1);
  const [text] = await suite.readInbox(second);
  assert.doesNotMatch(text!, /\tfor </);
});

test("a full disk is answered by 452 4.3.1, a database that does not answer by 451 4.3.0, and nothing is delivered", async () => {
  const { storage } = suite.mail.blobs;
  const write = storage.write;
  storage.write = async () => {
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  };
  try {
    assert.match(await deliver(message("x".repeat(100_000))), /^452 4\.3\.1 /);
  } finally {
    storage.write = write;
  }
  const { store } = suite.mail;
  const { transact } = store;
  store.transact = () => Promise.reject(new StoreError("unavailable", "down"));
  try {
    assert.match(await deliver(message()), /^451 4\.3\.0 /);
  } finally {
    store.transact = transact;
  }
  assert.deepEqual(await suite.readInbox(lea), []);
});

test("connections beyond the limit of a network are refused by 421 and the others go on", async () => {
  const small = await startSmtpSuite({ limits: { maxPerNetwork: 2 } });
  try {
    const first = await small.connect(small.receiving);
    await small.connect(small.receiving);
    const third = await small.connect(small.receiving);
    assert.match(await third.greeting, /^421 /);
    await third.closed;
    first.socket.end("QUIT\r\n");
    await first.closed;
    // The server counts a connection out when it sees its end.
    for (;;) {
      const next = await small.connect(small.receiving);
      if ((await next.greeting).startsWith("220")) break;
    }
  } finally {
    await small.close();
  }
});

test("a message to more than 100 recipients is refused beyond them by 452 4.5.3", async () => {
  const client = await suite.connect(suite.receiving);
  await client.send("EHLO a.example");
  await client.send("MAIL FROM:<paul@ext.example>");
  for (let index = 0; index < 100; index++) {
    assert.match(await client.send(`RCPT TO:<${lea.address.replace("@", `+${index}@`)}>`), /^250/);
  }
  assert.match(await client.send(`RCPT TO:<${lea.address}>`), /^452 4\.5\.3 /);
});
