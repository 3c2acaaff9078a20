import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ImapSuite, type RawClient, sampleMessage, startImapSuite } from "../../../test/harness/imap-suite.ts";
import { purgeDepartures } from "../../store/feed/purge-departures.ts";

let suite: ImapSuite;

before(async () => {
  suite = await startImapSuite();
});
after(() => suite.close());

const result = (lines: string[]) => lines.at(-1) ?? "";

/** A signed-in client with this many small messages in INBOX, not yet selected. */
async function clientWith(messages: number): Promise<RawClient> {
  const client = await suite.signIn(await suite.addPerson());
  for (let number = 1; number <= messages; number += 1) await client.append("INBOX", sampleMessage(`m${number}`));
  return client;
}

function modseqOf(lines: string[]): number {
  const match = /HIGHESTMODSEQ (\d+)/.exec(lines.join("\n"));
  assert.ok(match);
  return Number(match[1]);
}

test("SELECT tells all that rev1 and rev2 ask for, each in its own way", async () => {
  const client = await clientWith(2);
  const first = await client.run("SELECT inbox");
  const text = first.join("\n");
  for (const expected of [
    /^\* FLAGS \(\\Answered \\Flagged \\Deleted \\Seen \\Draft\)$/m,
    /^\* OK \[PERMANENTFLAGS \(.*\\\*\)\]/m,
    /^\* 2 EXISTS$/m,
    /^\* 2 RECENT$/m,
    /^\* OK \[UIDVALIDITY \d+\]/m,
    /^\* OK \[UIDNEXT 3\]/m,
    /^\* OK \[UNSEEN 1\]/m,
    /^\* OK \[HIGHESTMODSEQ \d+\]/m,
    /^\* OK \[MAILBOXID \([\w-]+\)\]/m,
    /^OK \[READ-WRITE\]/m,
  ]) {
    assert.match(text, expected);
  }
  assert.deepEqual(await client.run("ENABLE IMAP4rev2 X-UNKNOWN"), ["* ENABLED IMAP4rev2", "OK Enabled."]);
  const second = (await client.run("EXAMINE INBOX")).join("\n");
  assert.match(second, /^\* OK \[CLOSED\]/);
  assert.match(second, /^\* LIST \(\) "\/" "INBOX"$/m);
  assert.match(second, /^OK \[READ-ONLY\]/m);
  assert.doesNotMatch(second, /RECENT|UNSEEN/);
  assert.match(result(await client.run("SELECT Nowhere")), /^NO \[NONEXISTENT\]/);
  assert.match(result(await client.run("FETCH 1 UID")), /^BAD/);
  client.destroy();
});

test("Names are modified UTF-7 until IMAP4rev2 is enabled, then UTF-8", async () => {
  const client = await clientWith(0);
  assert.match(result(await client.run("CREATE R&AOk-union")), /^OK \[MAILBOXID/);
  assert.match(result(await client.run("CREATE R&AOk-union")), /^NO \[ALREADYEXISTS\]/);
  assert.match((await client.run('LIST "" R*'))[0]!, / "R&AOk-union"$/);
  await client.run("ENABLE IMAP4rev2");
  assert.match((await client.run('LIST "" R*'))[0]!, / "Réunion"$/);
  assert.match(result(await client.run('STATUS "Réunion" (MESSAGES)')), /^OK/);
  client.destroy();
});

test("CREATE makes the levels above, DELETE refuses those that hold others, RENAME moves a branch", async () => {
  const client = await clientWith(1);
  await client.run("CREATE a/b/c/");
  assert.match(result(await client.run("DELETE a")), /^NO \[HASCHILDREN\]/);
  assert.match(result(await client.run("RENAME a a/b/d")), /^NO \[CANNOT\]/);
  assert.match(result(await client.run("RENAME a/b z")), /^OK/);
  assert.deepEqual(
    (await client.run('LIST "" (a* z*)')).slice(0, -1).map((line) => / "(\S+)"$/.exec(line)?.[1]),
    ["a", "z", "z/c"],
  );
  for (const [command, code] of [
    ["DELETE INBOX", "CANNOT"],
    ["DELETE nowhere", "NONEXISTENT"],
    ["CREATE INBOX", "ALREADYEXISTS"],
    ["CREATE a//b", "CANNOT"],
    ["CREATE Shared/x", "NOPERM"],
    ["RENAME nowhere q", "NONEXISTENT"],
    ["RENAME z INBOX", "ALREADYEXISTS"],
    ["SUBSCRIBE nowhere", "NONEXISTENT"],
  ] as const) {
    assert.match(result(await client.run(command)), new RegExp(`^NO \\[${code}\\]`), command);
  }
  assert.match(result(await client.run("RENAME INBOX old")), /^OK/);
  assert.equal((await client.run("STATUS old (MESSAGES)"))[0], '* STATUS "old" (MESSAGES 1)');
  assert.equal((await client.run("STATUS INBOX (MESSAGES)"))[0], '* STATUS "INBOX" (MESSAGES 0)');
  client.destroy();
});

test("LIST selects by subscription and special use, and returns status and children", async () => {
  const client = await clientWith(1);
  await client.run("CREATE a/b");
  await client.run("SUBSCRIBE a/b");
  assert.deepEqual(await client.run('LIST "" ""'), ['* LIST (\\Noselect) "/" ""', "OK Delimiter told."]);
  assert.deepEqual((await client.run('LIST "" a RETURN (SUBSCRIBED CHILDREN)'))[0], '* LIST (\\HasChildren) "/" "a"');
  assert.deepEqual(
    (await client.run('LIST (SUBSCRIBED RECURSIVEMATCH) "" a'))[0],
    '* LIST (\\HasChildren) "/" "a" ("CHILDINFO" ("SUBSCRIBED"))',
  );
  assert.deepEqual((await client.run('LIST (SUBSCRIBED) "" a*'))[0], '* LIST (\\Subscribed \\HasNoChildren) "/" "a/b"');
  assert.deepEqual((await client.run('LSUB "" a/%'))[0], '* LSUB () "/" "a/b"');
  assert.deepEqual((await client.run('LSUB "" a%'))[0], '* LSUB (\\Noselect) "/" "a"');
  const special = await client.run('LIST (SPECIAL-USE) "" *');
  assert.deepEqual(
    special
      .slice(0, -1)
      .map((line) => /\\(Drafts|Sent|Junk|Trash|Archive)/.exec(line)?.[1])
      .sort(),
    ["Archive", "Drafts", "Junk", "Sent", "Trash"],
  );
  const status = await client.run('LIST "" INBOX RETURN (STATUS (MESSAGES UNSEEN SIZE DELETED APPENDLIMIT RECENT))');
  assert.match(status[1]!, /^\* STATUS "INBOX" \(MESSAGES 1 UNSEEN 1 SIZE \d+ DELETED 0 APPENDLIMIT \d+ RECENT 1\)$/);
  client.destroy();
});

test("NAMESPACE, ID, QUOTA and the shared mailboxes are told", async () => {
  const person = await suite.addPerson();
  await suite.shareMailbox("Mairie/Accueil", person, ["read"]);
  const client = await suite.signIn(person);
  assert.equal((await client.run("NAMESPACE"))[0], '* NAMESPACE (("" "/")) NIL (("Shared/" "/"))');
  assert.equal((await client.run('ID ("name" "test")'))[0], '* ID ("name" "Bouquet")');
  const [root = "", quota = ""] = await client.run("GETQUOTAROOT INBOX");
  const id = /^\* QUOTAROOT "INBOX" (\S+)$/.exec(root)?.[1];
  assert.match(quota, new RegExp(`^\\* QUOTA ${id} \\(STORAGE 0 1953125\\)$`));
  assert.equal((await client.run(`GETQUOTA ${id}`))[0], quota);
  assert.match(result(await client.run("GETQUOTA nobody")), /^NO \[NONEXISTENT\]/);
  assert.match(result(await client.run(`SETQUOTA ${id} (STORAGE 9)`)), /^NO \[NOPERM\]/);
  await client.run("ENABLE IMAP4rev2");
  const shared = await client.run('LIST "" Shared/%/INBOX');
  assert.match(shared[0]!, / "Shared\/Mairie∕Accueil\/INBOX"$/);
  assert.match(result(await client.run('SELECT "Shared/Mairie∕Accueil/INBOX"')), /^OK \[READ-ONLY\]/);
  assert.match(result(await client.append('"Shared/Mairie∕Accueil/INBOX"', sampleMessage("x"))), /^NO \[NOPERM\]/);
  assert.match(result(await client.run("SELECT Shared")), /^NO \[NONEXISTENT\]/);
  client.destroy();
});

test("UIDPLUS and MOVE name what went where", async () => {
  const client = await clientWith(3);
  await client.run("SELECT INBOX");
  assert.match(result(await client.run("UID COPY 1:2 Archives")), /^OK \[COPYUID \d+ 1:2 1:2\]/);
  const moved = await client.run("MOVE 3 Archives");
  assert.match(moved[0]!, /^\* OK \[COPYUID \d+ 3 3\]/);
  assert.equal(moved[1], "* 3 EXPUNGE");
  assert.match(result(await client.run("UID COPY 99 Archives")), /^OK There was nothing/);
  assert.match(result(await client.run("COPY 1 Nowhere")), /^NO \[TRYCREATE\]/);
  await client.run("STORE 1:2 +FLAGS.SILENT (\\Deleted)");
  assert.deepEqual(await client.run("UID EXPUNGE 2"), ["* 2 EXPUNGE", "* 1 RECENT", "OK Expunged."]);
  assert.deepEqual(await client.run("CLOSE"), ["OK Closed."]);
  assert.equal((await client.run("STATUS INBOX (MESSAGES)"))[0], '* STATUS "INBOX" (MESSAGES 0)');
  client.destroy();
});

test("CONDSTORE: modseqs are told, a conditional STORE fails for what changed, CHANGEDSINCE finds it", async () => {
  const client = await clientWith(3);
  const since = modseqOf(await client.run("SELECT INBOX (CONDSTORE)"));
  const stored = await client.run("UID STORE 2 +FLAGS.SILENT (\\Flagged)");
  assert.match(stored[0]!, /^\* 2 FETCH \(UID 2 MODSEQ \(\d+\)\)$/);
  const conditional = await client.run(`STORE 1:3 (UNCHANGEDSINCE ${since}) +FLAGS (\\Seen)`);
  assert.match(result(conditional), /^OK \[MODIFIED 2\]/);
  assert.equal(conditional.filter((line) => line.includes("FETCH")).length, 2);
  const changed = await client.run(`FETCH 1:3 (FLAGS) (CHANGEDSINCE ${since})`);
  assert.equal(changed.length, 4);
  assert.match(changed[1]!, /^\* 2 FETCH \(FLAGS \(\\Flagged \\Recent\) MODSEQ \(\d+\)\)$/);
  assert.match(
    (await client.run("FETCH 2 BODY[TEXT]<0.1>"))[0]!,
    / FLAGS \(\\Flagged \\Seen \\Recent\) MODSEQ \(\d+\)\)$/,
  );
  assert.match((await client.run(`SEARCH MODSEQ ${since + 1} FLAGGED`))[0]!, /^\* SEARCH 2 \(MODSEQ \d+\)$/);
  client.destroy();
});

test("QRESYNC: a client that was away hears what vanished and what changed", async () => {
  const person = await suite.addPerson();
  const [away, other] = [await suite.signIn(person), await suite.signIn(person)];
  for (let number = 1; number <= 5; number += 1) await away.append("INBOX", sampleMessage(`m${number}`));
  const before = await away.run("SELECT INBOX");
  const since = modseqOf(before);
  const uidvalidity = /UIDVALIDITY (\d+)/.exec(before.join())?.[1];
  await away.run("UNSELECT");
  await other.run("SELECT INBOX");
  await other.run("UID STORE 2,4 +FLAGS.SILENT (\\Deleted)");
  await other.run("EXPUNGE");
  await other.run("UID STORE 5 +FLAGS (\\Seen)");
  assert.match(result(await away.run(`SELECT INBOX (QRESYNC (${uidvalidity} ${since}))`)), /^BAD/);
  assert.deepEqual((await away.run("ENABLE QRESYNC"))[0], "* ENABLED QRESYNC");
  const back = await away.run(`SELECT INBOX (QRESYNC (${uidvalidity} ${since} 1:5))`);
  assert.ok(back.includes("* VANISHED (EARLIER) 2,4"), back.join("\n"));
  assert.match(back.at(-2)!, /^\* 3 FETCH \(UID 5 FLAGS \(\\Seen\) MODSEQ \(\d+\)\)$/);
  const partial = await away.run(`UID FETCH 3:5 (FLAGS) (CHANGEDSINCE ${since} VANISHED)`);
  assert.equal(partial[0], "* VANISHED (EARLIER) 4");
  assert.match(partial[1]!, /^\* 3 FETCH \(UID 5 FLAGS/);
  await other.run("UID STORE 1 +FLAGS.SILENT (\\Deleted)");
  await other.run("EXPUNGE");
  const told = await away.run("NOOP");
  assert.equal(told[0], "* VANISHED 1");
  const other2 = await away.run(`SELECT INBOX (QRESYNC (1 ${since}))`);
  assert.doesNotMatch(other2.join("\n"), /VANISHED/);
  away.destroy();
  other.destroy();
});

test("QRESYNC with a modseq older than the feed remembers names every UID that is not there", async () => {
  const person = await suite.addPerson();
  const client = await suite.signIn(person);
  for (let number = 1; number <= 3; number += 1) await client.append("INBOX", sampleMessage(`m${number}`));
  const selected = await client.run("SELECT INBOX");
  const uidvalidity = /UIDVALIDITY (\d+)/.exec(selected.join())?.[1];
  const since = modseqOf(selected);
  await client.run("STORE 2 +FLAGS.SILENT (\\Deleted)");
  await client.run("CLOSE");
  await purgeDepartures(suite.mail.store, new Date(Date.now() + 60_000));
  assert.deepEqual(
    await suite.mail.store.read
      .selectFrom("changes")
      .select("uid")
      .where("account_id", "=", person.accountId)
      .execute(),
    [],
  );
  await client.run("ENABLE QRESYNC");
  const back = await client.run(`SELECT INBOX (QRESYNC (${uidvalidity} ${since}))`);
  assert.ok(back.includes("* VANISHED (EARLIER) 2"), back.join("\n"));
  assert.equal(back.filter((line) => line.includes("FETCH")).length, 0);
  client.destroy();
});

test("ESEARCH and SEARCHRES: extremes, counts, and a result used again", async () => {
  const client = await clientWith(5);
  await client.run("SELECT INBOX");
  await client.run("STORE 2,4 +FLAGS.SILENT (\\Flagged)");
  const [answer = ""] = await client.run("SEARCH RETURN (MIN MAX COUNT ALL) FLAGGED");
  assert.match(answer, /^\* ESEARCH \(TAG "t\d+"\) MIN 2 MAX 4 COUNT 2 ALL 2,4$/);
  assert.match((await client.run("UID SEARCH RETURN (COUNT) DRAFT"))[0]!, /^\* ESEARCH \(TAG "t\d+"\) UID COUNT 0$/);
  assert.deepEqual(await client.run("SEARCH RETURN (SAVE) FLAGGED"), ["OK Search done, result kept."]);
  assert.deepEqual((await client.run("FETCH $ UID")).slice(0, -1), ["* 2 FETCH (UID 2)", "* 4 FETCH (UID 4)"]);
  assert.equal((await client.run("SEARCH NOT $"))[0], "* SEARCH 1 3 5");
  assert.match(result(await client.run("UID MOVE $ Archives")), /^OK/);
  assert.deepEqual(await client.run("FETCH $ UID"), ["OK Fetched."]);
  await client.run("SEARCH RETURN (MIN SAVE) ALL");
  assert.deepEqual((await client.run("FETCH $ UID")).slice(0, -1), ["* 1 FETCH (UID 1)"]);
  assert.match(result(await client.run("SEARCH CHARSET X-NO ALL")), /^NO \[BADCHARSET \(US-ASCII UTF-8\)\]/);
  await client.run("ENABLE IMAP4rev2");
  assert.match((await client.run("SEARCH ALL"))[0]!, /^\* ESEARCH \(TAG "t\d+"\) ALL 1:3$/);
  client.destroy();
});

test("SEARCH by age, saved date, size and identifiers", async () => {
  const client = await clientWith(2);
  await client.run('APPEND INBOX "01-Feb-2020 08:00:00 +0100" {11+}\r\nSubject: x\r');
  await client.run("SELECT INBOX");
  assert.equal((await client.run("SEARCH OLDER 86400"))[0], "* SEARCH 3");
  assert.equal((await client.run("SEARCH YOUNGER 86400"))[0], "* SEARCH 1 2");
  assert.equal((await client.run("SEARCH SMALLER 50"))[0], "* SEARCH 3");
  assert.equal((await client.run("SEARCH SAVEDSINCE 1-Jan-2026 LARGER 0"))[0], "* SEARCH 1 2 3");
  assert.equal((await client.run("SEARCH SINCE 1-Feb-2020 BEFORE 2-Feb-2020"))[0], "* SEARCH 3");
  const ids = (await client.run("FETCH 2 (EMAILID THREADID SAVEDATE)"))[0] ?? "";
  const [, emailId, threadId] = /EMAILID \((\S+)\) THREADID \((\S+)\) SAVEDATE "/.exec(ids) ?? [];
  assert.equal((await client.run(`SEARCH EMAILID ${emailId} THREADID ${threadId}`))[0], "* SEARCH 2");
  assert.equal((await client.run("SEARCH EMAILID nonsense"))[0], "* SEARCH");
  client.destroy();
});

const NESTED = [
  "Subject: outer",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="o"',
  "",
  "--o",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  "d=C3=A9j=C3=A0",
  "--o",
  "Content-Type: application/octet-stream",
  "Content-Transfer-Encoding: base64",
  "",
  Buffer.from("a\0b\r\n\xff", "latin1").toString("base64"),
  "--o",
  "Content-Type: message/rfc822",
  "",
  "Subject: inner",
  "Content-Type: text/plain",
  "",
  "within",
  "--o",
  "Content-Type: text/x-odd",
  "Content-Transfer-Encoding: x-unheard-of",
  "",
  "??",
  "--o--",
  "",
].join("\r\n");

test("Sections of nested messages are found, with their headers and partial ranges", async () => {
  const client = await clientWith(0);
  await client.append("INBOX", NESTED);
  await client.run("SELECT INBOX");
  const get = async (item: string) => (await client.run(`FETCH 1 ${item}`))[0];
  assert.equal(await get("BODY.PEEK[1]"), "* 1 FETCH (BODY[1] {14}\r\nd=C3=A9j=C3=A0)");
  assert.equal(
    await get("BODY.PEEK[3.HEADER.FIELDS (subject)]"),
    "* 1 FETCH (BODY[3.HEADER.FIELDS (subject)] {18}\r\nSubject: inner\r\n\r\n)",
  );
  assert.equal(await get("BODY.PEEK[3.TEXT]<2.3>"), "* 1 FETCH (BODY[3.TEXT]<2> {3}\r\nthi)");
  assert.equal(await get("BODY.PEEK[3.1]"), "* 1 FETCH (BODY[3.1] {6}\r\nwithin)");
  assert.equal(await get("BODY.PEEK[1.MIME]<0.12>"), "* 1 FETCH (BODY[1.MIME]<0> {12}\r\nContent-Type)");
  assert.equal(await get("BODY.PEEK[TEXT]<99999.5>"), "* 1 FETCH (BODY[TEXT]<99999> {0}\r\n)");
  assert.equal(
    await get("BODY.PEEK[HEADER.FIELDS.NOT (MIME-Version Content-Type)]"),
    "* 1 FETCH (BODY[HEADER.FIELDS.NOT (MIME-Version Content-Type)] {18}\r\nSubject: outer\r\n\r\n)",
  );
  assert.match(
    (await get("BODYSTRUCTURE"))!,
    /^\* 1 FETCH \(BODYSTRUCTURE \(\("text" "plain" .* "mixed" \("boundary" "o"\) NIL NIL NIL\)\)$/,
  );
  assert.match((await get("BODY"))!, / "mixed"\)\)$/);
  client.destroy();
});

test("BINARY decodes parts, whole and in part, and refuses encodings it does not know", async () => {
  const client = await clientWith(0);
  await client.append("INBOX", NESTED);
  await client.run("SELECT INBOX");
  client.send("a FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[2] BINARY.PEEK[1] BINARY.PEEK[1]<2.1> BINARY.PEEK[9])\r\n");
  assert.deepEqual(await client.readUntil(/^a /), [
    "* 1 FETCH (BINARY.SIZE[1] 6 BINARY.SIZE[2] 6 BINARY[1] ~{6}\r\ndéjà BINARY[1]<2> ~{1}\r\nj BINARY[9] NIL)".replace(
      "<2> ~{1}\r\nj",
      "<2> ~{1}\r\n\ufffd",
    ),
    "a OK Fetched.",
  ]);
  assert.equal((await client.run("FETCH 1 BINARY.PEEK[2]<0.3>"))[0], "* 1 FETCH (BINARY[2]<0> ~{3}\r\na\0b)");
  assert.match(result(await client.run("FETCH 1 BINARY.PEEK[4]")), /^NO \[UNKNOWN-CTE\]/);
  assert.match(result(await client.run("NOOP")), /^OK/);
  client.destroy();
});

test("PREVIEW and ENVELOPE are told, and the envelope stands alone", async () => {
  const client = await clientWith(1);
  await client.run("SELECT INBOX");
  assert.match((await client.run("FETCH 1 (PREVIEW (LAZY))"))[0]!, /^\* 1 FETCH \(PREVIEW "Bonjour,/);
  assert.match(
    (await client.run("FETCH 1 ENVELOPE"))[0]!,
    /^\* 1 FETCH \(ENVELOPE \("Mon, 23 Nov 2026 08:30:00 \+0100" "m1" \(\("Anne Martin" NIL "anne" "exemple.example"\)\)/,
  );
  client.destroy();
});
