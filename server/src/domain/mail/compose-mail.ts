import { randomUUID } from "node:crypto";
import { encodeHeaderText } from "../../formats/delivery-status/encode-header-text.ts";
import { mailDate } from "../../formats/delivery-status/mail-date.ts";

export interface ComposedMail {
  readonly from: { readonly name: string; readonly address: string };
  /** Empty: who gets it is not told. */
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly subject: string;
  readonly date: Date;
  /** Of Message-ID. */
  readonly hostName: string;
  /** Message-ID of what is answered, and what it referred to; without angle brackets. */
  readonly inReplyTo?: string | undefined;
  readonly references?: readonly string[];
  /** RFC 3834 section 5; a mail without it may be answered. */
  readonly autoSubmitted: string;
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
  /** Text for people, or a MIME entity with its own header. */
  readonly body: { readonly text: string } | { readonly entity: string };
}

/** Writes a mail of one text, in 7 bits unless the entity given is not. */
export function composeMail(mail: ComposedMail): Buffer {
  const lines = [
    `From: ${mail.from.name === "" ? "" : `${displayName(mail.from.name)} `}<${oneLine(mail.from.address)}>`,
    ...addressField("To", mail.to),
    ...addressField("Cc", mail.cc ?? []),
    ...(mail.to.length + (mail.cc ?? []).length === 0 ? ["To: undisclosed-recipients:;"] : []),
    `Subject: ${encodeHeaderText(mail.subject.slice(0, 500))}`,
    `Date: ${mailDate(mail.date)}`,
    `Message-ID: <${randomUUID()}@${mail.hostName}>`,
    ...(mail.inReplyTo === undefined ? [] : [`In-Reply-To: <${oneLine(mail.inReplyTo)}>`]),
    ...referencesField(mail),
    `Auto-Submitted: ${mail.autoSubmitted}`,
    "X-Auto-Response-Suppress: All",
    ...(mail.fields ?? []).map(({ name, value }) => `${name}: ${encodeHeaderText(value.slice(0, 500))}`),
  ];
  if ("entity" in mail.body) return Buffer.from(`${lines.join("\r\n")}\r\n${entity(mail.body.entity)}`, "utf8");
  const text = Buffer.from(mail.body.text.replace(/\r?\n/g, "\r\n"), "utf8").toString("base64");
  lines.push(
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    ...(text.match(/.{1,76}/g) ?? []),
    "",
  );
  return Buffer.from(lines.join("\r\n"), "utf8");
}

function displayName(name: string): string {
  const plain = name.replace(/\p{Cc}+/gu, " ");
  return /^[\x20-\x7e]*$/.test(plain) ? `"${plain.replace(/["\\]/g, "\\$&")}"` : encodeHeaderText(plain);
}

function addressField(name: string, addresses: readonly string[]): string[] {
  return addresses.length === 0 ? [] : [`${name}: ${addresses.map((each) => `<${oneLine(each)}>`).join(",\r\n ")}`];
}

function referencesField({ inReplyTo, references = [] }: ComposedMail): string[] {
  const ids = [...new Set([...references.slice(-20), ...(inReplyTo === undefined ? [] : [inReplyTo])])];
  return ids.length === 0 ? [] : [`References: ${ids.map((each) => `<${oneLine(each)}>`).join("\r\n ")}`];
}

/** RFC 5230 section 4.4: of its header only what describes the content is taken. */
function entity(given: string): string {
  const text = given.replace(/\r?\n/g, "\r\n");
  const blank = /(?:^|\r\n)\r\n/.exec(text);
  const header = blank ? text.slice(0, blank.index) : text;
  const body = blank ? text.slice(blank.index + blank[0].length) : "";
  const fields = header
    .split(/\r\n(?![ \t])/)
    .filter((field) => /^(?:content-[a-z-]+|mime-version)[ \t]*:/i.test(field));
  if (!fields.some((field) => /^mime-version/i.test(field))) fields.unshift("MIME-Version: 1.0");
  return `${fields.join("\r\n")}\r\n\r\n${body}`;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}<>\s]+/gu, "");
}
