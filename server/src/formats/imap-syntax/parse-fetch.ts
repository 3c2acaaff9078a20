import { BadSyntax } from "./bad-syntax.ts";
import { type PageRange, parsePageRange } from "./page-range.ts";
import type { RawCommand } from "./raw-command.ts";
import { Scanner } from "./scanner.ts";
import type { SequenceSet } from "./sequence-set.ts";

/** What stands between the brackets of BODY[…] (RFC 9051 section 6.4.5.1). */
export interface Section {
  /** MIME part numbers; empty for the whole message. */
  readonly part: readonly number[];
  readonly text: "HEADER" | "HEADER.FIELDS" | "HEADER.FIELDS.NOT" | "TEXT" | "MIME" | null;
  /** Names of HEADER.FIELDS and HEADER.FIELDS.NOT, as written. */
  readonly fields: readonly string[];
}

export interface Partial {
  readonly offset: number;
  readonly count: number;
}

export type PlainFetchItem =
  | "FLAGS"
  | "UID"
  | "INTERNALDATE"
  | "RFC822.SIZE"
  | "ENVELOPE"
  | "BODY"
  | "BODYSTRUCTURE"
  | "MODSEQ"
  | "EMAILID"
  | "THREADID"
  | "SAVEDATE";

export type FetchItem =
  | { readonly item: PlainFetchItem }
  | { readonly item: "PREVIEW"; readonly lazy: boolean }
  | {
      readonly item: "SECTION";
      readonly section: Section;
      readonly peek: boolean;
      readonly partial: Partial | null;
      /** The name to answer with: RFC822, RFC822.HEADER and RFC822.TEXT are other names of sections. */
      readonly label: string;
    }
  | {
      readonly item: "BINARY";
      readonly part: readonly number[];
      readonly peek: boolean;
      readonly partial: Partial | null;
      readonly label: string;
    }
  | { readonly item: "BINARY.SIZE"; readonly part: readonly number[]; readonly label: string };

export interface FetchCommand {
  readonly set: SequenceSet;
  readonly items: readonly FetchItem[];
  readonly changedSince: number | null;
  /** QRESYNC: report expunged messages too (RFC 7162 section 3.2.6). */
  readonly vanished: boolean;
  /** UID FETCH (PARTIAL …): which of the messages are wanted (RFC 9394 section 3.3). */
  readonly page: PageRange | null;
}

const PLAIN: ReadonlySet<string> = new Set<PlainFetchItem>([
  "FLAGS",
  "UID",
  "INTERNALDATE",
  "RFC822.SIZE",
  "ENVELOPE",
  "BODY",
  "BODYSTRUCTURE",
  "MODSEQ",
  "EMAILID",
  "THREADID",
  "SAVEDATE",
]);

const FAST: PlainFetchItem[] = ["FLAGS", "INTERNALDATE", "RFC822.SIZE"];
const MACROS: Readonly<Record<string, readonly PlainFetchItem[]>> = {
  FAST,
  ALL: [...FAST, "ENVELOPE"],
  FULL: [...FAST, "ENVELOPE", "BODY"],
};

const WHOLE: Section = { part: [], text: null, fields: [] };
const SECTION_TEXTS = ["HEADER.FIELDS.NOT", "HEADER.FIELDS", "HEADER", "TEXT", "MIME"] as const;

/** MIME nested deeper than this is not described, so it cannot be asked for. */
const MAX_PART_DEPTH = 100;

/**
 * Parses the arguments of FETCH and UID FETCH (RFC 9051 section 6.4.5, modifiers of RFC 7162).
 * @throws BadSyntax
 */
export function parseFetch(command: RawCommand): FetchCommand {
  const scanner = new Scanner(command);
  scanner.space();
  const set = scanner.sequenceSet();
  scanner.space();
  const items = scanner.peek() === "(" ? scanner.list(() => parseFetchItem(scanner)) : itemOrMacro(scanner);
  if (items.length === 0) throw new BadSyntax("FETCH needs at least one item.");
  let changedSince: number | null = null;
  let vanished = false;
  let page: PageRange | null = null;
  if (!scanner.atEnd) {
    scanner.space();
    scanner.list(() => {
      const modifier = scanner.keyword();
      if (modifier === "CHANGEDSINCE") {
        scanner.space();
        changedSince = scanner.number();
      } else if (modifier === "VANISHED") vanished = true;
      else if (modifier === "PARTIAL") {
        scanner.space();
        page = parsePageRange(scanner);
      } else throw new BadSyntax(`FETCH modifier ${modifier} is not known.`);
    });
  }
  scanner.end();
  if (vanished && (changedSince === null || command.verb !== "UID FETCH")) {
    throw new BadSyntax("VANISHED needs UID FETCH and CHANGEDSINCE.");
  }
  if (page !== null && command.verb !== "UID FETCH") throw new BadSyntax("PARTIAL needs UID FETCH.");
  return { set, items, changedSince, vanished, page };
}

function itemOrMacro(scanner: Scanner): FetchItem[] {
  for (const [macro, items] of Object.entries(MACROS)) {
    if (scanner.accept(macro)) return items.map((item) => ({ item }));
  }
  return [parseFetchItem(scanner)];
}

/** A fetch-att, where NOTIFY has one too. @throws BadSyntax */
export function parseFetchItem(scanner: Scanner): FetchItem {
  const name = scanner.keyword();
  const bracket = scanner.peek() === "[";
  if (bracket && (name === "BODY" || name === "BODY.PEEK")) return bodySection(scanner, name === "BODY.PEEK");
  if (bracket && (name === "BINARY" || name === "BINARY.PEEK")) return binary(scanner, name === "BINARY.PEEK");
  if (bracket && name === "BINARY.SIZE") {
    const part = binaryPart(scanner);
    return { item: "BINARY.SIZE", part, label: `BINARY.SIZE[${part.join(".")}]` };
  }
  if (PLAIN.has(name)) return { item: name as PlainFetchItem };
  switch (name) {
    case "RFC822":
      return { item: "SECTION", section: WHOLE, peek: false, partial: null, label: name };
    case "RFC822.HEADER":
      return { item: "SECTION", section: { ...WHOLE, text: "HEADER" }, peek: true, partial: null, label: name };
    case "RFC822.TEXT":
      return { item: "SECTION", section: { ...WHOLE, text: "TEXT" }, peek: false, partial: null, label: name };
    case "PREVIEW":
      return { item: "PREVIEW", lazy: scanner.accept(" (LAZY)") };
    default:
      throw new BadSyntax(`FETCH item ${name} is not known.`);
  }
}

/**
 * Parses a section that stands alone, as in an IMAP URL: `1.2.MIME`.
 * @throws BadSyntax
 */
export function parseSection(text: string): Section {
  const scanner = new Scanner({ segments: [{ kind: "text", text: `[${text}]` }] });
  const { section } = readSection(scanner);
  scanner.end();
  return section;
}

function bodySection(scanner: Scanner, peek: boolean): FetchItem {
  const { section, written } = readSection(scanner);
  const partial = partialRange(scanner);
  const label = `BODY[${written}]${partial === null ? "" : `<${partial.offset}>`}`;
  return { item: "SECTION", section, peek, partial, label };
}

function readSection(scanner: Scanner): { section: Section; written: string } {
  scanner.expect("[");
  const part = partNumbers(scanner);
  let text: Section["text"] = null;
  let fields: string[] = [];
  if (scanner.peek() !== "]") {
    if (part.length > 0) scanner.expect(".");
    text = SECTION_TEXTS.find((name) => scanner.accept(name)) ?? null;
    if (text === null) throw new BadSyntax("BODY[…] asks for something that is not known.");
    if (text === "MIME" && part.length === 0) throw new BadSyntax("BODY[MIME] needs a part number.");
    if (text.startsWith("HEADER.FIELDS")) {
      scanner.space();
      fields = scanner.list(() => scanner.astring());
      if (fields.length === 0) throw new BadSyntax(`${text} needs at least one field.`);
    }
  }
  scanner.expect("]");
  return { section: { part, text, fields }, written: writeSection(part, text, fields) };
}

function binary(scanner: Scanner, peek: boolean): FetchItem {
  const part = binaryPart(scanner);
  const partial = partialRange(scanner);
  const label = `BINARY[${part.join(".")}]${partial === null ? "" : `<${partial.offset}>`}`;
  return { item: "BINARY", part, peek, partial, label };
}

function binaryPart(scanner: Scanner): number[] {
  scanner.expect("[");
  const part = partNumbers(scanner);
  scanner.expect("]");
  return part;
}

/** Part numbers, up to a dot that begins a word. */
function partNumbers(scanner: Scanner): number[] {
  const part: number[] = [];
  while (/\d/.test(scanner.peek())) {
    const number = scanner.number();
    if (number === 0) throw new BadSyntax("Part numbers start at 1.");
    part.push(number);
    if (part.length > MAX_PART_DEPTH) throw new BadSyntax("The part number is too deep.");
    if (!/^\.\d/.test(scanner.peek(2))) break;
    scanner.expect(".");
  }
  return part;
}

function partialRange(scanner: Scanner): Partial | null {
  if (!scanner.accept("<")) return null;
  const offset = scanner.number();
  scanner.expect(".");
  const count = scanner.number();
  scanner.expect(">");
  if (count === 0) throw new BadSyntax("A partial FETCH asks for at least one byte.");
  return { offset, count };
}

/** The section is repeated in the answer in the form that the client can compare with what it asked. */
function writeSection(part: readonly number[], text: Section["text"], fields: readonly string[]): string {
  const words = [...part.map(String), ...(text === null ? [] : [text])].join(".");
  if (fields.length === 0) return words;
  const names = fields.map((name) => (/^[!#-'+-Z^-z|}~]+$/.test(name) ? name : `"${name.replace(/["\\]/g, "\\$&")}"`));
  return `${words} (${names.join(" ")})`;
}
