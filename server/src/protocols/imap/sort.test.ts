import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ImapSuite, type RawClient, startImapSuite } from "../../../test/harness/imap-suite.ts";

let suite: ImapSuite;
let client: RawClient;

const result = (lines: string[]) => lines.at(-1) ?? "";

interface Sent {
  subject: string;
  from: string;
  to?: string;
  cc?: string;
  /** Undefined: no Date field. */
  date?: string;
  arrived: string;
  size: number;
  more?: string;
}

const MESSAGES: Sent[] = [
  { subject: "Budget", from: "zoe@b.example", date: "3 Nov 2026 10:00 +0100", arrived: "01", size: 500 },
  { subject: "Re: budget", from: '"Émile" <bob@a.example>', date: "3 Nov 2026 08:30 -0100", arrived: "05", size: 100 },
  { subject: "=?utf-8?q?[liste]_=C3=A9cole?=", from: "Alice@c.example", arrived: "03", size: 900, to: "x@x.example" },
  {
    subject: "",
    from: "éva <carl@a.example>",
    date: "1 Nov 2026 00:00 +0000",
    arrived: "04",
    size: 300,
    cc: "y@x.example",
  },
  {
    subject: "Fwd: ECOLE",
    from: "bob@z.example",
    date: "9 Nov 2026 00:00 +0000",
    arrived: "02",
    size: 700,
    to: "Ann <w@x.example>",
  },
];

function compose({ subject, from, to, cc, date, size, more }: Sent): string {
  const head = [
    `From: ${from}`,
    ...(to === undefined ? [] : [`To: ${to}`]),
    ...(cc === undefined ? [] : [`Cc: ${cc}`]),
    ...(date === undefined ? [] : [`Date: ${date}`]),
    `Subject: ${subject}`,
    ...(more === undefined ? [] : [more]),
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
  ].join("\r\n");
  return `${head}\r\n\r\n`.padEnd(size + 300, "x");
}

before(async () => {
  suite = await startImapSuite();
  client = await suite.signIn(await suite.addPerson());
  for (const each of MESSAGES) {
    const answer = await client.append("INBOX", compose(each), `"${each.arrived}-Oct-2026 00:00:00 +0000" `);
    assert.match(result(answer), /^OK/);
  }
  await client.run("SELECT INBOX");
});
after(async () => {
  client.destroy();
  await suite.close();
});

async function sorted(criteria: string, keys = "ALL"): Promise<string> {
  const lines = await client.run(`SORT (${criteria}) UTF-8 ${keys}`);
  assert.match(result(lines), /^OK/);
  return lines[0]!.slice("* SORT".length).trim();
}

test("SORT orders by every criterion, equal messages by their place", async () => {
  assert.equal(await sorted("ARRIVAL"), "1 5 3 4 2");
  assert.equal(await sorted("REVERSE ARRIVAL"), "2 4 3 5 1");
  assert.equal(await sorted("SIZE"), "2 4 1 5 3");
  // The third has no Date: its arrival counts. The zones count too.
  assert.equal(await sorted("DATE"), "3 4 1 2 5");
  assert.equal(await sorted("FROM"), "3 2 5 4 1");
  assert.equal(await sorted("REVERSE FROM SIZE"), "1 4 2 5 3");
  assert.equal(await sorted("TO"), "1 2 4 5 3");
  assert.equal(await sorted("CC"), "1 2 3 5 4");
  assert.equal(await sorted("SUBJECT"), "4 1 2 5 3");
  assert.equal(await sorted("SUBJECT REVERSE ARRIVAL"), "4 2 1 5 3");
  assert.equal(await sorted("REVERSE SUBJECT"), "3 5 1 2 4");
  assert.equal(await sorted("DISPLAYFROM"), "3 5 2 4 1");
  assert.equal(await sorted("DISPLAYTO"), "1 2 4 5 3");
  assert.equal(await sorted("SIZE", "NOT SUBJECT budget"), "4 5 3");
  assert.equal(await sorted("SIZE", "SUBJECT nothing"), "");
});

test("SORT asks for a charset, refuses one it does not know, and criteria that are none", async () => {
  assert.match(result(await client.run("SORT (SIZE) KLINGON ALL")), /^NO \[BADCHARSET/);
  assert.match(result(await client.run("THREAD REFERENCES KLINGON ALL")), /^NO \[BADCHARSET/);
  for (const wrong of ["SORT () UTF-8 ALL", "SORT (NOPE) UTF-8 ALL", "SORT (REVERSE) UTF-8 ALL", "SORT (SIZE) UTF-8"]) {
    assert.match(result(await client.run(wrong)), /^BAD/, wrong);
  }
  assert.match(result(await client.run("THREAD NOPE UTF-8 ALL")), /^BAD/);
  const latin = Buffer.from("école", "latin1");
  client.send(
    Buffer.concat([Buffer.from(`z SORT (SIZE) ISO-8859-1 SUBJECT {${latin.length}+}\r\n`), latin, Buffer.from("\r\n")]),
  );
  assert.equal((await client.readUntil(/^z /))[0], "* SORT 3");
});

test("ESORT answers extremes, counts, ranges in sorted order and pages, and keeps results", async () => {
  const esort = async (options: string) => (await client.run(`SORT RETURN (${options}) (SIZE) UTF-8 ALL`))[0]!;
  assert.match(await esort("MIN MAX COUNT"), /^\* ESEARCH \(TAG "\w+"\) MIN 2 MAX 3 COUNT 5$/);
  assert.match(await esort(""), /ALL 2,4,1,5,3$/);
  assert.match(await esort("PARTIAL 2:3"), /PARTIAL \(2:3 4,1\)$/);
  assert.match(await esort("PARTIAL -1:-2"), /PARTIAL \(-1:-2 5,3\)$/);
  assert.match(await esort("PARTIAL 9:10 COUNT"), /COUNT 5 PARTIAL \(9:10 NIL\)$/);
  assert.match((await client.run("UID SORT RETURN (ALL) (SIZE) UTF-8 2:4"))[0]!, / UID ALL 2,4,3$/);
  await client.run("SORT RETURN (SAVE PARTIAL 1:2) (SIZE) UTF-8 ALL");
  assert.equal((await client.run("SEARCH $"))[0], "* SEARCH 2 4");
});

test("SEARCH and UID FETCH give pages, from either end", async () => {
  const search = async (options: string) => (await client.run(`SEARCH RETURN (${options}) ALL`))[0]!;
  assert.match(await search("PARTIAL 1:2"), /^\* ESEARCH \(TAG "\w+"\) PARTIAL \(1:2 1:2\)$/);
  assert.match(await search("PARTIAL 2:1"), /PARTIAL \(1:2 1:2\)$/);
  assert.match(await search("PARTIAL -1:-3 MIN"), /MIN 1 PARTIAL \(-1:-3 3:5\)$/);
  assert.match(await search("PARTIAL -4:-99"), /PARTIAL \(-4:-99 1:2\)$/);
  await client.run("SEARCH RETURN (SAVE PARTIAL -1:-2) ALL");
  assert.equal((await client.run("SEARCH $"))[0], "* SEARCH 4 5");
  for (const wrong of [
    "PARTIAL",
    "PARTIAL 0:1",
    "PARTIAL 1:-2",
    "PARTIAL -1:2",
    "PARTIAL 1",
    "ALL PARTIAL 1:2",
    "PARTIAL 1:2 PARTIAL 3:4",
  ]) {
    assert.match(result(await client.run(`SEARCH RETURN (${wrong}) ALL`)), /^BAD/, wrong);
  }
  const page = async (range: string) =>
    (await client.run(`UID FETCH 1:* (UID) (PARTIAL ${range})`))
      .slice(0, -1)
      .map((line) => /UID (\d+)/.exec(line)?.[1]);
  assert.deepEqual(await page("1:2"), ["1", "2"]);
  assert.deepEqual(await page("-1:-2"), ["4", "5"]);
  assert.deepEqual(await page("6:9"), []);
  assert.match(result(await client.run("FETCH 1:* (UID) (PARTIAL 1:2)")), /^BAD/);
  assert.match(result(await client.run("UID FETCH 1:* (FLAGS) (PARTIAL 0:2)")), /^BAD/);
});

test("A search or sort by MODSEQ tells the highest", async () => {
  assert.match((await client.run("SORT (SIZE) UTF-8 MODSEQ 1")).at(-2)!, /^\* SORT 2 4 1 5 3 \(MODSEQ \d+\)$/);
  assert.match((await client.run("SEARCH RETURN (PARTIAL 1:1) MODSEQ 1"))[0]!, /PARTIAL \(1:1 1\) MODSEQ \d+$/);
});

test("THREAD answers by subject and by references, in numbers and in UIDs", async () => {
  const other = await suite.signIn(await suite.addPerson());
  const send = (subject: string, id: string, more = "") =>
    other.append(
      "INBOX",
      `From: a@b.example\r\nSubject: ${subject}\r\nMessage-ID: <${id}@b.example>\r\n${more}Date: 3 Nov 2026 10:00 +0100\r\n\r\nx\r\n`,
    );
  await send("gone", "g");
  await send("one", "a");
  await send("other", "b");
  await send("two", "c", "References: <a@b.example>\r\n");
  await send("three", "d", "In-Reply-To: <c@b.example>\r\n");
  await send("four", "e", "References: <a@b.example>\r\n <missing@b.example>\r\n");
  await send("Re: other", "f");
  await other.run("SELECT INBOX");
  await other.run("STORE 1 +FLAGS (\\Deleted)");
  await other.run("EXPUNGE");
  assert.equal((await other.run("THREAD REFERENCES UTF-8 ALL"))[0], "* THREAD (1 (3 4)(5))(2 6)");
  assert.equal((await other.run("UID THREAD REFERENCES US-ASCII ALL"))[0], "* THREAD (2 (4 5)(6))(3 7)");
  assert.equal((await other.run("THREAD ORDEREDSUBJECT UTF-8 ALL"))[0], "* THREAD (1)(2 6)(3)(4)(5)");
  assert.equal((await other.run("THREAD REFERENCES UTF-8 SUBJECT nothing"))[0], "* THREAD");
  other.destroy();
});
