import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import type { DriveDeps } from "./model.ts";

export interface Purged {
  nodes: number;
  versions: number;
}

/**
 * Ends what left the trash, and versions that were superseded, before a date: the end of the recovery period. Their blobs lose a
 * reference; the collector removes those that nothing else refers to. Done in small transactions, so it can stop anywhere.
 */
export async function purgeDeleted(deps: Pick<DriveDeps, "store">, before: Date): Promise<Purged> {
  const purged = { nodes: 0, versions: 0 };
  // From here on it cannot be restored: what follows may take several transactions for one tree.
  await deps.store.transact((tx) =>
    tx
      .updateTable("drive_node")
      .set({ state: "purged" })
      .where("state", "=", "deleted")
      .where("removed_at", "<", before)
      .execute(),
  );
  for (;;) {
    const nodes = await deps.store.transact((tx) => purgeOneTree(tx));
    if (nodes === 0) break;
    purged.nodes += nodes;
  }
  for (;;) {
    const versions = await deps.store.transact((tx) => purgeVersions(tx, before));
    if (versions === 0) break;
    purged.versions += versions;
  }
  return purged;
}

const slice = 5_000;

/** Leaves first, so that a large tree goes in several transactions; the tree's top, which makes it found, goes last. */
async function purgeOneTree(tx: Transactor): Promise<number> {
  const found = await sql<{ organization_id: string; id: string }>`
    SELECT organization_id, id FROM drive_node WHERE state = 'purged'
    ORDER BY removed_at LIMIT 1 FOR UPDATE SKIP LOCKED`.execute(tx);
  const top = found.rows[0];
  if (!top) return 0;
  const beneath = await sql<{ id: string }>`
    WITH RECURSIVE down AS (
      SELECT ${top.id}::uuid AS id, 0 AS level
      UNION ALL
      SELECT n.id, down.level + 1 FROM down
        JOIN drive_node n ON n.organization_id = ${top.organization_id} AND n.parent_id = down.id
    ) SELECT id FROM down ORDER BY level DESC LIMIT ${slice}`.execute(tx);
  const ids = beneath.rows.map((row) => row.id);
  await sql`
    DELETE FROM blob_reference WHERE organization_id = ${top.organization_id} AND kind = 'file_version' AND owner_id IN
      (SELECT id FROM file_version WHERE organization_id = ${top.organization_id} AND node_id = ANY(${ids}::uuid[]))`.execute(
    tx,
  );
  for (const table of ["file_version", "share_link"] as const) {
    await tx.deleteFrom(table).where("organization_id", "=", top.organization_id).where("node_id", "in", ids).execute();
  }
  await tx.deleteFrom("drive_node").where("organization_id", "=", top.organization_id).where("id", "in", ids).execute();
  return ids.length;
}

async function purgeVersions(tx: Transactor, before: Date): Promise<number> {
  const result = await sql<{ count: number }>`
    WITH old AS (
      SELECT organization_id, id FROM file_version WHERE superseded_at < ${before} LIMIT 1000 FOR UPDATE SKIP LOCKED
    ), unreferenced AS (
      DELETE FROM blob_reference r USING old
      WHERE r.organization_id = old.organization_id AND r.kind = 'file_version' AND r.owner_id = old.id
    ), gone AS (
      DELETE FROM file_version v USING old WHERE v.organization_id = old.organization_id AND v.id = old.id RETURNING v.id
    ) SELECT count(*) AS count FROM gone`.execute(tx);
  return result.rows[0]!.count;
}
