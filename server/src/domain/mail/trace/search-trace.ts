import { type RawBuilder, sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import { listAccounts } from "../../access/account-access.ts";
import { DomainError } from "../../errors.ts";
import type { Viewer } from "../../identity/viewer.ts";
import type { TraceEntry, TraceOutcome } from "./trace-entry.ts";

export interface TraceQuery {
  /** Sender or recipient. */
  address?: string;
  sender?: string;
  recipient?: string;
  from?: Date;
  to?: Date;
  outcome?: TraceOutcome;
  /** In the subject, the Message-ID, the detail or an address. */
  text?: string;
  /** What the last page gave as `next`. */
  page?: string;
  /** At most 200; 50 unless told. */
  limit?: number;
}

export interface TraceRow extends TraceEntry {
  readonly id: string;
  readonly subject: string;
}

/** Whose trace is searched: everything, for the operator and the command line. */
export type TraceScope = "everything" | { organizationId: string; addresses: readonly string[] | undefined };

/**
 * What a person may see: an operator everything, an administrator what concerns their organization, anyone else what was sent to or
 * by their own addresses and those of mailboxes that they may read.
 */
export async function traceScopeOf(reader: Reader, viewer: Viewer): Promise<TraceScope> {
  if (viewer.roles.has("operator")) return "everything";
  const { organizationId } = viewer;
  if (viewer.roles.has("member_administrator")) return { organizationId, addresses: undefined };
  const owners = (await listAccounts(reader, viewer))
    .filter((each) => each.organizationId === organizationId && (each.isOwn || each.rights.has("read")))
    .map((each) => each.ownerId);
  const rows =
    owners.length === 0
      ? []
      : await reader
          .selectFrom("address")
          .select("address")
          .where("organization_id", "=", organizationId)
          .where("principal_id", "in", owners)
          .execute();
  return { organizationId, addresses: rows.map((row) => row.address) };
}

/**
 * What a row tells beside its outcome. To whoever only sent the message it does not tell what the recipient's own rules did with it:
 * where it was sent on to is the recipient's business.
 */
function detailFor(scope: TraceScope): RawBuilder<string> {
  if (scope === "everything" || !scope.addresses) return sql<string>`detail`;
  return sql<string>`CASE WHEN direction = 'out' OR outcome IN ('refused', 'deferred', 'failed')
    OR ${base("recipient")} = ANY(${scope.addresses}) THEN detail ELSE '' END`;
}

/**
 * Finds what happened to messages, newest first.
 * @throws DomainError `invalid` for a page that this function did not give
 */
export async function searchTrace(
  reader: Reader,
  scope: TraceScope,
  query: TraceQuery,
): Promise<{ rows: TraceRow[]; next: string | undefined }> {
  const limit = Math.min(200, Math.max(1, query.limit ?? 50));
  const detail = detailFor(scope);
  const conditions: RawBuilder<unknown>[] = [];
  if (scope !== "everything") {
    conditions.push(sql`organization_id = ${scope.organizationId}`);
    if (scope.addresses)
      conditions.push(
        sql`(${base("recipient")} = ANY(${scope.addresses}) OR ${base("sender")} = ANY(${scope.addresses}))`,
      );
  }
  if (query.address) conditions.push(sql`(${is("recipient", query.address)} OR ${is("sender", query.address)})`);
  if (query.sender) conditions.push(is("sender", query.sender));
  if (query.recipient) conditions.push(is("recipient", query.recipient));
  if (query.from) conditions.push(sql`at >= ${query.from}`);
  if (query.to) conditions.push(sql`at < ${query.to}`);
  if (query.outcome) conditions.push(sql`outcome = ${query.outcome}`);
  if (query.text) {
    const pattern = `%${escapeLike(query.text)}%`;
    conditions.push(sql`concat_ws(' ', subject, message_id, ${detail}, sender, recipient) ILIKE ${pattern}`);
  }
  if (query.page !== undefined) {
    const { at, id } = readPage(query.page);
    conditions.push(sql`(at, id) < (${at}::timestamptz, ${id}::uuid)`);
  }
  const where = conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `);
  const { rows } = await sql<Row>`
    SELECT *, ${detail} AS shown_detail, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS exact FROM mail_trace WHERE ${where}
    ORDER BY at DESC, id DESC LIMIT ${limit + 1}`.execute(reader);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    rows: shown.map(toTraceRow),
    next: rows.length > limit && last ? Buffer.from(`${last.exact} ${last.id}`).toString("base64url") : undefined,
  };
}

interface Row {
  organization_id: string;
  id: string;
  at: Date;
  exact: string;
  direction: "in" | "out";
  sender: string;
  recipient: string;
  outcome: TraceOutcome;
  status: string;
  shown_detail: string;
  remote_address: string;
  message_id: string;
  subject: string;
  size: number;
}

function toTraceRow(row: Row): TraceRow {
  return {
    id: row.id,
    direction: row.direction,
    at: row.at,
    organizationId: /^[0-]+$/.test(row.organization_id) ? null : row.organization_id,
    sender: row.sender,
    recipient: row.recipient,
    outcome: row.outcome,
    status: row.status,
    detail: row.shown_detail,
    remoteAddress: row.remote_address,
    messageId: row.message_id,
    subject: row.subject,
    size: row.size,
  };
}

/** As in the indexes of the table. */
function base(column: "sender" | "recipient"): RawBuilder<string> {
  return sql<string>`regexp_replace(${sql.ref(column)}, '\\+[^@]*@', '@')`;
}

/** An address, or what a person remembers of one: `prefecture.fr`, `@prefecture.fr`. */
function is(column: "sender" | "recipient", text: string): RawBuilder<unknown> {
  const wanted = text.trim().normalize("NFC").toLowerCase();
  if (/^[^@\s]+@[^@\s]+$/.test(wanted)) {
    if (/\+[^@]*@/.test(wanted)) return sql`${sql.ref(column)} = ${wanted}`;
    return sql`${base(column)} = ${wanted}`;
  }
  return sql`${sql.ref(column)} LIKE ${`%${escapeLike(wanted)}%`}`;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

function readPage(text: string): { at: string; id: string } {
  const match = /^([\d:.TZ-]{20,40}) ([0-9a-f-]{36})$/.exec(Buffer.from(text, "base64url").toString("latin1"));
  if (!match) throw new DomainError("invalid", "This page does not exist");
  return { at: match[1]!, id: match[2]! };
}
