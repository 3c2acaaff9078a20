import type { EmailAddress } from "@bouquet/contract/jmap-mail.ts";
import MimeNode, { type MimeNodeHeaderValue } from "nodemailer/lib/mime-node";
import { InvalidValue, isObject, listOf, nullable, object, type Read, text } from "../read-arguments.ts";
import { invalidProperties } from "../standard-set.ts";
import { type HeaderForm, parseHeaderProperty } from "./header-forms.ts";

/** A header field to write: a value as nodemailer's MimeNode takes it. */
export interface NewHeader {
  name: string;
  key: string;
  value: MimeNodeHeaderValue;
}

/** The properties that stand for a header field (RFC 8621 section 4.1.3). */
const convenience: Readonly<Record<string, string>> = {
  messageId: "header:Message-ID:asMessageIds",
  inReplyTo: "header:In-Reply-To:asMessageIds",
  references: "header:References:asMessageIds",
  sender: "header:Sender:asAddresses",
  from: "header:From:asAddresses",
  to: "header:To:asAddresses",
  cc: "header:Cc:asAddresses",
  bcc: "header:Bcc:asAddresses",
  replyTo: "header:Reply-To:asAddresses",
  subject: "header:Subject:asText",
  sentAt: "header:Date:asDate",
};

/** Fields of which a message has one at most (RFC 5322 section 3.6), and which MimeNode writes in its own way. */
const addressKeys = new Set(["from", "sender", "reply-to", "to", "cc", "bcc"]);
const singleKeys = new Set([...addressKeys, "date", "message-id", "in-reply-to", "references", "subject"]);
const written = [
  "from",
  "sender",
  "reply-to",
  "to",
  "cc",
  "bcc",
  "subject",
  "date",
  "message-id",
  "in-reply-to",
  "references",
];

/**
 * Reads the header properties of an Email to create: `from`, `subject`…, and `header:…`.
 * @throws SetFailure `invalidProperties` for what is no such property, given twice, or malformed
 */
export function readNewHeaders(entries: readonly (readonly [string, unknown])[]): NewHeader[] {
  const headers: NewHeader[] = [];
  const seen = new Map<string, string>();
  for (const [property, value] of entries) {
    const parsed = parseHeaderProperty(Object.hasOwn(convenience, property) ? convenience[property]! : property);
    // The parts' fields are set on the parts; MIME-Version is ours.
    if (!parsed || parsed.key.startsWith("content-") || parsed.key === "mime-version")
      throw invalidProperties([property]);
    const twice = seen.get(parsed.key);
    if (twice !== undefined) throw invalidProperties([twice, property], "One header field is given twice");
    seen.set(parsed.key, property);
    headers.push(...readValues(property, parsed.name, parsed.key, parsed.form, parsed.all, value));
  }
  const rank = (key: string): number => (written.includes(key) ? written.indexOf(key) : written.length);
  return headers.sort((a, b) => rank(a.key) - rank(b.key));
}

/** Fields that the properties of a part, or the server, decide. */
const ownPartKeys = new Set(
  ["type", "transfer-encoding", "disposition", "id", "language", "location"].map((name) => `content-${name}`),
);

/** The same for the `header:` properties of a body part. */
export function readPartHeaders(entries: readonly (readonly [string, unknown])[]): NewHeader[] {
  return entries.flatMap(([property, value]) => {
    const parsed = parseHeaderProperty(property);
    if (!parsed || ownPartKeys.has(parsed.key)) throw invalidProperties([property]);
    return readValues(property, parsed.name, parsed.key, parsed.form, parsed.all, value);
  });
}

function readValues(
  property: string,
  name: string,
  key: string,
  form: HeaderForm,
  all: boolean,
  given: unknown,
): NewHeader[] {
  try {
    const values = all ? listOf((each) => each)(given) : given === null || given === undefined ? [] : [given];
    if (values.length > (singleKeys.has(key) ? 1 : 100)) throw new InvalidValue("has too many values");
    return values.flatMap((each) => {
      const value = writers[form](each, key);
      return value === undefined ? [] : [{ name, key, value }];
    });
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw invalidProperties([property], `${property} ${error.message}`);
  }
}

const line: Read<string> = (value) => {
  const given = text(value).toWellFormed();
  if (/[\0\r\n]/.test(given)) throw new InvalidValue("must be one line");
  if (given.length > 100_000) throw new InvalidValue("is too long");
  return given;
};

const address: Read<{ name: string; address: string }> = (value) => {
  const { name, email, ...rest } = object(value);
  if (Object.keys(rest).length > 0) throw new InvalidValue("holds what is no EmailAddress");
  const spec = line(email).trim();
  if (spec === "" || spec.length > 1_000) throw new InvalidValue("has an address without email");
  return { name: (nullable(line)(name) ?? "").trim(), address: spec };
};

const group: Read<MimeNodeHeaderValue> = (value) => {
  const { name, addresses } = object(value);
  const members = listOf(address)(addresses);
  const title = nullable(line)(name);
  return title === undefined ? members : { name: title, group: members };
};

const messageId: Read<string> = (value) => {
  const id = line(value);
  if (!/^[^\s<>]{1,900}$/.test(id)) throw new InvalidValue("holds what is no message id");
  return `<${id}>`;
};

const url: Read<string> = (value) => {
  const given = line(value);
  if (!/^[\x21-\x3b\x3d\x3f-\x7e]{1,2000}$/.test(given)) throw new InvalidValue("holds what is no URL");
  return `<${given}>`;
};

/** Emitted as it is, folded at white space. */
function prepared(value: string): MimeNodeHeaderValue {
  return { prepared: true, foldLines: true, value };
}

function addresses(list: MimeNodeHeaderValue[], key: string): MimeNodeHeaderValue | undefined {
  if (list.length === 0) return undefined;
  return addressKeys.has(key) ? list : prepared(MimeNode.encodeHeaderValue("To", list));
}

/** Undefined: nothing to write. */
const writers: Record<HeaderForm, (value: unknown, key: string) => MimeNodeHeaderValue | undefined> = {
  asRaw: (value, key) => {
    // A raw value may be folded: its lines are joined, and folded again.
    const unfolded = line(text(value).replace(/\r?\n(?=[ \t])/g, "")).trim();
    if (unfolded === "") return undefined;
    return singleKeys.has(key) || !/^[\x20-\x7e\t]*$/.test(unfolded) ? unfolded : prepared(unfolded);
  },
  asText: (value) => line(value).trim() || undefined,
  asAddresses: (value, key) => addresses(listOf(address)(value), key),
  asGroupedAddresses: (value, key) => addresses(listOf(group)(value).flat(), key),
  asMessageIds: (value, key) => {
    const ids = listOf(messageId)(value).join(" ");
    if (ids === "") return undefined;
    return singleKeys.has(key) ? ids : prepared(ids);
  },
  asDate: (value, key) => (singleKeys.has(key) ? mailDate(value) : prepared(mailDate(value))),
  asURLs: (value) => {
    const urls = listOf(url)(value).join(", ");
    return urls === "" ? undefined : prepared(urls);
  },
};

const datePattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** RFC 3339 to RFC 5322 section 3.3, in the zone of the writer. */
export function mailDate(value: unknown): string {
  const match = typeof value === "string" ? datePattern.exec(value) : null;
  const [, year, month, day, hour, minute, second, zone] = match ?? [];
  const local = match && new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (!local || Number.isNaN(local.getTime()) || local.getUTCDate() !== Number(day))
    throw new InvalidValue("must be a Date");
  const offset = zone === "Z" ? "+0000" : zone!.replace(":", "");
  const name = months[local.getUTCMonth()];
  return `${days[local.getUTCDay()]}, ${day} ${name} ${year} ${hour}:${minute}:${second} ${offset}`;
}

export function addressesOf(headers: readonly NewHeader[], key: string): EmailAddress[] {
  const { value } = headers.find((header) => header.key === key) ?? {};
  if (!Array.isArray(value)) return [];
  return value.flatMap((each) => {
    if (!isObject(each) || typeof each.address !== "string") return [];
    return [{ name: typeof each.name === "string" ? each.name : null, email: each.address }];
  });
}
