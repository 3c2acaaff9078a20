import { sql } from "kysely";
import type { Reader } from "../database.ts";

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
