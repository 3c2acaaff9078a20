import { isKeyword, toFlag } from "../keywords.ts";
import type { CallContext } from "../method.ts";
import { resolveId } from "../method.ts";
import {
  bool,
  InvalidValue,
  isId,
  type JsonObject,
  mapOf,
  object,
  optional,
  type Read,
  setOf,
  text,
  utcDate,
} from "../read-arguments.ts";
import { invalidProperties } from "../standard-set.ts";
import { type NewHeader, readNewHeaders } from "./new-headers.ts";
import { type NewPart, readNewBody } from "./new-parts.ts";

/** An Email to create (RFC 8621 section 4.6), read and checked. */
export interface NewMessage {
  mailboxIds: string[];
  flags: string[];
  receivedAt: Date;
  headers: NewHeader[];
  body: NewPart;
}

const bodyNames = ["bodyStructure", "textBody", "htmlBody", "attachments", "bodyValues"];
const plainNames = ["mailboxIds", "keywords", "receivedAt"];

const bodyValue: Read<string> = (value) => {
  const { value: content, isEncodingProblem, isTruncated, ...rest } = object(value);
  if (optional(bool)(isEncodingProblem) || optional(bool)(isTruncated) || Object.keys(rest).length > 0) {
    throw new InvalidValue("must be whole");
  }
  return text(content).replaceAll("\0", "").toWellFormed();
};

/** @throws SetFailure `invalidProperties` */
export function readNewEmail(context: CallContext, properties: JsonObject): NewMessage {
  const headerEntries: [string, unknown][] = [];
  for (const [name, value] of Object.entries(properties)) {
    if (!plainNames.includes(name) && !bodyNames.includes(name)) headerEntries.push([name, value]);
  }
  const bodyValues = read(properties, "bodyValues", optional(mapOf(text, bodyValue))) ?? new Map<string, string>();
  return {
    mailboxIds: readMailboxIds(context, properties.mailboxIds),
    flags: readKeywords(properties.keywords),
    receivedAt: read(properties, "receivedAt", optional(utcDate)) ?? new Date(),
    headers: readNewHeaders(headerEntries),
    body: readNewBody(properties, bodyValues),
  };
}

/** @throws SetFailure `invalidProperties` */
export function read<T>(properties: JsonObject, name: string, reader: Read<T>): T {
  try {
    return reader(properties[name]);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw invalidProperties([name], `${name} ${error.message}`);
  }
}

const mailboxKey: Read<string> = (value) => {
  if (typeof value !== "string" || !isId(value.replace(/^#/, ""))) throw new InvalidValue("has a key that is no Id");
  return value;
};

/** @throws SetFailure `invalidProperties` unless there is at least one */
export function readMailboxIds(context: CallContext, value: unknown): string[] {
  const ids = read({ mailboxIds: value }, "mailboxIds", setOf(mailboxKey));
  if (ids.size === 0) throw invalidProperties(["mailboxIds"], "An email is in at least one mailbox");
  return [...ids].map((each) => resolveId(context, each));
}

const keyword: Read<string> = (value) => {
  const name = text(value);
  if (!isKeyword(name)) throw new InvalidValue("holds what is no keyword");
  return name;
};

/** @throws SetFailure `invalidProperties` */
export function readKeywords(value: unknown): string[] {
  return [...(read({ keywords: value }, "keywords", optional(setOf(keyword))) ?? [])].map(toFlag);
}
