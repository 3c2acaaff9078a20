import { DomainError } from "../errors.ts";

/**
 * One level of a mailbox's path, in NFC.
 * @throws DomainError `invalid`: 1 to 255 bytes, no control character, no "/", which separates levels for IMAP clients
 */
export function normalizeMailboxName(text: string): string {
  const name = text.normalize("NFC").trim();
  if (name === "" || Buffer.byteLength(name) > 255) {
    throw new DomainError("invalid", "A mailbox name has 1 to 255 bytes");
  }
  if (/[\x00-\x1f\x7f-\x9f\u2028\u2029/]/.test(name) || !name.isWellFormed()) {
    throw new DomainError("invalid", "A mailbox name contains neither control characters nor “/”");
  }
  return name;
}

/** INBOX is one name in any case (RFC 9051 section 5.1), at the root. */
export function isInboxName(name: string, parentId: string | null): boolean {
  return parentId === null && name.toUpperCase() === "INBOX";
}
