import { isAddressField, isFieldName } from "./field-names.ts";
import type { Machine } from "./machine.ts";
import { SieveError } from "./sieve-error.ts";
import type { Text } from "./text.ts";

/**
 * For commands that change the header (RFC 5293 section 4). In a test what is no name is no error: no field has it (RFC 5228 section
 * 2.4.2.2).
 * @throws SieveError for a constant that is no name of a field
 */
export function checkFieldName({ constant, position }: Text): void {
  if (constant !== undefined && !isFieldName(constant)) {
    throw new SieveError(`“${constant.slice(0, 60)}” is not the name of a header field`, position);
  }
}

/** @throws SieveError for a constant that is the name of a field without addresses; what is no name finds nothing */
export function checkAddressFields(names: readonly Text[]): void {
  for (const { constant, position } of names) {
    if (constant !== undefined && isFieldName(constant) && !isAddressField(constant)) {
      throw new SieveError(`The field ${constant.slice(0, 60)} holds no addresses`, position);
    }
  }
}

/** Names are lower case; what is no name, or a name that is not allowed, finds nothing. */
export function readFieldNames(machine: Machine, names: readonly Text[], isForAddresses = false): string[] {
  const read = names.map((each) => each.read(machine).toLowerCase());
  return read.filter((name) => isFieldName(name) && (!isForAddresses || isAddressField(name)));
}
