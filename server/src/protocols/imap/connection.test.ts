import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { after, before, test } from "node:test";
import { createDeflateRaw, deflateRawSync } from "node:zlib";
import { type ImapSuite, RawClient, sampleMessage, startImapSuite } from "../../../test/harness/imap-suite.ts";
import { DeflateStream } from "../../net/deflate-stream.ts";

let suite: ImapSuite;

before(async () => {
  suite = await startImapSuite({ maxMessageBytes: 300_000 });
});
after(() => suite.close());

const result = (lines: string[]) => lines.at(-1) ?? "";

async function signIn(): Promise<RawClient> {
  return suite.signIn(await suite.addPerson());
}

/** The same connection, compressed from here on. */
async function compress(client: RawClient): Promise<RawClient> {
  assert.match(result(await client.run("COMPRESS DEFLATE")), /^OK/);
  client.socket.removeAllListeners("data");
  return new RawClient(new DeflateStream(client.socket) as unknown as Socket);
}

test("COMPRESS=DEFLATE carries commands, literals, large answers and IDLE", async () => {
  const person = await suite.addPerson();
  const client = await compress(await suite.signIn(person));
  assert.match(result(await client.run("NOOP")), /^OK/);
  const text = sampleMessage("long", "Une ligne de texte, encore et encore.\r\n".repeat(5_000));
  assert.match(result(await client.append("INBOX", text)), /^OK \[APPENDUID/);
  client.send(`s APPEND INBOX {${Buffer.byteLength(text)}}\r\n`);
  assert.match((await client.readLine())!, /^\+/);
  client.send(`${text}\r\n`);
  assert.match((await client.readUntil(/^s /)).at(-1)!, /^s OK/);
  await client.run("SELECT INBOX");
  const whole = (await client.run("FETCH 1 BODY.PEEK[]"))[0]!;
  assert.ok(whole.includes(text));
  client.send("i IDLE\r\n");
  assert.match((await client.readLine())!, /^\+/);
  const other = await suite.signIn(person);
  await other.append("INBOX", sampleMessage("short"));
  await client.readUntil(/^\* 3 EXISTS/);
  client.send("DONE\r\n");
  await client.readUntil(/^i OK/);
  const again = await client.run("COMPRESS DEFLATE");
  assert.match(result(again), /^NO \[COMPRESSIONACTIVE\]/);
  assert.doesNotMatch((await client.run("CAPABILITY"))[0]!, /COMPRESS/);
  assert.match((await client.run("LOGOUT")).at(-1)!, /^OK/);
  client.destroy();
  other.destroy();
});

test("COMPRESS works inside TLS and is refused before signing in and for what is not DEFLATE", async () => {
  const person = await suite.addPerson();
  const client = await suite.connectTls();
  await client.readLine();
  assert.match(result(await client.run("COMPRESS DEFLATE")), /^BAD/);
  await client.run(`LOGIN ${person.address} ${person.secret}`);
  assert.match((await client.run("CAPABILITY"))[0]!, /COMPRESS=DEFLATE/);
  assert.match(result(await client.run("COMPRESS GZIP")), /^BAD/);
  const compressed = await compress(client);
  assert.match(result(await compressed.run("SELECT INBOX")), /^OK/);
  compressed.destroy();
});

test("What swells to gigabytes without a line break ends the connection while little of it was inflated", async () => {
  const client = await signIn();
  await client.run("COMPRESS DEFLATE");
  const bomb = createDeflateRaw();
  const socket = client.socket;
  bomb.on("data", (chunk: Buffer) => socket.write(chunk));
  const before = process.memoryUsage().rss;
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const zeros = Buffer.alloc(1024 * 1024, "a");
  for (let megabytes = 0; megabytes < 400 && !socket.destroyed; megabytes += 1) {
    await Promise.race([new Promise<void>((resolve) => bomb.write(zeros, () => resolve())), ended]);
  }
  bomb.end();
  await client.closed();
  assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024);
});

test("Bytes that are not DEFLATE end the connection, and so does what was sent uncompressed behind COMPRESS", async () => {
  const client = await signIn();
  await client.run("COMPRESS DEFLATE");
  client.send(Buffer.from("ffffffffffffffff", "hex"));
  await client.closed();
  const other = await signIn();
  other.send("a COMPRESS DEFLATE\r\nb NOOP\r\n");
  await other.readUntil(/^a OK/);
  await other.closed();
  const third = await signIn();
  await third.run("COMPRESS DEFLATE");
  third.socket.end(deflateRawSync("x LOGOUT\r\n"));
  await third.closed();
});

test("UNAUTHENTICATE serves the next person with nothing left of the first", async () => {
  const [first, second] = [await suite.addPerson(), await suite.addPerson()];
  const client = await suite.signIn(first);
  await client.append("INBOX", sampleMessage("secret"));
  await client.run("ENABLE IMAP4rev2 QRESYNC");
  await client.run("SELECT INBOX");
  await client.run("SEARCH RETURN (SAVE) ALL");
  const left = await client.run("UNAUTHENTICATE");
  assert.match(result(left), /^OK \[CAPABILITY .*AUTH=PLAIN/);
  assert.match(result(await client.run("FETCH 1 FLAGS")), /^BAD/);
  assert.match(result(await client.run("STATUS INBOX (MESSAGES)")), /^BAD/);
  assert.match(result(await client.run("UNAUTHENTICATE")), /^BAD/);
  assert.match(result(await client.run(`LOGIN ${second.address} ${second.secret}`)), /^OK/);
  const selected = (await client.run("SELECT INBOX")).join("\n");
  assert.match(selected, /^\* 0 EXISTS/m);
  assert.match(selected, /^\* 0 RECENT/m);
  assert.match(result(await client.run("SELECT INBOX (QRESYNC (1 1))")), /^BAD/);
  const compressed = await compress(client);
  await compressed.run("UNAUTHENTICATE");
  assert.match(result(await compressed.run(`LOGIN ${first.address} ${first.secret}`)), /^OK/);
  assert.equal(suite.deps.connectionsOf.get(second.principalId), undefined);
  compressed.destroy();
});

test("ENABLE UTF8=ACCEPT: names and previews are UTF-8, SEARCH takes no charset, messages come as UTF8 literals", async () => {
  const client = await signIn();
  assert.deepEqual(await client.run("ENABLE UTF8=ACCEPT CONDSTORE"), [
    "* ENABLED CONDSTORE UTF8=ACCEPT",
    "OK Enabled.",
  ]);
  assert.match(result(await client.run('CREATE "Réunion"')), /^OK/);
  assert.match((await client.run('LIST "" "Ré*"'))[0]!, / "Réunion"$/);
  const message = "From: Zoé <zoé@exemple.example>\r\nSubject: déjà vu\r\n\r\nété\r\n";
  const size = Buffer.byteLength(message);
  assert.match(
    result(await client.run(`APPEND "Réunion" (\\Seen) UTF8 (~{${size}+}\r\n${message})`)),
    /^OK \[APPENDUID/,
  );
  assert.match(result(await client.run(`APPEND "Réunion" UTF8 ({${size}+}\r\n${message})`)), /^BAD/);
  assert.match(result(await client.run(`APPEND "Réunion" CATENATE (TEXT UTF8 (~{${size}+}\r\n${message}))`)), /^OK/);
  await client.run('SELECT "Réunion"');
  const fetched = (await client.run("FETCH 1 (BODY.PEEK[] ENVELOPE)"))[0]!;
  assert.ok(fetched.includes(message));
  assert.match(result(await client.run('SEARCH CHARSET UTF-8 SUBJECT "déjà"')), /^BAD/);
  assert.equal((await client.run('SEARCH SUBJECT "déjà"'))[0], "* SEARCH 1 2");
  client.destroy();
});

test("CREATE gives a special use that nobody has, and says USEATTR for others", async () => {
  const client = await signIn();
  assert.match(result(await client.run("CREATE x (USE (\\Archive))")), /^NO \[USEATTR\]/);
  assert.match(result(await client.run("CREATE x (USE (\\Flagged))")), /^NO \[USEATTR\]/);
  assert.match(result(await client.run("CREATE x (USE (\\Junk \\Trash))")), /^NO \[USEATTR\]/);
  assert.match(result(await client.run("CREATE x (NOPE (\\Junk))")), /^BAD/);
  assert.match(result(await client.run("DELETE Archives")), /^OK/);
  assert.match(result(await client.run("CREATE a/x (USE (\\ARCHIVE))")), /^OK \[MAILBOXID/);
  const lines = await client.run('LIST (SPECIAL-USE) "" *');
  assert.match(lines.join("\n"), /^\* LIST \(.*\\Archive.*\) "\/" "a\/x"$/m);
  client.destroy();
});

test("IMAP4rev2 clients hear under which name a mailbox is kept", async () => {
  const client = await signIn();
  await client.run("ENABLE IMAP4rev2");
  const [written, kept] = ["Re\u0301union", "R\u00e9union"];
  assert.equal((await client.run(`CREATE "${written}"`))[0], `* LIST () "/" "${kept}" ("OLDNAME" ("${written}"))`);
  assert.match((await client.run(`RENAME "${kept}" "x/${written}"`))[0]!, /OLDNAME/);
  assert.match((await client.run('CREATE "plain/"'))[0]!, /^OK/);
  await client.run("SUBSCRIBE plain");
  await client.run("RENAME plain other");
  assert.match((await client.run('LIST "" other RETURN (SUBSCRIBED)'))[0]!, /\\Subscribed/);
  client.destroy();
});

test("What is flagged \\Deleted is counted in messages and bytes, and APPENDLIMIT is told", async () => {
  const client = await signIn();
  const message = sampleMessage("gone");
  await client.append("INBOX", message, "(\\Deleted) ");
  await client.append("INBOX", message);
  const [status] = await client.run("STATUS INBOX (DELETED DELETED-STORAGE SIZE APPENDLIMIT)");
  assert.equal(
    status,
    `* STATUS "INBOX" (DELETED 1 DELETED-STORAGE ${message.length} SIZE ${2 * message.length} APPENDLIMIT 300000)`,
  );
  client.destroy();
});

test("A command that takes long says that it still runs", async () => {
  const impatient = await startImapSuite({ progressIntervalMs: 15 });
  after(() => impatient.close());
  const person = await impatient.addPerson();
  const client = await impatient.signIn(person);
  await client.append("INBOX", sampleMessage("one"));
  await client.run("SELECT INBOX");
  // Another transaction holds the row that COPY waits for.
  const { store } = impatient.mail;
  const held = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holding = store.transact(async (tx) => {
    await tx.selectFrom("feed").selectAll().where("account_id", "=", person.accountId).forUpdate().execute();
    locked.resolve();
    await held.promise;
  });
  await locked.promise;
  client.send("copy COPY 1 Archives\r\n");
  const told = await client.readUntil(/INPROGRESS/);
  assert.match(told.at(-1)!, /^\* OK \[INPROGRESS \("copy" NIL NIL\)\] \S/);
  held.resolve();
  await holding;
  assert.match((await client.readUntil(/^copy /)).at(-1)!, /^copy OK \[COPYUID/);
  client.destroy();
});

test("LITERAL- takes 4096 bytes that were not asked for, and no more", async () => {
  const small = await startImapSuite({ literalMinus: true });
  try {
    const person = await small.addPerson();
    const client = await small.connect();
    assert.match((await client.readLine())!, / LITERAL-[ \]]/);
    await client.run(`LOGIN {${person.address.length}+}\r\n${person.address} ${person.secret}`);
    const message = sampleMessage("x").padEnd(4096, "x");
    assert.match(result(await client.append("INBOX", message)), /^OK/);
    assert.match(result(await client.append("INBOX", `${message}x`)), /^BAD \[TOOBIG\]/);
    assert.match(result(await client.run(`CREATE {5000+}\r\n${"x".repeat(5000)}`)), /^BAD \[TOOBIG\]/);
    client.send(`s APPEND INBOX {4097}\r\n`);
    assert.match((await client.readLine())!, /^\+/);
    client.send(`${message}x\r\n`);
    assert.match((await client.readLine())!, /^s OK/);
    client.destroy();
  } finally {
    await small.close();
  }
});

test("A token that is not valid is refused after the client has heard why, whatever it answers", async () => {
  const person = await suite.addPerson();
  const oauth = Buffer.from(`n,a=${person.address},\u0001auth=Bearer ${"x".repeat(40)}\u0001\u0001`).toString("base64");
  const xoauth2 = Buffer.from(`user=${person.address}\u0001auth=Bearer ${"x".repeat(40)}\u0001\u0001`).toString(
    "base64",
  );
  for (const [mechanism, initial, answer] of [
    ["OAUTHBEARER", oauth, "AQ=="],
    ["XOAUTH2", xoauth2, ""],
  ] as const) {
    const client = await suite.connect();
    assert.match((await client.readLine())!, new RegExp(`AUTH=${mechanism}`));
    client.send(`a AUTHENTICATE ${mechanism} ${initial}\r\n`);
    const challenge = Buffer.from((await client.readLine())!.slice(2), "base64").toString();
    assert.match(JSON.parse(challenge).status, /invalid_token|401/);
    client.send(`${answer}\r\n`);
    assert.match((await client.readLine())!, /^a NO \[AUTHENTICATIONFAILED\]/);
    assert.match(result(await client.run(`AUTHENTICATE ${mechanism} bm9wZQ==`)), /^BAD/);
    client.destroy();
  }
});
