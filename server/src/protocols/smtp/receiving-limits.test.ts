import assert from "node:assert/strict";
import { connect } from "node:net";
import { afterEach, test } from "node:test";
import { sql } from "kysely";
import { RawSmtp, type SmtpSuite, startSmtpSuite } from "../../../test/harness/smtp-suite.ts";
import { noRates } from "../../domain/mail/limits/receiving-limits.ts";
import { searchTrace } from "../../domain/mail/trace/search-trace.ts";

let suite: SmtpSuite;
afterEach(() => suite.close());

/** Each connection comes, so the balancer says, from another client. */
async function from(address: string): Promise<RawSmtp> {
  const client = new RawSmtp(connect({ host: "127.0.0.1", port: suite.receiving.port }));
  client.write(`PROXY TCP4 ${address} 198.51.100.1 4660 25\r\n`);
  return client;
}

async function mailFrom(client: RawSmtp, sender: string): Promise<string> {
  await client.send("RSET");
  return client.send(`MAIL FROM:<${sender}>`);
}

test("behind a balancer limits count for the client that it names, and Received names it", async () => {
  suite = await startSmtpSuite({ proxies: ["127.0.0.1"], limits: { maxPerNetwork: 1 } });
  const lea = await suite.addPerson("Lea");
  const first = await from("192.0.2.1");
  assert.match(await first.greeting, /^220 /);
  const second = await from("192.0.2.1");
  assert.match(await second.greeting, /^421 4\.7\.0 /);
  const other = await from("192.0.2.2");
  await other.begin("paul@ext.example", lea.address);
  other.write("Subject: x\r\n\r\nx\r\n.\r\n");
  assert.match(await other.reply(), /^250 2\.0\.0 /);
  assert.match((await suite.readInbox(lea))[0]!, /\(\[192\.0\.2\.2\]\)/);
});

test("version 2 comes before TLS too, and STARTTLS goes on behind it", async () => {
  suite = await startSmtpSuite({ proxies: ["127.0.0.0/8"] });
  const client = new RawSmtp(connect({ host: "127.0.0.1", port: suite.submission.port }));
  const header = Buffer.concat([
    Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1"),
    Buffer.from([0x21, 0x11, 0, 12, 192, 0, 2, 9, 198, 51, 100, 1, 0x12, 0x34, 0, 25]),
  ]);
  for (const byte of header) client.write(Buffer.from([byte]));
  assert.match(await client.greeting, /^220 /);
  assert.match(await client.send("EHLO a.example"), /greets \[192\.0\.2\.9\]/);
  await client.startTls();
  assert.match(await client.send("EHLO a.example"), /AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER/);
});

test("a balancer that sends no header is cut, and a header from anybody else is refused", async () => {
  suite = await startSmtpSuite({ proxies: ["127.0.0.1"] });
  const silent = new RawSmtp(connect({ host: "127.0.0.1", port: suite.receiving.port }));
  silent.greeting.catch(() => {});
  silent.write("EHLO a.example\r\n");
  await silent.closed;
  await suite.close();
  suite = await startSmtpSuite({ proxies: ["192.0.2.0/24"] });
  const stranger = await suite.connect(suite.receiving);
  assert.match(await stranger.send("PROXY TCP4 192.0.2.1 198.51.100.1 4660 25"), /^421 4\.7\.0 /);
  await stranger.closed;
});

test("who comes too often is told 421, who sends too much 450, and others are served", async () => {
  suite = await startSmtpSuite({
    proxies: ["127.0.0.1"],
    receiving: {
      rates: { ...noRates, connectionsPerMinute: 3, messagesPerMinute: 4, messagesPerSenderAndHour: 2 },
      trustedNetworks: ["203.0.113.0/24"],
    },
  });
  const client = await from("192.0.2.1");
  await client.greeting;
  await client.send("EHLO a.example");
  for (const sender of ["a@x.example", "A@x.example"]) assert.match(await mailFrom(client, sender), /^250 /);
  assert.match(await mailFrom(client, "a@x.example"), /^450 4\.7\.1 Too many messages from this sender/);
  assert.match(await mailFrom(client, ""), /^250 /);
  assert.match(await mailFrom(client, "b@x.example"), /^450 4\.7\.1 Too many messages from your network/);
  for (const expected of ["220", "220", "421"]) {
    const next = await from("192.0.2.1");
    assert.equal((await next.greeting).slice(0, 3), expected);
  }
  const trusted = await from("203.0.113.5");
  await trusted.greeting;
  await trusted.send("EHLO a.example");
  for (let index = 0; index < 10; index++) assert.match(await mailFrom(trusted, "a@x.example"), /^250 /);
});

test("an organization that is written to too much puts off with 450 4.7.1", async () => {
  suite = await startSmtpSuite({
    receiving: { rates: { ...noRates, recipientsPerOrganizationAndMinute: 2 } },
  });
  const lea = await suite.addPerson("Lea");
  const client = await suite.connect(suite.receiving);
  await client.send("EHLO a.example");
  await client.send("MAIL FROM:<a@x.example>");
  for (const expected of ["250", "250", "450"]) {
    assert.equal((await client.send(`RCPT TO:<${lea.address}>`)).slice(0, 3), expected);
  }
});

test("greylisting puts off the first try, lets the second pass, and then the whole domain from there", async () => {
  suite = await startSmtpSuite({ proxies: ["127.0.0.1"], receiving: { greylist: { delaySeconds: 300 } } });
  const lea = await suite.addPerson("Lea");
  const tom = await suite.addPerson("Tom");
  suite.dns.set("TXT", "known.example", [["v=spf1 ip4:192.0.2.0/24 -all"]]);
  const rcpt = async (network: string, sender: string, to: string) => {
    const client = await from(network);
    await client.greeting;
    await client.send("EHLO mx.other.example");
    await client.send(`MAIL FROM:<${sender}>`);
    const answer = await client.send(`RCPT TO:<${to}>`);
    client.socket.end("QUIT\r\n");
    return answer;
  };
  assert.match(await rcpt("192.0.2.1", "paul@known.example", lea.address), /^250 /, "SPF authorizes it");
  assert.match(await rcpt("192.0.2.1", "paul@ext.example", lea.address), /^450 4\.7\.1 /);
  assert.match(await rcpt("192.0.2.1", "paul@ext.example", lea.address), /^450 4\.7\.1 /, "too soon");
  await suite.mail.store.transact((tx) =>
    sql`UPDATE greylist SET first_seen_at = now() - interval '6 minutes'`.execute(tx),
  );
  assert.match(
    await rcpt("192.0.2.77", "paul@ext.example", lea.address),
    /^250 /,
    "another server of the same network",
  );
  assert.match(await rcpt("192.0.2.1", "anna@ext.example", tom.address), /^250 /);
  assert.match(await rcpt("198.51.100.1", "paul@ext.example", lea.address), /^450 4\.7\.1 /, "from elsewhere");
  const rows = await suite.mail.store.read.selectFrom("greylist").select("key").execute();
  assert.ok(rows.length > 0 && rows.every((row) => row.key.length === 32));
});

test("every refusal is in the trace of the organization it concerns, at MAIL, at RCPT and after DATA", async () => {
  suite = await startSmtpSuite({ sizeLimit: 1_000_000 });
  const lea = await suite.addPerson("Lea");
  const client = await suite.connect(suite.receiving);
  await client.send("EHLO a.example");
  await client.send("MAIL FROM:<gros@ext.example> SIZE=2000000");
  await client.send("MAIL FROM:<paul@ext.example>");
  await client.send(`RCPT TO:<Inconnu@${suite.domain}>`);
  await client.send("RCPT TO:<x@ailleurs.example>");
  await client.send(`RCPT TO:<${lea.address}>`);
  await client.send("DATA");
  client.write("Subject: x\r\n\r\na\u0000b\r\n.\r\n");
  assert.match(await client.reply(), /^554 /);
  await client.begin("paul@ext.example", lea.address);
  client.write("From: paul@ext.example\r\nSubject: Bonjour\r\nMessage-ID: <m1@ext.example>\r\n\r\nx\r\n.\r\n");
  assert.match(await client.reply(), /^250 /);
  await suite.trace.flush();

  const all = await searchTrace(suite.mail.store.read, "everything", {});
  const seen = all.rows.map(
    (row) => `${row.sender} ${row.recipient} ${row.outcome} ${row.status} ${row.organizationId !== null}`,
  );
  assert.deepEqual(
    seen.sort(),
    [
      `gros@ext.example  refused 5.3.4 false`,
      `paul@ext.example inconnu@${suite.domain} refused 5.1.1 true`,
      `paul@ext.example ${lea.address} delivered 2.0.0 true`,
      `paul@ext.example ${lea.address} refused 5.6.0 true`,
      `paul@ext.example x@ailleurs.example refused 5.7.1 false`,
    ].sort(),
  );
  const delivered = all.rows.find((row) => row.outcome === "delivered")!;
  assert.equal(delivered.subject, "Bonjour");
  assert.match(delivered.messageId, /m1@ext\.example/);
  assert.equal(delivered.remoteAddress, "127.0.0.1");
});

test("a connection that only talks is sent away: wrong commands, idle commands, browsers", async () => {
  suite = await startSmtpSuite({ limits: { maxErrors: 3, maxIdleCommands: 5 } });
  const wrong = await suite.connect(suite.receiving);
  for (const expected of ["500", "500", "500", "421"]) {
    assert.equal((await wrong.send("XYZZY")).slice(0, 3), expected);
  }
  await wrong.closed;
  const idle = await suite.connect(suite.receiving);
  for (let index = 0; index < 5; index++) assert.match(await idle.send("NOOP"), /^250 2\.0\.0 /);
  assert.match(await idle.send("NOOP"), /^421 4\.7\.0 /);
  const browser = await suite.connect(suite.receiving);
  assert.match(await browser.send("POST / HTTP/1.1"), /^421 /);
  await browser.closed;
  const bare = await suite.connect(suite.receiving);
  bare.write("NOOP\n");
  assert.match(await bare.reply(), /^500 5\.5\.2 /);
});

test("who sends nothing for too long is told 421 4.4.2, in commands and in the middle of a message", async () => {
  suite = await startSmtpSuite({ limits: { idleTimeoutMs: 1_500 } });
  const lea = await suite.addPerson("Lea");
  const idle = await suite.connect(suite.receiving);
  assert.match(await idle.reply(), /^421 4\.4\.2 /);
  await idle.closed;
  const slow = await suite.connect(suite.receiving);
  await slow.begin("paul@ext.example", lea.address);
  slow.write("Subject: x\r\n");
  assert.match(await slow.reply(), /^421 4\.4\.2 /);
  await slow.closed;
  assert.deepEqual(await suite.readInbox(lea), []);
});

test("each reply but those that RFC 2034 excepts has an enhanced status of its class", async () => {
  suite = await startSmtpSuite();
  const lea = await suite.addPerson("Lea");
  const client = await suite.connect(suite.receiving);
  await client.send("EHLO a.example");
  const lines = [
    ...["NOOP", "VRFY lea", "VRFY", "EXPN tous", "HELP", "RSET", "RSET x", "BDAT 1", "DATA", "DATA x", "AUTH PLAIN"],
    ...[
      "RCPT TO:<a@b.example>",
      "MAIL",
      "MAIL FROM:<a@b> X=1",
      "MAIL FROM:<a@b.example> SIZE=99999999999",
      "STARTTLS x",
    ],
    ...["MAIL FROM:<é@b.example>", "MAIL FROM:<a@b.example>", "MAIL FROM:<a@b.example>", "RCPT TO:<x@y.example>"],
    ...[`RCPT TO:<rien@${suite.domain}>`, `RCPT TO:<${lea.address}> NOTIFY=x`, `RCPT TO:<${lea.address}>`],
  ];
  for (const line of lines) {
    client.write(Buffer.from(`${line}\r\n`));
    const answer = await client.reply();
    assert.match(answer, /^(\d)\d\d \1\.\d{1,3}\.\d{1,3} /, line);
  }
  assert.match(await client.send("DATA"), /^354 /);
  client.write("Subject: x\r\n\r\nx\r\n.\r\n");
  assert.match(await client.reply(), /^250 2\.0\.0 /);
  assert.match(await client.send("QUIT"), /^221 2\.0\.0 /);
});

test("NOTIFY=SUCCESS is answered by a notification to the sender, with what the sender called it", async () => {
  suite = await startSmtpSuite();
  const lea = await suite.addPerson("Lea");
  const client = await suite.connect(suite.receiving);
  await client.send("EHLO a.example");
  assert.match(await client.send("MAIL FROM:<paul@ext.example> RET=HDRS ENVID=lot+2D7"), /^250/);
  assert.match(await client.send(`RCPT TO:<${lea.address}> NOTIFY=SUCCESS ORCPT=rfc822;Lea@ailleurs.example`), /^250/);
  await client.send("DATA");
  client.write("From: paul@ext.example\r\nSubject: Essai\r\n\r\nSecret\r\n.\r\n");
  assert.match(await client.reply(), /^250 /);
  const { store, blobs } = suite.mail;
  const [row] = await store.read.selectFrom("outbound_message").selectAll().execute();
  assert.equal(row!.return_path, "");
  const text = (await blobs.readAll(store.read, suite.organizationId, row!.blob_id, 1e6))!.toString();
  assert.match(text, /^To: <paul@ext\.example>/m);
  assert.match(text, /^Original-Envelope-Id: lot-7\r$/m);
  assert.match(text, /^Original-Recipient: rfc822;Lea@ailleurs\.example\r$/m);
  assert.match(text, /^Action: delivered\r$/m);
  assert.doesNotMatch(text, /Secret/);
});

test("REQUIRETLS is offered and taken under TLS only", async () => {
  suite = await startSmtpSuite();
  const client = await suite.connect(suite.receiving);
  assert.doesNotMatch(await client.send("EHLO a.example"), /REQUIRETLS/);
  assert.match(await client.send("MAIL FROM:<a@b.example> REQUIRETLS"), /^555 5\.5\.4 /);
  await client.startTls();
  assert.match(await client.send("EHLO a.example"), /REQUIRETLS/);
  assert.match(await client.send("MAIL FROM:<a@b.example> REQUIRETLS"), /^250 /);
});
