import { sql } from "kysely";
import { hasPlainCase, isTokenText, longestToken } from "../../../formats/mime/search-tokens.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
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
export function compileKey(
  account: AccountKey,
  key: SearchKey,
  matched: ReadonlyMap<SearchKey, readonly string[]>,
): Sql {
  const compile = (each: SearchKey): Sql => compileKey(account, each, matched);
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
      return inText(account, "body", key.value);
    case "text":
      return sql`(${inText(account, "text", key.value)} OR ${inMessages(matched.get(key) ?? [])})`;
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

/** Exactly what ILIKE would find, with what the index knows asked first. */
function inText(account: AccountKey, where: "text" | "body", value: string): Sql {
  const text = where === "body" ? sql`substr(t.body, t.body_from)` : sql`t.body`;
  const here = (condition: Sql): Sql => sql`EXISTS (SELECT FROM message_text t
    WHERE t.organization_id = c.organization_id AND t.message_id = c.message_id AND ${condition})`;
  const inWhole = sql`${text} ILIKE ${contains(value)}`;
  const narrowed = longestToken(value);
  if (narrowed === "" || !hasPlainCase(value)) return here(inWhole);
  const tail = sql`c.message_id IN (SELECT t.message_id FROM message_text t WHERE t.organization_id = ${account.organizationId}
    AND t.account_id = ${account.accountId} AND t.words IS NULL AND ${inWhole})`;
  const decides = isTokenText(value);
  return sql`(${hasToken(where, narrowed)}${decides ? sql`` : sql` AND ${here(inWhole)}`} OR ${tail})`;
}

/** The message is indexed and has a token that contains this. */
export function hasToken(where: "text" | "body", value: string): Sql {
  const tokens = where === "body" ? sql`split_part(k.tokens, E'\n', 2)` : sql`k.tokens`;
  return sql`EXISTS (SELECT FROM message_tokens k WHERE k.organization_id = c.organization_id AND k.message_id = c.message_id
    AND strpos(${tokens}, lower(${value}::text)) > 0)`;
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
  const groups = sql`m.summary -> 'groupNames' -> ${sql.lit(field)}`;
  if (value === "") return sql`(jsonb_array_length(${list}) > 0 OR coalesce(jsonb_array_length(${groups}) > 0, false))`;
  return sql`(EXISTS (SELECT FROM jsonb_array_elements(${list}) a
    WHERE concat(a ->> 'name', ' <', a ->> 'email', '>') ILIKE ${contains(value)})
    OR EXISTS (SELECT FROM jsonb_array_elements_text(${groups}) g WHERE g ILIKE ${contains(value)}))`;
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
