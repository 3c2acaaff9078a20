import assert from "node:assert/strict";
import { test } from "node:test";
import { BadSyntax, UnknownCharset } from "./bad-syntax.ts";
import { CommandReader, LIMITS_AFTER_AUTHENTICATION } from "./command-reader.ts";
import { AppendParser } from "./parse-append.ts";
import { parseAuthenticate, parseSaslResponse } from "./parse-authenticate.ts";
import { parseFetch } from "./parse-fetch.ts";
import { parseId } from "./parse-id.ts";
import { parseList } from "./parse-list.ts";
import { parseSearch } from "./parse-search.ts";
import { parseSelect } from "./parse-select.ts";
import { parseStore } from "./parse-store.ts";
import { parseImapUrl } from "./parse-url.ts";
import type { RawCommand } from "./raw-command.ts";

function command(text: string | Buffer): RawCommand {
  const reader = new CommandReader(LIMITS_AFTER_AUTHENTICATION);
  reader.push(Buffer.concat([Buffer.from("a "), Buffer.from(text as string), Buffer.from("\r\n")]));
  for (let event = reader.next(); event !== null; event = reader.next()) {
    if (event.type === "command" || event.type === "append-literal") return event.command;
    assert.equal(event.type, "continue");
  }
  throw new Error("incomplete command");
}

const fetch = (text: string) => parseFetch(command(`FETCH ${text}`));
const search = (text: string) => parseSearch(command(`SEARCH ${text}`)).key;

test("FETCH macros stand for the items of RFC 9051", () => {
  const names = (text: string) => fetch(text).items.map(({ item }) => item);
  assert.deepEqual(names("1 FAST"), ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]);
  assert.deepEqual(names("1 all"), ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"]);
  assert.deepEqual(names("1 FULL"), ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"]);
});

test("FETCH reads every plain item", () => {
  const items = "FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE MODSEQ EMAILID THREADID SAVEDATE";
  assert.equal(
    fetch(`1 (${items})`)
      .items.map(({ item }) => item)
      .join(" "),
    items,
  );
});

test("FETCH sections keep part, text, fields and partial, and are named as they will be answered", () => {
  const section = (text: string) => fetch(`1 ${text}`).items[0];
  assert.deepEqual(section("BODY[]"), {
    item: "SECTION",
    section: { part: [], text: null, fields: [] },
    peek: false,
    partial: null,
    label: "BODY[]",
  });
  assert.deepEqual(section("body.peek[2.1.mime]<0.1024>"), {
    item: "SECTION",
    section: { part: [2, 1], text: "MIME", fields: [] },
    peek: true,
    partial: { offset: 0, count: 1024 },
    label: "BODY[2.1.MIME]<0>",
  });
  assert.deepEqual(section('BODY.PEEK[HEADER.FIELDS.NOT (Subject "a b")]'), {
    item: "SECTION",
    section: { part: [], text: "HEADER.FIELDS.NOT", fields: ["Subject", "a b"] },
    peek: true,
    partial: null,
    label: 'BODY[HEADER.FIELDS.NOT (Subject "a b")]',
  });
  assert.deepEqual(section("RFC822.TEXT"), {
    item: "SECTION",
    section: { part: [], text: "TEXT", fields: [] },
    peek: false,
    partial: null,
    label: "RFC822.TEXT",
  });
  assert.deepEqual(section("BINARY.PEEK[1]<5.6>"), {
    item: "BINARY",
    part: [1],
    peek: true,
    partial: { offset: 5, count: 6 },
    label: "BINARY[1]<5>",
  });
  assert.deepEqual(section("BINARY.SIZE[3.4]"), { item: "BINARY.SIZE", part: [3, 4], label: "BINARY.SIZE[3.4]" });
  assert.deepEqual(fetch("1 (PREVIEW (LAZY) UID)").items[0], { item: "PREVIEW", lazy: true });
});

test("FETCH takes a header field name as a literal", () => {
  const [item] = fetch("1 (BODY[HEADER.FIELDS ({7+}\r\nSubject To)] UID)").items;
  assert.ok(item?.item === "SECTION");
  assert.deepEqual(item.section.fields, ["Subject", "To"]);
});

test("FETCH modifiers are read, and VANISHED is refused where RFC 7162 forbids it", () => {
  const read = parseFetch(command("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345 VANISHED)"));
  assert.equal(read.changedSince, 12345);
  assert.equal(read.vanished, true);
  assert.throws(() => fetch("1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)"), BadSyntax);
  assert.throws(() => parseFetch(command("UID FETCH 1:* (FLAGS) (VANISHED)")), BadSyntax);
});

test("A number of 63 bits is accepted and a longer one is not", () => {
  assert.equal(fetch("1 FLAGS (CHANGEDSINCE 9223372036854775807)").changedSince, Number.MAX_SAFE_INTEGER);
  assert.throws(() => fetch("1 FLAGS (CHANGEDSINCE 99999999999999999999)"), BadSyntax);
});

test("Malformed FETCH commands are bad syntax", () => {
  for (const text of [
    "1",
    "1 ()",
    "0 FLAGS",
    "1:2:3 FLAGS",
    "1,, FLAGS",
    "4294967296 FLAGS",
    "-1 FLAGS",
    "1 (FLAGS",
    "1 (FLAGS))",
    "1 (ALL)",
    "1 ALLX",
    "1 NOPE",
    "1 BODY[",
    "1 BODY[0]",
    "1 BODY[1.]",
    "1 BODY[MIME]",
    "1 BODY[1NIL]",
    "1 BODY[HEADER.FIELDS]",
    "1 BODY[HEADER.FIELDS ()]",
    "1 BODY[]<0.0>",
    "1 BODY[]<-1.5>",
    "1 BODY[]<5>",
    "1 FLAGS (NOPE 1)",
    "1 FLAGS junk",
    `1 BODY[${"1.".repeat(200)}1]`,
  ]) {
    assert.throws(() => fetch(text), BadSyntax, text);
  }
});

test("STORE reads modes, silence and UNCHANGEDSINCE, with and without parentheses", () => {
  const store = (text: string) => parseStore(command(`STORE ${text}`));
  assert.deepEqual(store("1:* +FLAGS.SILENT (\\Seen $Junk)"), {
    set: { kind: "ranges", ranges: [{ from: 1, to: Number.POSITIVE_INFINITY }] },
    mode: "add",
    silent: true,
    flags: ["\\Seen", "$Junk"],
    unchangedSince: null,
  });
  assert.equal(store("$ (UNCHANGEDSINCE 7) -FLAGS \\Deleted").unchangedSince, 7);
  assert.deepEqual(store("1 flags \\Seen \\Draft").flags, ["\\Seen", "\\Draft"]);
  assert.deepEqual(store("1 FLAGS ()").flags, []);
  for (const text of [
    "1 +FLAGS",
    "1 FLAG (\\Seen)",
    "1 FLAGS (\\Seen",
    '1 FLAGS (a"b)',
    "1 FLAGS (\\*)",
    "1 FLAGS (é)",
  ]) {
    assert.throws(() => store(text), BadSyntax, text);
  }
});

test("SEARCH joins keys with AND and nests OR and NOT", () => {
  assert.deepEqual(search('UNSEEN OR FROM anne (SUBJECT "a b" NOT 1:3,*) '), {
    key: "and",
    keys: [
      { key: "not", of: { key: "flag", flag: "\\Seen" } },
      {
        key: "or",
        left: { key: "header", name: "from", value: "anne" },
        right: {
          key: "and",
          keys: [
            { key: "header", name: "subject", value: "a b" },
            {
              key: "not",
              of: {
                key: "sequence",
                set: {
                  kind: "ranges",
                  ranges: [
                    { from: 1, to: 3 },
                    { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY },
                  ],
                },
              },
            },
          ],
        },
      },
    ],
  });
});

test("SEARCH reads each key of its grammar", () => {
  const keys = [
    "ALL ANSWERED DELETED DRAFT FLAGGED NEW OLD RECENT SEEN UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNSEEN",
    'BCC a CC b FROM c SUBJECT d TO e BODY f TEXT g HEADER X-Y "" KEYWORD $Junk UNKEYWORD $Junk',
    'BEFORE 1-Feb-2026 ON "01-Feb-2026" SINCE 1-feb-2026 SENTBEFORE 1-Feb-2026 SENTON 1-Feb-2026 SENTSINCE 1-Feb-2026',
    "SAVEDBEFORE 1-Feb-2026 SAVEDON 1-Feb-2026 SAVEDSINCE 1-Feb-2026 SAVEDATESUPPORTED",
    'LARGER 0 SMALLER 5 OLDER 60 YOUNGER 60 UID 5:* MODSEQ 9 MODSEQ "/flags/\\\\draft" all 620 EMAILID M1 THREADID T1 $',
  ].join(" ");
  const key = search(keys);
  assert.ok(key.key === "and");
  assert.equal(key.keys.length, 14 + 10 + 6 + 4 + 10);
  assert.deepEqual(key.keys.at(-1), { key: "sequence", set: { kind: "saved" } });
});

test("SEARCH decodes texts in the charset announced, and refuses charsets it does not know", () => {
  const latin1 = Buffer.from("SEARCH CHARSET ISO-8859-1 SUBJECT {3+}\r\n\xe9t\xe9", "latin1");
  assert.deepEqual(parseSearch(command(latin1)).key, { key: "header", name: "subject", value: "été" });
  assert.deepEqual(search('TEXT "été"'), { key: "text", value: "été" });
  assert.throws(() => search("CHARSET KLINGON TEXT a"), UnknownCharset);
  assert.throws(() => parseSearch(command(Buffer.from("SEARCH TEXT {1+}\r\n\xe9", "latin1"))), BadSyntax);
});

test("SEARCH return options: none is the old form, an empty list is ALL", () => {
  const returns = (text: string) => parseSearch(command(`SEARCH ${text}`)).returns;
  assert.equal(returns("ALL"), null);
  assert.deepEqual([...returns("RETURN () ALL")!], ["ALL"]);
  assert.deepEqual([...returns("RETURN (MIN MAX COUNT SAVE) CHARSET utf-8 ALL")!], ["MIN", "MAX", "COUNT", "SAVE"]);
});

test("A SEARCH nested or repeated without measure is refused, not obeyed", () => {
  assert.throws(() => search(`${"(".repeat(5000)}ALL${")".repeat(5000)}`), BadSyntax);
  assert.throws(() => search(`${"NOT ".repeat(5000)}ALL`), BadSyntax);
  assert.throws(() => search("ALL ".repeat(5000).trim()), BadSyntax);
});

test("Malformed SEARCH commands are bad syntax", () => {
  for (const text of [
    "()",
    "OR ALL",
    "NOT",
    "FROM",
    'FROM "a',
    'FROM "a\\x"',
    "BEFORE 31-Feb-2026",
    "BEFORE 0-Jan-2026",
    "ON 2026-02-01",
    "LARGER x",
    "OLDER 0",
    "UID x",
    "HEADER a",
    "ALL)",
    "RETURN (NOPE) ALL",
    "RETURN (ALL)",
    'MODSEQ "/flags/x" none 5',
    "UNRECENT",
  ]) {
    assert.throws(() => search(text), BadSyntax, text);
  }
});

test("LIST reads both forms", () => {
  const list = (text: string) => parseList(command(`LIST ${text}`), false);
  assert.equal(list('"" %').extended, false);
  assert.deepEqual(list('"" "Bo&AO4-tes/*"').patterns, ["Boîtes/*"]);
  const extended = list('(SUBSCRIBED RECURSIVEMATCH) "" (INBOX "Sent*") RETURN (CHILDREN STATUS (MESSAGES SIZE))');
  assert.deepEqual(extended.patterns, ["INBOX", "Sent*"]);
  assert.deepEqual(extended.returns.status, ["MESSAGES", "SIZE"]);
  assert.equal(extended.select.subscribed && extended.select.recursiveMatch && extended.returns.subscribed, true);
  assert.equal(list('() "" * RETURN ()').extended, true);
  for (const text of ['""', '"" ()', '(NOPE) "" *', '"" * RETURN (NOPE)', '(RECURSIVEMATCH) "" *', '"" * x']) {
    assert.throws(() => list(text), BadSyntax, text);
  }
});

test("APPEND reads mailbox, flags and date before the message", () => {
  const append = (text: string) => {
    const parser = new AppendParser(command(`APPEND ${text} {1+}\r\n`), false);
    return { target: parser.target, message: parser.next(), literal: parser.next() };
  };
  assert.deepEqual(append("inbox").target, { mailbox: "INBOX", replaced: undefined });
  assert.deepEqual(append('x (\\Seen) " 1-Feb-2026 08:30:00 +0100"'), {
    target: { mailbox: "x", replaced: undefined },
    message: { piece: "message", flags: ["\\Seen"], internalDate: new Date("2026-02-01T07:30:00Z") },
    literal: { piece: "literal", size: 1, whole: true },
  });
  assert.deepEqual(append("{3+}\r\na b ()").target.mailbox, "a b");
  for (const text of [
    'x "1-Feb-2026"',
    "x (\\Seen",
    "x y",
    'x "31-Feb-2026 08:30:00 +0100"',
    "x UTF8 (",
    "x CATENATE (X",
  ]) {
    assert.throws(() => append(text), BadSyntax, text);
  }
});

test("APPEND goes from literal to literal while they are announced, and REPLACE takes one message", () => {
  const pieces = (text: string) => {
    const reader = new CommandReader(LIMITS_AFTER_AUTHENTICATION);
    reader.push(Buffer.from(`a ${text}\r\n`));
    const told: unknown[] = [];
    let parser: AppendParser | null = null;
    for (let event = reader.next(); event !== null; event = reader.next()) {
      if (event.type === "append-literal") reader.acceptLiteral();
      if (event.type !== "command" && event.type !== "append-literal") continue;
      parser ??= new AppendParser(event.command, true);
      for (let piece = parser.next(); piece !== null; piece = parser.next()) {
        told.push(piece.piece === "literal" ? piece.size : piece.piece === "url" ? piece.url : piece.piece);
        if (piece.piece === "literal") break;
      }
    }
    return told;
  };
  assert.deepEqual(pieces("APPEND x {1+}\r\na (\\Seen) {2+}\r\nbb ~{3+}\r\nccc"), [
    ...["message", 1, "end"],
    ...["message", 2, "end"],
    ...["message", 3, "end"],
  ]);
  assert.deepEqual(
    pieces('APPEND x CATENATE (URL "/;UID=1" TEXT {1+}\r\na URL {7+}\r\n/;UID=2 TEXT {2+}\r\nbb) UTF8 (~{1+}\r\na)'),
    [...["message", "/;UID=1", 1, "/;UID=2", 2, "end"], ...["message", 1, "end"]],
  );
  assert.deepEqual(pieces('REPLACE * "a b" (\\Draft) {1+}\r\na'), ["message", 1, "end"]);
  assert.deepEqual(pieces("UID REPLACE 7 {3+}\r\na b {1+}\r\na"), ["message", 1, "end"]);
  for (const text of [
    "REPLACE 1 x {1+}\r\na {1+}\r\nb",
    "REPLACE 0 x {1+}\r\na",
    "APPEND x CATENATE ()",
    "APPEND x CATENATE (TEXT {1+}\r\na",
    "APPEND x UTF8 ({1+}\r\na)",
    "APPEND x {1+}\r\na b",
  ]) {
    assert.throws(() => pieces(text), BadSyntax, text);
  }
});

test("An IMAP URL names a message here, or a part of one", () => {
  assert.deepEqual(parseImapUrl("/Bo%C3%AEte;UIDVALIDITY=3/;UID=20/;SECTION=1.2.MIME/;PARTIAL=5.10"), {
    mailbox: "Boîte",
    uidValidity: 3,
    uid: 20,
    section: { part: [1, 2], text: "MIME", fields: [] },
    partial: { offset: 5, count: 10 },
  });
  assert.deepEqual(parseImapUrl("/inbox/;UID=1").mailbox, "INBOX");
  assert.deepEqual(parseImapUrl(";UID=1"), { mailbox: null, uidValidity: null, uid: 1, section: null, partial: null });
  for (const url of [
    ...[
      "",
      "/",
      "/INBOX",
      "/INBOX/;UID=0",
      "/INBOX/;UID=99999999999",
      "imap://other.example/INBOX/;UID=1",
      "/a%ff/;UID=1",
    ],
    ...["/INBOX/;UID=1/;SECTION=x", "/INBOX/;UID=1;URLAUTH=anonymous:INTERNAL:00", "/INBOX/;UID=1/;PARTIAL=1.0"],
  ]) {
    assert.throws(() => parseImapUrl(url), BadSyntax, url);
  }
});

test("SELECT reads CONDSTORE and every form of QRESYNC", () => {
  const select = (text: string) => parseSelect(command(`SELECT ${text}`), false);
  assert.deepEqual(select("INBOX"), { mailbox: "INBOX", condstore: false, qresync: null });
  assert.equal(select("x (CONDSTORE)").condstore, true);
  assert.deepEqual(select("x (QRESYNC (67890007 90060115194045 41,43:211 (1,3 41,44)))").qresync, {
    uidValidity: 67890007,
    modseq: 90060115194045,
    knownUids: [
      { from: 41, to: 41 },
      { from: 43, to: 211 },
    ],
    matches: {
      sequence: [
        { from: 1, to: 1 },
        { from: 3, to: 3 },
      ],
      uids: [
        { from: 41, to: 41 },
        { from: 44, to: 44 },
      ],
    },
  });
  assert.equal(select("x (QRESYNC (1 2))").qresync?.knownUids, null);
  assert.notEqual(select("x (QRESYNC (1 2 (1 2)))").qresync?.matches, null);
  for (const text of ["", "x (NOPE)", "x (QRESYNC)", "x (QRESYNC (1))", "x (QRESYNC (1 2 1:*))", "x y"]) {
    assert.throws(() => select(text), BadSyntax, text);
  }
});

test("Names in modified UTF-7 are decoded unless IMAP4rev2 is enabled", () => {
  assert.equal(parseSelect(command("SELECT R&AOk-union"), false).mailbox, "Réunion");
  assert.equal(parseSelect(command("SELECT R&AOk-union"), true).mailbox, "R&AOk-union");
  assert.equal(parseSelect(command('SELECT "Réunion"'), true).mailbox, "Réunion");
  assert.throws(() => parseSelect(command("SELECT a&b"), false), BadSyntax);
});

test("ID reads NIL and a list", () => {
  assert.deepEqual([...parseId(command("ID NIL"))], []);
  assert.deepEqual(
    [...parseId(command('ID ("Name" "x" "version" NIL)'))],
    [
      ["name", "x"],
      ["version", null],
    ],
  );
  for (const text of ["ID", "ID x", 'ID ("a")', `ID (${'"a" "b" '.repeat(40).trim()} "c" "d"`]) {
    assert.throws(() => parseId(command(text)), BadSyntax, text);
  }
});

test("AUTHENTICATE decodes an initial response and refuses what is not base64", () => {
  assert.deepEqual(parseAuthenticate(command("AUTHENTICATE plain")), { mechanism: "PLAIN", initialResponse: null });
  assert.deepEqual(parseAuthenticate(command("AUTHENTICATE PLAIN AGEAYg==")).initialResponse, Buffer.from("\0a\0b"));
  assert.deepEqual(parseAuthenticate(command("AUTHENTICATE PLAIN =")).initialResponse, Buffer.alloc(0));
  assert.throws(() => parseAuthenticate(command("AUTHENTICATE PLAIN AGE")), BadSyntax);
  assert.equal(parseSaslResponse("*"), null);
  assert.throws(() => parseSaslResponse("a b="), BadSyntax);
});

test("A binary literal and a NUL in a literal are refused outside APPEND", () => {
  assert.throws(() => parseSelect(command("SELECT ~{1+}\r\nx"), false), BadSyntax);
  assert.throws(() => parseSelect(command("SELECT {1+}\r\n\0"), false), BadSyntax);
});

test("Whatever is changed in a command, a parser returns or says BadSyntax", () => {
  const parsers: [string, (raw: RawCommand) => unknown][] = [
    ['FETCH 1:*,5 (BODY.PEEK[1.2.HEADER.FIELDS (a "b")]<0.5> FLAGS) (CHANGEDSINCE 5)', parseFetch],
    ['SEARCH RETURN (MIN) CHARSET UTF-8 OR (FROM "a" NOT 1:5) {3+}\r\nx y KEYWORD z UID $', parseSearch],
    ["STORE 1,2:3 (UNCHANGEDSINCE 5) +FLAGS.SILENT (\\Seen a)", parseStore],
    ['LIST (SUBSCRIBED) "" ("a&AOk-*" %) RETURN (STATUS (MESSAGES))', (raw) => parseList(raw, false)],
    ["SELECT x (QRESYNC (1 2 3:4 (1 2)) CONDSTORE)", (raw) => parseSelect(raw, true)],
    ['APPEND "x" (\\Seen) " 1-Feb-2026 08:30:00 +0100" {0+}\r\n', (raw) => new AppendParser(raw, false).next()],
    ['ID ("a" "b" "c" NIL)', parseId],
    ["AUTHENTICATE PLAIN AGEAYg==", parseAuthenticate],
  ];
  const alphabet = [
    "(",
    ")",
    '"',
    "{9}",
    "{1+}\r\n",
    "*",
    "\\",
    " ",
    "[",
    "]",
    "<",
    "$",
    ",",
    ":",
    "&",
    "é",
    "0",
    "99999999999",
    "%",
    "NIL",
  ];
  // A fixed seed: a failure must be the same for everyone.
  let seed = 20261123;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
  let refused = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const [text, parse] = parsers[round % parsers.length]!;
    const at = random(text.length);
    const changed = text.slice(0, at) + alphabet[random(alphabet.length)] + text.slice(at + random(4));
    const reader = new CommandReader(LIMITS_AFTER_AUTHENTICATION);
    reader.push(Buffer.from(`a ${changed}\r\nxxxxxxxxx\r\n`));
    for (let event = reader.next(); event !== null; event = reader.next()) {
      if (event.type === "append-literal") reader.refuseLiteral();
      if (event.type !== "command" && event.type !== "append-literal") continue;
      try {
        parse(event.command);
      } catch (error) {
        assert.ok(error instanceof BadSyntax || error instanceof UnknownCharset, `${changed}\n${error}`);
        refused += 1;
      }
    }
  }
  assert.ok(refused > 1000);
});
