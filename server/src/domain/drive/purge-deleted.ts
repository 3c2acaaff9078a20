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
  await condemn(deps, "deleted", before);
  await condemn(deps, "arriving", new Date(Date.now() - longestCopyMs));
  for (;;) {
    const step = await deps.store.transact((tx) => purgeSlice(tx));
    if (!step.isMore) break;
    purged.nodes += step.nodes;
  }
  return purged;
}

/** Nodes in one transaction, and the tops that it begins from. */
const slice = 5_000;
const topsAtOnce = 500;

async function condemn(deps: Pick<DriveDeps, "store">, state: "deleted" | "arriving", before: Date): Promise<void> {
  for (let rows = slice; rows === slice; ) {
    const { numAffectedRows } = await deps.store.transact((tx) =>
      sql`UPDATE drive_node n SET state = 'purged' FROM (
        SELECT organization_id, id FROM drive_node WHERE state = ${state} AND removed_at < ${before} LIMIT ${slice} FOR UPDATE
      ) AS old WHERE n.organization_id = old.organization_id AND n.id = old.id`.execute(tx),
    );
    rows = Number(numAffectedRows ?? 0);
  }
}

/**
 * Ends trees that are whole within a slice, many small ones or one. Of larger ones the folders become trees of their own and the files go,
 * a slice at a time: no transaction reads more than it ends.
 */
async function purgeSlice(tx: Transactor): Promise<{ isMore: boolean; nodes: number }> {
  const found = await sql<{ organization_id: string; id: string }>`
    SELECT organization_id, id FROM drive_node WHERE state = 'purged'
    ORDER BY removed_at LIMIT ${topsAtOnce} FOR UPDATE SKIP LOCKED`.execute(tx);
  const organizationId = found.rows[0]?.organization_id;
  if (organizationId === undefined) return { isMore: false, nodes: 0 };
  const tops = found.rows.filter((row) => row.organization_id === organizationId).map((row) => row.id);
  const beneath = await sql<{ id: string }>`
    WITH RECURSIVE down AS (
      SELECT unnest(${tops}::uuid[]) AS id
      UNION ALL
      SELECT n.id FROM down JOIN drive_node n ON n.organization_id = ${organizationId} AND n.parent_id = down.id
    ) SELECT id FROM down LIMIT ${slice + 1}`.execute(tx);
  if (beneath.rows.length <= slice) {
    return { isMore: true, nodes: await purge(tx, organizationId, beneath.rows) };
  }
  await sql`
    UPDATE drive_node n SET state = 'purged', parent_id = NULL, removed_at = top.removed_at
    FROM (
      SELECT c.id, t.removed_at FROM drive_node t JOIN drive_node c ON c.organization_id = t.organization_id AND c.parent_id = t.id
      WHERE t.organization_id = ${organizationId} AND t.id = ANY(${tops}::uuid[]) AND c.kind = 'folder' LIMIT ${slice}
    ) AS top WHERE n.organization_id = ${organizationId} AND n.id = top.id`.execute(tx);
  const files = await sql<{ id: string }>`
    SELECT id FROM drive_node WHERE organization_id = ${organizationId} AND parent_id = ANY(${tops}::uuid[]) AND kind = 'file'
    LIMIT ${slice}`.execute(tx);
  return { isMore: true, nodes: await purge(tx, organizationId, files.rows) };
}

/** Ends nodes of which nothing is beneath but each other. @returns how many */
async function purge(tx: Transactor, organizationId: string, nodes: readonly { id: string }[]): Promise<number> {
  const ids = nodes.map(({ id }) => id);
  if (ids.length === 0) return 0;
  await sql`
    DELETE FROM blob_reference WHERE organization_id = ${organizationId} AND kind = 'file_version' AND owner_id IN
      (SELECT id FROM file_version WHERE organization_id = ${organizationId} AND node_id = ANY(${ids}::uuid[]))`.execute(
    tx,
  );
  await sql`DELETE FROM file_version WHERE organization_id = ${organizationId} AND node_id = ANY(${ids}::uuid[])`.execute(
    tx,
  );
  await sql`DELETE FROM share_link WHERE organization_id = ${organizationId} AND node_id = ANY(${ids}::uuid[])`.execute(
    tx,
  );
  await forgetElsewhere(tx, organizationId, ids);
  await sql`DELETE FROM drive_node WHERE organization_id = ${organizationId} AND id = ANY(${ids}::uuid[])`.execute(tx);
  return ids.length;
}

/** Shares of nodes that are no more, where people saw them, and that they liked them: rows of any organization. */
async function forgetElsewhere(tx: Transactor, organizationId: string, nodeIds: readonly string[]): Promise<void> {
  await sql`
    WITH given AS (
      DELETE FROM grant_given WHERE organization_id = ${organizationId} AND collection_kind = 'node' AND collection_id = ANY(${nodeIds}::uuid[])
      RETURNING id, grantee_organization_id, grantee_id
    ) DELETE FROM grant_received r USING given
      WHERE r.organization_id = given.grantee_organization_id AND r.principal_id = given.grantee_id AND r.grant_id = given.id`.execute(
    tx,
  );
  await sql`DELETE FROM drive_mount WHERE target_organization_id = ${organizationId} AND target_node_id = ANY(${nodeIds}::uuid[])`.execute(
    tx,
  );
  await sql`DELETE FROM node_favorite WHERE node_organization_id = ${organizationId} AND node_id = ANY(${nodeIds}::uuid[])`.execute(
    tx,
  );
}
