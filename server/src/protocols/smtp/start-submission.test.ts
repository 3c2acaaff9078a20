import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, beforeEach, test } from "node:test";
import { promisify } from "node:util";
import nodemailer from "nodemailer";
import { findMailFaults } from "../../../test/harness/mail-invariants.ts";
import { type RawSmtp, type SmtpPerson, type SmtpSuite, startSmtpSuite } from "../../../test/harness/smtp-suite.ts";
import { grantAccount } from "../../domain/access/grant-account.ts";
import { createAppPassword, revokeAppPassword } from "../../domain/identity/app-passwords.ts";
import { saveOidcRecord } from "../../domain/identity/oidc-records.ts";
import { listQueue } from "../../domain/mail/submission/list-queue.ts";

const run = promisify(execFile);

let suite: SmtpSuite;
let lea: SmtpPerson;
let tom: SmtpPerson;
let count = 0;

before(async () => {
  suite = await startSmtpSuite({ allowPlainAuth: true });
});
beforeEach(async () => {
  count++;
  lea = await suite.addPerson(`Lea${count}`);
  tom = await suite.addPerson(`Tom${count}`);
});
after(async () => {
  assert.deepEqual(await findMailFaults(suite.mail.store), []);
  await suite.close();
});

const b64 = (text: string) => Buffer.from(text).toString("base64");
const plain = (login: string, secret: string) => Buffer.from(`\0${login}\0${secret}`).toString("base64");

async function signIn(person: SmtpPerson): Promise<RawSmtp> {
  const client = await suite.connectTls(suite.submissions);
  await client.send("EHLO pc.example");
  assert.match(await client.send(`AUTH PLAIN ${plain(person.address, person.secret)}`), /^235 /);
  return client;
}

async function submit(person: SmtpPerson, text: string, to: string[], from = person.address): Promise<string> {
  const client = await signIn(person);
  const sender = await client.send(`MAIL FROM:<${from}>`);
  if (!sender.startsWith("250")) return sender;
  for (const each of to) {
    const reply = await client.send(`RCPT TO:<${each}>`);
    if (!reply.startsWith("250")) return reply;
  }
  await client.send("DATA");
  client.write(`${text}.\r\n`);
  return client.reply();
}

test("swaks hands in a message that a colleague has at once and an outsider has queued", async () => {
  // Debian's swaks speaks TLS only with another package: here in clear, as a setting allows on loopback.
  const { stdout } = await run("swaks", [
    ...["--server", `127.0.0.1:${suite.submission.port}`, "--auth", "LOGIN"],
    ...["--auth-user", lea.address, "--auth-password", lea.secret],
    ...["--from", lea.address, "--to", `${tom.address},paul@ext.example`, "--header", "Subject: Essai"],
  ]);
  assert.match(stdout, /<-\s+250 2\.\d\.\d Accepted as/);
  assert.match((await suite.readInbox(tom))[0]!, /^Received: by mx\.bouquet\.example with ESMTPA id /);
  const queue = await listQueue(suite.mail.store.read, { organizationId: suite.organizationId });
  assert.ok(queue.some((each) => each.to === "paul@ext.example" && each.from === lea.address));
});

test("nodemailer goes over to TLS by STARTTLS and submits", async () => {
  const transport = nodemailer.createTransport({
    host: "127.0.0.1",
    port: suite.submission.port,
    requireTLS: true,
    auth: { user: lea.address, pass: lea.secret },
    tls: { rejectUnauthorized: false },
  });
  await transport.sendMail({ from: lea.address, to: tom.address, subject: "Essai", text: "x" });
  transport.close();
  assert.match((await suite.readInbox(tom))[0]!, /with ESMTPSA id/);
});

test("nodemailer submits over TLS from the first byte", async () => {
  const transport = nodemailer.createTransport({
    host: "127.0.0.1",
    port: suite.submissions.port,
    secure: true,
    auth: { user: lea.address, pass: lea.secret },
    tls: { rejectUnauthorized: false },
  });
  await transport.sendMail({ from: lea.address, to: tom.address, bcc: "cache@ext.example", subject: "Été", text: "é" });
  transport.close();
  assert.equal((await suite.readInbox(tom)).length, 1);
});

test("AUTH is neither offered nor accepted without TLS", async () => {
  const strict = await startSmtpSuite();
  try {
    const client = await strict.connect(strict.submission);
    assert.doesNotMatch(await client.send("EHLO pc.example"), /AUTH/);
    assert.match(await client.send(`AUTH PLAIN ${plain(lea.address, lea.secret)}`), /^5\d\d /);
    assert.match(await client.send(`MAIL FROM:<${lea.address}>`), /^530 5\.7\.0 /);
    assert.match(await client.send(`RCPT TO:<${lea.address}>`), /^503 /);
    await client.startTls();
    assert.match(await client.send("EHLO pc.example"), /AUTH PLAIN LOGIN/);
    assert.match(await client.send("MAIL FROM:<>"), /^530 5\.7\.0 /);
  } finally {
    await strict.close();
  }
});

test("a wrong password, another's, and the account's own password are refused by 535", async () => {
  const client = await suite.connectTls(suite.submissions);
  await client.send("EHLO pc.example");
  for (const [login, secret] of [
    [lea.address, "faux"],
    [lea.address, tom.secret],
    ["personne@bourg-fleuri.example", lea.secret],
    [lea.address, ""],
  ] as const) {
    assert.match(await client.send(`AUTH PLAIN ${plain(login, secret)}`), /^535 5\.7\.8 /);
  }
  assert.match(await client.send("AUTH PLAIN !!!"), /^501 /);
  assert.match(await client.send("AUTH"), /^501 5\.5\.4 /);
  assert.match(await client.send("AUTH CRAM-MD5"), /^504 /);
  assert.match(await client.send(`AUTH PLAIN ${plain("x", "y")}`), /^421 /);
  await client.closed;
});

test("a sender address that is not theirs is refused at MAIL, and in From after DATA, by 550 5.7.1", async () => {
  assert.match(await submit(lea, "", [tom.address], tom.address), /^550 5\.7\.1 /);
  const text = `From: ${tom.address}\r\nSubject: x\r\n\r\nx\r\n`;
  assert.match(await submit(lea, text, [tom.address]), /^550 5\.7\.1 /);
  const two = `From: ${lea.address}\r\nFrom: ${tom.address}\r\nSubject: x\r\n\r\nx\r\n`;
  assert.match(await submit(lea, two, [tom.address]), /^554 5\.5\.0 The message needs one From field/);
  assert.deepEqual(await suite.readInbox(tom), []);
});

test("an address with a tag and one that was granted may be used", async () => {
  const shared = await suite.addPerson(`Mairie${count}`, { kind: "shared_mailbox" });
  await suite.mail.store.transact((tx) => grantAccount(tx, shared, lea, ["read", "send_as"]));
  const tagged = lea.address.replace("@", "+crm@");
  for (const from of [tagged, shared.address]) {
    assert.match(await submit(lea, `From: ${from}\r\n\r\nx\r\n`, [tom.address], from), /^250 /);
  }
});

test("an unknown colleague is refused at RCPT by 550 5.1.1", async () => {
  assert.match(await submit(lea, "", [`rien@${suite.domain}`]), /^550 5\.1\.1 /);
});

test("missing Date and Message-ID are added, Bcc is taken out, line ends become CRLF", async () => {
  const text = `From: ${lea.address}\r\nTo: ${tom.address}\r\nBcc: chef@x.example,\r\n autre@x.example\r\nSubject: x\n\na\nb\r\n`;
  assert.match(await submit(lea, text, [tom.address]), /^250 /);
  const [got] = await suite.readInbox(tom);
  assert.match(got!, /^Date: \w{3}, /m);
  assert.match(got!, new RegExp(`^Message-ID: <[0-9a-f-]{36}@${suite.domain}>\r$`, "m"));
  assert.doesNotMatch(got!, /bcc|chef@|autre@/i);
  assert.ok(got!.endsWith("\r\n\r\na\r\nb\r\n"));
  assert.doesNotMatch(got!.replaceAll("\r\n", ""), /[\r\n]/);
});

test("whom one writes to is remembered with the name", async () => {
  const text = `From: ${lea.address}\r\nTo: =?utf-8?Q?Andr=C3=A9?= Petit <Andre@Ext.example>\r\n\r\nx\r\n`;
  await submit(lea, text, ["Andre@Ext.example"]);
  await submit(lea, text, ["Andre@Ext.example"]);
  const rows = await suite.mail.store.read
    .selectFrom("correspondent")
    .select(["address", "name", "uses"])
    .where("account_id", "=", lea.accountId)
    .execute();
  assert.deepEqual(rows, [{ address: "andre@ext.example", name: "André Petit", uses: 2 }]);
});

test("a colleague whose mailbox is full is queued, not refused", async () => {
  const full = await suite.addPerson(`Plein${count}`, { quotas: { mail: 10, files: 0 } });
  assert.match(await submit(lea, `From: ${lea.address}\r\n\r\nx\r\n`, [full.address, tom.address]), /^250 /);
  assert.equal((await suite.readInbox(tom)).length, 1);
  const queue = await listQueue(suite.mail.store.read);
  const waiting = queue.find((each) => each.to === full.address);
  assert.ok(waiting && waiting.nextAttemptAt > new Date());
});

test("a password that was revoked no longer sends, even on a connection that was open", async () => {
  const client = await signIn(lea);
  const row = await suite.mail.store.read
    .selectFrom("app_password")
    .select("id")
    .where("principal_id", "=", lea.principalId)
    .executeTakeFirstOrThrow();
  await revokeAppPassword(suite.identity, lea, row.id);
  assert.match(await client.send(`MAIL FROM:<${lea.address}>`), /^(421|535|530) /);
});

test("an orderly stop lets the message under way end, answers it, and says 421 to those who wait", async () => {
  const other = await startSmtpSuite();
  try {
    const eva = await other.addPerson("Eva");
    const idle = await other.connect(other.receiving);
    const sending = await other.connect(other.receiving);
    await sending.begin("paul@ext.example", eva.address);
    sending.write("From: paul@ext.example\r\n\r\n");
    const stopped = other.receiving.close(10_000);
    assert.match(await idle.reply(), /^421 /);
    sending.write("fin\r\n.\r\n");
    assert.match(await sending.reply(), /^250 /);
    assert.match(await sending.reply(), /^421 /);
    await stopped;
    assert.equal((await other.readInbox(eva)).length, 1);
  } finally {
    await other.close();
  }
});

test("a stop cuts after its deadline what does not end by itself, and nothing is delivered", async () => {
  const other = await startSmtpSuite();
  try {
    const eva = await other.addPerson("Eva");
    const sending = await other.connect(other.receiving);
    await sending.begin("paul@ext.example", eva.address);
    sending.write("From: paul@ext.example\r\n\r\n");
    await other.receiving.close(10);
    await sending.closed;
    assert.deepEqual(await other.readInbox(eva), []);
  } finally {
    await other.close();
  }
});

test("a mail program signs in with a token by XOAUTH2 and OAUTHBEARER; a wrong one is told why, then refused", async () => {
  const { store } = suite.mail;
  const token = "a".repeat(43);
  const { appPassword } = await createAppPassword(suite.identity, lea, { name: "OAuth", scopes: ["smtp"] });
  // As the provider writes it: see protocols/oidc/mail-program.test.ts for the whole way.
  await saveOidcRecord(store, "AccessToken", `${token}${count}`, {
    payload: { accountId: lea.uid, clientId: "bouquet-mail-programs", scope: "openid smtp" },
    ttlSeconds: 60,
    familyId: appPassword.id,
  });
  const xoauth2 = (user: string, of: string) => b64(`user=${user}\u0001auth=Bearer ${of}\u0001\u0001`);
  const bearer = (of: string) => b64(`n,a=${lea.address},\u0001host=x\u0001auth=Bearer ${of}\u0001\u0001`);
  const begin = async () => {
    const client = await suite.connectTls(suite.submissions);
    assert.match(await client.send("EHLO pc.example"), /AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER/);
    return client;
  };
  const one = await begin();
  assert.match(await one.send(`AUTH XOAUTH2 ${xoauth2(lea.address, `${token}${count}`)}`), /^235 2\.7\.0 /);
  assert.match(await one.send(`MAIL FROM:<${lea.address}>`), /^250 /);
  const two = await begin();
  assert.match(await two.send("AUTH OAUTHBEARER"), /^334 $|^334$/);
  assert.match(await two.send(bearer(`${token}${count}`)), /^235 /);

  const three = await begin();
  for (const [mechanism, message, answer] of [
    ["XOAUTH2", xoauth2(lea.address, `${token}x`), ""],
    ["OAUTHBEARER", bearer(`${token}x`), "AQ=="],
    ["XOAUTH2", xoauth2(tom.address, `${token}${count}`), ""],
  ] as const) {
    const challenge = await three.send(`AUTH ${mechanism} ${message}`);
    const told = JSON.parse(Buffer.from(/^334 (.*)$/.exec(challenge)![1]!, "base64").toString());
    assert.equal(told.scope, "smtp");
    assert.match(await three.send(answer), /^535 5\.7\.8 /);
  }
  await revokeAppPassword(suite.identity, lea, appPassword.id);
  assert.match(await one.send("RSET"), /^250/);
  assert.match(await one.send(`MAIL FROM:<${lea.address}>`), /^421 /);
});

test("an exchange that the client breaks off or writes wrongly is refused by 501, and it may begin again", async () => {
  const client = await suite.connectTls(suite.submissions);
  assert.match(await client.send("AUTH PLAIN"), /^503 5\.5\.1 /);
  await client.send("EHLO pc.example");
  assert.match(await client.send("AUTH LOGIN"), /^334 VXNlcm5hbWU6/);
  assert.match(await client.send("*"), /^501 5\.7\.0 /);
  assert.match(await client.send("AUTH PLAIN !!!"), /^501 5\.5\.2 /);
  assert.match(await client.send("AUTH PLAIN ="), /^501 5\.5\.2 /);
  assert.match(await client.send("AUTH XOAUTH2 AAAA"), /^501 5\.5\.2 /);
  assert.match(await client.send("AUTH CRAM-MD5"), /^504 5\.5\.4 /);
  assert.match(await client.send(`AUTH PLAIN ${b64(`chef\0${lea.address}\0${lea.secret}`)}`), /^535 5\.7\.8 /);
  assert.match(await client.send(`AUTH LOGIN ${b64(lea.address)}`), /^334 UGFzc3dvcmQ6/);
  assert.match(await client.send(b64(lea.secret)), /^235 /);
  assert.match(await client.send(`AUTH PLAIN ${plain(lea.address, lea.secret)}`), /^503 5\.5\.1 /);
});

test("TLS-Required: No goes into the queue with the message, unless REQUIRETLS was asked for", async () => {
  const header = `From: ${lea.address}\r\nTLS-Required: No\r\nSubject: x\r\n\r\nx\r\n`;
  assert.match(await submit(lea, header, ["clair@ext.example"]), /^250 /);
  const client = await signIn(lea);
  assert.match(await client.send(`MAIL FROM:<${lea.address}> REQUIRETLS`), /^250 /);
  await client.send("RCPT TO:<chiffre@ext.example>");
  await client.send("DATA");
  client.write(`${header}.\r\n`);
  assert.match(await client.reply(), /^250 /);
  const rows = await suite.mail.store.read
    .selectFrom("outbound_message as m")
    .innerJoin("outbound_recipient as r", "r.outbound_id", "m.id")
    .select(["r.address", "m.requires_tls", "m.is_tls_optional"])
    .where("m.account_id", "=", lea.accountId)
    .orderBy("r.address")
    .execute();
  assert.deepEqual(rows, [
    { address: "chiffre@ext.example", requires_tls: true, is_tls_optional: false },
    { address: "clair@ext.example", requires_tls: false, is_tls_optional: true },
  ]);
});
