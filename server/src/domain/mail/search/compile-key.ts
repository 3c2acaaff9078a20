import { sql } from "kysely";
import { deleted, flagged, unseen } from "../../../store/mail/flag-conditions.ts";
import { isUuid } from "../../../store/uuid.ts";
import { spellFlag } from "../flags.ts";
import type { SearchKey } from "../search-key.ts";
import { allOf, escapeLike, type Sql } from "./compile-filter.ts";

const addressFields = new Set(["from", "to", "cc", "bcc"]);

/** Whether the header key can be decided by columns; the others need the bytes. */
export function isInColumns(name: string, value: string): boolean {
  const field = name.toLowerCase();
  if (field === "subject") return value !== "";
  return addressFields.has(field) || field === "message-id";
}

/**
 * Turns an IMAP search into SQL over `mailbox_message c JOIN message m`.
 * @param matched messages whose bytes match each header key that is not in columns, and each text key
 */
export function compileKey(key: SearchKey, matched: ReadonlyMap<SearchKey, readonly string[]>): Sql {
  const compile = (each: SearchKey): Sql => compileKey(each, matched);
  switch (key.key) {
    case "all":
      return sql`true`;
    case "and":
      return allOf(key.keys.map(compile));
    case "or":
      return sql`(${compile(key.left)} OR ${compile(key.right)})`;
    case "not":
      return sql`NOT ${compile(key.of)}`;
    case "uids":
      return inRanges(key.ranges);
    case "flag":
      return hasFlag(key.flag);
    case "header":
      return isInColumns(key.name, key.value)
        ? compileHeader(key.name.toLowerCase(), key.value)
        : inMessages(matched.get(key) ?? []);
    case "body":
      return inText(sql`substr(t.body, t.body_from)`, key.value);
    case "text":
      return sql`(${inText(sql`t.body`, key.value)} OR ${inMessages(matched.get(key) ?? [])})`;
    case "date":
      return compileDate(key.of, key.is, key.date);
    case "larger":
      return sql`c.size > ${key.bytes}`;
    case "smaller":
      return sql`c.size < ${key.bytes}`;
    case "older":
      return sql`c.received_at <= now() - make_interval(secs => ${key.seconds})`;
    case "younger":
      return sql`c.received_at >= now() - make_interval(secs => ${key.seconds})`;
    case "modseq":
      return sql`c.modseq >= ${key.least}`;
    case "emailid":
      return isUuid(key.id) ? sql`c.message_id = ${key.id}` : sql`false`;
    case "threadid":
      return isUuid(key.id) ? sql`c.thread_id = ${key.id}` : sql`false`;
  }
}

function inRanges(ranges: readonly { from: number; to: number }[]): Sql {
  if (ranges.length === 0) return sql`false`;
  // Bounds beside the set, so that the primary key limits what is read.
  const set = ranges.map(({ from, to }) => `[${from},${Math.min(to, 0xffff_ffff)}]`).join(",");
  return sql`(c.uid >= ${ranges[0]!.from} AND c.uid <= ${Math.min(ranges.at(-1)!.to, 0xffff_ffff)}
    AND c.uid <@ ${`{${set}}`}::int8multirange)`;
}

function hasFlag(flag: string): Sql {
  const spelled = spellFlag(flag);
  if (spelled === "\\Seen") return sql`NOT ${unseen("c")}`;
  if (spelled === "\\Flagged") return flagged("c");
  if (spelled === "\\Deleted") return deleted("c");
  return sql`c.flags @> ARRAY[${spelled}::text]`;
}

function inMessages(ids: readonly string[]): Sql {
  return ids.length === 0 ? sql`false` : sql`c.message_id = ANY(${ids as string[]}::uuid[])`;
}

/** White space was collapsed when the text was stored. */
function contains(value: string): string {
  return `%${escapeLike(value.replace(/\s+/g, " "))}%`;
}

function inText(text: Sql, value: string): Sql {
  return sql`EXISTS (SELECT FROM message_text t WHERE t.organization_id = m.organization_id AND t.message_id = m.id
    AND ${text} ILIKE ${contains(value)})`;
}

function compileHeader(field: string, value: string): Sql {
  if (field === "subject") return sql`m.subject ILIKE ${contains(value)}`;
  if (field === "message-id") {
    const whole = /^<([^<>\s]+)>$/.exec(value)?.[1];
    // The left part is what the index holds.
    if (whole !== undefined) {
      return sql`(m.account_id = c.account_id AND left(m.summary ->> 'messageId', 250) = left(${whole}::text, 250)
        AND m.summary ->> 'messageId' = ${whole})`;
    }
    return sql`coalesce('<' || (m.summary ->> 'messageId') || '>' ILIKE ${contains(value)}, false)`;
  }
  const list = sql`m.summary -> ${sql.lit(field)}`;
  if (value === "") return sql`jsonb_array_length(${list}) > 0`;
  return sql`EXISTS (SELECT FROM jsonb_array_elements(${list}) a
    WHERE concat(a ->> 'name', ' <', a ->> 'email', '>') ILIKE ${contains(value)})`;
}

function compileDate(of: "internal" | "sent" | "saved", is: "before" | "on" | "since", date: string): Sql {
  // INTERNALDATE is given in UTC, so its days are those of UTC.
  const day =
    of === "sent"
      ? sql`(m.summary ->> 'sentDay')`
      : sql`to_char(${of === "saved" ? sql`c.save_date` : sql`c.received_at`} AT TIME ZONE 'UTC', 'YYYY-MM-DD')`;
  const compared = { before: sql`<`, on: sql`=`, since: sql`>=` }[is];
  return sql`coalesce(${day} ${compared} ${date}, false)`;
}
