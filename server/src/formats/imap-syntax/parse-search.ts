import { BadSyntax, UnknownCharset } from "./bad-syntax.ts";
import { type PageRange, parsePageRange } from "./page-range.ts";
import type { RawCommand } from "./raw-command.ts";
import { Scanner } from "./scanner.ts";
import type { SequenceSet } from "./sequence-set.ts";

export type SearchKey =
  | { readonly key: "all" }
  | { readonly key: "and"; readonly keys: readonly SearchKey[] }
  | { readonly key: "or"; readonly left: SearchKey; readonly right: SearchKey }
  | { readonly key: "not"; readonly of: SearchKey }
  | { readonly key: "sequence"; readonly set: SequenceSet }
  | { readonly key: "uid"; readonly set: SequenceSet }
  /** A system flag with its backslash, or a keyword. */
  | { readonly key: "flag"; readonly flag: string }
  /** Name of a header field, as written; an empty value asks for the field's presence. */
  | { readonly key: "header"; readonly name: string; readonly value: string }
  | { readonly key: "body"; readonly value: string }
  | { readonly key: "text"; readonly value: string }
  /** `date` is a day, 2026-02-01; `internal` and `saved` are arrival, `sent` the Date field. */
  | {
      readonly key: "date";
      readonly of: "internal" | "sent" | "saved";
      readonly is: "before" | "on" | "since";
      readonly date: string;
    }
  | { readonly key: "larger" | "smaller"; readonly bytes: number }
  /** RFC 5032: interval in seconds before now. */
  | { readonly key: "older" | "younger"; readonly seconds: number }
  | { readonly key: "modseq"; readonly least: number }
  | { readonly key: "emailid" | "threadid"; readonly id: string }
  | { readonly key: "savedate-supported" };

export type SearchReturn = "MIN" | "MAX" | "ALL" | "COUNT" | "SAVE" | "PARTIAL";

/** What is to be answered. */
export interface SearchResults {
  /** Null for the old form, which is answered by an untagged SEARCH; `RETURN ()` means ALL. */
  readonly returns: ReadonlySet<SearchReturn> | null;
  /** With PARTIAL. */
  readonly page: PageRange | null;
}

export interface SearchCommand extends SearchResults {
  readonly key: SearchKey;
}

const MAX_DEPTH = 32;
const MAX_KEYS = 2000;
const RETURNS: ReadonlySet<string> = new Set<SearchReturn>(["MIN", "MAX", "ALL", "COUNT", "SAVE", "PARTIAL"]);
/** Charset names of clients, and what decodes them. US-ASCII is decoded as UTF-8, which contains it. */
const CHARSETS: Readonly<Record<string, string>> = {
  "US-ASCII": "utf-8",
  ASCII: "utf-8",
  "UTF-8": "utf-8",
  UTF8: "utf-8",
  "ISO-8859-1": "windows-1252",
  "ISO-8859-15": "iso-8859-15",
  "WINDOWS-1252": "windows-1252",
};
const FLAG_KEYS: Readonly<Record<string, string>> = {
  ANSWERED: "\\Answered",
  DELETED: "\\Deleted",
  DRAFT: "\\Draft",
  FLAGGED: "\\Flagged",
  SEEN: "\\Seen",
  RECENT: "\\Recent",
};
const HEADER_KEYS = new Set(["BCC", "CC", "FROM", "SUBJECT", "TO"]);

/**
 * Parses the arguments of SEARCH and UID SEARCH (RFC 9051 section 6.4.4, keys of RFC 5032, 7162, 8474 and 8514).
 * @param utf8Only the client has enabled UTF8=ACCEPT: it may not name a charset any more (RFC 6855 section 3)
 * @throws BadSyntax
 * @throws UnknownCharset
 */
export function parseSearch(command: RawCommand, utf8Only = false): SearchCommand {
  const scanner = new Scanner(command);
  scanner.space();
  const results = parseReturns(scanner);
  let charset = "utf-8";
  if (scanner.accept("CHARSET ")) {
    if (utf8Only) throw new BadSyntax("With UTF8=ACCEPT a SEARCH names no charset.");
    charset = findCharset(scanner.astring());
    scanner.space();
  }
  return { ...results, key: parseKeys(scanner, charset) };
}

/** Parses `RETURN (…) ` of SEARCH and SORT, if it stands here. @throws BadSyntax */
export function parseReturns(scanner: Scanner): SearchResults {
  if (!scanner.accept("RETURN ")) return { returns: null, page: null };
  let page: PageRange | null = null;
  const returns = new Set(
    scanner.list(() => {
      const option = returnOption(scanner);
      if (option === "PARTIAL") {
        if (page !== null) throw new BadSyntax("PARTIAL stands twice.");
        scanner.space();
        page = parsePageRange(scanner);
      }
      return option;
    }),
  );
  if (returns.size === 0) returns.add("ALL");
  if (returns.has("ALL") && page !== null) throw new BadSyntax("ALL and PARTIAL exclude each other.");
  scanner.space();
  return { returns, page };
}

/** Parses search keys up to the end of the command; `charset` is one that `findCharset` gave. @throws BadSyntax */
export function parseKeys(scanner: Scanner, charset: string): SearchKey {
  const parser = new KeyParser(scanner, charset);
  const keys = [parser.key(0)];
  while (!scanner.atEnd) {
    scanner.space();
    keys.push(parser.key(0));
  }
  return keys.length === 1 ? keys[0]! : { key: "and", keys };
}

function returnOption(scanner: Scanner): SearchReturn {
  const option = scanner.keyword();
  if (!RETURNS.has(option)) throw new BadSyntax(`SEARCH return option ${option} is not known.`);
  return option as SearchReturn;
}

/** What decodes a charset of clients. @throws UnknownCharset */
export function findCharset(name: string): string {
  const charset = CHARSETS[name.toUpperCase()];
  if (charset === undefined) throw new UnknownCharset(`Charset ${name.slice(0, 40)} is not known.`);
  return charset;
}

class KeyParser {
  #scanner: Scanner;
  #charset: string;
  #count = 0;

  constructor(scanner: Scanner, charset: string) {
    this.#scanner = scanner;
    this.#charset = charset;
  }

  key(depth: number): SearchKey {
    this.#count += 1;
    if (depth > MAX_DEPTH || this.#count > MAX_KEYS) throw new BadSyntax("The SEARCH is too complex.");
    const scanner = this.#scanner;
    const first = scanner.peek();
    if (first === "(") {
      const keys = scanner.list(() => this.key(depth + 1));
      if (keys.length === 0) throw new BadSyntax("A SEARCH list is empty.");
      return keys.length === 1 ? keys[0]! : { key: "and", keys };
    }
    if (/[\d*$]/.test(first)) return { key: "sequence", set: scanner.sequenceSet() };
    const name = scanner.keyword();
    if (name === "NOT") return { key: "not", of: this.#next(depth) };
    if (name === "OR") return { key: "or", left: this.#next(depth), right: this.#next(depth) };
    return this.#flagKey(name) ?? this.#textKey(name) ?? this.#dateKey(name) ?? this.#numberKey(name);
  }

  #next(depth: number): SearchKey {
    this.#scanner.space();
    return this.key(depth + 1);
  }

  #flagKey(name: string): SearchKey | null {
    const flag = FLAG_KEYS[name];
    if (flag !== undefined) return { key: "flag", flag };
    const opposite = name.startsWith("UN") ? FLAG_KEYS[name.slice(2)] : undefined;
    if (opposite !== undefined && opposite !== "\\Recent") return { key: "not", of: { key: "flag", flag: opposite } };
    const recent: SearchKey = { key: "flag", flag: "\\Recent" };
    switch (name) {
      case "ALL":
        return { key: "all" };
      case "NEW":
        return { key: "and", keys: [recent, { key: "not", of: { key: "flag", flag: "\\Seen" } }] };
      case "OLD":
        return { key: "not", of: recent };
      case "KEYWORD":
        this.#scanner.space();
        return { key: "flag", flag: this.#scanner.flag() };
      case "UNKEYWORD":
        this.#scanner.space();
        return { key: "not", of: { key: "flag", flag: this.#scanner.flag() } };
      default:
        return null;
    }
  }

  #textKey(name: string): SearchKey | null {
    if (HEADER_KEYS.has(name)) return { key: "header", name: name.toLowerCase(), value: this.#text() };
    switch (name) {
      case "HEADER": {
        this.#scanner.space();
        const field = this.#scanner.astring();
        return { key: "header", name: field, value: this.#text() };
      }
      case "BODY":
        return { key: "body", value: this.#text() };
      case "TEXT":
        return { key: "text", value: this.#text() };
      case "EMAILID":
      case "THREADID":
        this.#scanner.space();
        return { key: name === "EMAILID" ? "emailid" : "threadid", id: this.#scanner.astring() };
      default:
        return null;
    }
  }

  #dateKey(name: string): SearchKey | null {
    const match = /^(SENT|SAVED)?(BEFORE|ON|SINCE)$/.exec(name);
    if (match === null) return name === "SAVEDATESUPPORTED" ? { key: "savedate-supported" } : null;
    const of = match[1] === "SENT" ? "sent" : match[1] === "SAVED" ? "saved" : "internal";
    const is = match[2] === "BEFORE" ? "before" : match[2] === "ON" ? "on" : "since";
    this.#scanner.space();
    return { key: "date", of, is, date: this.#scanner.date() };
  }

  #numberKey(name: string): SearchKey {
    switch (name) {
      case "LARGER":
        return { key: "larger", bytes: this.#number() };
      case "SMALLER":
        return { key: "smaller", bytes: this.#number() };
      case "OLDER":
      case "YOUNGER": {
        const seconds = this.#number();
        if (seconds === 0) throw new BadSyntax(`${name} needs a number of seconds above 0.`);
        return { key: name === "OLDER" ? "older" : "younger", seconds };
      }
      case "UID":
        this.#scanner.space();
        return { key: "uid", set: this.#scanner.sequenceSet() };
      case "MODSEQ":
        return { key: "modseq", least: this.#modseq() };
      default:
        throw new BadSyntax(`SEARCH key ${name} is not known.`);
    }
  }

  #number(): number {
    this.#scanner.space();
    return this.#scanner.number();
  }

  /** RFC 7162 section 3.1.5: an entry name and type may come first; there is one modseq per message here, so they are ignored. */
  #modseq(): number {
    this.#scanner.space();
    if (this.#scanner.peek() === '"') {
      this.#scanner.string();
      this.#scanner.space();
      const type = this.#scanner.keyword();
      if (!["ALL", "PRIV", "SHARED"].includes(type)) throw new BadSyntax(`MODSEQ type ${type} is not known.`);
      this.#scanner.space();
    }
    return this.#scanner.number();
  }

  #text(): string {
    this.#scanner.space();
    try {
      return new TextDecoder(this.#charset, { fatal: true }).decode(this.#scanner.astringBytes());
    } catch (error) {
      if (error instanceof BadSyntax) throw error;
      throw new BadSyntax("A SEARCH text is not in the charset announced.");
    }
  }
}
