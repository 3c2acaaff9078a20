import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { lifetimeMs } from "./retry-schedule.ts";

/**
 * Keeps back what an account has in the queue, what is being sent at this moment apart. What it submits later is held by
 * `queueMessage` when it is told so.
 * @param reason a name by which the holder releases, such as `sender_paused`
 * @returns how many recipients
 */
export async function holdMessagesOf(tx: Transactor, account: AccountKey, reason: string): Promise<number> {
  const result = await sql`
    UPDATE outbound_recipient r SET state = 'held', held_reason = ${reason}
    FROM outbound_message m
    WHERE m.organization_id = ${account.organizationId} AND m.account_id = ${account.accountId}
      AND r.organization_id = m.organization_id AND r.outbound_id = m.id
      AND r.state = 'queued' AND (r.lease_until IS NULL OR r.lease_until < now())`.execute(tx);
  return Number(result.numAffectedRows ?? 0);
}

/**
 * Lets go what was held for a reason, of one account or, without it, all; each message has its full time before it again.
 * @returns how many recipients
 */
export async function releaseHeld(
  tx: Transactor,
  selection: { account?: AccountKey; outboundId?: string },
  reason: string,
): Promise<number> {
  const { account, outboundId } = selection;
  const result = await sql<{ organization_id: string; outbound_id: string }>`
    UPDATE outbound_recipient r SET state = 'queued', held_reason = NULL, next_attempt_at = greatest(m.send_at, now())
    FROM outbound_message m
    WHERE r.organization_id = m.organization_id AND r.outbound_id = m.id AND r.state = 'held' AND r.held_reason = ${reason}
      ${account ? sql`AND m.organization_id = ${account.organizationId} AND m.account_id = ${account.accountId}` : sql``}
      ${outboundId ? sql`AND m.id = ${outboundId}` : sql``}
    RETURNING r.organization_id, r.outbound_id`.execute(tx);
  const ids = [...new Set(result.rows.map((row) => row.outbound_id))];
  if (ids.length > 0) {
    const until = new Date(Date.now() + lifetimeMs);
    await sql`UPDATE outbound_message SET expires_at = greatest(expires_at, ${until}) WHERE id = ANY(${ids}::uuid[])`.execute(
      tx,
    );
    tx.hint({ kind: "work", id: "outbound" });
  }
  return result.rows.length;
}
