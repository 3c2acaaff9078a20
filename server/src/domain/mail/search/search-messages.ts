import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import { flagged } from "../../../store/mail/flag-conditions.ts";
import { copiesSeenBy } from "../../../store/mail/mailbox-message-rows.ts";
import { isUuid } from "../../../store/uuid.ts";
import { type AccountAccess, requireRead } from "../../access/account-access.ts";
import { seenBy } from "../../access/seen-by.ts";
import { DomainError } from "../../errors.ts";
import { normalizeFlags } from "../flags.ts";
import { mailState } from "../mail-state.ts";
import { allOf, compileCondition, compileFilter, type Sql } from "./compile-filter.ts";
import { isOperator, type SearchCondition, type SearchFilter, type SearchSort } from "./search-filter.ts";

export interface SearchOptions {
  /** Newest first without. */
  sort?: readonly SearchSort[];
  /** Of each thread only the message that sorts first. */
  collapseThreads?: boolean;
  limit: number;
  /** Of the first result; negative counts from the end. */
  position?: number;
  /** Instead of a position: a message that must be among the results. */
  anchor?: string;
  anchorOffset?: number;
  calculateTotal?: boolean;
}

export interface SearchResult {
  ids: string[];
  position: number;
  total: number | undefined;
  queryState: string;
}

/**
 * Messages of an account that match a filter, as JMAP's Email/query asks (RFC 8621 section 4.4).
 * @throws DomainError `invalid` (filter too complex), `not_found` (data.reason "anchor")
 */
export async function searchMessages(
  reader: Reader,
  access: AccountAccess,
  filter: SearchFilter,
  options: SearchOptions,
): Promise<SearchResult> {
  requireRead(access);
  const { Email: queryState } = await mailState(reader, access);
  const query = buildQuery(access, filter, options);
  const needsTotal = options.calculateTotal === true || (options.position ?? 0) < 0;
  const total = needsTotal ? await count(reader, query) : undefined;
  let position = options.position ?? 0;
  if (options.anchor !== undefined) {
    position = Math.max(0, (await findAnchor(reader, query, options.anchor)) + (options.anchorOffset ?? 0));
  } else if (position < 0) {
    position = Math.max(0, position + total!);
  }
  const limit = Math.max(0, options.limit);
  const page = limit
    ? await sql<{
        id: string;
      }>`SELECT id FROM (${query.rows}) r ORDER BY ${query.order} LIMIT ${limit} OFFSET ${position}`.execute(reader)
    : { rows: [] };
  return {
    ids: page.rows.map((row) => row.id),
    position,
    total: options.calculateTotal ? total : undefined,
    queryState,
  };
}

interface Query {
  /** Selects id and the sort keys k0, k1… */
  rows: Sql;
  order: Sql;
  /** Counts the same more cheaply, where that can be. */
  total: Sql | undefined;
}

async function count(reader: Reader, query: Query): Promise<number> {
  const result = await sql<{ count: number }>`SELECT count(*) AS count FROM (${query.total ?? query.rows}) r`.execute(
    reader,
  );
  return result.rows[0]!.count;
}

async function findAnchor(reader: Reader, query: Query, anchor: string): Promise<number> {
  const result = isUuid(anchor)
    ? await sql<{ position: number }>`
        SELECT position FROM (SELECT id, row_number() OVER (ORDER BY ${query.order}) - 1 AS position FROM (${query.rows}) r) n
        WHERE id = ${anchor}`.execute(reader)
    : { rows: [] };
  const position = result.rows[0]?.position;
  if (position === undefined) {
    throw new DomainError("not_found", "The anchor is not among the results", { data: { reason: "anchor" } });
  }
  return position;
}

const newestFirst: readonly SearchSort[] = [{ property: "receivedAt", isAscending: false }];

function buildQuery(access: AccountAccess, filter: SearchFilter, options: SearchOptions): Query {
  const sort = options.sort?.length ? options.sort : newestFirst;
  const direction = (isAscending: boolean): Sql => (isAscending ? sql`ASC` : sql`DESC`);
  const order = sql.join([
    ...sort.map((each, index) => sql`${sql.ref(`k${index}`)} ${direction(each.isAscending)}`),
    sql`id ${direction(sort[0]!.isAscending)}`,
  ]);
  const mailboxId = sort.length === 1 && sort[0]!.property === "receivedAt" ? soleMailbox(filter) : undefined;
  if (mailboxId !== undefined) {
    const rest = compileRest(access, filter);
    if (!options.collapseThreads) {
      const total = rest.length === 0 ? countIn(access, mailboxId, sql`message_id`) : undefined;
      return { rows: mailboxRows(access, mailboxId, rest, sql`true`), order, total };
    }
    if (options.collapseThreads && rest.length === 0) {
      const first = sql`NOT EXISTS (SELECT FROM mailbox_message e
        WHERE e.organization_id = c.organization_id AND e.thread_id = c.thread_id AND e.mailbox_id = c.mailbox_id
          AND (e.received_at, e.message_id) ${sort[0]!.isAscending ? sql`<` : sql`>`} (c.received_at, c.message_id))`;
      const total = countIn(access, mailboxId, sql`thread_id`);
      return { rows: mailboxRows(access, mailboxId, rest, first), order, total };
    }
  }
  const keys = sql.join(sort.map((each, index) => sql`${sortKey(access, each)} AS ${sql.ref(`k${index}`)}`));
  const matched = sql`
    SELECT m.id, m.thread_id, ${keys} FROM message m
    WHERE m.organization_id = ${access.organizationId} AND m.account_id = ${access.accountId}
      AND EXISTS (SELECT FROM mailbox_message l WHERE l.organization_id = m.organization_id AND l.message_id = m.id)
      AND ${compileFilter(access, filter)}`;
  if (!options.collapseThreads) return { rows: matched, order, total: undefined };
  return {
    total: undefined,
    rows: sql`SELECT * FROM (SELECT x.*, row_number() OVER (PARTITION BY thread_id ORDER BY ${order}) AS n FROM (${matched}) x) y
      WHERE n = 1`,
    order,
  };
}

/**
 * The messages of one mailbox in the order of its index by date: a page costs what it shows, not what the mailbox holds. A second
 * copy of a message in the mailbox is passed over.
 */
function mailboxRows(access: AccountAccess, mailboxId: string, rest: readonly Sql[], also: Sql): Sql {
  const message =
    rest.length > 0 ? sql`JOIN message m ON m.organization_id = c.organization_id AND m.id = c.message_id` : sql``;
  return sql`
    SELECT c.message_id AS id, c.received_at AS k0 FROM mailbox_message c ${message}
    WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailboxId} AND c.account_id = ${access.accountId}
      AND NOT EXISTS (SELECT FROM mailbox_message d WHERE d.organization_id = c.organization_id
        AND d.message_id = c.message_id AND d.mailbox_id = c.mailbox_id AND d.uid < c.uid)
      AND ${also} AND ${allOf(rest)}`;
}

function countIn(access: AccountAccess, mailboxId: string, column: Sql): Sql {
  return sql`SELECT FROM mailbox_message WHERE organization_id = ${access.organizationId} AND mailbox_id = ${mailboxId}
    AND account_id = ${access.accountId} GROUP BY ${column}`;
}

/** The mailbox that every result must be in, when the filter is a condition or a conjunction that names one. */
function soleMailbox(filter: SearchFilter): string | undefined {
  const named = conjuncts(filter)?.flatMap((each) => (each.inMailbox === undefined ? [] : [each.inMailbox]));
  return named?.length === 1 && isUuid(named[0]) ? named[0] : undefined;
}

function conjuncts(filter: SearchFilter): SearchCondition[] | undefined {
  if (!isOperator(filter)) return [filter];
  if (filter.operator !== "AND") return undefined;
  return filter.conditions.flatMap((each) => (isOperator(each) ? [] : [each]));
}

/** What the filter asks beyond the mailbox. */
function compileRest(access: AccountAccess, filter: SearchFilter): Sql[] {
  const withoutMailbox = ({ inMailbox: _, ...rest }: SearchCondition): Sql[] => compileCondition(access, rest);
  if (!isOperator(filter)) return withoutMailbox(filter);
  compileFilter(access, filter); // refuses what is too complex
  return filter.conditions.flatMap((each) => (isOperator(each) ? [compileFilter(access, each)] : withoutMailbox(each)));
}

function sortKey(access: AccountAccess, sort: SearchSort): Sql {
  const flagOn = (column: "id" | "thread_id"): Sql => {
    const [flag] = normalizeFlags([sort.flag ?? ""]);
    const has = flag === "\\Flagged" ? flagged("f") : sql`f.flags @> ARRAY[${flag}::text]`;
    const key = column === "id" ? sql`f.message_id = m.id` : sql`f.thread_id = m.thread_id`;
    return sql`EXISTS (SELECT FROM ${copiesSeenBy(seenBy(access))} f WHERE f.organization_id = m.organization_id
      AND f.account_id = ${access.accountId} AND ${key} AND ${has})`;
  };
  switch (sort.property) {
    case "receivedAt":
      return sql`m.received_at`;
    case "sentAt":
      return sql`coalesce(m.sent_at, m.received_at)`;
    case "size":
      return sql`m.size`;
    case "subject":
      // RFC 8621 section 4.4.2: by base subject; the usual reply words are enough for an order.
      return sql`unaccent(lower(regexp_replace(m.subject, '^\\s*((re|fwd?|tr|réf|rép)\\s*:\\s*)+', '', 'i')))`;
    case "from":
    case "to":
      return sql`unaccent(lower(coalesce(nullif(m.summary -> ${sql.lit(sort.property)} -> 0 ->> 'name', ''),
        m.summary -> ${sql.lit(sort.property)} -> 0 ->> 'email', '')))`;
    case "hasFlag":
      return flagOn("id");
    case "someInThreadHaveFlag":
      return flagOn("thread_id");
  }
}
