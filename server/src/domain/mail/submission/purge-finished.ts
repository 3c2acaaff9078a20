import { sql } from "kysely";
import type { Blobs } from "../../../store/blobs/blobs.ts";
import type { Store } from "../../../store/database.ts";
import { outboundReference } from "./queue-message.ts";

/** Forgets destinations that nothing went to since a date, and messages of the queue whose last recipient was finished before a date. @returns how many */
export async function purgeFinishedSubmissions(store: Store, blobs: Blobs, before: Date): Promise<number> {
  // What is known of a destination is of use while mail goes there.
  await store.transact((tx) => tx.deleteFrom("outbound_destination").where("updated_at", "<", before).execute());
  let purged = 0;
  for (;;) {
    const count = await store.transact(async (tx) => {
      const found = await sql<{ organization_id: string; id: string }>`
        SELECT m.organization_id, m.id FROM outbound_message m
        WHERE m.created_at < ${before} AND NOT EXISTS (
          SELECT FROM outbound_recipient r WHERE r.organization_id = m.organization_id AND r.outbound_id = m.id
            AND (r.state IN ('queued', 'held') OR r.finished_at >= ${before}))
        LIMIT 200 FOR UPDATE SKIP LOCKED`.execute(tx);
      for (const { organization_id, id } of found.rows) {
        await sql`DELETE FROM outbound_recipient WHERE organization_id = ${organization_id} AND outbound_id = ${id}`.execute(
          tx,
        );
        await sql`DELETE FROM outbound_message WHERE organization_id = ${organization_id} AND id = ${id}`.execute(tx);
        await blobs.removeReferences(tx, organization_id, outboundReference, [id]);
      }
      return found.rows.length;
    });
    purged += count;
    if (count < 200) return purged;
  }
}
