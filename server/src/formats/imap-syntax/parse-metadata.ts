import { BadSyntax } from "./bad-syntax.ts";
import type { RawCommand } from "./raw-command.ts";
import { Scanner } from "./scanner.ts";

/** `/private/comment` or `/shared/comment`. */
export interface MetadataEntry {
  readonly isPrivate: boolean;
  /** Lower case, with its slash: `/comment`; empty for all of one kind, which only GETMETADATA with a depth may ask. */
  readonly name: string;
}

export interface GetMetadataCommand {
  readonly mailbox: string;
  readonly entries: readonly MetadataEntry[];
  readonly maxSize: number | null;
  readonly depth: 0 | 1 | "infinity";
}

export interface SetMetadataCommand {
  readonly mailbox: string;
  readonly values: readonly { readonly entry: MetadataEntry; readonly value: Buffer | null }[];
}

const MAX_ENTRIES = 100;

/**
 * Parses GETMETADATA (RFC 5464 section 4.2). Options stand before the mailbox; behind it too, as programs have them that read the
 * examples.
 * @throws BadSyntax
 */
export function parseGetMetadata(command: RawCommand, utf8: boolean): GetMetadataCommand {
  const scanner = new Scanner(command);
  const options = { maxSize: null as number | null, depth: 0 as GetMetadataCommand["depth"] };
  scanner.space();
  if (scanner.peek() === "(") {
    parseOptions(scanner, options);
    scanner.space();
  }
  const mailbox = scanner.mailbox(utf8);
  scanner.space();
  if (/^\((MAXSIZE|DEPTH) /i.test(scanner.peek(9))) {
    parseOptions(scanner, options);
    scanner.space();
  }
  const names = scanner.peek() === "(" ? scanner.list(() => scanner.astring()) : [scanner.astring()];
  scanner.end();
  if (names.length === 0 || names.length > MAX_ENTRIES) throw new BadSyntax("GETMETADATA needs 1 to 100 entries.");
  const entries = names.map((name) => parseEntry(name, options.depth !== 0));
  return { mailbox, entries, ...options };
}

function parseOptions(scanner: Scanner, options: { maxSize: number | null; depth: GetMetadataCommand["depth"] }): void {
  scanner.list(() => {
    const option = scanner.keyword();
    scanner.space();
    if (option === "MAXSIZE") options.maxSize = scanner.number();
    else if (option === "DEPTH") {
      const depth = scanner.atom().toLowerCase();
      if (depth !== "0" && depth !== "1" && depth !== "infinity") throw new BadSyntax("DEPTH is 0, 1 or infinity.");
      options.depth = depth === "infinity" ? depth : depth === "1" ? 1 : 0;
    } else throw new BadSyntax(`GETMETADATA option ${option} is not known.`);
  });
}

/** Parses SETMETADATA (RFC 5464 section 4.3). @throws BadSyntax */
export function parseSetMetadata(command: RawCommand, utf8: boolean): SetMetadataCommand {
  const scanner = new Scanner(command);
  scanner.space();
  const mailbox = scanner.mailbox(utf8);
  scanner.space();
  const values = scanner.list(() => {
    const entry = parseEntry(scanner.astring(), false);
    scanner.space();
    return { entry, value: scanner.metadataValue() };
  });
  scanner.end();
  if (values.length === 0 || values.length > MAX_ENTRIES) throw new BadSyntax("SETMETADATA needs 1 to 100 entries.");
  return { mailbox, values };
}

/**
 * An entry name: ASCII, in any case, /private or /shared and at least one level below, no wildcards (RFC 5464 section 3.2).
 * @param orAll also takes /private and /shared alone
 * @throws BadSyntax
 */
function parseEntry(written: string, orAll: boolean): MetadataEntry {
  const lower = written.toLowerCase();
  const kind = /^\/(private|shared)(?=\/|$)/.exec(lower);
  const name = lower.slice(kind?.[0].length ?? 0);
  const isName = /^(\/[\x20-\x29\x2b-\x2e\x30-\x7e]+)+$/.test(name) && !name.includes("%") && written.length <= 255;
  if (kind === null || !(isName || (orAll && name === ""))) throw new BadSyntax("This is not the name of an entry.");
  return { isPrivate: kind[1] === "private", name };
}
