import type { Store, Transactor } from "../../../store/database.ts";
import { enqueue } from "../../../store/outbox/outbox.ts";
import { countUnknownRecipients } from "../limits/count-unknown-recipients.ts";
import { recordTrace } from "../trace/record-trace.ts";
import type { TraceEntry } from "../trace/trace-entry.ts";
import { noteDestination } from "./destinations.ts";
import type { Lease } from "./lease-next.ts";
import type { RecipientResult } from "./mail-transport.ts";
import { type NotificationOrder, notificationTopic } from "./notification-order.ts";
import type { NotificationKind } from "./notification-text.ts";
import { delayNoticeMs, retryDelayMs } from "./retry-schedule.ts";

/**
 * Writes what an attempt gave: sent, failed for good, or to be tried again, and orders the notifications that this causes in the
 * same transaction. What a lease lost meanwhile would say is ignored, except that a message was sent.
 */
export async function recordAttempt(
  store: Store,
  lease: Lease,
  results: readonly RecipientResult[],
  now: Date = new Date(),
): Promise<void> {
  await store.transact(async (tx) => {
    await recordResults(tx, lease, results, now);
    await noteDestination(tx, lease.domain, results, now);
  });
}

/** The same inside a transaction, for recipients whose delivery is rows of that transaction. */
export async function recordResults(
  tx: Transactor,
  lease: Lease,
  results: readonly RecipientResult[],
  now: Date,
): Promise<void> {
  const message = await tx
    .selectFrom("outbound_message")
    .select(["send_at", "expires_at", "return_path", "header_message_id", "subject", "size"])
    .where("organization_id", "=", lease.organizationId)
    .where("id", "=", lease.outboundId)
    .executeTakeFirst();
  if (!message) return;
  const trace: TraceEntry[] = [];
  const orders: Record<NotificationKind, string[]> = { failed: [], delayed: [], sent: [] };
  for (const result of results) {
    const row = await tx
      .selectFrom("outbound_recipient")
      .select(["address", "attempts", "lease_owner", "delay_notified_at", "dsn_notify"])
      .where("organization_id", "=", lease.organizationId)
      .where("id", "=", result.recipientId)
      .where("state", "=", "queued")
      .forUpdate()
      .executeTakeFirst();
    if (!row || (row.lease_owner !== lease.token && result.outcome !== "sent")) continue;
    const attempts = row.attempts + 1;
    const isExpired = result.outcome === "retry" && now >= message.expires_at;
    const isDelayed = now.getTime() - message.send_at.getTime() >= delayNoticeMs;
    const wants = (event: string): boolean => row.dsn_notify === null || row.dsn_notify.includes(event);
    const tells = result.outcome === "retry" && !isExpired && isDelayed && !row.delay_notified_at && wants("DELAY");
    const isOver = result.outcome !== "retry" || isExpired;
    await tx
      .updateTable("outbound_recipient")
      .set({
        attempts,
        state: result.outcome === "sent" ? "sent" : isOver ? "failed" : "queued",
        next_attempt_at: isOver ? now : nextAttempt(now, attempts, message.expires_at),
        lease_until: null,
        lease_owner: null,
        last_status: isExpired ? "5.4.7" : result.status,
        last_reply: result.reply,
        remote_host: result.remoteHost,
        finished_at: isOver ? now : null,
        ...(tells && { delay_notified_at: now }),
      })
      .where("organization_id", "=", lease.organizationId)
      .where("id", "=", result.recipientId)
      .execute();
    // What was delivered here is in the trace of that delivery.
    if (result.outcome !== "sent" || result.remoteHost !== null) {
      trace.push({
        direction: "out",
        at: now,
        organizationId: lease.organizationId,
        sender: message.return_path,
        recipient: row.address,
        outcome: result.outcome === "sent" ? "sent" : isOver ? "failed" : "deferred",
        status: isExpired ? "5.4.7" : result.status,
        detail: result.reply,
        remoteAddress: result.remoteHost ?? "",
        messageId: message.header_message_id,
        subject: message.subject,
        size: message.size,
      });
    }
    if (tells) orders.delayed.push(result.recipientId);
    if (isOver && result.outcome !== "sent" && wants("FAILURE")) orders.failed.push(result.recipientId);
    // Asked for explicitly, and the next server does not promise to tell (RFC 3461 section 5.2.2).
    if (result.outcome === "sent" && row.dsn_notify?.includes("SUCCESS") && !result.relayedWithDsn) {
      orders.sent.push(result.recipientId);
    }
  }
  await recordTrace(tx, trace);
  await countUnknownRecipients(tx, lease, trace);
  // A notification about a notification could go on for ever (RFC 5321 section 4.5.5).
  if (message.return_path === "") return;
  for (const [kind, recipientIds] of Object.entries(orders) as [NotificationKind, string[]][]) {
    if (recipientIds.length === 0) continue;
    const payload: NotificationOrder = { outboundId: lease.outboundId, kind, recipientIds };
    await enqueue(tx, { topic: notificationTopic, organizationId: lease.organizationId, payload });
  }
}

/** The last attempt is made when the time is over, not before. */
function nextAttempt(now: Date, attempts: number, expiresAt: Date): Date {
  return new Date(
    Math.min(now.getTime() + retryDelayMs(attempts), Math.max(expiresAt.getTime(), now.getTime() + 1_000)),
  );
}
