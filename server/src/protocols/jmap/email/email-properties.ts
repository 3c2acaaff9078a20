import { bool, listOf, nullable, optional, text, unsignedInt } from "../read-arguments.ts";
import { readProperties } from "../standard-get.ts";
import { type BodyProperties, readBodyProperties } from "./body-parts.ts";
import { type HeaderProperty, requireHeaderProperty } from "./header-forms.ts";

const metadata = ["id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt"];
const headerNames = [
  "messageId",
  "inReplyTo",
  "references",
  "sender",
  "from",
  "to",
  "cc",
  "bcc",
  "replyTo",
  "subject",
  "sentAt",
];
const body = ["bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments", "hasAttachment", "preview"];
const known = [...metadata, ...headerNames, "headers", ...body];

/** RFC 8621 section 4.2: what Email/get gives when it is not said. */
const defaults = [
  ...metadata,
  "messageId",
  "inReplyTo",
  "references",
  "sender",
  "from",
  "to",
  "cc",
  "bcc",
  "replyTo",
  "subject",
  "sentAt",
  "hasAttachment",
  "preview",
  "bodyValues",
  "textBody",
  "htmlBody",
  "attachments",
];
/** Section 4.9. */
const parseDefaults = defaults.filter((name) => !metadata.includes(name));

/** Arguments that Email/get and Email/parse share. */
export const emailShape = {
  properties: nullable(listOf(text)),
  bodyProperties: optional(listOf(text)),
  fetchTextBodyValues: optional(bool),
  fetchHTMLBodyValues: optional(bool),
  fetchAllBodyValues: optional(bool),
  maxBodyValueBytes: optional(unsignedInt),
};

/** What a client wants to know of emails. */
export interface EmailWish {
  names: ReadonlySet<string>;
  headers: readonly HeaderProperty[];
  bodyProperties: BodyProperties;
  textValues: boolean;
  htmlValues: boolean;
  allValues: boolean;
  maxBodyValueBytes: number;
}

/** @throws MethodFailure `invalidArguments` */
export function readEmailWish(
  given: { [K in keyof typeof emailShape]: ReturnType<(typeof emailShape)[K]> },
  use: "get" | "parse",
): EmailWish {
  const names = given.properties ?? (use === "get" ? defaults : parseDefaults);
  const headers = [...new Set(names.filter((name) => name.startsWith("header:")))];
  const plain = names.filter((name) => !name.startsWith("header:"));
  return {
    names: readProperties(known, plain),
    headers: headers.map((name) => requireHeaderProperty(name, "properties")),
    bodyProperties: readBodyProperties(given.bodyProperties),
    textValues: given.fetchTextBodyValues ?? false,
    htmlValues: given.fetchHTMLBodyValues ?? false,
    allValues: given.fetchAllBodyValues ?? false,
    maxBodyValueBytes: given.maxBodyValueBytes ?? 0,
  };
}

export function needsTree({ names }: EmailWish): boolean {
  return ["bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments"].some((name) => names.has(name));
}

export function needsHeader({ names, headers }: EmailWish): boolean {
  return headers.length > 0 || names.has("headers") || names.has("references");
}
