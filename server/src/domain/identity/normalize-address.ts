import { domainToASCII } from "node:url";
import { DomainError } from "../errors.ts";

/**
 * An address as we compare and store it: NFC, lowercase, domain in A-labels. RFC 5321 lets the local part distinguish case; no
 * town hall does, and two mailboxes that differ by case only would be a trap.
 * @throws DomainError `invalid` when it is not an address (RFC 5321 section 4.1.2, RFC 6531 for other scripts)
 */
export function normalizeAddress(text: string): { address: string; localPart: string; domain: string } {
  const trimmed = text.trim().normalize("NFC").toLowerCase();
  const at = trimmed.lastIndexOf("@");
  const localPart = trimmed.slice(0, at);
  const domain = at > 0 ? normalizeDomain(trimmed.slice(at + 1)) : "";
  if (
    at <= 0 ||
    Buffer.byteLength(localPart) > 64 ||
    /[\s\u0000-\u001f\u007f<>()[\],;:"\\@]/.test(localPart) ||
    /^\.|\.\.|\.$/.test(localPart)
  ) {
    throw new DomainError("invalid", "This is not an e-mail address", { detail: text.slice(0, 200) });
  }
  return { address: `${localPart}@${domain}`, localPart, domain };
}

/** @returns the domain in lowercase A-labels. @throws DomainError `invalid` */
export function normalizeDomain(text: string): string {
  const ascii = domainToASCII(text.trim().replace(/\.$/, "")).toLowerCase();
  const labels = ascii.split(".");
  if (ascii === "" || ascii.length > 253 || labels.some((label) => !/^(?!-)[a-z0-9-]{1,63}(?<!-)$/.test(label))) {
    throw new DomainError("invalid", "This is not a domain name", { detail: text.slice(0, 200) });
  }
  return ascii;
}
