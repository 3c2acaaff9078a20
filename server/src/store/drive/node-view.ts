import { type RawBuilder, sql } from "kysely";
import type { Reader } from "../database.ts";
import type { NodeRow } from "./node-row.ts";

/** A node with what every list shows beside it. */
export interface NodeView extends NodeRow {
  child_count: number | null;
  link_count: number;
  modified_by_name: string | null;
}

/** For `FROM drive_node n`. */
export const viewColumns: RawBuilder<unknown> = sql`n.*,
  CASE WHEN n.kind = 'folder' THEN (SELECT count(*) FROM drive_node c
    WHERE c.organization_id = n.organization_id AND c.parent_id = n.id AND c.state = 'live') END AS child_count,
  (SELECT count(*) FROM share_link l WHERE l.organization_id = n.organization_id AND l.node_id = n.id
    AND l.account_id = n.account_id AND l.revoked_at IS NULL AND (l.expires_at IS NULL OR l.expires_at > now())) AS link_count,
  (SELECT p.display_name FROM principal p WHERE p.organization_id = n.organization_id AND p.id = n.modified_by) AS modified_by_name`;

/** In no order; ids of nowhere are left out. */
export async function readNodeViews(
  reader: Reader,
  organizationId: string,
  nodeIds: readonly string[],
): Promise<NodeView[]> {
  if (nodeIds.length === 0) return [];
  const result = await sql<NodeView>`
    SELECT ${viewColumns} FROM drive_node n
    WHERE n.organization_id = ${organizationId} AND n.id = ANY(${[...nodeIds]}::uuid[])`.execute(reader);
  return result.rows;
}
