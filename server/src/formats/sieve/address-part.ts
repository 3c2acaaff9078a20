import type { ArgumentReader, TagSpecs } from "./argument-reader.ts";
import type { SieveAddress } from "./message-view.ts";

export const addressPartTags: TagSpecs = {
  ":all": { group: "part" },
  ":localpart": { group: "part" },
  ":domain": { group: "part" },
  ":user": { group: "part", needs: ["subaddress"] },
  ":detail": { group: "part", needs: ["subaddress"] },
};

/**
 * The part of an address that a test compares; null when the address has none (RFC 5233 section 4), or is no address: then only
 * `:all` sees it (RFC 5228 section 2.7.4).
 */
export type AddressPart = (address: SieveAddress) => string | null;

const whole: AddressPart = ({ localPart, domain }) => (domain === "" ? localPart : `${localPart}@${domain}`);

function ofValid(part: AddressPart): AddressPart {
  return (address) => (address.localPart === "" || address.domain === "" ? null : part(address));
}

const parts: Readonly<Record<string, AddressPart>> = {
  ":all": whole,
  ":localpart": ofValid(({ localPart }) => localPart),
  ":domain": ofValid(({ domain }) => domain),
  ":user": ofValid(({ localPart }) => localPart.split("+", 1)[0]!),
  ":detail": ofValid(({ localPart }) => {
    const plus = localPart.indexOf("+");
    return plus < 0 ? null : localPart.slice(plus + 1);
  }),
};

export function readAddressPart(reader: ArgumentReader): AddressPart {
  return parts[reader.inGroup("part")?.name ?? ":all"]!;
}

/** Whether the whole of an address is compared, and so also what is no address. */
export function isWholeAddress(part: AddressPart): boolean {
  return part === whole;
}

/** The address of an SMTP command. What is no address has no parts. */
export function splitAddress(address: string): SieveAddress {
  const at = address.lastIndexOf("@");
  return at < 0 || at === address.length - 1
    ? { localPart: address, domain: "" }
    : { localPart: address.slice(0, at).replace(/^"(.*)"$/, "$1"), domain: address.slice(at + 1) };
}

const domainName = /^(?:[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})*|\[[0-9A-Za-z.:]+\])$/u;
const dotAtom = /^[^\s"(),.:;<>@[\]\\\p{Cc}]+(?:\.[^\s"(),.:;<>@[\]\\\p{Cc}]+)*$/u;
const quotedString = /^"(?:[^"\\\p{Cc}]|\\[^\p{Cc}])*"$/u;

const named = /^("(?:[^"\\]|\\.)*"|[^"<>@,;:()]*)\s*<([^<>]*)>$/;

/**
 * The one address of `a@b.example`, `<a@b.example>` or `Name <a@b.example>`; undefined for anything else. White space may stand around
 * the at sign (RFC 5228 section 2.4.2.3 takes the `addr-spec` of RFC 5322).
 */
export function soleAddress(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length > 1_000 || /\p{Cc}/u.test(trimmed)) return undefined;
  const address = named.exec(trimmed)?.[2] ?? trimmed;
  const at = address.lastIndexOf("@");
  const [localPart, domain] = [address.slice(0, at).trim(), address.slice(at + 1).trim()];
  if (at < 1 || !domainName.test(domain) || Buffer.byteLength(localPart) > 64) return undefined;
  return dotAtom.test(localPart) || quotedString.test(localPart) ? `${localPart}@${domain}` : undefined;
}

/** The name in front of the address of `Name <a@b.example>`, as it is written but for its quotes; empty when there is none. */
export function nameOfAddress(text: string): string {
  const name = named.exec(text.trim())?.[1]?.trim() ?? "";
  return name.startsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, "$1") : name;
}
