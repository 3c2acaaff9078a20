import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import type { DriveDeps } from "../model.ts";

/** Versions removed in one transaction. */
const slice = 1_000;

/**
 * Holds organizations to what their old versions and what left their trashes may take: a share of the sum of their quotas of files.
 * Beyond it the oldest versions go, those with a name last. What was superseded after a date, the beginning of the recovery period,
 * stays even then.
 * @param percent of the quotas
 * @returns how many versions
 */
export async function limitVersions(deps: Pick<DriveDeps, "store">, percent: number, before: Date): Promise<number> {
  const { rows } = await sql<{ id: string; excess: number }>`
    WITH kept AS (
      SELECT organization_id, sum(bytes)::bigint AS bytes FROM (
        SELECT organization_id, sum(size) AS bytes FROM file_version WHERE superseded_at IS NOT NULL GROUP BY 1
        UNION ALL
        SELECT organization_id, sum(tree_bytes) FROM drive_node WHERE state = 'deleted' GROUP BY 1
      ) AS part GROUP BY 1
    ), allowed AS (
      SELECT organization_id, sum(limit_bytes) * ${percent}::int / 100 AS bytes FROM quota WHERE area = 'files' GROUP BY 1
    )
    SELECT k.organization_id AS id, (k.bytes - coalesce(a.bytes, 0))::bigint AS excess
    FROM kept k LEFT JOIN allowed a USING (organization_id) WHERE k.bytes > coalesce(a.bytes, 0)`.execute(
    deps.store.read,
  );
  let removed = 0;
  for (const { id, excess } of rows) {
    let left = excess;
    for (const isNamed of [false, true]) {
      while (left > 0) {
        const done = await deps.store.transact((tx) => removeOldest(tx, id, { left, before, isNamed }));
        if (done.versions === 0) break;
        removed += done.versions;
        left -= done.bytes;
      }
    }
  }
  return removed;
}

async function removeOldest(
  tx: Transactor,
  organizationId: string,
  { left, before, isNamed }: { left: number; before: Date; isNamed: boolean },
): Promise<{ versions: number; bytes: number }> {
  // In the order of an index: nothing is sorted for each slice.
  const { rows } = await sql<{ versions: number; bytes: number }>`
    WITH oldest AS (
      SELECT id, size, superseded_at FROM file_version
      WHERE organization_id = ${organizationId} AND superseded_at < ${before} AND (label IS NOT NULL) = ${isNamed}
      ORDER BY superseded_at, id LIMIT ${slice} FOR UPDATE SKIP LOCKED
    ), victim AS (
      SELECT id, size FROM (
        SELECT id, size, sum(size) OVER (ORDER BY superseded_at, id) - size AS so_far FROM oldest
      ) AS summed WHERE so_far < ${left}
    ), unreferenced AS (
      DELETE FROM blob_reference r USING victim o
      WHERE r.organization_id = ${organizationId} AND r.kind = 'file_version' AND r.owner_id = o.id
    ), gone AS (
      DELETE FROM file_version v USING victim o WHERE v.organization_id = ${organizationId} AND v.id = o.id RETURNING v.size
    ) SELECT count(*) AS versions, coalesce(sum(size), 0)::bigint AS bytes FROM gone`.execute(tx);
  return rows[0]!;
}
