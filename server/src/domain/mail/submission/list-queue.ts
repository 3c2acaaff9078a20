import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import { type QueueSelection, type RecipientState, selectionCondition } from "./select-queue.ts";

export interface QueueFilter extends QueueSelection {
  limit?: number;
}

export interface QueueEntry {
  organizationId: string;
  outboundId: string;
  recipientId: string;
  from: string;
  to: string;
  state: RecipientState;
  /** When it is held by other than an operator. */
  heldReason: string | null;
  size: number;
  attempts: number;
  createdAt: Date;
  nextAttemptAt: Date;
  isUnderWay: boolean;
  lastStatus: string | null;
  lastReply: string | null;
  remoteHost: string | null;
}

/** The outbound queue as an operator sees it, oldest first; what is not finished unless states are named. */
export async function listQueue(reader: Reader, filter: QueueFilter = {}): Promise<QueueEntry[]> {
  const rows = await reader
    .selectFrom("outbound_recipient as r")
    .innerJoin("outbound_message as m", (join) =>
      join.onRef("m.organization_id", "=", "r.organization_id").onRef("m.id", "=", "r.outbound_id"),
    )
    .select([
      "r.organization_id",
      "r.outbound_id",
      "r.id",
      "m.return_path",
      "r.address",
      "r.state",
      "r.held_reason",
      "m.size",
      "r.attempts",
      "m.created_at",
      "r.next_attempt_at",
      "r.lease_until",
      "r.last_status",
      "r.last_reply",
      "r.remote_host",
    ])
    .where(selectionCondition({ ...filter, states: filter.states ?? ["queued", "held"] }))
    .orderBy("m.created_at")
    .orderBy("r.id")
    .limit(filter.limit ?? 1_000)
    .execute();
  const now = new Date();
  return rows.map((row) => ({
    organizationId: row.organization_id,
    outboundId: row.outbound_id,
    recipientId: row.id,
    from: row.return_path,
    to: row.address,
    state: row.state as RecipientState,
    heldReason: row.held_reason,
    size: row.size,
    attempts: row.attempts,
    createdAt: row.created_at,
    nextAttemptAt: row.next_attempt_at,
    isUnderWay: row.lease_until !== null && row.lease_until > now,
    lastStatus: row.last_status,
    lastReply: row.last_reply,
    remoteHost: row.remote_host,
  }));
}

/** Recipients that wait, by state; for metrics. */
export async function countQueue(reader: Reader): Promise<{ queued: number; held: number; oldestSeconds: number }> {
  const found = await sql<{ queued: number; held: number; oldest: number | null }>`
    SELECT count(*) FILTER (WHERE r.state = 'queued') AS queued, count(*) FILTER (WHERE r.state = 'held') AS held,
      extract(epoch FROM now() - min(m.send_at)) AS oldest
    FROM outbound_recipient r JOIN outbound_message m ON m.organization_id = r.organization_id AND m.id = r.outbound_id
    WHERE r.state IN ('queued', 'held')`.execute(reader);
  const { queued, held, oldest } = found.rows[0]!;
  return { queued, held, oldestSeconds: Math.max(0, Math.round(oldest ?? 0)) };
}
