import type { Reader } from "../database.ts";
import { prepare } from "../prepared.ts";
import type { NodeRow } from "./node-row.ts";

/** A live node with all that is above it, the root first and itself last. */
export interface PlacedNodeRow extends NodeRow {
  path_ids: string[];
  path_names: string[];
}

const select = prepare<PlacedNodeRow>(
  "drive_placed_nodes",
  `WITH RECURSIVE up AS (
    SELECT n.id AS start, n.parent_id, ARRAY[n.id] AS path_ids, ARRAY[n.name] AS path_names FROM drive_node n
      WHERE n.organization_id = $1::uuid AND n.id = ANY($2::uuid[]) AND n.state = 'live'
    UNION ALL
    SELECT up.start, n.parent_id, n.id || up.path_ids, n.name || up.path_names FROM up
      JOIN drive_node n ON n.organization_id = $1::uuid AND n.id = up.parent_id AND n.state = 'live'
      WHERE cardinality(up.path_ids) < 1000
  ) SELECT n.*, up.path_ids, up.path_names FROM up
    JOIN drive_node n ON n.organization_id = $1::uuid AND n.id = up.start WHERE up.parent_id IS NULL`,
);

/** Nodes of an organization that are live up to their root, in no order; others are left out. */
export async function readPlacedNodes(
  reader: Reader,
  organizationId: string,
  nodeIds: readonly string[],
): Promise<PlacedNodeRow[]> {
  return nodeIds.length === 0 ? [] : select.execute(reader, [organizationId, nodeIds]);
}
