import { sql } from "kysely";
import type { Blobs } from "../../../store/blobs/blobs.ts";
import type { Transactor } from "../../../store/database.ts";
import { enqueue } from "../../../store/outbox/outbox.ts";
import { releaseHeld } from "../submission/held-messages.ts";
import { type NotificationOrder, notificationTopic } from "../submission/notification-order.ts";
import { recordTrace } from "../trace/record-trace.ts";
import { scanForViruses } from "./scan-for-viruses.ts";
import type { ScanningDeps } from "./screening-deps.ts";

/** Why messages wait in the outbound queue that the virus scanner could not look at when they were submitted. */
export const unscannedReason = "antivirus";

/** RFC 3463 section 3.8: a policy refuses it. */
const status = "5.7.1";
const batch = 50;

interface Failed {
  readonly id: string;
  readonly address: string;
  readonly dsn_notify: string[] | null;
  readonly return_path: string;
  readonly header_message_id: string;
  readonly subject: string;
  readonly size: number;
  readonly at: Date;
}

/**
 * Scans what waits in the outbound queue for the virus scanner, the oldest first: what is clean goes, what is infected fails and its
 * sender is told. Stops at the first message that the scanner does not answer for.
 */
export async function scanHeldMail(
  deps: ScanningDeps & { readonly blobs: Blobs },
  signal?: AbortSignal,
): Promise<{ released: number; infected: number }> {
  const done = { released: 0, infected: 0 };
  while (!signal?.aborted) {
    const held = await sql<{ organization_id: string; id: string; blob_id: string }>`
      SELECT m.organization_id, m.id, m.blob_id FROM outbound_message m
      WHERE EXISTS (SELECT FROM outbound_recipient r WHERE r.organization_id = m.organization_id AND r.outbound_id = m.id
        AND r.state = 'held' AND r.held_reason = ${unscannedReason})
      ORDER BY m.created_at LIMIT ${batch}`.execute(deps.store.read);
    for (const row of held.rows) {
      if (signal?.aborted) return done;
      const source = await deps.blobs.open(deps.store.read, row.organization_id, row.blob_id);
      // Lost bytes are the queue's to find out.
      const scan = source ? await scanForViruses(deps, source) : { outcome: "off" as const };
      if (scan.outcome === "unavailable") return done;
      const key = { organizationId: row.organization_id, outboundId: row.id };
      if (scan.outcome === "infected") {
        await deps.store.transact((tx) => failInfected(tx, key, scan.virus));
        done.infected++;
      } else {
        await deps.store.transact((tx) => releaseHeld(tx, { outboundId: row.id }, unscannedReason));
        done.released++;
      }
    }
    if (held.rows.length < batch) break;
  }
  return done;
}

/** Like an attempt that fails for good: the recipients, the trace and what the sender is told change together. */
async function failInfected(
  tx: Transactor,
  { organizationId, outboundId }: { organizationId: string; outboundId: string },
  virus: string,
): Promise<void> {
  const reply = `The message holds malicious software (${virus})`;
  const failed = await sql<Failed>`
    UPDATE outbound_recipient r SET state = 'failed', held_reason = NULL, finished_at = now(), last_status = ${status},
      last_reply = ${reply}
    FROM outbound_message m
    WHERE r.organization_id = ${organizationId} AND r.outbound_id = ${outboundId} AND r.state = 'held'
      AND r.held_reason = ${unscannedReason} AND m.organization_id = r.organization_id AND m.id = r.outbound_id
    RETURNING r.id, r.address, r.dsn_notify, m.return_path, m.header_message_id, m.subject, m.size, now() AS at`.execute(
    tx,
  );
  await recordTrace(
    tx,
    failed.rows.map((row) => ({
      direction: "out",
      at: row.at,
      organizationId,
      sender: row.return_path,
      recipient: row.address,
      outcome: "failed",
      status,
      detail: reply,
      remoteAddress: "",
      messageId: row.header_message_id,
      subject: row.subject,
      size: row.size,
    })),
  );
  // A notification about a notification could go on for ever (RFC 5321 section 4.5.5).
  const told = failed.rows.filter(
    (row) => row.return_path !== "" && (row.dsn_notify === null || row.dsn_notify.includes("FAILURE")),
  );
  if (told.length === 0) return;
  const payload: NotificationOrder = { outboundId, kind: "failed", recipientIds: told.map((row) => row.id) };
  await enqueue(tx, { topic: notificationTopic, organizationId, payload });
}
