import { sql } from "kysely";
import type { Reader } from "../database.ts";
import { type NodeView, viewColumns } from "./node-view.ts";

export interface FolderOrder {
  sort: "name" | "modified" | "size";
  direction: "asc" | "desc";
}

/** Where a page ended: kind, sort key and id of its last row. */
export interface PageEnd {
  isFile: boolean;
  key: string;
  id: string;
}

const keys = {
  name: { column: sql`n.name COLLATE french_names`, parameter: (key: string) => sql`${key}::text` },
  modified: {
    column: sql`(extract(epoch FROM n.modified_at) * 1000000)::bigint`,
    parameter: (key: string) => sql`${key}::bigint`,
  },
  size: { column: sql`n.tree_bytes`, parameter: (key: string) => sql`${key}::bigint` },
};

/** Live nodes directly in a folder: folders first, then by the key, then by id so that the order is total. */
export async function readFolderPage(
  reader: Reader,
  folder: { organizationId: string; folderId: string },
  order: FolderOrder,
  after: PageEnd | undefined,
  limit: number,
): Promise<(NodeView & { sort_key: string })[]> {
  const { column, parameter } = keys[order.sort];
  const direction = sql.raw(order.direction === "asc" ? "ASC" : "DESC");
  const beyond = sql.raw(order.direction === "asc" ? ">" : "<");
  const page = after
    ? sql`AND ((n.kind = 'file') > ${after.isFile} OR ((n.kind = 'file') = ${after.isFile}
        AND (${column}, n.id) ${beyond} (${parameter(after.key)}, ${after.id}::uuid)))`
    : sql``;
  // The page is cut before its columns are worked out: they cost a look-up a row.
  const result = await sql<NodeView & { sort_key: string }>`
    WITH page AS MATERIALIZED (
      SELECT n.id, row_number() OVER (ORDER BY (n.kind = 'file'), ${column} ${direction}, n.id ${direction}) AS place, (${column})::text AS sort_key
      FROM drive_node n
      WHERE n.organization_id = ${folder.organizationId} AND n.parent_id = ${folder.folderId} AND n.state = 'live' ${page}
      ORDER BY place LIMIT ${limit}
    )
    SELECT ${viewColumns}, page.sort_key FROM page
    JOIN drive_node n ON n.organization_id = ${folder.organizationId} AND n.id = page.id
    ORDER BY page.place`.execute(reader);
  return result.rows;
}
