import { sql } from "kysely";
import type { Store, Transactor } from "../database.ts";
import type { BlobStorage } from "./blob-storage.ts";
import type { Blobs } from "./blobs.ts";

export interface Collected {
  rows: number;
  files: number;
}

/** Blobs looked at in one statement. */
const pageSize = 2_000;

/**
 * Removes blobs that nothing refers to and that are older than `before`, then their files, then files that never got a row.
 * A writer adding a reference holds the blob's row (FOR KEY SHARE, through the foreign key): such rows are skipped. A file is
 * removed only after the commit that deleted its row, so a crash leaves a `blob_removal` row to be done again, never a row
 * without its file. `before` must leave uploads the time from the last byte to their commit.
 */
export async function collectBlobs(store: Store, blobs: Blobs, before: Date): Promise<Collected> {
  const rows = await removeRows(store, before);
  const files = (await removeRequested(store, blobs.storage)) + (await removeOrphans(store, blobs.storage, before));
  await blobs.storage.sweepTemporary(before);
  return { rows, files };
}

/** One pass over the old blobs by age: each is looked at once, however many are removed. */
async function removeRows(store: Store, before: Date): Promise<number> {
  let removed = 0;
  // Text, because a Date has no microseconds.
  let after: { created_at: string; id: string } | undefined;
  do {
    const page = await sql<{ created_at: string; id: string; organization_id: string; is_used: boolean }>`
      SELECT created_at::text, id, organization_id,
        EXISTS (SELECT FROM blob_reference r WHERE r.organization_id = b.organization_id AND r.blob_id = b.id) AS is_used
      FROM (
        SELECT created_at, id, organization_id FROM blob
        WHERE created_at < ${before} ${after ? sql`AND (created_at, id) > (${after.created_at}::timestamptz, ${after.id}::uuid)` : sql``}
        ORDER BY created_at, id LIMIT ${pageSize}
      ) b ORDER BY created_at, id`.execute(store.read);
    const unused = page.rows.filter((row) => !row.is_used);
    if (unused.length > 0) removed += await store.transact((tx) => removeUnused(tx, unused));
    after = page.rows.length === pageSize ? page.rows.at(-1) : undefined;
  } while (after);
  return removed;
}

async function removeUnused(
  tx: Transactor,
  unused: readonly { id: string; organization_id: string }[],
): Promise<number> {
  const keys = sql`unnest(${unused.map((row) => row.organization_id)}::uuid[], ${unused.map((row) => row.id)}::uuid[]) k(organization_id, id)`;
  const locked = await sql<{ organization_id: string; id: string }>`
    SELECT b.organization_id, b.id FROM ${keys} JOIN blob b USING (organization_id, id)
    FOR UPDATE OF b SKIP LOCKED`.execute(tx);
  if (locked.rows.length === 0) return 0;
  // Looked for again, in a statement of its own: a reference may have been committed between the page and the lock.
  const deleted = await sql<{ id: string }>`
    WITH gone AS (
      DELETE FROM blob b USING unnest(${locked.rows.map((row) => row.organization_id)}::uuid[], ${locked.rows.map((row) => row.id)}::uuid[]) k(organization_id, id)
      WHERE b.organization_id = k.organization_id AND b.id = k.id
        AND NOT EXISTS (SELECT FROM blob_reference r WHERE r.organization_id = b.organization_id AND r.blob_id = b.id)
      RETURNING b.id, b.data IS NULL AS in_storage
    ), requested AS (
      INSERT INTO blob_removal (id) SELECT id FROM gone WHERE in_storage ON CONFLICT DO NOTHING
    ) SELECT id FROM gone`.execute(tx);
  return deleted.rows.length;
}

async function removeRequested(store: Store, storage: BlobStorage): Promise<number> {
  let files = 0;
  for (;;) {
    const requested = await store.read.selectFrom("blob_removal").select("id").orderBy("id").limit(500).execute();
    if (requested.length === 0) return files;
    const ids = requested.map((row) => row.id);
    for (const id of ids) await storage.remove(id);
    await store.transact((tx) => tx.deleteFrom("blob_removal").where("id", "in", ids).execute());
    files += ids.length;
  }
}

/** Files that an upload wrote and whose transaction never committed. */
async function removeOrphans(store: Store, storage: BlobStorage, before: Date): Promise<number> {
  let files = 0;
  let batch: string[] = [];
  const removeUnknown = async (): Promise<void> => {
    if (batch.length === 0) return;
    const rows = await store.read.selectFrom("blob").select("id").where("id", "in", batch).execute();
    const known = new Set(rows.map((row) => row.id));
    for (const id of batch.filter((each) => !known.has(each))) {
      await storage.remove(id);
      files++;
    }
    batch = [];
  };
  for await (const file of storage.list()) {
    if (file.writtenAt >= before) continue;
    batch.push(file.id);
    if (batch.length === 500) await removeUnknown();
  }
  await removeUnknown();
  return files;
}
