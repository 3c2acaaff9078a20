import { BadSyntax } from "./bad-syntax.ts";
import type { RawCommand } from "./raw-command.ts";
import { Scanner } from "./scanner.ts";

export interface AppendCommand {
  readonly mailbox: string;
  readonly flags: readonly string[];
  /** Null when the client gives no date: then it is now. */
  readonly internalDate: Date | null;
}

/**
 * Parses what comes before the message of APPEND (RFC 9051 section 6.3.12): the command of the reader's
 * `append-literal` event.
 * @throws BadSyntax
 */
export function parseAppend(command: RawCommand, utf8: boolean): AppendCommand {
  const scanner = new Scanner(command);
  scanner.space();
  const mailbox = scanner.mailbox(utf8);
  scanner.space();
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
  if (scanner.peek() !== "")
    throw new BadSyntax("APPEND needs a mailbox, then flags and a date if wanted, then a message.");
  return { mailbox, flags, internalDate };
}
