import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type ImapSuite,
  type MailPerson,
  type RawClient,
  sampleMessage,
  startImapSuite,
} from "../../../test/harness/imap-suite.ts";

let suite: ImapSuite;
let person: MailPerson;
let client: RawClient;
const count = 60;
/** Larger than what is kept in a row. */
const large = 31;
const bodyOf = (number: number): string => `body ${number}\r\n${"é".repeat(number === large ? 40_000 : number)}\r\n`;

before(async () => {
  suite = await startImapSuite();
  person = await suite.addPerson();
  client = await suite.signIn(person);
  for (let number = 1; number <= count; number++) {
    await client.append("INBOX", sampleMessage(`s${number}`, bodyOf(number)), number % 2 === 0 ? "(\\Seen) " : "");
  }
  await client.run("SELECT INBOX");
});
after(() => suite.close());

const fetched = (lines: readonly string[]): string[] => lines.filter((line) => /^\* \d+ FETCH /.test(line));
const hasBody = (line: string, number: number): void => {
  assert.ok(line.startsWith(`* ${number} FETCH (BODY[] {`), line.slice(0, 60));
  assert.ok(line.endsWith(`\r\n\r\n${bodyOf(number)})`), `body of ${number}: ${line.slice(-80)}`);
};

test("bodies fetched one after the other, in any direction and step, are those that were asked for", async () => {
  const orders = [
    Array.from({ length: count }, (_, index) => index + 1),
    Array.from({ length: count }, (_, index) => count - index),
    Array.from({ length: 20 }, (_, index) => 1 + index * 3),
    [5, 6, 7, 8, 3, 4, 5, 60, 59, 58, 57, 1, 31, 32, 33, 34, 34, 34],
  ];
  for (const order of orders) {
    for (const number of order) {
      const lines = fetched(await client.run(`FETCH ${number} BODY.PEEK[]`));
      assert.equal(lines.length, 1);
      hasBody(lines[0]!, number);
    }
  }
});

test("many bodies in one command all come, a large one too", async () => {
  const lines = fetched(await client.run("FETCH 1:* BODY.PEEK[]"));
  assert.equal(lines.length, count);
  for (const line of lines) hasBody(line, Number(/^\* (\d+)/.exec(line)![1]));
});

test("lists say the same as what is asked of each message alone", async () => {
  const items = "(UID FLAGS MODSEQ INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE EMAILID THREADID SAVEDATE)";
  const all = fetched(await client.run(`FETCH 1:* ${items}`));
  assert.equal(all.length, count);
  for (const set of ["1:*", "1,3,5,40,60", "2:4,50:*"]) {
    const some = fetched(await client.run(`UID FETCH ${set} ${items}`));
    const whole = new Set(all);
    assert.ok(some.length > 0 && some.every((line) => whole.has(line)), set);
  }
  assert.match(
    all[6]!,
    /^\* 7 FETCH \(UID 7 FLAGS \(\\Recent\) MODSEQ \(\d+\) INTERNALDATE "[^"]+" RFC822\.SIZE \d+ ENVELOPE \("Mon, 23 Nov 2026 08:30:00 \+0100" "s7" /,
  );
});

test("header fields and parts of them are the same whichever way they are read", async () => {
  const items =
    "BODY.PEEK[HEADER] BODY.PEEK[HEADER.FIELDS (SUBJECT from)] BODY.PEEK[HEADER.FIELDS.NOT (Subject)]<3.40> BODY.PEEK[]<0.20>";
  // A part of the MIME tree cannot be answered from columns.
  const [planned, other] = [
    await client.run(`FETCH 29:33 (${items})`),
    await client.run(`FETCH 29:33 (${items} BODY.PEEK[1]<0.1>)`),
  ];
  const without = fetched(other).map((line) => line.replace(/ BODY\[1\]<0> \{1\}\r\n.\)$/s, ")"));
  assert.deepEqual(new Set(fetched(planned)), new Set(without));
});

test("reading bodies marks those that are not seen, and answers the others as they are", async () => {
  const lines = fetched(await client.run("FETCH 1:6 BODY[]<0.4>"));
  const told = lines.map((line) => line.replace(/ MODSEQ \(\d+\)/, ""));
  assert.deepEqual(told.toSorted(), [
    "* 1 FETCH (BODY[]<0> {4}\r\nFrom FLAGS (\\Seen \\Recent))",
    "* 2 FETCH (BODY[]<0> {4}\r\nFrom)",
    "* 3 FETCH (BODY[]<0> {4}\r\nFrom FLAGS (\\Seen \\Recent))",
    "* 4 FETCH (BODY[]<0> {4}\r\nFrom)",
    "* 5 FETCH (BODY[]<0> {4}\r\nFrom FLAGS (\\Seen \\Recent))",
    "* 6 FETCH (BODY[]<0> {4}\r\nFrom)",
  ]);
  assert.equal(fetched(await client.run("FETCH 1:6 FLAGS")).filter((line) => line.includes("\\Seen")).length, 6);
});

test("messages that another expunges while they are read ahead are themselves or missing, never others", async () => {
  const other = await suite.signIn(person);
  await other.run("SELECT INBOX");
  for (let number = 10; number < 30; number++) {
    if (number === 15) {
      await other.run("STORE 17:24 +FLAGS.SILENT (\\Deleted)");
      await other.run("EXPUNGE");
    }
    for (const line of fetched(await client.run(`FETCH ${number} BODY.PEEK[]`))) hasBody(line, number);
  }
  const flags = await client.run("FETCH 1:* (UID FLAGS)");
  assert.equal(fetched(flags).length, count - 8);
  assert.match(flags.at(-1)!, /^NO \[EXPUNGEISSUED\]/);
  await client.run("NOOP");
  assert.equal(fetched(await client.run("FETCH 1:* (UID FLAGS)")).length, count - 8);
  other.destroy();
});
