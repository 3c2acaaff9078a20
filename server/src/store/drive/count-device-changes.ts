import type { Transactor } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import { prepare } from "../prepared.ts";

export interface CountedChange {
  nodeId: string;
  /** Files that count. */
  files: number;
  /** Those among them that the space does not hold any more. */
  removed: number;
}

export interface DeviceChanges {
  files: number;
  removed: number;
  firstModseq: number;
  firstAt: Date;
  /** Somebody lets the device go on for now. */
  isAllowed: boolean;
}

/** Half a minute: the window is as long as asked, or so much longer. */
const bucketSeconds = 30;
/** A client that was refused for long comes back after a day at the latest. */
const unusedDays = 2;

// A node that the device changed within the window counts once. Its last change before this one tells.
const count = prepare<DeviceChanges>(
  "drive_device_changes",
  `WITH allowed AS (
    SELECT max(CASE WHEN used_at IS NOT NULL THEN used_at + make_interval(mins => $9::int)
      WHEN decided_at > now() - make_interval(days => ${unusedDays}) THEN 'infinity' END) AS until FROM device_pause
    WHERE organization_id = $1::uuid AND account_id = $2::uuid AND device_id = $3::uuid AND decision = 'allowed'
  ), used AS (
    UPDATE device_pause SET used_at = now()
    WHERE organization_id = $1::uuid AND account_id = $2::uuid AND device_id = $3::uuid AND decision = 'allowed' AND used_at IS NULL
  ), fresh AS (
    SELECT coalesce(sum(c.files), 0)::bigint AS files, coalesce(sum(c.removed), 0)::bigint AS removed
    FROM unnest($5::uuid[], $6::bigint[], $7::bigint[]) AS c (node_id, files, removed)
    LEFT JOIN LATERAL (
      SELECT h.files, h.device_id, h.at, h.action FROM drive_history h
      WHERE h.organization_id = $1::uuid AND h.node_id = c.node_id AND h.account_id = $2::uuid AND h.modseq < $4::bigint
      ORDER BY h.id DESC LIMIT 1
    ) last ON true
    WHERE (c.files = 1 AND last.device_id = $3::uuid AND last.at > now() - make_interval(mins => $8::int)
      AND last.action IN ('overwritten', 'renamed', 'moved', 'trashed', 'left')
      AND last.at > coalesce((SELECT until FROM allowed), '-infinity')) IS NOT TRUE
  ), now_counted AS (
    INSERT INTO device_change_count AS b (organization_id, account_id, device_id, bucket, files, removed, first_modseq, first_at)
    SELECT $1::uuid, $2::uuid, $3::uuid, date_bin('${bucketSeconds} seconds', now(), '2000-01-01'), files, removed, $4::bigint, now() FROM fresh
    ON CONFLICT (organization_id, account_id, device_id, bucket) DO UPDATE
      SET files = b.files + excluded.files, removed = b.removed + excluded.removed
    RETURNING bucket, files, removed, first_modseq, first_at
  ), window_counted AS (
    SELECT b.files, b.removed, b.first_modseq, b.first_at FROM device_change_count b
    WHERE b.organization_id = $1::uuid AND b.account_id = $2::uuid AND b.device_id = $3::uuid
      AND b.bucket > now() - make_interval(mins => $8::int, secs => ${bucketSeconds})
      AND b.bucket >= coalesce((SELECT until FROM allowed), '-infinity')
      AND b.bucket <> (SELECT bucket FROM now_counted)
    UNION ALL SELECT files, removed, first_modseq, first_at FROM now_counted
  )
  SELECT sum(files)::bigint AS files, sum(removed)::bigint AS removed, min(first_modseq) AS "firstModseq", min(first_at) AS "firstAt",
    coalesce((SELECT until > now() FROM allowed), false) AS "isAllowed"
  FROM window_counted`,
);

/**
 * Adds what a transaction changes to what its device changed lately, under the lock of the feed and behind the history of these
 * changes. One statement, whatever came before.
 * @param limits.allowedMinutes for how long somebody's yes holds from its first use on; what was done under it counts no more
 */
export async function countDeviceChanges(
  tx: Transactor,
  key: AccountKey,
  deviceId: string,
  modseq: number,
  changes: readonly CountedChange[],
  limits: { minutes: number; allowedMinutes: number },
): Promise<DeviceChanges> {
  const [row] = await count.execute(tx, [
    ...[key.organizationId, key.accountId, deviceId, modseq],
    changes.map((each) => each.nodeId),
    changes.map((each) => each.files),
    changes.map((each) => each.removed),
    ...[limits.minutes, limits.allowedMinutes],
  ]);
  return row!;
}
