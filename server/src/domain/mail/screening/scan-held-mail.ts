import { sql } from "kysely";
import type { Blobs } from "../../../store/blobs/blobs.ts";
import type { Transactor } from "../../../store/database.ts";
import { enqueue } from "../../../store/outbox/outbox.ts";
import { releaseHeld } from "../submission/held-messages.ts";
import { type NotificationOrder, notificationTopic } from "../submission/notification-order.ts";
import { scanForViruses } from "./scan-for-viruses.ts";
import type { ScanningDeps } from "./screening-deps.ts";

/** Why messages wait in the outbound queue that the virus scanner could not look at when they were submitted. */
export const unscannedReason = "antivirus";

const batch = 50;

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

async function failInfected(
  tx: Transactor,
  { organizationId, outboundId }: { organizationId: string; outboundId: string },
  virus: string,
): Promise<void> {
  const failed = await sql<{ id: string; dsn_notify: string[] | null }>`
    UPDATE outbound_recipient SET state = 'failed', held_reason = NULL, finished_at = now(), last_status = '5.7.1',
      last_reply = ${`The message holds malicious software (${virus})`}
    WHERE organization_id = ${organizationId} AND outbound_id = ${outboundId} AND state = 'held'
      AND held_reason = ${unscannedReason}
    RETURNING id, dsn_notify`.execute(tx);
  const told = failed.rows.filter((row) => row.dsn_notify === null || row.dsn_notify.includes("FAILURE"));
  if (told.length === 0) return;
  const payload: NotificationOrder = { outboundId, kind: "failed", recipientIds: told.map((row) => row.id) };
  await enqueue(tx, { topic: notificationTopic, organizationId, payload });
}
