import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import type { DriveDeps } from "./model.ts";

const slice = 5_000;

/**
 * Forgets what was done to trees before a date. What left a folder is kept for as long as a sync token may ask for it: until its
 * departure is forgotten, which `purgeDepartures` does first.
 * @returns how many rows
 */
export async function purgeHistory(deps: Pick<DriveDeps, "store">, before: Date): Promise<number> {
  let purged = 0;
  for (let rows = slice; rows === slice; purged += rows) {
    rows = await deps.store.transact((tx) => purgeSlice(tx, before));
  }
  return purged;
}

async function purgeSlice(tx: Transactor, before: Date): Promise<number> {
  const result = await sql<{ count: number }>`
    WITH old AS (
      SELECT h.id FROM drive_history h
      JOIN feed f ON f.organization_id = h.organization_id AND f.account_id = h.account_id AND f.area = 'files'
      WHERE h.at < ${before} AND (h.action = 'created' OR h.parent_before = h.parent_after AND h.name_before = h.name_after
        OR h.modseq < f.oldest_modseq)
      LIMIT ${slice}
    ), gone AS (DELETE FROM drive_history h USING old WHERE h.id = old.id RETURNING h.id)
    SELECT count(*) AS count FROM gone`.execute(tx);
  return result.rows[0]!.count;
}
