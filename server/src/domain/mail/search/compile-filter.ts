import { type RawBuilder, sql } from "kysely";
import { flagged, unseen } from "../../../store/mail/flag-conditions.ts";
import { copiesSeenBy } from "../../../store/mail/mailbox-message-rows.ts";
import { isUuid } from "../../../store/uuid.ts";
import type { AccountAccess } from "../../access/account-access.ts";
import { seenBy } from "../../access/seen-by.ts";
import { DomainError } from "../../errors.ts";
import { normalizeFlags } from "../flags.ts";
import { isOperator, type SearchCondition, type SearchFilter } from "./search-filter.ts";
import { textQuery } from "./text-query.ts";

export type Sql = RawBuilder<unknown>;

/** A condition on one message, `m`, of the account. */
export type CompiledFilter = Sql;

const maxDepth = 20;
const maxConditions = 200;

/**
 * Turns a filter into SQL over `message m`.
 * @throws DomainError `invalid` when it is nested or repeated without end, or names an impossible flag
 */
export function compileFilter(account: AccountAccess, filter: SearchFilter): CompiledFilter {
  let count = 0;
  const compile = (each: SearchFilter, depth: number): Sql => {
    count++;
    if (depth > maxDepth || count > maxConditions) throw new DomainError("invalid", "The filter is too complex");
    if (!isOperator(each)) return allOf(compileCondition(account, each));
    const parts = each.conditions.map((inner) => compile(inner, depth + 1));
    if (each.operator === "AND") return allOf(parts);
    const anyOf = parts.length === 0 ? sql`false` : sql`(${sql.join(parts, sql` OR `)})`;
    return each.operator === "OR" ? anyOf : sql`NOT ${anyOf}`;
  };
  return compile(filter, 0);
}

export function allOf(parts: readonly Sql[]): Sql {
  return parts.length === 0 ? sql`true` : sql`(${sql.join(parts, sql` AND `)})`;
}

export function compileCondition(account: AccountAccess, condition: SearchCondition): Sql[] {
  const parts: Sql[] = [];
  const copies = (where: Sql): Sql => sql`EXISTS (SELECT FROM ${copiesSeenBy(seenBy(account))} f
    WHERE f.organization_id = m.organization_id AND f.message_id = m.id AND f.account_id = ${account.accountId} AND ${where})`;
  const inThread = (where: Sql): Sql => sql`EXISTS (SELECT FROM ${copiesSeenBy(seenBy(account))} f
    WHERE f.organization_id = m.organization_id AND f.thread_id = m.thread_id AND f.account_id = ${account.accountId} AND ${where})`;

  if (condition.inMailbox !== undefined) {
    parts.push(isUuid(condition.inMailbox) ? copies(sql`f.mailbox_id = ${condition.inMailbox}`) : sql`false`);
  }
  if (condition.inMailboxOtherThan !== undefined) {
    const ids = condition.inMailboxOtherThan.filter(isUuid);
    parts.push(copies(sql`NOT f.mailbox_id = ANY(${ids}::uuid[])`));
  }
  if (condition.before) parts.push(sql`m.received_at < ${condition.before}`);
  if (condition.after) parts.push(sql`m.received_at >= ${condition.after}`);
  if (condition.minSize !== undefined) parts.push(sql`m.size >= ${condition.minSize}`);
  if (condition.maxSize !== undefined) parts.push(sql`m.size < ${condition.maxSize}`);
  if (condition.hasAttachment !== undefined) parts.push(sql`m.has_attachment = ${condition.hasAttachment}`);
  if (condition.hasFlag !== undefined) parts.push(messageHasFlag(copies, condition.hasFlag));
  if (condition.notFlag !== undefined) parts.push(sql`NOT ${messageHasFlag(copies, condition.notFlag)}`);
  if (condition.allInThreadHaveFlag !== undefined) {
    parts.push(sql`NOT ${inThread(sql`NOT ${copyHasFlag(condition.allInThreadHaveFlag)}`)}`);
  }
  if (condition.someInThreadHaveFlag !== undefined) parts.push(inThread(copyHasFlag(condition.someInThreadHaveFlag)));
  if (condition.noneInThreadHaveFlag !== undefined) {
    parts.push(sql`NOT ${inThread(copyHasFlag(condition.noneInThreadHaveFlag))}`);
  }
  for (const field of ["from", "to", "cc", "bcc"] as const) {
    for (const word of wordsOf(condition[field])) {
      parts.push(sql`EXISTS (SELECT FROM jsonb_array_elements(m.summary -> ${sql.lit(field)}) a
        WHERE unaccent(lower(concat_ws(' ', a ->> 'name', a ->> 'email'))) LIKE ${contains(word)})`);
    }
  }
  for (const word of wordsOf(condition.subject)) {
    parts.push(sql`unaccent(lower(m.subject)) LIKE ${contains(word)}`);
  }
  if (condition.messageId !== undefined) {
    parts.push(sql`left(m.summary ->> 'messageId', 250) = left(${condition.messageId}, 250)`);
  }
  if (condition.text !== undefined) parts.push(textMatches(account, condition.text, false));
  if (condition.body !== undefined) parts.push(textMatches(account, condition.body, true));
  return parts;
}

/** RFC 8621 section 4.1.1: a flag is the message's when any copy has it, `\Seen` when all have. */
function messageHasFlag(copies: (where: Sql) => Sql, flag: string): Sql {
  const [normalized] = normalizeFlags([flag]);
  if (normalized === "\\Seen") return sql`NOT ${copies(unseen("f"))}`;
  return copies(copyHasFlag(flag));
}

function copyHasFlag(flag: string): Sql {
  const [normalized] = normalizeFlags([flag]);
  if (normalized === undefined) return sql`false`;
  if (normalized === "\\Flagged") return flagged("f");
  return sql`f.flags @> ARRAY[${normalized}::text]`;
}

function wordsOf(text: string | undefined): string[] {
  return (text ?? "")
    .normalize("NFC")
    .slice(0, 1_000)
    .split(/[\s"]+/)
    .filter(Boolean)
    .slice(0, 20);
}

function contains(word: string): Sql {
  return sql`'%' || unaccent(lower(${escapeLike(word)}::text)) || '%'`;
}

export function escapeLike(text: string): string {
  return text.replaceAll("\0", "").replace(/[\\%_]/g, "\\$&");
}

function textMatches(account: AccountAccess, text: string, bodyOnly: boolean): Sql {
  const query = textQuery(text);
  // Nothing but stop words ("de la") makes an empty query, which would match nothing.
  const pattern = `%${escapeLike(text.trim())}%`;
  const body = sql`left(substr(t.body, t.body_from), 100000)`;
  // What is not indexed yet is read as it is.
  const whole = sql`to_tsvector('french_plain', left(t.body, 100000))
    || to_tsvector('french_plain', translate(left(t.body, least(t.body_from, 10000)), '@.-_+', '     '))`;
  const found = (words: Sql): Sql =>
    bodyOnly
      ? sql`${words} @@ ${query} AND to_tsvector('french_plain', ${body}) @@ ${query}
        OR numnode(${query}) = 0 AND ${body} ILIKE ${pattern}`
      : sql`${words} @@ ${query} OR numnode(${query}) = 0 AND t.body ILIKE ${pattern}`;
  const texts = sql`SELECT t.message_id FROM message_text t
    WHERE t.organization_id = ${account.organizationId} AND t.account_id = ${account.accountId}`;
  // MATERIALIZED: the planner cannot estimate a prefix and would rather test message after message along their dates.
  return sql`m.id IN (WITH hit AS MATERIALIZED (${texts} AND (${found(sql`t.words`)})
    UNION ALL ${texts} AND t.words IS NULL AND (${found(whole)})
    UNION ALL SELECT d.message_id FROM message_document d
      WHERE d.organization_id = ${account.organizationId} AND d.account_id = ${account.accountId} AND d.words @@ ${query}
    ) SELECT message_id FROM hit)`;
}
