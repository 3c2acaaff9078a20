import { type RawBuilder, sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { readFeed } from "../../store/feed/take-modseq.ts";
import { type AccountAccess, requireRead } from "../access/account-access.ts";
import { seenBy } from "../access/seen-by.ts";
import { DomainError } from "../errors.ts";
import { type MailType, readState, type StateToken, writeState } from "./mail-state.ts";

export interface MailChanges {
  oldState: string;
  newState: string;
  hasMore: boolean;
  created: string[];
  updated: string[];
  destroyed: string[];
  /** For Mailbox: nothing but counts changed in those updated (RFC 8621 section 2.2). */
  onlyCountsChanged: boolean;
}

interface Event {
  kind: "created" | "updated" | "destroyed";
  id: string;
  modseq: number;
  counts_only: boolean;
}

const lastUuid = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * What was created, changed or destroyed since a state (RFC 8620 section 5.2), oldest first.
 * @param maxChanges 500 by default, at most 5,000
 * @throws DomainError `cannot_calculate_changes` when the state is not ours or older than the feed remembers
 */
export async function changesSince(
  reader: Reader,
  access: AccountAccess,
  type: MailType,
  since: string,
  maxChanges = 500,
): Promise<MailChanges> {
  requireRead(access);
  const token = readState(access, since);
  const feed = await readFeed(reader, access, "mail");
  const newest = feed?.typeModseq[type] ?? 0;
  const result: MailChanges = {
    oldState: since,
    newState: writeState(access, { modseq: newest, lastId: undefined }),
    hasMore: false,
    created: [],
    updated: [],
    destroyed: [],
    onlyCountsChanged: false,
  };
  if (token.modseq === newest && token.lastId === undefined) return result;
  if (!feed || token.modseq > newest) throw tooLongAgo();
  const limit = Math.min(Math.max(1, maxChanges), 5_000);
  const events = await sql<Event>`${queries[type](access, token)}
    ORDER BY modseq, id LIMIT ${limit + 1}`.execute(reader);
  // After the departures, which may be purged at any moment.
  const { oldestModseq } = (await readFeed(reader, access, "mail")) ?? feed;
  if (isForgotten(token, oldestModseq)) throw tooLongAgo();
  // What committed after the feed was read is told next time.
  const told = events.rows.filter((event) => event.modseq <= newest).slice(0, limit);
  if (events.rows.length > limit && told.length === limit) {
    const last = told.at(-1)!;
    result.newState = writeState(access, { modseq: last.modseq, lastId: last.id });
    result.hasMore = true;
  }
  for (const event of told) result[event.kind].push(event.id);
  result.onlyCountsChanged =
    result.updated.length > 0 && told.every((event) => event.kind !== "updated" || event.counts_only);
  return result;
}

function tooLongAgo(): DomainError {
  return new DomainError("cannot_calculate_changes", "Too much has happened since");
}

/** Departures before `oldest` are gone; a page that ended inside the last purged modseq has some of them still to tell. */
function isForgotten({ modseq, lastId }: StateToken, oldest: number): boolean {
  return modseq < oldest - 1 || (modseq === oldest - 1 && lastId !== undefined);
}

const queries: Record<MailType, (access: AccountAccess, since: StateToken) => RawBuilder<Event>> = {
  Email: emailEvents,
  Thread: (access, since) =>
    rowEvents(
      access,
      since,
      "Thread",
      sql`
    SELECT id, created_modseq, modseq, false AS counts_only FROM thread
    WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId} AND modseq >= ${since.modseq}`,
    ),
  Mailbox: (access, since) =>
    rowEvents(
      access,
      since,
      "Mailbox",
      sql`
    SELECT id, created_modseq, greatest(modseq, counts_modseq) AS modseq, (modseq, id) <= ${afterToken(since)} AS counts_only FROM mailbox
    WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId} AND deleted_at IS NULL`,
    ),
};

/**
 * An object created since the token is told where it was created, though it changed later: told at its last change, it could be
 * "updated" on a page after the one where it should have been created.
 */
function rowEvents(
  access: AccountAccess,
  since: StateToken,
  type: MailType,
  rows: RawBuilder<unknown>,
): RawBuilder<Event> {
  const after = afterToken(since);
  return sql<Event>`
    SELECT 'created' AS kind, id, created_modseq AS modseq, false AS counts_only FROM (${rows}) r
      WHERE (created_modseq, id) > ${after}
    UNION ALL
    SELECT 'updated', id, modseq, counts_only FROM (${rows}) r
      WHERE (created_modseq, id) <= ${after} AND (modseq, id) > ${after}
    UNION ALL ${departures(access, since, type)}`;
}

function emailEvents(access: AccountAccess, since: StateToken): RawBuilder<Event> {
  const after = afterToken(since);
  const viewer = seenBy(access);
  const personal =
    viewer === undefined
      ? sql``
      : sql`UNION ALL SELECT message_id, modseq FROM personal_seen
        WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId} AND principal_id = ${viewer}
          AND modseq >= ${since.modseq}`;
  return sql<Event>`
    WITH touched AS (
      SELECT message_id, max(modseq) AS modseq FROM (
        SELECT message_id, modseq FROM mailbox_message
        WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId} AND modseq >= ${since.modseq}
        UNION ALL
        SELECT object_id, modseq FROM changes
        WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId} AND area = 'mail'
          AND kind = 'message' AND modseq >= ${since.modseq}
        ${personal}
      ) t GROUP BY 1
    ), live AS (
      SELECT m.id, m.created_modseq, t.modseq FROM touched t
      JOIN message m ON m.organization_id = ${access.organizationId} AND m.id = t.message_id
      WHERE EXISTS (SELECT FROM mailbox_message c WHERE c.organization_id = m.organization_id AND c.message_id = m.id)
    )
    SELECT 'created' AS kind, id, created_modseq AS modseq, false AS counts_only FROM live WHERE (created_modseq, id) > ${after}
    UNION ALL
    SELECT 'updated', id, modseq, false FROM live WHERE (created_modseq, id) <= ${after} AND (modseq, id) > ${after}
    UNION ALL ${departures(access, since, "Email")}`;
}

/** What the client cannot have seen is left out when we still know when it was created. */
function departures(access: AccountAccess, since: StateToken, type: MailType): RawBuilder<unknown> {
  const after = afterToken(since);
  const born = {
    Email: sql`message`,
    Mailbox: sql`mailbox`,
    Thread: undefined,
  }[type];
  const unseen = born
    ? sql`AND NOT EXISTS (SELECT FROM ${born} b WHERE b.organization_id = d.organization_id AND b.id = d.object_id
        AND (b.created_modseq, b.id) > ${after})`
    : sql``;
  return sql`
    SELECT 'destroyed', d.object_id, d.modseq, false FROM changes d
    WHERE d.organization_id = ${access.organizationId} AND d.account_id = ${access.accountId} AND d.area = 'mail'
      AND d.kind = ${type} AND d.modseq >= ${since.modseq} AND (d.modseq, d.object_id) > ${after} ${unseen}`;
}

function afterToken({ modseq, lastId }: StateToken): RawBuilder<unknown> {
  return sql`(${modseq}::bigint, ${lastId ?? lastUuid}::uuid)`;
}
