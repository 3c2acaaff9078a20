import { sql } from "kysely";
import type { Store } from "../database.ts";
import type { AccountKey, FeedArea } from "./take-modseq.ts";

/** Rows removed in one transaction, under the lock of their feed. */
const slice = 5_000;

/**
 * Forgets what left an account before a date, feed by feed. A feed then no longer answers tokens of that time: `oldest_modseq` is
 * raised in the transaction that removes the rows, so no reader misses a departure without being told to start again.
 * @returns how many departures were forgotten
 */
export async function purgeDepartures(store: Store, before: Date): Promise<number> {
  const feeds = await sql<{ organization_id: string; account_id: string; area: FeedArea; last: number }>`
    SELECT organization_id, account_id, area, max(modseq) AS last FROM changes WHERE departed_at < ${before}
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`.execute(store.read);
  let purged = 0;
  for (const { organization_id, account_id, area, last } of feeds.rows) {
    const key = { organizationId: organization_id, accountId: account_id };
    for (let removed = slice; removed >= slice; purged += removed) {
      removed = await purgeSlice(store, key, area, last);
    }
  }
  return purged;
}

async function purgeSlice(store: Store, key: AccountKey, area: FeedArea, last: number): Promise<number> {
  return store.transact(async (tx) => {
    await sql`
      SELECT FROM feed WHERE organization_id = ${key.organizationId} AND account_id = ${key.accountId} AND area = ${area}
      FOR NO KEY UPDATE`.execute(tx);
    const gone = await sql<{ modseq: number }>`
      WITH old AS (
        SELECT ctid FROM changes
        WHERE organization_id = ${key.organizationId} AND account_id = ${key.accountId} AND area = ${area} AND modseq <= ${last}
        ORDER BY modseq LIMIT ${slice}
      ) DELETE FROM changes c USING old WHERE c.ctid = old.ctid RETURNING c.modseq`.execute(tx);
    if (gone.rows.length === 0) return 0;
    const newest = gone.rows.reduce((highest, row) => Math.max(highest, row.modseq), 0);
    await sql`
      UPDATE feed SET oldest_modseq = greatest(oldest_modseq, ${newest + 1})
      WHERE organization_id = ${key.organizationId} AND account_id = ${key.accountId} AND area = ${area}`.execute(tx);
    return gone.rows.length;
  });
}
