import { setImmediate } from "node:timers/promises";
import { type RawBuilder, sql } from "kysely";
import type { SortCriterion } from "../../../formats/imap-syntax/parse-sort.ts";
import { type NumberRange, toRanges } from "../../../formats/imap-syntax/sequence-set.ts";
import { baseSubject } from "../../../formats/mime/thread-key.ts";
import type { Reader } from "../../../store/database.ts";
import type { AccountAccess } from "../../access/account-access.ts";

/** Subjects reduced before others get their turn. */
const SUBJECTS_PER_TURN = 1000;

/**
 * Orders messages of a mailbox as IMAP's SORT does (RFC 5256 section 3, RFC 5957): texts by i;unicode-casemap, equal ones by their place
 * in the mailbox. Those that are gone meanwhile are left out.
 * @param ascending uids
 */
export async function sortUids(
  reader: Reader,
  access: AccountAccess,
  mailboxId: string,
  ascending: readonly number[],
  criteria: readonly SortCriterion[],
): Promise<number[]> {
  if (ascending.length === 0) return [];
  const isInMessage = criteria.some(({ by }) => by !== "ARRIVAL" && by !== "SIZE" && by !== "SUBJECT");
  const message = isInMessage
    ? sql`JOIN message m ON m.organization_id = c.organization_id AND m.id = c.message_id`
    : sql``;
  const wantsSubject = criteria.some(({ by }) => by === "SUBJECT");
  const subjects = wantsSubject ? await joinSubjects(reader, access, mailboxId, ascending) : sql``;
  const order = sql.join(
    criteria.map(({ by, reverse }) => (reverse ? sql`${sortKey(by)} DESC` : sql`${sortKey(by)} ASC`)),
  );
  // As one text: of 50,000 values, rows would take the driver ten times longer to parse.
  const result = await sql<{ uids: string | null }>`
    SELECT string_agg(c.uid::text, ',' ORDER BY ${order}, c.uid) AS uids
    FROM mailbox_message c ${message} ${subjects}
    WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailboxId} AND c.account_id = ${access.accountId}
      AND ${amongUids(ascending)}`.execute(reader);
  const uids = result.rows[0]?.uids ?? null;
  return uids === null ? [] : uids.split(",").map(Number);
}

/** A condition on `mailbox_message c`: its uid is one of these, which ascend. */
export function amongUids(ascending: readonly number[]): RawBuilder<unknown> {
  const ranges = toRanges(ascending);
  const [first, last] = [ranges[0] as NumberRange, ranges.at(-1) as NumberRange];
  // Bounds beside the set, so that the primary key limits what is read.
  const bounds = sql`c.uid >= ${first.from} AND c.uid <= ${last.to}`;
  if (ranges.length === 1) return bounds;
  const set = ranges.map(({ from, to }) => `[${from},${to}]`).join(",");
  return sql`(${bounds} AND c.uid <@ ${`{${set}}`}::int8multirange)`;
}

/** The base subjects, which no expression of SQL gives, beside their uids; comparing them is left to the database. */
async function joinSubjects(
  reader: Reader,
  access: AccountAccess,
  mailboxId: string,
  ascending: readonly number[],
): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ uid: number; subject: string }>`
    SELECT c.uid, m.subject FROM mailbox_message c
    JOIN message m ON m.organization_id = c.organization_id AND m.id = c.message_id
    WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailboxId} AND c.account_id = ${access.accountId}
      AND ${amongUids(ascending)}`.execute(reader);
  const bases: string[] = [];
  for (const { subject } of rows) {
    bases.push(baseSubject(subject));
    if (bases.length % SUBJECTS_PER_TURN === 0) await setImmediate();
  }
  return sql`JOIN unnest(${rows.map(({ uid }) => uid)}::bigint[], ${bases}::text[]) AS s (uid, base) ON s.uid = c.uid`;
}

function sortKey(by: SortCriterion["by"]): RawBuilder<unknown> {
  switch (by) {
    case "ARRIVAL":
      return sql`c.received_at`;
    case "SIZE":
      return sql`c.size`;
    case "DATE":
      // RFC 5256 section 2.2: what has no usable Date is as old as its arrival.
      return sql`coalesce(m.sent_at, c.received_at)`;
    case "SUBJECT":
      return casemap(sql`s.base`);
    case "FROM":
      return mailboxOf("from");
    case "TO":
      return mailboxOf("to");
    case "CC":
      return mailboxOf("cc");
    case "DISPLAYFROM":
      return displayOf("from");
    case "DISPLAYTO":
      return displayOf("to");
  }
}

/** i;unicode-casemap (RFC 5051), the titlecase mapping by the uppercase one. */
function casemap(text: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`normalize(upper(${text}), NFKD) COLLATE "C"`;
}

/** The addr-mailbox of the first address: what stands before the at sign. */
function mailboxOf(field: "from" | "to" | "cc"): RawBuilder<unknown> {
  const email = sql`m.summary -> ${sql.lit(field)} -> 0 ->> 'email'`;
  return casemap(sql`coalesce(regexp_replace(${email}, '@[^@]*$', ''), '')`);
}

/** RFC 5957: the name that is shown, or the address. */
function displayOf(field: "from" | "to"): RawBuilder<unknown> {
  const first = sql`m.summary -> ${sql.lit(field)} -> 0`;
  return casemap(sql`coalesce(nullif(${first} ->> 'name', ''), ${first} ->> 'email', '')`);
}
