import { decodeTransferEncoding } from "./decode-body.ts";
import { decodeCharset } from "./decode-charset.ts";
import { decodeWords, toAddresses } from "./decode-header.ts";
import type { Envelope } from "./envelope.ts";
import { fileName } from "./file-name.ts";
import { htmlToText } from "./html-to-text.ts";
import type { MimePart } from "./mime-part.ts";
import type { BodyParts } from "./select-body-parts.ts";

// Newsletters put long style sheets before their first word.
const previewBytes = 512 * 1024;
const previewLength = 256;

/** Decodes a text part to a string; at most `maxBytes` of its encoded body are read. Never throws. */
export function decodePartText(bytes: Buffer, part: MimePart, maxBytes = Number.POSITIVE_INFINITY): string {
  const body = bytes.subarray(part.bodyStart, Math.min(part.bodyEnd, part.bodyStart + maxBytes));
  const decoded = decodeTransferEncoding(body, part.encoding);
  const charset = part.params.charset ?? (part.subtype === "html" ? htmlCharset(decoded) : null);
  return decodeCharset(decoded, charset);
}

/** The charset that an HTML document names in its own first 1,024 bytes. */
function htmlCharset(html: Buffer): string | null {
  return (
    /<meta[^>]{0,200}charset\s{0,5}=\s{0,5}["']?([\w-]{1,40})/i.exec(html.toString("latin1", 0, 1024))?.[1] ?? null
  );
}

/** Plain text of a text part, markup removed. */
function plainText(bytes: Buffer, part: MimePart, maxBytes: number): string {
  const text = decodePartText(bytes, part, maxBytes);
  return part.subtype === "html" ? htmlToText(text) : text;
}

/**
 * The first words of a message (RFC 8621 §4.1.4): at most 256 characters, white space collapsed, invisible padding removed,
 * never cut inside a character. Empty when the message has no text.
 */
export function previewText(bytes: Buffer, bodies: BodyParts): string {
  for (const part of [...bodies.textBody.slice(0, 5), ...bodies.htmlBody.slice(0, 5)]) {
    if (part.type !== "text") continue;
    const preview = shorten(collapseSpace(plainText(bytes, part, previewBytes)), previewLength);
    if (preview !== "") return preview;
  }
  return "";
}

/** Text as it is read: white space collapsed, invisible characters removed. */
export function collapseSpace(text: string): string {
  return text
    .replace(/\u034f|[\u00ad\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/g, "")
    .replace(/[\s\x00-\x1f\x7f-\x9f\u2800]+/g, " ")
    .trim();
}

/** Cuts at `length` UTF-16 units or one before, never between the halves of a pair. */
function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const code = text.charCodeAt(length - 1);
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? length - 1 : length).trimEnd();
}

/** Names of the attachments, those of enclosed messages included, in order; at most 1,000. */
export function attachmentNames(root: MimePart): string[] {
  const names: string[] = [];
  for (const part of eachPart(root)) {
    const name = fileName(part);
    if (name !== null) names.push(name);
    if (names.length === 1000) break;
  }
  return names;
}

/**
 * What a search over the whole message looks at: subject, addresses, file names, then the text of every text part, enclosed
 * messages included. At most `limit` UTF-16 units.
 */
export function searchText(bytes: Buffer, root: MimePart, envelope: Envelope, limit: number): string {
  const pieces = [...envelopeWords(envelope), ...attachmentNames(root)];
  let length = pieces.reduce((sum, piece) => sum + piece.length + 1, 0);
  for (const part of eachPart(root)) {
    if (length >= limit) break;
    if (part.envelope) pieces.push(...envelopeWords(part.envelope));
    if (part.type !== "text" || part.parts) continue;
    // An encoded body is at most 3 times its text, and markup rarely more than that again.
    const text = collapseSpace(plainText(bytes, part, (limit - length) * 9));
    if (text === "") continue;
    pieces.push(text);
    length += text.length + 1;
  }
  return shorten(pieces.filter((piece) => piece !== "").join("\n"), limit);
}

/** How much of `searchText` comes from the header (subject, addresses, file names), in UTF-16 units, the line end after it included. */
export function searchHeaderLength(root: MimePart, envelope: Envelope): number {
  const pieces = [...envelopeWords(envelope), ...attachmentNames(root)].filter((piece) => piece !== "");
  return pieces.reduce((sum, piece) => sum + piece.length + 1, 0);
}

function envelopeWords(envelope: Envelope): string[] {
  const lists = [envelope.from, envelope.sender, envelope.to, envelope.cc, envelope.bcc];
  const words = new Set<string>([decodeWords(envelope.subject ?? "")]);
  for (const { name, email } of lists.flatMap((list) => toAddresses(list)))
    words.add(name === null ? email : `${name} ${email}`);
  return [...words];
}

/** All parts in the order of the message, enclosed messages included, the root first. */
export function* eachPart(part: MimePart): Generator<MimePart> {
  yield part;
  for (const child of part.parts ?? []) yield* eachPart(child);
  if (part.message) yield* eachPart(part.message);
}
