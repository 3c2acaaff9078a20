import type { SearchCondition, SearchFilter, SearchSort } from "../../../domain/mail/search/search-filter.ts";
import { conditionOf, type Filter, filterOf } from "../filter.ts";
import { MethodFailure } from "../jmap-errors.ts";
import { isKeyword, toFlag } from "../keywords.ts";
import { bool, InvalidValue, id, listOf, type Read, text, unsignedInt, utcDate } from "../read-arguments.ts";

const keyword: Read<string> = (value) => {
  const name = text(value);
  if (!isKeyword(name)) throw new InvalidValue("must be a keyword");
  return toFlag(name);
};

/** Of the header only the Message-ID is indexed. */
const header: Read<string> = (value) => {
  const [name = "", sought] = listOf(text)(value);
  if (name.toLowerCase() !== "message-id" || sought === undefined) {
    throw new MethodFailure("unsupportedFilter", "Only the value of Message-ID can be searched for");
  }
  return sought.trim().replace(/^<|>$/g, "");
};

const condition = conditionOf({
  inMailbox: id,
  inMailboxOtherThan: listOf(id),
  before: utcDate,
  after: utcDate,
  minSize: unsignedInt,
  maxSize: unsignedInt,
  allInThreadHaveKeyword: keyword,
  someInThreadHaveKeyword: keyword,
  noneInThreadHaveKeyword: keyword,
  hasKeyword: keyword,
  notKeyword: keyword,
  hasAttachment: bool,
  text,
  from: text,
  to: text,
  cc: text,
  bcc: text,
  subject: text,
  body: text,
  header,
});

const domainNames: Readonly<Record<string, keyof SearchCondition>> = {
  allInThreadHaveKeyword: "allInThreadHaveFlag",
  someInThreadHaveKeyword: "someInThreadHaveFlag",
  noneInThreadHaveKeyword: "noneInThreadHaveFlag",
  hasKeyword: "hasFlag",
  notKeyword: "notFlag",
  header: "messageId",
};

/** RFC 8621 section 4.4.1, as the domain's filter. */
export const emailFilter: Read<SearchFilter> = (value) => toSearchFilter(filterOf(toCondition)(value));

const toCondition: Read<SearchCondition> = (value) =>
  Object.fromEntries(Object.entries(condition(value)).map(([name, each]) => [domainNames[name] ?? name, each]));

function toSearchFilter(filter: Filter<SearchCondition>): SearchFilter {
  if ("condition" in filter) return filter.condition;
  return { operator: filter.operator, conditions: filter.conditions.map(toSearchFilter) };
}

/** Texts that a filter looks for in subjects and bodies, those under NOT left out: what a snippet marks. */
export function soughtTexts(filter: SearchFilter): { subject: string[]; body: string[] } {
  if ("operator" in filter) {
    const inner = filter.operator === "NOT" ? [] : filter.conditions.map(soughtTexts);
    return { subject: inner.flatMap((each) => each.subject), body: inner.flatMap((each) => each.body) };
  }
  const { text: anywhere = "", subject = "", body = "" } = filter;
  return { subject: [anywhere, subject].filter(Boolean), body: [anywhere, body].filter(Boolean) };
}

const sortNames: Readonly<Record<string, SearchSort["property"]>> = {
  receivedAt: "receivedAt",
  sentAt: "sentAt",
  size: "size",
  from: "from",
  to: "to",
  subject: "subject",
  hasKeyword: "hasFlag",
  someInThreadHaveKeyword: "someInThreadHaveFlag",
};
export const emailSortProperties: readonly string[] = Object.keys(sortNames);

/** @throws MethodFailure `unsupportedSort`, `invalidArguments` */
export function readEmailSort(
  sort: readonly { property: string; isAscending?: boolean; keyword?: string }[],
): SearchSort[] {
  if (sort.length > 8) throw new MethodFailure("unsupportedSort", "At most 8 properties are possible");
  return sort.map(({ property, isAscending, keyword: name }) => {
    const known = Object.hasOwn(sortNames, property) ? sortNames[property] : undefined;
    if (!known) throw new MethodFailure("unsupportedSort", `Emails cannot be sorted by “${property.slice(0, 100)}”`);
    const needsKeyword = known === "hasFlag" || known === "someInThreadHaveFlag";
    if (needsKeyword && (name === undefined || !isKeyword(name))) {
      throw new MethodFailure("invalidArguments", `${property} needs a keyword`, { arguments: ["sort"] });
    }
    return { property: known, isAscending: isAscending ?? true, ...(needsKeyword && { flag: toFlag(name!) }) };
  });
}
