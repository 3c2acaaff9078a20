import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import type { DriveDeps } from "./model.ts";

export interface Purged {
  nodes: number;
}

/** What is copied from another organization is touched all the time: what was not for so long will never appear. */
const longestCopyMs = 86_400_000;

/**
 * Ends what left the trash before a date: the end of the recovery period. Their blobs lose a
 * reference; the collector removes those that nothing else refers to. Done in small transactions, so it can stop anywhere.
 */
export async function purgeDeleted(deps: Pick<DriveDeps, "store">, before: Date): Promise<Purged> {
  const purged = { nodes: 0 };
  // From here on it cannot be restored: what follows may take several transactions for one tree.
  await deps.store.transact((tx) =>
    tx
      .updateTable("drive_node")
      .set({ state: "purged" })
      .where("state", "=", "deleted")
      .where("removed_at", "<", before)
      .execute(),
  );
  await deps.store.transact((tx) =>
    tx
      .updateTable("drive_node")
      .set({ state: "purged" })
      .where("state", "=", "arriving")
      .where("removed_at", "<", new Date(Date.now() - longestCopyMs))
      .execute(),
  );
  for (;;) {
    const nodes = await deps.store.transact((tx) => purgeOneTree(tx));
    if (nodes === 0) break;
    purged.nodes += nodes;
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
  await forgetElsewhere(tx, top.organization_id, ids);
  await tx.deleteFrom("drive_node").where("organization_id", "=", top.organization_id).where("id", "in", ids).execute();
  return ids.length;
}

/** Shares of nodes that are no more, where people saw them, and that they liked them: rows of any organization. */
async function forgetElsewhere(tx: Transactor, organizationId: string, nodeIds: readonly string[]): Promise<void> {
  const given = await tx
    .deleteFrom("grant_given")
    .where("organization_id", "=", organizationId)
    .where("collection_kind", "=", "node")
    .where("collection_id", "in", [...nodeIds])
    .returning(["id", "grantee_organization_id", "grantee_id"])
    .execute();
  for (const { id, grantee_organization_id, grantee_id } of given) {
    await tx
      .deleteFrom("grant_received")
      .where("organization_id", "=", grantee_organization_id)
      .where("principal_id", "=", grantee_id)
      .where("grant_id", "=", id)
      .execute();
  }
  await tx
    .deleteFrom("drive_mount")
    .where("target_organization_id", "=", organizationId)
    .where("target_node_id", "in", [...nodeIds])
    .execute();
  await tx
    .deleteFrom("node_favorite")
    .where("node_organization_id", "=", organizationId)
    .where("node_id", "in", [...nodeIds])
    .execute();
}
