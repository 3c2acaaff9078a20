import { BadSyntax } from "./bad-syntax.ts";
import type { RawCommand } from "./raw-command.ts";
import { Scanner } from "./scanner.ts";
import type { SequenceSet } from "./sequence-set.ts";

export interface StoreCommand {
  readonly set: SequenceSet;
  readonly mode: "add" | "remove" | "replace";
  readonly silent: boolean;
  readonly flags: readonly string[];
  readonly unchangedSince: number | null;
}

/**
 * Parses the arguments of STORE and UID STORE (RFC 9051 section 6.4.6, UNCHANGEDSINCE of RFC 7162 section 3.1.3).
 * @throws BadSyntax
 */
export function parseStore(command: RawCommand): StoreCommand {
  const scanner = new Scanner(command);
  scanner.space();
  const set = scanner.sequenceSet();
  scanner.space();
  let unchangedSince: number | null = null;
  if (scanner.peek() === "(") {
    scanner.list(() => {
      scanner.expect("UNCHANGEDSINCE");
      scanner.space();
      unchangedSince = scanner.number();
    });
    scanner.space();
  }
  const mode = scanner.accept("+") ? "add" : scanner.accept("-") ? "remove" : "replace";
  const item = scanner.keyword();
  if (item !== "FLAGS" && item !== "FLAGS.SILENT") throw new BadSyntax(`STORE item ${item} is not known.`);
  scanner.space();
  const flags = scanner.peek() === "(" ? scanner.flagList() : bareFlags(scanner);
  scanner.end();
  return { set, mode, silent: item === "FLAGS.SILENT", flags, unchangedSince };
}

/** RFC 9051 allows the parentheses to be left out. */
function bareFlags(scanner: Scanner): string[] {
  const flags = [scanner.flag()];
  while (!scanner.atEnd) {
    scanner.space();
    flags.push(scanner.flag());
  }
  return flags;
}
