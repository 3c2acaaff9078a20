import { sql } from "kysely";
import type { Reader } from "../database.ts";
import { prepare } from "../prepared.ts";
import type { NodeRow } from "./node-row.ts";

// Deeper than any tree that can be made; a broken tree ends the climb instead of turning in it.
const maxClimb = 1_000;

// Each level is a look-up of its own: joined, a plan made before the table was counted reads all nodes of the organization.
const climb = prepare<NodeRow & { level: number }>(
  "drive_chain",
  `WITH RECURSIVE up AS (
    SELECT n.*, 0 AS level FROM drive_node n WHERE n.organization_id = $1::uuid AND n.id = $2::uuid
    UNION ALL
    SELECT n.*, up.level + 1 FROM up,
      LATERAL (SELECT * FROM drive_node WHERE organization_id = $1::uuid AND id = up.parent_id OFFSET 0) n
      WHERE up.level < ${maxClimb}
  ) SELECT * FROM up ORDER BY level DESC`,
);

/** A node and all above it, the topmost first; empty when there is no such node in the organization. */
export async function readChain(reader: Reader, organizationId: string, nodeId: string): Promise<NodeRow[]> {
  return climb.execute(reader, [organizationId, nodeId]);
}

/** The names from a space's root (excluded) to each node (included), for many nodes at once; nodes off the live tree are left out. */
export async function readLivePaths(
  reader: Reader,
  organizationId: string,
  nodeIds: readonly string[],
): Promise<Map<string, string[]>> {
  if (nodeIds.length === 0) return new Map();
  const result = await sql<{ start: string; names: string[] }>`
    WITH RECURSIVE up AS (
      SELECT n.id AS start, n.parent_id, ARRAY[n.name] AS names, n.state FROM drive_node n
        WHERE n.organization_id = ${organizationId} AND n.id = ANY(${[...nodeIds]}::uuid[]) AND n.state = 'live'
      UNION ALL
      SELECT up.start, n.parent_id, n.name || up.names, n.state FROM up
        JOIN drive_node n ON n.organization_id = ${organizationId} AND n.id = up.parent_id AND n.state = 'live'
        WHERE cardinality(up.names) < ${maxClimb}
    ) SELECT start, names FROM up WHERE parent_id IS NULL`.execute(reader);
  return new Map(result.rows.map((row) => [row.start, row.names.slice(1)]));
}
