import { parseAddresses } from "../mime/parse-addresses.ts";
import type { ArgumentReader, TagSpecs } from "./argument-reader.ts";

export const addressPartTags: TagSpecs = {
  ":all": { group: "part" },
  ":localpart": { group: "part" },
  ":domain": { group: "part" },
  ":user": { group: "part", needs: ["subaddress"] },
  ":detail": { group: "part", needs: ["subaddress"] },
};

interface Mailbox {
  readonly localPart: string;
  /** Empty: none. */
  readonly domain: string;
}

/** The part of an address that a test compares; null when the address has none (RFC 5233 section 4). */
export type AddressPart = (mailbox: Mailbox) => string | null;

const parts: Readonly<Record<string, AddressPart>> = {
  ":all": ({ localPart, domain }) => (domain === "" ? localPart : `${localPart}@${domain}`),
  ":localpart": ({ localPart }) => localPart,
  ":domain": ({ domain }) => (domain === "" ? null : domain),
  ":user": ({ localPart }) => localPart.split("+", 1)[0]!,
  ":detail": ({ localPart }) => {
    const plus = localPart.indexOf("+");
    return plus < 0 ? null : localPart.slice(plus + 1);
  },
};

export function readAddressPart(reader: ArgumentReader): AddressPart {
  return parts[reader.inGroup("part")?.name ?? ":all"]!;
}

/** The addresses of a field, members of groups included (RFC 5228 section 5.1). */
export function addressesOf(value: string): Mailbox[] {
  return parseAddresses(value)
    .filter((each) => each.host !== null && (each.mailbox !== "" || each.host !== ""))
    .map((each) => ({ localPart: each.mailbox ?? "", domain: each.host ?? "" }));
}

/** The address of an SMTP command. */
export function splitAddress(address: string): Mailbox {
  const at = address.lastIndexOf("@");
  return at < 0
    ? { localPart: address, domain: "" }
    : { localPart: address.slice(0, at).replace(/^"(.*)"$/, "$1"), domain: address.slice(at + 1) };
}

/** One address as it may stand after MAIL or RCPT, with its name taken off; undefined when it is none, or more than one. */
export function soleAddress(text: string): string | undefined {
  if (/[\r\n\0]/.test(text) || text.length > 1_000) return undefined;
  const list = parseAddresses(text);
  const [found] = list;
  if (list.length !== 1 || !found?.host || !found.mailbox) return undefined;
  if (!/^[\p{L}\p{N}.-]+$|^\[[0-9A-Za-z.:]+\]$/u.test(found.host) || /^\.|\.\.|\.$/.test(found.host)) return undefined;
  const isAtom = /^[^\s"(),:;<>@[\]\\\p{Cc}]+$/u.test(found.mailbox) && !/^\.|\.\.|\.$/.test(found.mailbox);
  if (!isAtom && /\p{Cc}/u.test(found.mailbox)) return undefined;
  const local = isAtom ? found.mailbox : `"${found.mailbox.replace(/["\\]/g, "\\$&")}"`;
  return `${local}@${found.host}`;
}
