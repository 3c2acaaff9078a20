import { sql } from "kysely";
import type { Store } from "../database.ts";
import type { Blobs } from "./blobs.ts";

export interface Collected {
  rows: number;
  files: number;
}

/**
 * Removes blobs that nothing refers to and that are older than `before`, then their files, then files that never got a row.
 * A writer adding a reference holds the blob's row (FOR KEY SHARE, through the foreign key): such rows are skipped. A file is
 * removed only after the commit that deleted its row, so a crash leaves a `blob_removal` row to be done again, never a row
 * without its file.
 */
export async function collectBlobs(store: Store, blobs: Blobs, before: Date): Promise<Collected> {
  const collected = { rows: 0, files: 0 };
  for (;;) {
    const removed = await store.transact(async (tx) => {
      const found = await sql<{ organization_id: string; id: string; in_storage: boolean }>`
        SELECT organization_id, id, data IS NULL AS in_storage FROM blob b
        WHERE created_at < ${before}
          AND NOT EXISTS (SELECT FROM blob_reference r WHERE r.organization_id = b.organization_id AND r.blob_id = b.id)
        ORDER BY created_at LIMIT 500 FOR UPDATE SKIP LOCKED`.execute(tx);
      for (const blob of found.rows) {
        // Checked again under the lock: a reference may have been committed between the snapshot and the lock.
        const gone = await sql<{ id: string }>`
          DELETE FROM blob b WHERE organization_id = ${blob.organization_id} AND id = ${blob.id}
            AND NOT EXISTS (SELECT FROM blob_reference r WHERE r.organization_id = b.organization_id AND r.blob_id = b.id)
          RETURNING id`.execute(tx);
        if (gone.rows.length > 0 && blob.in_storage) {
          await tx
            .insertInto("blob_removal")
            .values({ id: blob.id })
            .onConflict((c) => c.doNothing())
            .execute();
        }
      }
      return found.rows.length;
    });
    collected.rows += removed;
    if (removed < 500) break;
  }
  const removals = await store.read.selectFrom("blob_removal").select("id").execute();
  for (const { id } of removals) {
    await blobs.storage.remove(id);
    await store.transact((tx) => tx.deleteFrom("blob_removal").where("id", "=", id).execute());
    collected.files++;
  }
  await blobs.storage.sweepTemporary(before);
  let batch: string[] = [];
  const removeOrphans = async (): Promise<void> => {
    if (batch.length === 0) return;
    const known = new Set(
      (await store.read.selectFrom("blob").select("id").where("id", "in", batch).execute()).map((row) => row.id),
    );
    for (const id of batch.filter((each) => !known.has(each))) {
      await blobs.storage.remove(id);
      collected.files++;
    }
    batch = [];
  };
  for await (const file of blobs.storage.list()) {
    if (file.writtenAt >= before) continue;
    batch.push(file.id);
    if (batch.length === 500) await removeOrphans();
  }
  await removeOrphans();
  return collected;
}
