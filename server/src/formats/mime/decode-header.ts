import { decodeTransferEncoding } from "./decode-body.ts";
import { decodeCharset } from "./decode-charset.ts";
import type { Envelope } from "./envelope.ts";
import { type EnvelopeAddress, parseAddresses } from "./parse-addresses.ts";

/** A decoded address, as JMAP gives it (RFC 8621 §4.1.2.3). */
export interface Address {
  name: string | null;
  email: string;
}

// "?" cannot occur in the text of an encoded word, so each attempt ends at the next one: linear.
const encodedWord = /=\?([^?\s]{1,75})\?([bBqQ])\?([^?]*)\?=/g;

/**
 * Decodes the encoded words (RFC 2047, RFC 2231 §5) of a header value to text. Adjacent words of one charset and encoding
 * are joined as bytes first: senders split characters between words. Control characters become spaces.
 */
export function decodeWords(text: string): string {
  return cleanText(decodeWordsExactly(text));
}

/** The same with white space and control characters as they are. */
export function decodeWordsExactly(text: string): string {
  if (!text.includes("=?")) return text;
  let result = "";
  let end = 0;
  let pending: { charset: string; encoding: string; chunks: Buffer[] } | null = null;
  const flush = (): void => {
    if (pending) result += decodeCharset(Buffer.concat(pending.chunks), pending.charset);
    pending = null;
  };
  for (const match of text.matchAll(encodedWord)) {
    const between = text.slice(end, match.index);
    const charset = match[1]!.split("*", 1)[0]!.toLowerCase();
    const encoding = match[2]!.toLowerCase();
    // White space between two encoded words is not shown (RFC 2047 §6.2).
    if (pending === null || between.trim() !== "") {
      flush();
      result += between;
    } else if (pending.charset !== charset || pending.encoding !== encoding) {
      flush();
    }
    pending ??= { charset, encoding, chunks: [] };
    pending.chunks.push(wordBytes(encoding, match[3]!));
    end = match.index + match[0].length;
  }
  flush();
  return result + text.slice(end);
}

function wordBytes(encoding: string, text: string): Buffer {
  if (encoding === "b") return decodeTransferEncoding(Buffer.from(text, "latin1"), "base64");
  return decodeTransferEncoding(
    Buffer.from(text.replaceAll("_", "=20").replaceAll(" ", "=20"), "utf8"),
    "quoted-printable",
  );
}

function cleanText(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]+/g, " ").trim();
}

/** Parses and decodes an address list; group markers are dropped, their members stay. */
export function decodeAddresses(value: string): Address[] {
  return toAddresses(parseAddresses(value));
}

/** Decodes the addresses of an envelope. Names are decoded after parsing, so an encoded name cannot forge an address. */
export function toAddresses(list: readonly EnvelopeAddress[] | null): Address[] {
  const addresses: Address[] = [];
  for (const { name, mailbox, host } of list ?? []) {
    if (host === null) continue;
    const decodedName = name === null ? "" : decodeWords(name);
    const email = addrSpec(mailbox ?? "", host);
    if (email !== "" || decodedName !== "") addresses.push({ name: decodedName || null, email });
  }
  return addresses;
}

export type GroupNames = Partial<Record<"from" | "to" | "cc" | "bcc", string[]>>;

/** The names of the groups in an envelope, decoded: a property to be spread, none when there is no group. */
export function groupNames(envelope: Envelope): { groupNames?: GroupNames } {
  const names: GroupNames = {};
  for (const field of ["from", "to", "cc", "bcc"] as const) {
    const starts = (envelope[field] ?? []).filter(({ host, mailbox }) => host === null && mailbox !== null);
    if (starts.length > 0) names[field] = starts.map(({ mailbox }) => decodeWords(mailbox ?? ""));
  }
  return Object.keys(names).length === 0 ? {} : { groupNames: names };
}

function addrSpec(mailbox: string, host: string): string {
  if (host === "") return cleanText(decodeWords(mailbox));
  const local = /^[^\s"(),:;<>@[\]\\]+$/.test(mailbox) ? mailbox : `"${mailbox.replace(/["\\]/g, "\\$&")}"`;
  return cleanText(`${local}@${host}`);
}

/**
 * Message ids of a Message-ID, In-Reply-To or References value, without angle brackets, in order, each once. Words with
 * "@" count when the value has no bracket at all. At most 1,000 are read.
 */
export function parseMessageIds(value: string): string[] {
  const ids = new Set<string>();
  let open = value.indexOf("<");
  while (open >= 0 && ids.size < 1000) {
    const close = value.indexOf(">", open);
    if (close < 0) break;
    const start = value.lastIndexOf("<", close);
    const id = value.slice(start + 1, close).replace(/\s+/g, "");
    if (id !== "" && id.length <= 998) ids.add(id);
    open = value.indexOf("<", close);
  }
  if (ids.size === 0) {
    for (const word of value.split(/[\s,<>]+/, 1000)) if (word.includes("@") && word.length <= 998) ids.add(word);
  }
  return [...ids];
}
