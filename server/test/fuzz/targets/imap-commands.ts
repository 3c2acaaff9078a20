import assert from "node:assert/strict";
import { BadSyntax, UnknownCharset } from "../../../src/formats/imap-syntax/bad-syntax.ts";
import { CommandReader, LIMITS_AFTER_AUTHENTICATION } from "../../../src/formats/imap-syntax/command-reader.ts";
import { AppendParser } from "../../../src/formats/imap-syntax/parse-append.ts";
import { parseFetch } from "../../../src/formats/imap-syntax/parse-fetch.ts";
import { parseId } from "../../../src/formats/imap-syntax/parse-id.ts";
import { parseList } from "../../../src/formats/imap-syntax/parse-list.ts";
import { parseGetMetadata, parseSetMetadata } from "../../../src/formats/imap-syntax/parse-metadata.ts";
import { parseNotify } from "../../../src/formats/imap-syntax/parse-notify.ts";
import { parseSearch } from "../../../src/formats/imap-syntax/parse-search.ts";
import { parseSelect } from "../../../src/formats/imap-syntax/parse-select.ts";
import { parseSort, parseThread } from "../../../src/formats/imap-syntax/parse-sort.ts";
import { parseStore } from "../../../src/formats/imap-syntax/parse-store.ts";
import { parseImapUrl } from "../../../src/formats/imap-syntax/parse-url.ts";
import type { RawCommand } from "../../../src/formats/imap-syntax/raw-command.ts";
import { type FuzzTarget, kindOf } from "../target.ts";

const parsers: Readonly<Record<string, (command: RawCommand) => unknown>> = {
  ID: parseId,
  LIST: (command) => [parseList(command, false), parseList(command, true)],
  FETCH: parseFetch,
  "UID FETCH": parseFetch,
  SEARCH: parseSearch,
  "UID SEARCH": parseSearch,
  SELECT: (command) => [parseSelect(command, false), parseSelect(command, true)],
  STORE: parseStore,
  "UID STORE": parseStore,
  SORT: parseSort,
  "UID SORT": parseSort,
  THREAD: parseThread,
  GETMETADATA: (command) => [parseGetMetadata(command, false), parseGetMetadata(command, true)],
  SETMETADATA: (command) => parseSetMetadata(command, true),
  NOTIFY: (command) => [parseNotify(command, false), parseNotify(command, true)],
  APPEND: parsePieces,
  REPLACE: parsePieces,
};

function parsePieces(command: RawCommand): unknown {
  const parser = new AppendParser(command, true);
  const pieces: unknown[] = [parser.target];
  for (let piece = parser.next(); piece !== null; piece = parser.next()) {
    pieces.push(piece.piece === "url" ? parseImapUrl(piece.url) : piece);
  }
  return pieces;
}

/** What the reader makes of bytes that come in pieces of the sizes given, and what the parsers make of its commands. */
function read(pieces: readonly Buffer[]): string[] {
  const reader = new CommandReader(LIMITS_AFTER_AUTHENTICATION);
  const seen: string[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let event = reader.next(); event !== null; event = reader.next()) {
      switch (event.type) {
        case "append-literal":
          seen.push(`append ${event.size}`);
          if (event.size > 100_000) reader.refuseLiteral();
          else reader.acceptLiteral();
          break;
        case "command":
          seen.push(`command ${event.command.verb} ${parse(event.command)}`);
          break;
        case "bad":
          seen.push(`bad ${event.tag} ${event.text}`);
          break;
        case "literal-data":
          break;
        case "fatal":
          seen.push("fatal");
          return seen;
        default:
          seen.push(event.type);
      }
      assert.ok(seen.length < 100_000, "events without end");
    }
  }
  return seen;
}

function parse(command: RawCommand): string {
  const parser = parsers[command.verb];
  if (!parser) return "";
  try {
    return JSON.stringify(parser(command)).slice(0, 200);
  } catch (error) {
    if (error instanceof BadSyntax || error instanceof UnknownCharset) return `! ${error.message}`;
    throw error;
  }
}

export const imapCommands: FuzzTarget = {
  name: "imap-commands",
  seeds: [
    "a1 LOGIN {5+}\r\nnadia {6}\r\nsecret\r\n",
    'a2 UID FETCH 1:*,5 (FLAGS ENVELOPE BODY.PEEK[1.2.HEADER.FIELDS.NOT (From "To")]<0.100> BINARY[1]) (CHANGEDSINCE 12 VANISHED)\r\n',
    'a3 SEARCH RETURN (MIN MAX SAVE) CHARSET UTF-8 OR (FROM "a" NOT SEEN) (SINCE 1-Feb-2026 LARGER 10 UID 1:$,*) TEXT {2}\r\nab\r\n',
    'a4 LIST (SUBSCRIBED RECURSIVEMATCH) "" (INBOX "Arch%" *) RETURN (CHILDREN STATUS (MESSAGES UIDNEXT SIZE))\r\n',
    'a5 APPEND INBOX (\\Seen $x) "23-Nov-2026 08:00:00 +0100" {5+}\r\nabcde\r\na6 NOOP\r\n',
    "a7 SELECT &AOk-t&AOk- (QRESYNC (67890007 20050715194045000 41,43:211 (1,9 12,40)) CONDSTORE)\r\n",
    "a8 STORE 1:3,7 (UNCHANGEDSINCE 12) +FLAGS.SILENT (\\Deleted label)\r\n",
    "b1 SORT RETURN (PARTIAL -1:-10 COUNT) (REVERSE DATE SUBJECT DISPLAYFROM) UTF-8 UNSEEN\r\n",
    "b2 THREAD REFERENCES US-ASCII SINCE 1-Feb-2026\r\n",
    'b3 APPEND x CATENATE (URL "/INBOX;UIDVALIDITY=3/;UID=20/;SECTION=1.2.MIME/;PARTIAL=0.5" TEXT {2+}\r\nab) UTF8 (~{2+}\r\nab)\r\n',
    'b4 REPLACE 7 "Drafts" (\\Draft) {2+}\r\nab\r\n',
    'c1 GETMETADATA (MAXSIZE 1024 DEPTH infinity) "INBOX" (/shared/comment /private)\r\n',
    'c2 SETMETADATA INBOX (/private/vendor/x "v" /shared/comment NIL /private/a ~{2+}\r\n\x00b)\r\n',
    "c3 NOTIFY SET STATUS (selected (MessageNew (UID BODY.PEEK[TEXT]<0.5>) MessageExpunge)) (subtree (Lists &AOk-) (MailboxName)) (mailboxes x NONE)\r\n",
    'a9 ID ("name" "x" "version" NIL)\r\n',
  ],
  words: [
    "FETCH",
    "SEARCH",
    "STORE",
    "UID",
    "BODY[",
    "BODY.PEEK[",
    "HEADER.FIELDS",
    "MIME",
    "<0.1>",
    "(",
    ")",
    "{5+}\r\n",
    "{5}\r\n",
    "~{3+}\r\n",
    "{99999999999}\r\n",
    "1:*",
    "*:1",
    "$",
    "\\Seen",
    "NIL",
    "RETURN",
    "OR",
    "NOT",
    "CHARSET",
    "MODSEQ",
    "(CHANGEDSINCE 1)",
    '"',
    "&-",
    "&AOk-",
    "\r\n",
    "PARTIAL 1:10",
    "CATENATE",
    "NOTIFY",
    "SORT",
  ],
  run(input) {
    const whole = read([input]);
    const at = input.length === 0 ? 0 : (input[0] as number) % (input.length + 1);
    assert.deepEqual(read([input.subarray(0, at), input.subarray(at)]), whole, "cuts between chunks change nothing");
    return kindOf(whole.join("|"));
  },
};
