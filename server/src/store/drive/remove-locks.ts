import { sql } from "kysely";
import type { Store, Transactor } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import { prepare } from "../prepared.ts";

const ofTree = prepare<never>(
  "drive_locks_remove",
  `WITH RECURSIVE held AS MATERIALIZED (
    SELECT id, node_id FROM node_lock WHERE organization_id = $1::uuid AND account_id = $2::uuid AND kind = ANY($4::text[])
  ), up AS (
    SELECT h.id AS lock_id, d.id, d.parent_id, 0 AS level FROM held h
      JOIN drive_node d ON d.organization_id = $1::uuid AND d.id = h.node_id
    UNION ALL
    SELECT up.lock_id, n.id, n.parent_id, up.level + 1 FROM up
      JOIN drive_node n ON n.organization_id = $1::uuid AND n.id = up.parent_id WHERE up.level < 1000
  ) DELETE FROM node_lock USING up WHERE organization_id = $1::uuid AND node_lock.id = up.lock_id AND up.id = $3::uuid`,
);

/** Takes away the locks of some kinds on a node and on all beneath it. Nothing waits for it: the commit fails with it. */
export function removeLocksOfTree(tx: Transactor, key: AccountKey, nodeId: string, kinds: readonly string[]): void {
  tx.trail(ofTree.execute(tx, [key.organizationId, key.accountId, nodeId, kinds]));
}

/** Forgets locks whose time was over before a date. @returns how many */
export async function purgeExpiredLocks(store: Store, before: Date): Promise<number> {
  const { numAffectedRows } = await store.transact((tx) =>
    sql`DELETE FROM node_lock WHERE expires_at < ${before}`.execute(tx),
  );
  return Number(numAffectedRows ?? 0);
}
