import { sql } from "kysely";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { deleted, flagged, unseen } from "../../../store/mail/flag-conditions.ts";
import { isUuid } from "../../../store/uuid.ts";
import { spellFlag } from "../flags.ts";
import type { SearchKey } from "../search-key.ts";
import { allOf, type Sql } from "./compile-filter.ts";
import { textCondition } from "./text-condition.ts";

/**
 * Turns an IMAP search into SQL over `mailbox_message c JOIN message m`.
 * @param matched of each text that is sought, the messages that were looked through and have it
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
    case "body":
    case "text":
      return sql`(${textCondition(account, key).found} OR ${inMessages(matched.get(key) ?? [])})`;
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

function compileDate(of: "internal" | "sent" | "saved", is: "before" | "on" | "since", date: string): Sql {
  // INTERNALDATE is given in UTC, so its days are those of UTC.
  const day =
    of === "sent"
      ? sql`(m.summary ->> 'sentDay')`
      : sql`to_char(${of === "saved" ? sql`c.save_date` : sql`c.received_at`} AT TIME ZONE 'UTC', 'YYYY-MM-DD')`;
  const compared = { before: sql`<`, on: sql`=`, since: sql`>=` }[is];
  return sql`coalesce(${day} ${compared} ${date}, false)`;
}
