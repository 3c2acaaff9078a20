import { sql } from "kysely";
import type { Reader } from "../database.ts";
import type { NodeRow } from "./node-row.ts";

/** The live node and every live node beneath it, parents before children. */
export async function readSubtree(reader: Reader, organizationId: string, nodeId: string): Promise<NodeRow[]> {
  const result = await sql<NodeRow & { level: number }>`
    WITH RECURSIVE down AS (
      SELECT n.*, 0 AS level FROM drive_node n WHERE n.organization_id = ${organizationId} AND n.id = ${nodeId}
      UNION ALL
      SELECT n.*, down.level + 1 FROM down
        JOIN drive_node n ON n.organization_id = ${organizationId} AND n.parent_id = down.id AND n.state = 'live'
    ) SELECT * FROM down ORDER BY level, id`.execute(reader);
  return result.rows;
}

/** How many levels of folders a node has: 1 for a folder without folders, 0 for a file. */
export async function readHeight(reader: Reader, organizationId: string, nodeId: string): Promise<number> {
  const result = await sql<{ height: number }>`
    WITH RECURSIVE down AS (
      SELECT n.id, 1 AS level FROM drive_node n
        WHERE n.organization_id = ${organizationId} AND n.id = ${nodeId} AND n.kind = 'folder'
      UNION ALL
      SELECT n.id, down.level + 1 FROM down
        JOIN drive_node n ON n.organization_id = ${organizationId} AND n.parent_id = down.id AND n.state = 'live' AND n.kind = 'folder'
    ) SELECT coalesce(max(level), 0) AS height FROM down`.execute(reader);
  return result.rows[0]!.height;
}
