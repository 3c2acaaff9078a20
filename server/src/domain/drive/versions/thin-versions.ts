import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import type { DriveDeps } from "../model.ts";
import { thinningSchedule } from "./thinning-schedule.ts";

/** Files looked at in one transaction. */
const slice = 200;

// After the recovery period only the two last steps of the schedule are left.
const [daily, weekly] = thinningSchedule.slice(-2) as [{ until: number; every: number }, { every: number }];

/**
 * Removes what the schedule does not keep of the versions that were superseded before a date, the end of the recovery period, and those
 * that somebody took from the list before it. Versions with a name stay. Their blobs lose a reference; the collector removes those that
 * nothing else refers to. Done in small transactions, so it can stop anywhere.
 * @returns how many versions
 */
export async function thinVersions(deps: Pick<DriveDeps, "store">, before: Date): Promise<number> {
  let removed = 0;
  for (;;) {
    const done = await deps.store.transact((tx) => thinSlice(tx, before));
    removed += done.removed;
    if (done.files === 0) return removed;
  }
}

async function thinSlice(tx: Transactor, before: Date): Promise<{ files: number; removed: number }> {
  const settledUntil = new Date(Date.now() - daily.until * 1000);
  const span = (seconds: number) =>
    sql`date_bin(make_interval(secs => ${seconds}), v.created_at, '1970-01-01 00:00+00')`;
  const { rows } = await sql<{ files: number; removed: number }>`
    WITH file AS (
      SELECT DISTINCT organization_id, node_id FROM (
        SELECT organization_id, node_id FROM file_version
        WHERE superseded_at < ${before} AND thinning_step < 2
          AND CASE WHEN removed_at IS NULL THEN thinning_step = 0 OR created_at < ${settledUntil} ELSE removed_at < ${before} END
        ORDER BY superseded_at LIMIT ${slice}
      ) AS candidate
    ), ranked AS (
      SELECT v.organization_id, v.id, v.created_at, v.superseded_at, v.removed_at, v.label,
        row_number() OVER (PARTITION BY v.organization_id, v.node_id,
          CASE WHEN v.removed_at IS NOT NULL THEN 0 WHEN v.created_at < ${settledUntil} THEN 2 ELSE 1 END,
          CASE WHEN v.created_at < ${settledUntil} THEN ${span(weekly.every)} ELSE ${span(daily.every)} END
          ORDER BY v.created_at DESC, v.id DESC) AS rank
      FROM file f JOIN file_version v ON v.organization_id = f.organization_id AND v.node_id = f.node_id
    ), judged AS (
      SELECT r.*, CASE WHEN r.removed_at IS NOT NULL THEN r.removed_at < ${before} ELSE r.rank > 1 AND r.label IS NULL END AS goes
      FROM ranked r WHERE r.superseded_at < ${before}
    ), victim AS (
      SELECT v.organization_id, v.id FROM file_version v JOIN judged j ON j.organization_id = v.organization_id AND j.id = v.id
      WHERE j.goes FOR UPDATE OF v
    ), unreferenced AS (
      DELETE FROM blob_reference r USING victim o
      WHERE r.organization_id = o.organization_id AND r.kind = 'file_version' AND r.owner_id = o.id
    ), gone AS (
      DELETE FROM file_version v USING victim o WHERE v.organization_id = o.organization_id AND v.id = o.id RETURNING v.id
    ), settled AS (
      UPDATE file_version v SET thinning_step = CASE WHEN j.created_at < ${settledUntil} THEN 2 ELSE 1 END FROM judged j
      WHERE v.organization_id = j.organization_id AND v.id = j.id AND NOT j.goes AND j.removed_at IS NULL
    ) SELECT (SELECT count(*) FROM file) AS files, (SELECT count(*) FROM gone) AS removed`.execute(tx);
  return rows[0]!;
}
