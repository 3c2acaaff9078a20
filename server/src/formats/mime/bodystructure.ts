import type { Envelope } from "./envelope.ts";
import type { MimePart } from "./mime-part.ts";
import type { EnvelopeAddress } from "./parse-addresses.ts";

/** Renders the value of BODYSTRUCTURE with the extension data of RFC 9051 §7.5.2, in wire syntax. */
export function renderBodyStructure(root: MimePart): Buffer {
  return Buffer.from(renderPart(root, true), "utf8");
}

/** Renders the value of BODY, which is BODYSTRUCTURE without extension data. */
export function renderBody(root: MimePart): Buffer {
  return Buffer.from(renderPart(root, false), "utf8");
}

/** Renders the value of ENVELOPE in wire syntax. */
export function renderEnvelope(envelope: Envelope): Buffer {
  return Buffer.from(envelopeText(envelope), "utf8");
}

/**
 * A string in wire syntax: quoted when it is short ASCII, else a literal, which any client accepts with 8-bit content. NUL cannot
 * be sent and is dropped.
 */
function imapString(value: string): string {
  const text = value.includes("\0") ? value.replaceAll("\0", "") : value;
  if (text.length <= 4096 && /^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/.test(text)) {
    return /["\\]/.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : `"${text}"`;
  }
  return `{${Buffer.byteLength(text)}}\r\n${text}`;
}

function nstring(value: string | null): string {
  return value === null ? "NIL" : imapString(value);
}

function envelopeText(envelope: Envelope): string {
  const lists = [envelope.from, envelope.sender, envelope.replyTo, envelope.to, envelope.cc, envelope.bcc];
  return `(${nstring(envelope.date)} ${nstring(envelope.subject)} ${lists.map(addressList).join(" ")} ${nstring(envelope.inReplyTo)} ${nstring(envelope.messageId)})`;
}

function addressList(list: readonly EnvelopeAddress[] | null): string {
  if (list === null || list.length === 0) return "NIL";
  return `(${list.map(({ name, adl, mailbox, host }) => `(${nstring(name)} ${nstring(adl)} ${nstring(mailbox)} ${nstring(host)})`).join("")})`;
}

function renderPart(part: MimePart, extended: boolean): string {
  if (part.parts) return renderMultipart(part, part.parts, extended);
  const size = part.bodyEnd - part.bodyStart;
  const { message, envelope } = part;
  // message/rfc822 needs the structure of its message; encoded (which RFC 2046 §5.2.1 forbids) it has none, so it goes as a file.
  const opaque = isEnclosing(part) && (message === undefined || envelope === undefined);
  const type = opaque ? '"application" "octet-stream"' : `${imapString(part.type)} ${imapString(part.subtype)}`;
  let text = `(${type} ${parameters(part.params)} ${nstring(part.id)} ${nstring(part.description)} ${imapString(part.encoding)} ${size}`;
  if (message && envelope) text += ` ${envelopeText(envelope)} ${renderPart(message, extended)} ${part.lines}`;
  else if (part.type === "text") text += ` ${part.lines}`;
  if (extended) text += ` ${nstring(part.md5)} ${commonExtension(part)}`;
  return `${text})`;
}

function renderMultipart(part: MimePart, parts: readonly MimePart[], extended: boolean): string {
  // The grammar wants at least one part.
  const empty = `("text" "plain" NIL NIL NIL "7bit" 0 0${extended ? " NIL NIL NIL NIL" : ""})`;
  const children = parts.length === 0 ? empty : parts.map((child) => renderPart(child, extended)).join("");
  const extension = extended ? ` ${parameters(part.params)} ${commonExtension(part)}` : "";
  return `(${children} ${imapString(part.subtype)}${extension})`;
}

function isEnclosing(part: MimePart): boolean {
  return part.type === "message" && (part.subtype === "rfc822" || part.subtype === "global");
}

function commonExtension(part: MimePart): string {
  const disposition = part.disposition
    ? `(${imapString(part.disposition.type)} ${parameters(part.disposition.params)})`
    : "NIL";
  return `${disposition} ${languages(part.language)} ${nstring(part.location)}`;
}

function languages(tags: readonly string[] | null): string {
  if (tags === null || tags.length === 0) return "NIL";
  return tags.length === 1 ? imapString(tags[0]!) : `(${tags.map(imapString).join(" ")})`;
}

/** Values outside ASCII go back to the RFC 2231 form, which clients without UTF8=ACCEPT understand. */
function parameters(params: Record<string, string>): string {
  const pairs = Object.entries(params).map(([name, value]) => {
    if (/^[\x01-\x7f]*$/.test(value)) return `${imapString(name)} ${imapString(value)}`;
    return `${imapString(`${name}*`)} ${imapString(`utf-8''${percentEncode(value)}`)}`;
  });
  return pairs.length === 0 ? "NIL" : `(${pairs.join(" ")})`;
}

function percentEncode(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
