import type { EmailAddress, EmailHeader } from "@bouquet/contract/jmap-mail.ts";
import { decodeAddresses, decodeWords, parseMessageIds, toAddresses } from "../../../formats/mime/decode-header.ts";
import { type HeaderField, headerText } from "../../../formats/mime/headers.ts";
import { parseAddresses } from "../../../formats/mime/parse-addresses.ts";
import { parseDate } from "../../../formats/mime/parse-date.ts";
import { MethodFailure } from "../jmap-errors.ts";
import { toUtcDate } from "../utc-date.ts";

export type HeaderForm =
  | "asRaw"
  | "asText"
  | "asAddresses"
  | "asGroupedAddresses"
  | "asMessageIds"
  | "asDate"
  | "asURLs";

/** `header:Name:asForm:all` taken apart. */
export interface HeaderProperty {
  /** As the client wrote it: the name of the property in the answer. */
  property: string;
  name: string;
  /** The name in lower case. */
  key: string;
  form: HeaderForm;
  all: boolean;
}

/** RFC 8621 section 4.1.2 gives each field of RFC 5322 and RFC 2369 its forms; any other field may have all of them. */
const formsOf: ReadonlyMap<string, readonly HeaderForm[]> = new Map<string, readonly HeaderForm[]>([
  ...["from", "sender", "reply-to", "to", "cc", "bcc"].flatMap((key) => [
    [key, ["asAddresses", "asGroupedAddresses"]] as const,
    [`resent-${key}`, ["asAddresses", "asGroupedAddresses"]] as const,
  ]),
  ...["message-id", "in-reply-to", "references", "resent-message-id"].map((key) => [key, ["asMessageIds"]] as const),
  ...["date", "resent-date"].map((key) => [key, ["asDate"]] as const),
  ...["subject", "comments", "keywords", "list-id"].map((key) => [key, ["asText"]] as const),
  ...["help", "unsubscribe", "subscribe", "post", "owner", "archive"].map(
    (key) => [`list-${key}`, ["asURLs"]] as const,
  ),
  ["return-path", []],
  ["received", []],
]);

const allForms: readonly string[] = [
  "asRaw",
  "asText",
  "asAddresses",
  "asGroupedAddresses",
  "asMessageIds",
  "asDate",
  "asURLs",
] satisfies HeaderForm[];

/**
 * @returns undefined when the name of the property is malformed, or the field cannot have the form
 */
export function parseHeaderProperty(property: string): HeaderProperty | undefined {
  const [prefix, name = "", ...suffixes] = property.split(":");
  if (prefix !== "header" || !/^[\x21-\x39\x3b-\x7e]{1,100}$/.test(name)) return undefined;
  const all = suffixes.at(-1) === "all";
  if (all) suffixes.pop();
  const form = suffixes.pop() ?? "asRaw";
  if (suffixes.length > 0 || !allForms.includes(form)) return undefined;
  const key = name.toLowerCase();
  const possible = formsOf.get(key);
  if (form !== "asRaw" && possible && !possible.includes(form as HeaderForm)) return undefined;
  return { property, name, key, form: form as HeaderForm, all };
}

/** @throws MethodFailure `invalidArguments` */
export function requireHeaderProperty(property: string, argument: string): HeaderProperty {
  const parsed = parseHeaderProperty(property);
  if (parsed) return parsed;
  throw new MethodFailure("invalidArguments", `There is no property “${property.slice(0, 100)}”`, {
    arguments: [argument],
  });
}

/** A header block that was read: the fields and the bytes that their offsets point into. */
export interface HeaderBlock {
  fields: readonly HeaderField[];
  bytes: Buffer;
}

/** The value of a property: of the last such field, or of all of them in order. */
export function readHeaderProperty(block: HeaderBlock, { key, form, all }: HeaderProperty): unknown {
  const found = block.fields.filter((field) => field.key === key);
  if (all) return found.map((field) => valueAs(block, field, form));
  const last = found.at(-1);
  return last ? valueAs(block, last, form) : null;
}

function valueAs(block: HeaderBlock, field: HeaderField, form: HeaderForm): unknown {
  switch (form) {
    case "asRaw":
      return rawValue(block, field);
    case "asText":
      return decodeWords(field.value).normalize("NFC");
    case "asAddresses":
      return decodeAddresses(field.value);
    case "asGroupedAddresses":
      return groupAddresses(field.value);
    case "asMessageIds":
      return orNull(parseMessageIds(field.value));
    case "asDate": {
      const date = parseDate(field.value);
      return date && toUtcDate(date);
    }
    case "asURLs":
      return orNull([...field.value.matchAll(/<\s*([^<>\s]+)\s*>/g)].slice(0, 100).map((match) => match[1]));
  }
}

function orNull<T>(list: T[]): T[] | null {
  return list.length > 0 ? list : null;
}

/** What follows the colon, up to the line end that closes the field. */
function rawValue({ bytes }: HeaderBlock, field: HeaderField): string {
  const whole = bytes.subarray(field.start, field.end);
  const value = headerText(whole.subarray(whole.indexOf(0x3a) + 1));
  return value.replace(/\r?\n$/, "").replaceAll("\0", "");
}

export function listHeaders(block: HeaderBlock): EmailHeader[] {
  return block.fields.map((field) => ({ name: field.name, value: rawValue(block, field) }));
}

export interface AddressGroup {
  name: string | null;
  addresses: EmailAddress[];
}

/** RFC 8621 section 4.1.2.4: addresses outside of groups come in groups without name. */
function groupAddresses(value: string): AddressGroup[] {
  const groups: AddressGroup[] = [];
  let current: AddressGroup | undefined;
  for (const each of parseAddresses(value)) {
    if (each.host === null) {
      current = each.mailbox === null ? undefined : { name: decodeWords(each.mailbox) || null, addresses: [] };
      if (current) groups.push(current);
      continue;
    }
    if (!current) {
      current = { name: null, addresses: [] };
      groups.push(current);
    }
    current.addresses.push(...toAddresses([each]));
  }
  return groups;
}
