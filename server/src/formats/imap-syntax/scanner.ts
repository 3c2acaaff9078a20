import { BadSyntax } from "./bad-syntax.ts";
import { parseDate, parseDateTime } from "./dates.ts";
import { decodeModifiedUtf7 } from "./modified-utf7.ts";
import type { RawCommand, Segment } from "./raw-command.ts";
import { parseSequenceSet, type SequenceSet } from "./sequence-set.ts";

// ATOM-CHAR, then ASTRING-CHAR (adds "]"), then the list-char of a LIST pattern. Characters outside ASCII are let
// through where clients are known to send raw UTF-8 names.
const ATOM = /[^\x00-\x20\x7f(){%*"\\\]]+/y;
const ASTRING = /[^\x00-\x20\x7f(){%*"\\]+/y;
const LIST_PATTERN = /[^\x00-\x20\x7f(){"\\]+/y;
const KEYWORD = /[A-Za-z][A-Za-z0-9.\-=]*/y;
const DIGITS = /\d+/y;
const SEQUENCE_SET = /\$|[0-9*][0-9*:,]*/y;
const FLAG = /\\?[^\x00-\x20\x7f-\uffff(){%*"\\\]]+/y;
const QUOTED = /"((?:[^"\\]|\\["\\])*)"/y;
const DATE_TEXT = /[0-9A-Za-z-]+/y;

/**
 * Reads the arguments of a command from left to right. The grammar of IMAP depends on the place, so the caller says
 * what it expects; each method throws BadSyntax, with a sentence for people, when something else stands there.
 */
export class Scanner {
  #segments: readonly Segment[];
  #index = 0;
  #position = 0;

  constructor(command: Pick<RawCommand, "segments">) {
    this.#segments = command.segments;
  }

  get #text(): string {
    const segment = this.#segments[this.#index];
    return segment?.kind === "text" ? segment.text : "";
  }

  /** The next characters without taking them; an empty string at a literal or at the end. */
  peek(count = 1): string {
    return this.#text.slice(this.#position, this.#position + count);
  }

  /** True at the end, spaces apart: several clients send one too many. */
  get atEnd(): boolean {
    return this.#index >= this.#segments.length - 1 && this.#text.slice(this.#position).trim() === "";
  }

  end(): void {
    if (!this.atEnd) throw this.#expected("the end of the command");
  }

  space(): void {
    if (!this.accept(" ")) throw this.#expected("a space");
  }

  /** Takes the given text if it stands here, in any case. */
  accept(text: string): boolean {
    const found = this.#text.slice(this.#position, this.#position + text.length);
    if (found.toUpperCase() !== text) return false;
    this.#position += text.length;
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.#expected(`"${text}"`);
  }

  atom(): string {
    return this.#match(ATOM) ?? this.#fail("an atom");
  }

  /** A word of the grammar, such as a FETCH item or a SEARCH key, in upper case. */
  keyword(): string {
    return (this.#match(KEYWORD) ?? this.#fail("a keyword")).toUpperCase();
  }

  /** Whole number up to 2^63 - 1; what exceeds 2^53 - 1 is taken as that, which is beyond every count of ours. */
  number(): number {
    const digits = this.#match(DIGITS) ?? this.#fail("a number");
    if (digits.length > 19) throw new BadSyntax("The number is too big.");
    return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
  }

  sequenceSet(): SequenceSet {
    return parseSequenceSet(this.#match(SEQUENCE_SET) ?? this.#fail("a set of message numbers"));
  }

  /** A flag or keyword as written, `\Seen` or `$Forwarded`; not `\*`. */
  flag(): string {
    return this.#match(FLAG) ?? this.#fail("a flag");
  }

  flagList(): string[] {
    return this.list(() => this.flag());
  }

  /** A quoted string or a literal, as bytes: only SEARCH knows in which charset. */
  stringBytes(): Buffer {
    const literal = this.#literal();
    if (literal !== null) return literal;
    return Buffer.from(this.#quoted() ?? this.#fail("a string"));
  }

  string(): string {
    return decodeUtf8(this.#literal()) ?? this.#quoted() ?? this.#fail("a string");
  }

  /** The value of an annotation: a string or literal8 as bytes, or null for NIL (RFC 5464 section 5). */
  metadataValue(): Buffer | null {
    if (this.#acceptNil()) return null;
    const segment = this.#atLiteral();
    if (segment?.kind !== "literal") return this.stringBytes();
    this.#skipLiteral();
    return segment.bytes;
  }

  /** A string, or null for NIL. */
  nstring(): string | null {
    return this.#acceptNil() ? null : this.string();
  }

  astring(): string {
    return decodeUtf8(this.#literal()) ?? this.#quoted() ?? this.#match(ASTRING) ?? this.#fail("a string");
  }

  astringBytes(): Buffer {
    return this.#literal() ?? Buffer.from(this.#quoted() ?? this.#match(ASTRING) ?? this.#fail("a string"));
  }

  /** A mailbox name; INBOX in any case becomes `INBOX`. `utf8` says that the client has enabled IMAP4rev2. */
  mailbox(utf8: boolean): string {
    const name = this.astring();
    return asMailbox(name, utf8);
  }

  /** A LIST pattern, whose wildcards need no quotes. */
  listPattern(utf8: boolean): string {
    const pattern =
      decodeUtf8(this.#literal()) ?? this.#quoted() ?? this.#match(LIST_PATTERN) ?? this.#fail("a mailbox pattern");
    return asMailbox(pattern, utf8);
  }

  date(): string {
    if (this.peek() === '"') return parseDate(this.#quoted() ?? "");
    return parseDate(this.#match(DATE_TEXT) ?? this.#fail("a date"));
  }

  dateTime(): Date {
    return parseDateTime(this.#quoted() ?? this.#fail("a date and time"));
  }

  /** `(item item …)`, possibly empty. */
  list<T>(item: () => T): T[] {
    const items: T[] = [];
    this.expect("(");
    if (this.accept(")")) return items;
    for (;;) {
      items.push(item());
      if (this.accept(")")) return items;
      this.space();
    }
  }

  /** True where a streamed literal stands. */
  get atStreamedLiteral(): boolean {
    return this.#atLiteral()?.kind === "streamed";
  }

  /** A streamed literal: its bytes went elsewhere while they arrived. */
  streamedLiteral(): { size: number; binary: boolean } {
    const segment = this.#atLiteral();
    if (segment?.kind !== "streamed") throw this.#expected("a literal");
    this.#skipLiteral();
    return { size: segment.size, binary: segment.binary };
  }

  #atLiteral(): Segment | null {
    if (this.#position < this.#text.length) return null;
    return this.#segments[this.#index + 1] ?? null;
  }

  #skipLiteral(): void {
    this.#index += 2;
    this.#position = 0;
  }

  #literal(): Buffer | null {
    const segment = this.#atLiteral();
    if (segment?.kind !== "literal") return null;
    if (segment.binary) throw new BadSyntax("A binary literal is only allowed as the message of APPEND.");
    if (segment.bytes.includes(0)) throw new BadSyntax("A literal holds a NUL.");
    this.#skipLiteral();
    return segment.bytes;
  }

  #acceptNil(): boolean {
    if (!/^NIL(?![^ ()])/i.test(this.#text.slice(this.#position, this.#position + 4))) return false;
    this.#position += 3;
    return true;
  }

  #quoted(): string | null {
    if (this.peek() !== '"') return null;
    const quoted = this.#match(QUOTED);
    if (quoted === null) throw new BadSyntax("A quoted string is not closed, or holds a wrong escape.");
    return quoted.slice(1, -1).replace(/\\(.)/g, "$1");
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.#position = pattern.lastIndex;
    return match[0];
  }

  #fail(what: string): never {
    throw this.#expected(what);
  }

  #expected(what: string): BadSyntax {
    const rest = this.#text.slice(this.#position, this.#position + 20);
    const found = rest !== "" ? `"${rest}"` : this.#atLiteral() === null ? "the end of the line" : "a literal";
    return new BadSyntax(`Expected ${what}, found ${found}.`);
  }
}

function asMailbox(name: string, utf8: boolean): string {
  const decoded = utf8 ? name : decodeModifiedUtf7(name);
  return decoded.toUpperCase() === "INBOX" ? "INBOX" : decoded;
}

function decodeUtf8(bytes: Buffer | null): string | null {
  if (bytes === null) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BadSyntax("A literal is not UTF-8.");
  }
}
