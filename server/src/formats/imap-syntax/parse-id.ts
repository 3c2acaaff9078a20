import { BadSyntax } from "./bad-syntax.ts";
import type { RawCommand } from "./raw-command.ts";
import { Scanner } from "./scanner.ts";

const MAX_FIELDS = 30;

/**
 * Parses the arguments of ID (RFC 2971 section 3.1): what the client says of itself, names in lower case.
 * @throws BadSyntax
 */
export function parseId(command: RawCommand): Map<string, string | null> {
  const scanner = new Scanner(command);
  scanner.space();
  const fields = new Map<string, string | null>();
  if (scanner.peek() === "(") {
    scanner.list(() => {
      const name = scanner.string().toLowerCase();
      scanner.space();
      const value = scanner.nstring();
      if (fields.size === MAX_FIELDS) throw new BadSyntax("ID has too many fields.");
      fields.set(name, value);
    });
  } else if (scanner.nstring() !== null) throw new BadSyntax("ID needs a list or NIL.");
  scanner.end();
  return fields;
}
