import type { Reader } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import { prepare } from "../prepared.ts";

export interface SyncEvent {
  modseq: number;
  node_id: string;
  /** `gone`: it left `parent_id`, where it was called `name`. */
  kind: "node" | "gone";
  parent_id: string;
  name: string;
}

const select = prepare<SyncEvent>(
  "drive_sync_events",
  `SELECT modseq, node_id, kind, parent_id, name FROM (
    SELECT modseq, id AS node_id, 'node' AS kind, parent_id, name FROM drive_node
      WHERE organization_id = $1::uuid AND account_id = $2::uuid AND modseq >= $3::bigint AND parent_id IS NOT NULL AND state = 'live'
    UNION ALL
    SELECT modseq, node_id, 'gone', parent_before, name_before FROM drive_history
      WHERE organization_id = $1::uuid AND account_id = $2::uuid AND modseq >= $3::bigint AND modseq > $5::bigint
        AND action IN ('renamed', 'moved', 'trashed', 'left') AND parent_before IS NOT NULL
  ) e WHERE (modseq, node_id) > ($3::bigint, $4::uuid) ORDER BY modseq, node_id, kind LIMIT $6::int`,
);

/**
 * What changed in an account after a mark, oldest first: nodes as they are now, and what left its folder.
 * @param after the modseq and the node of the last event that is known
 * @param goneSince departures up to this modseq are of no interest
 */
export async function readSyncEvents(
  reader: Reader,
  key: AccountKey,
  after: { modseq: number; nodeId: string },
  goneSince: number,
  limit: number,
): Promise<SyncEvent[]> {
  const { organizationId, accountId } = key;
  return select.execute(reader, [organizationId, accountId, after.modseq, after.nodeId, goneSince, limit]);
}

const arrivals = prepare<{ node_id: string }>(
  "drive_sync_arrivals",
  `SELECT DISTINCT node_id FROM drive_history WHERE organization_id = $1::uuid AND account_id = $2::uuid AND modseq > $3::bigint
    AND node_id = ANY($4::uuid[]) AND kind = 'folder' AND action IN ('renamed', 'moved', 'restored', 'arrived')`,
);

/** Of some nodes the folders that came to where they are with all they hold. */
export async function readArrivedFolders(
  reader: Reader,
  key: AccountKey,
  since: number,
  nodeIds: readonly string[],
): Promise<Set<string>> {
  if (nodeIds.length === 0) return new Set();
  const rows = await arrivals.execute(reader, [key.organizationId, key.accountId, since, nodeIds]);
  return new Set(rows.map((row) => row.node_id));
}
