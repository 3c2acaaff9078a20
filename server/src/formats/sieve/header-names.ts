import type { Machine } from "./machine.ts";
import { SieveError } from "./sieve-error.ts";
import type { Text } from "./text.ts";

const fieldName = /^[\x21-\x39\x3b-\x7e]{1,200}$/;

/** Fields that hold addresses: those that `address` looks at (RFC 5228 section 5.1). */
const addressFields = new Set([
  "from",
  "to",
  "cc",
  "bcc",
  "sender",
  "reply-to",
  "resent-from",
  "resent-to",
  "resent-cc",
  "resent-bcc",
  "resent-sender",
  "resent-reply-to",
  "return-path",
  "delivered-to",
  "x-original-to",
  "envelope-to",
  "errors-to",
  "disposition-notification-to",
  "return-receipt-to",
  "mail-followup-to",
  "mail-reply-to",
  "approved",
  "x-bouquet-recipient",
]);

export function isFieldName(text: string): boolean {
  return fieldName.test(text);
}

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
    if (constant !== undefined && isFieldName(constant) && !addressFields.has(constant.toLowerCase())) {
      throw new SieveError(`The field ${constant.slice(0, 60)} holds no addresses`, position);
    }
  }
}

/** Names are lower case; what is no name, or a name that is not allowed, finds nothing. */
export function readFieldNames(machine: Machine, names: readonly Text[], isForAddresses = false): string[] {
  const read = names.map((each) => each.read(machine).toLowerCase());
  return read.filter((name) => isFieldName(name) && (!isForAddresses || addressFields.has(name)));
}
