import { BadSyntax } from "./bad-syntax.ts";
import type { RawCommand } from "./raw-command.ts";
import { Scanner } from "./scanner.ts";

/** What an APPEND or REPLACE says, one after the other; each message ends before the next begins. */
export type AppendPiece =
  | {
      readonly piece: "message";
      readonly flags: readonly string[];
      /** Null when the client gives no date: then it is now. */
      readonly internalDate: Date | null;
    }
  /** Bytes that arrive now: a whole message, or a part of one. */
  | { readonly piece: "literal"; readonly size: number; readonly whole: boolean }
  /** A part of the message is taken from another message: an IMAP URL (RFC 4469). */
  | { readonly piece: "url"; readonly url: string }
  | { readonly piece: "end" };

export interface AppendTarget {
  readonly mailbox: string;
  /** The message that REPLACE puts another in place of: a sequence number or a UID; null stands for `*`. */
  readonly replaced: number | null | undefined;
}

const MAX_PARTS = 500;

/**
 * Parses APPEND and REPLACE while they arrive (RFC 9051 section 6.3.12, RFC 3502, 4469, 6855 and 8508). A command is parsed up
 * to the literal that was last announced: `next` must be called again only when more of it is there, or when it is complete.
 */
export class AppendParser {
  readonly target: AppendTarget;
  readonly #pieces: Generator<AppendPiece>;

  /** @throws BadSyntax */
  constructor(command: RawCommand, utf8: boolean) {
    const scanner = new Scanner(command);
    const replaces = command.verb !== "APPEND";
    scanner.space();
    let replaced: number | null | undefined;
    if (replaces) {
      replaced = scanner.accept("*") ? null : scanner.number();
      if (replaced === 0 || (replaced ?? 0) > 0xffff_ffff)
        throw new BadSyntax(`${command.verb} needs a message number.`);
      scanner.space();
    }
    this.target = { mailbox: scanner.mailbox(utf8), replaced };
    this.#pieces = parsePieces(scanner, !replaces);
  }

  /** The next piece; null at the end of the command. @throws BadSyntax */
  next(): AppendPiece | null {
    const { value, done } = this.#pieces.next();
    return done ? null : value;
  }
}

function* parsePieces(scanner: Scanner, several: boolean): Generator<AppendPiece> {
  for (let first = true; first || (several && !scanner.atEnd); first = false) {
    scanner.space();
    yield parseOptions(scanner);
    if (scanner.accept("CATENATE ")) yield* parseCatenate(scanner);
    else yield* parseData(scanner);
    yield { piece: "end" };
  }
  scanner.end();
}

function parseOptions(scanner: Scanner): AppendPiece {
  let flags: string[] = [];
  if (scanner.peek() === "(") {
    flags = scanner.flagList();
    scanner.space();
  }
  let internalDate: Date | null = null;
  if (scanner.peek() === '"') {
    internalDate = scanner.dateTime();
    scanner.space();
  }
  return { piece: "message", flags, internalDate };
}

function* parseData(scanner: Scanner): Generator<AppendPiece> {
  if (scanner.accept("UTF8 (")) {
    yield { piece: "literal", size: utf8Literal(scanner), whole: true };
    scanner.expect(")");
    return;
  }
  if (!scanner.atStreamedLiteral) {
    throw new BadSyntax("A mailbox is needed, then flags and a date if wanted, then a message as a literal.");
  }
  yield { piece: "literal", size: scanner.streamedLiteral().size, whole: true };
}

function utf8Literal(scanner: Scanner): number {
  const { size, binary } = scanner.streamedLiteral();
  if (!binary) throw new BadSyntax("UTF8 needs a binary literal, ~{…}.");
  return size;
}

function* parseCatenate(scanner: Scanner): Generator<AppendPiece> {
  scanner.expect("(");
  for (let count = 1; ; count += 1) {
    if (count > MAX_PARTS) throw new BadSyntax(`CATENATE takes ${MAX_PARTS} parts at most.`);
    if (scanner.accept("URL ")) yield { piece: "url", url: scanner.astring() };
    else {
      scanner.expect("TEXT ");
      if (scanner.accept("UTF8 (")) {
        yield { piece: "literal", size: utf8Literal(scanner), whole: false };
        scanner.expect(")");
      } else yield { piece: "literal", size: scanner.streamedLiteral().size, whole: false };
    }
    if (scanner.accept(")")) return;
    scanner.space();
  }
}
