import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ImapSuite, type RawClient, sampleMessage, startImapSuite } from "../../../test/harness/imap-suite.ts";

let suite: ImapSuite;

before(async () => {
  suite = await startImapSuite({ maxMessageBytes: 300_000 });
});
after(() => suite.close());

const result = (lines: string[]) => lines.at(-1) ?? "";
const literal = (text: string, mark = "") => `${mark}{${Buffer.byteLength(text)}+}\r\n${text}`;

async function signIn(quota?: number): Promise<RawClient> {
  return suite.signIn(await suite.addPerson("Nadia Kessler", quota));
}

async function subjects(client: RawClient, mailbox = "INBOX"): Promise<string[]> {
  await client.run(`EXAMINE ${mailbox}`);
  const lines = await client.run("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
  return lines.slice(0, -1).map((line) => /Subject: (.*)/.exec(line)?.[1]?.trim() ?? "");
}

test("Several messages of one APPEND enter together, with their own flags and dates", async () => {
  const client = await signIn();
  const answer = await client.run(
    `APPEND INBOX (\\Seen) " 1-Feb-2026 08:30:00 +0100" ${literal(sampleMessage("one"))} ${literal(sampleMessage("two"))} (\\Flagged) ${literal(sampleMessage("three"), "~")}`,
  );
  assert.match(result(answer), /^OK \[APPENDUID \d+ 1:3\]/);
  assert.deepEqual(await subjects(client), ["one", "two", "three"]);
  const flags = await client.run("FETCH 1:3 (FLAGS INTERNALDATE)");
  assert.match(flags[0]!, /FLAGS \(\\Seen \\Recent\) INTERNALDATE " 1-Feb-2026 07:30:00 \+0000"/);
  assert.match(flags[1]!, /FLAGS \(\\Recent\)/);
  assert.match(flags[2]!, /FLAGS \(\\Flagged \\Recent\)/);
  client.destroy();
});

test("Synchronizing literals of several messages are asked for one by one", async () => {
  const client = await signIn();
  const [one, two] = [sampleMessage("one"), sampleMessage("two")];
  client.send(`a APPEND INBOX {${one.length}}\r\n`);
  assert.match((await client.readLine())!, /^\+/);
  client.send(`${one} (\\Seen) {${two.length}}\r\n`);
  assert.match((await client.readLine())!, /^\+/);
  client.send(`${two}\r\n`);
  assert.match((await client.readUntil(/^a /)).at(-1)!, /^a OK \[APPENDUID \d+ 1:2\]/);
  client.destroy();
});

test("When one of several messages cannot be stored, none is", async () => {
  const client = await signIn(20_000);
  const small = literal(sampleMessage("small"));
  const large = literal(sampleMessage("large", "x".repeat(15_000)));
  for (const [rest, expected] of [
    [`${large} ${large}`, /^NO \[OVERQUOTA\]/],
    [`{400000+}\r\n${"x".repeat(400_000)}`, /^NO \[TOOBIG\]/],
    ["(\\Unknown) {3+}\r\nabc", /^NO/],
    ["{0+}\r\n", /^NO/],
    ["nonsense", /^BAD/],
    [`"32-Feb-2026 00:00:00 +0000" ${small}`, /^BAD/],
    [`CATENATE (URL "/INBOX/;UID=77")`, /^NO \[BADURL "\/INBOX\/;UID=77"\]/],
  ] as const) {
    assert.match(result(await client.run(`APPEND INBOX ${small} ${rest}`)), expected, rest.slice(0, 40));
  }
  assert.match((await client.run("STATUS INBOX (MESSAGES)"))[0]!, /MESSAGES 0/);
  assert.match(result(await client.run(`APPEND INBOX ${small}`)), /^OK \[APPENDUID \d+ 1\]/);
  client.destroy();
});

const MIXED = [
  "Subject: mixed",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="b"',
  "",
  "--b",
  "Content-Type: text/plain",
  "",
  "first part",
  "--b",
  'Content-Type: application/octet-stream; name="a.bin"',
  "Content-Transfer-Encoding: base64",
  "",
  "AAECAw==",
  "--b--",
  "",
].join("\r\n");

test("CATENATE puts a message together from text and from parts of others", async () => {
  const client = await signIn();
  await client.append("INBOX", MIXED);
  await client.run("CREATE R&AOk-union");
  const header = "Subject: new\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n";
  const url = "/INBOX/;UID=1/;SECTION=2";
  const answer = await client.run(
    `APPEND R&AOk-union (\\Draft) CATENATE (TEXT ${literal(header)} URL "${url}.MIME" URL ${literal(url)} TEXT ${literal("\r\n--c--\r\n")})`,
  );
  assert.match(result(answer), /^OK \[APPENDUID \d+ 1\]/);
  await client.run("SELECT R&AOk-union");
  const whole = (await client.run("FETCH 1 (FLAGS BODY.PEEK[])"))[0]!;
  assert.match(whole, /FLAGS \(\\Draft \\Recent\)/);
  const expected = `${header}Content-Type: application/octet-stream; name="a.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n--c--\r\n`;
  assert.equal(/\{\d+\}\r\n([\s\S]*)\)$/.exec(whole)?.[1], expected);
  assert.match((await client.run("FETCH 1 BINARY.SIZE[1]"))[0]!, /BINARY\.SIZE\[1\] 4/);
  // From the selected mailbox, whole, in part, and nothing but URLs.
  assert.match(result(await client.run('APPEND INBOX CATENATE (URL ";UID=1")')), /^OK \[APPENDUID \d+ 2\]/);
  assert.match(
    result(await client.run('APPEND INBOX CATENATE (URL "/R%C3%A9union/;UID=1/;PARTIAL=0.12")')),
    /^OK \[APPENDUID \d+ 3\]/,
  );
  assert.match(
    result(
      await client.run(
        'APPEND INBOX CATENATE (URL "/;UID=1/;SECTION=HEADER.FIELDS%20(SUBJECT)") CATENATE (URL ";UID=1")',
      ),
    ),
    /^OK \[APPENDUID \d+ 4:5\]/,
  );
  await client.run("SELECT INBOX");
  const sizes = await client.run("FETCH 2:5 (RFC822.SIZE)");
  assert.deepEqual(
    sizes.slice(0, -1).map((line) => Number(/SIZE (\d+)/.exec(line)?.[1])),
    [expected.length, 12, "Subject: new\r\n\r\n".length, expected.length],
  );
  client.destroy();
});

test("A CATENATE whose URL cannot be taken says which, and one that grows too big is TOOBIG", async () => {
  const client = await signIn();
  const other = await signIn();
  await other.append("INBOX", sampleMessage("secret"));
  await client.append("INBOX", sampleMessage("big", "x".repeat(100_000)));
  const uidvalidity = /UIDVALIDITY (\d+)/.exec((await client.run("STATUS INBOX (UIDVALIDITY)"))[0]!)?.[1];
  for (const url of [
    "/Nowhere/;UID=1",
    "/INBOX/;UID=9",
    "/INBOX/;UID=1/;SECTION=7",
    `/INBOX;UIDVALIDITY=${Number(uidvalidity) + 1}/;UID=1`,
    "imap://elsewhere.example/INBOX/;UID=1",
    ";UID=1",
    "nonsense",
  ]) {
    const refused = await client.run(`APPEND INBOX CATENATE (TEXT {3+}\r\na:x URL "${url}" TEXT {3+}\r\nb:y)`);
    assert.ok(result(refused).startsWith(`NO [BADURL "${url}"]`), result(refused));
  }
  const big = `URL "/INBOX;UIDVALIDITY=${uidvalidity}/;UID=1"`;
  assert.match(result(await client.run(`APPEND INBOX CATENATE (${big} ${big} ${big})`)), /^NO \[TOOBIG\]/);
  assert.match(result(await client.run(`APPEND INBOX CATENATE (${big} ${big})`)), /^OK/);
  assert.match(result(await client.run("APPEND INBOX CATENATE (TEXT {0+}\r\n)")), /^NO/);
  assert.match((await client.run("STATUS INBOX (MESSAGES)"))[0]!, /MESSAGES 2/);
  client.destroy();
  other.destroy();
});

test("REPLACE puts a draft in place of the one before, at once for all, and in the same thread", async () => {
  const client = await signIn();
  await client.run("CREATE Work");
  await client.append("Work", sampleMessage("draft"), "(\\Draft) ");
  await client.append("Work", sampleMessage("other"));
  await client.run("SELECT Work");
  const thread = /THREADID (\S+)/.exec((await client.run("FETCH 1 THREADID"))[0]!)?.[1];
  const answer = await client.run(`REPLACE 1 Work (\\Draft \\Seen) ${literal(sampleMessage("draft", "second\r\n"))}`);
  assert.match(answer[0]!, /^\* OK \[APPENDUID \d+ 3\]/);
  const told = answer.join("\n");
  assert.match(told, /^\* 1 EXPUNGE$/m);
  assert.match(told, /^\* 2 EXISTS$/m);
  assert.match(result(answer), /^OK/);
  assert.equal(/THREADID (\S+)/.exec((await client.run("UID FETCH 3 THREADID"))[0]!)?.[1], thread);
  await client.run("ENABLE QRESYNC");
  const byUid = await client.run(`UID REPLACE 3 INBOX ${literal(sampleMessage("sent"))}`);
  assert.match(byUid.join("\n"), /^\* VANISHED 3$/m);
  assert.match(result(byUid), /^OK \[HIGHESTMODSEQ \d+\]/);
  assert.deepEqual(await subjects(client, "INBOX"), ["sent"]);
  assert.deepEqual(await subjects(client, "Work"), ["other"]);
  client.destroy();
});

test("REPLACE refuses what is not there, what is read-only, and two messages", async () => {
  const client = await signIn();
  const message = literal(sampleMessage("x"));
  await client.append("INBOX", sampleMessage("a"));
  assert.match(result(await client.run(`REPLACE 1 INBOX ${message}`)), /^BAD/);
  await client.run("SELECT INBOX");
  assert.match(result(await client.run(`REPLACE 2 INBOX ${message}`)), /^BAD/);
  assert.match(result(await client.run(`UID REPLACE 2 INBOX ${message}`)), /^NO \[NONEXISTENT\]/);
  assert.match(result(await client.run(`REPLACE 1 Nowhere ${message}`)), /^NO \[TRYCREATE\]/);
  assert.match(result(await client.run(`REPLACE 1 INBOX ${message} ${message}`)), /^BAD/);
  await client.run("EXAMINE INBOX");
  assert.match(result(await client.run(`REPLACE 1 INBOX ${message}`)), /^NO \[NOPERM\]/);
  assert.deepEqual(await subjects(client), ["a"]);
  client.destroy();
});

test("A full account can still replace a draft by a smaller one, not by a larger one", async () => {
  const client = await signIn(10_000);
  await client.run("CREATE Work");
  await client.append("Work", sampleMessage("d", "x".repeat(9_000)));
  await client.run("SELECT Work");
  assert.match(
    result(await client.run(`REPLACE 1 Work ${literal(sampleMessage("d", "x".repeat(12_000)))}`)),
    /^NO \[OVERQUOTA\]/,
  );
  assert.match(result(await client.run(`REPLACE 1 Work ${literal(sampleMessage("d", "x".repeat(8_000)))}`)), /^OK/);
  assert.match(result(await client.run(`REPLACE 1 Work ${literal(sampleMessage("d", "x".repeat(9_000)))}`)), /^OK/);
  assert.match((await client.run("STATUS Work (MESSAGES)"))[0]!, /MESSAGES 1/);
  client.destroy();
});

test("REPLACE and CATENATE reach into shared mailboxes as far as the rights go", async () => {
  const person = await suite.addPerson();
  await suite.shareMailbox("Accueil", person, ["read", "write", "delete"]);
  await suite.shareMailbox("Archives anciennes", person, ["read"]);
  const client = await suite.signIn(person);
  const shared = "Shared/Accueil/INBOX";
  await client.append(shared, sampleMessage("kept"));
  await client.append(shared, sampleMessage("draft"));
  await client.run(`SELECT ${shared}`);
  const answer = await client.run(`UID REPLACE 2 INBOX ${literal(sampleMessage("final"))}`);
  assert.match(answer.join("\n"), /^\* 2 EXPUNGE$/m);
  assert.deepEqual(await subjects(client, "INBOX"), ["final"]);
  assert.deepEqual(await subjects(client, shared), ["kept"]);
  assert.match(result(await client.run(`APPEND INBOX CATENATE (URL "/${shared}/;UID=1")`)), /^OK/);
  assert.deepEqual(await subjects(client, "INBOX"), ["final", "kept"]);
  const closed = '"Shared/Archives anciennes/INBOX"';
  assert.match(result(await client.append(closed, sampleMessage("x"))), /^NO \[NOPERM\]/);
  await client.run("SELECT INBOX");
  assert.match(result(await client.run(`REPLACE 1 ${closed} ${literal(sampleMessage("x"))}`)), /^NO \[NOPERM\]/);
  assert.deepEqual(await subjects(client, "INBOX"), ["final", "kept"]);
  client.destroy();
});
