import { hash } from "node:crypto";
import { decodeAddresses, decodeWords } from "../../../formats/mime/decode-header.ts";
import { fileName } from "../../../formats/mime/file-name.ts";
import { firstHeader, type HeaderField, readHeaders } from "../../../formats/mime/headers.ts";
import { htmlToText } from "../../../formats/mime/html-to-text.ts";
import { decodePartText, eachPart } from "../../../formats/mime/message-text.ts";
import type { MimePart } from "../../../formats/mime/mime-part.ts";
import { selectBodyParts } from "../../../formats/mime/select-body-parts.ts";
import { foldWords } from "./fold-words.ts";

/** The bytes of a message, read piece by piece; offsets are those of its MIME tree. */
export interface MessageBytes {
  readonly root: MimePart;
  read(start: number, end: number): Promise<Buffer>;
}

/** The field in which screening writes the DNS lists that name the client, in our own block of trace fields. */
export const listsField = "X-Spam-DNS-Lists";

const headerRead = 64 * 1024;
const textRead = 64 * 1024;
const partsRead = 4;
const maxFeatures = 1_000;
const maxHosts = 30;

/**
 * What the classifier looks at in a message as it is kept: words of subject and text, traits of the header, hosts of links, endings
 * of file names, and what our own trace fields say of authentication and lists. Each feature once; at most 1,000, so that a
 * long message cannot fill the memory of the classifier. Never throws on the message's account.
 */
export async function extractFeatures(message: MessageBytes): Promise<string[]> {
  const { root } = message;
  const header = await message.read(root.headerStart, Math.min(root.headerEnd, root.headerStart + headerRead));
  const fields = readHeaders(header, 0, header.length);
  const features = new Set<string>();
  const add = (feature: string): void => {
    if (features.size < maxFeatures) features.add(feature);
  };
  for (const trait of headerTraits(fields)) add(trait);
  for (const finding of ourFindings(fields)) add(finding);

  const bodies = selectBodyParts(root);
  const texts = bodies.textBody.filter((part) => part.type === "text");
  const htmls = bodies.htmlBody.filter((part) => part.type === "text" && part.subtype === "html");
  if (htmls.length > 0 && texts.every((part) => part.subtype === "html")) add("body:html-only");
  if (texts.length === 0) add("body:no-text");
  for (const part of eachPart(root)) {
    const name = fileName(part);
    if (name === null) continue;
    const extensions = name.toLowerCase().split(".").slice(1).slice(-2);
    add(`file:${(extensions.at(-1) ?? "none").slice(0, 12)}`);
    // invoice.pdf.exe
    if (extensions.length === 2 && /^(pdf|docx?|xlsx?|jpe?g|png|txt)$/.test(extensions[0]!)) add("file:double");
  }
  for (const word of foldWords(decodeWords(firstHeader(fields, "subject") ?? ""))) add(`s:${word}`);

  const hosts = new Set<string>();
  for (const part of new Set([...texts.slice(0, partsRead), ...htmls.slice(0, partsRead)])) {
    const bytes = await message.read(part.bodyStart, Math.min(part.bodyEnd, part.bodyStart + textRead));
    const text = decodePartText(bytes, { ...part, bodyStart: 0, bodyEnd: bytes.length });
    const isHtml = part.subtype === "html";
    for (const host of linkHosts(text)) if (hosts.size < maxHosts) hosts.add(host);
    if (isHtml) for (const trait of htmlTraits(text)) add(trait);
    for (const word of foldWords(isHtml ? htmlToText(text) : text)) add(`w:${word}`);
  }
  // After the words, yet never crowded out by them: the links are what spam is sent for.
  for (const host of hosts) for (const name of parents(host)) features.add(`url:${name}`);
  return [...features];
}

/** Features as the memory holds them: 64 bits each, as decimal text, sorted, so that every writer locks rows in one order. */
export function hashFeatures(features: readonly string[]): string[] {
  const tokens = new Set(features.map((feature) => hash("sha256", feature, "buffer").readBigInt64BE(0)));
  return [...tokens].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).map(String);
}

function* headerTraits(fields: readonly HeaderField[]): Iterable<string> {
  const from = decodeAddresses(firstHeader(fields, "from") ?? "");
  const replyTo = decodeAddresses(firstHeader(fields, "reply-to") ?? "");
  if (firstHeader(fields, "date") === null) yield "h:no-date";
  if (firstHeader(fields, "message-id") === null) yield "h:no-message-id";
  if (from.length === 0) yield "h:no-from";
  if (firstHeader(fields, "to") === null && firstHeader(fields, "cc") === null) yield "h:no-to";
  if (firstHeader(fields, "list-unsubscribe") !== null) yield "h:unsubscribe";
  if (firstHeader(fields, "precedence")?.toLowerCase() === "bulk") yield "h:bulk";
  for (const { name, email } of from.slice(0, 1)) {
    yield `from:${email.toLowerCase().slice(0, 200)}`;
    for (const domain of parents(domainOf(email))) yield `from-domain:${domain}`;
    for (const word of foldWords(name ?? "").slice(0, 10)) yield `from-name:${word}`;
    // "Trésor public <x@y>" is common; "tresor@gouv.fr <x@y>" is an address that hides another.
    const shown = /[^\s@<>"]+@([\w.-]+\.\w{2,})/.exec(name ?? "")?.[1];
    if (shown !== undefined && shown.toLowerCase() !== domainOf(email)) yield "h:name-hides-address";
  }
  const [first] = from;
  const [reply] = replyTo;
  if (first && reply && domainOf(reply.email) !== domainOf(first.email)) {
    yield "h:reply-elsewhere";
    yield `reply-domain:${domainOf(reply.email)}`;
  }
  const mailer = firstHeader(fields, "x-mailer") ?? firstHeader(fields, "user-agent");
  if (mailer)
    yield `mailer:${mailer
      .toLowerCase()
      .replace(/[^a-z ]+.*/, "")
      .trim()
      .slice(0, 30)}`;
}

/** Fields that we wrote stand above the first Received, which is ours; what comes below is only what the sender says. */
function* ourFindings(fields: readonly HeaderField[]): Iterable<string> {
  const end = fields.findIndex((field) => field.key === "received");
  for (const { key, value } of fields.slice(0, Math.max(end, 0))) {
    if (key === "authentication-results") {
      for (const [, method, result] of value.matchAll(/;\s*(spf|dkim|dmarc|arc)=([a-z]+)/g))
        yield `auth:${method}=${result}`;
    } else if (key === listsField.toLowerCase()) {
      for (const zone of value.split(/[\s,]+/).slice(0, 20)) if (zone !== "") yield `list:${zone}`;
    }
  }
}

function* htmlTraits(html: string): Iterable<string> {
  if (/<form\b/i.test(html)) yield "html:form";
  if (/<(script|iframe|object|embed)\b/i.test(html)) yield "html:active";
  if (/(font-size\s*:\s*[01](px|pt|em)?\b|display\s*:\s*none|visibility\s*:\s*hidden)/i.test(html)) yield "html:hidden";
  // A link whose text is the address of another place.
  for (const [, target, shown] of html.matchAll(
    /<a\b[^>]{0,500}?href\s*=\s*["']?https?:\/\/([\w.-]{1,253})[^>]{0,2000}>\s*(?:https?:\/\/)?([\w-]+(?:\.[\w-]+)+)/gi,
  )) {
    const lower = shown!.toLowerCase();
    if (/\.[a-z]{2,}$/.test(lower) && !related(target!.toLowerCase(), lower)) {
      yield "html:link-elsewhere";
      return;
    }
  }
}

function related(a: string, b: string): boolean {
  return a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);
}

function* linkHosts(text: string): Iterable<string> {
  for (const [, host] of text.matchAll(/\bhttps?:\/\/(?:[^\s/@"'<>]{0,200}@)?([a-z0-9.-]{1,253})/gi)) {
    yield host!.toLowerCase().replace(/^\.+|\.+$/g, "");
  }
}

/** The name and what it is beneath, top-level domains left out, the longest first; an address as it is. */
function parents(name: string): string[] {
  if (/^[\d.]+$/.test(name)) return ["address"];
  const labels = name
    .split(".")
    .filter((label) => label !== "")
    .slice(-5);
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join("."));
}

function domainOf(address: string): string {
  return address
    .slice(address.lastIndexOf("@") + 1)
    .toLowerCase()
    .slice(0, 253);
}
