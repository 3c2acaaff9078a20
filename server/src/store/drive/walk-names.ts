import type { Reader } from "../database.ts";
import { prepare } from "../prepared.ts";
import type { NodeRow } from "./node-row.ts";

/*
 * By whole keys, each in a query of its own: joined, a plan that was made before the table was counted reads all the nodes.
 */
const select = prepare<NodeRow & { level: number }>(
  "drive_walk_names",
  `WITH RECURSIVE walk (id, level) AS (
    SELECT $2::uuid, 0
    UNION ALL
    SELECT (SELECT c.id FROM drive_node c WHERE c.organization_id = $1::uuid AND c.parent_id = walk.id
      AND c.name = ($3::text[])[walk.level + 1] AND c.state = 'live'), walk.level + 1 FROM walk
      WHERE walk.level < (SELECT cardinality($3::text[])) AND walk.id IS NOT NULL
  )
  SELECT n.*, walk.level FROM walk,
    LATERAL (SELECT * FROM drive_node WHERE organization_id = $1::uuid AND id = walk.id OFFSET 0) n
  WHERE walk.level >= (SELECT cardinality($3::text[])) - 1 AND n.state = 'live'`,
  { isBrief: true },
);

/** The end of a path: the node, and the folder that it is in or would be in. */
export interface PathEnd {
  node: NodeRow | undefined;
  /** Undefined without names. */
  folder: NodeRow | undefined;
}

/** The live node that names lead to from a folder that is live; the folder itself without names. @param names NFC */
export async function walkNames(
  reader: Reader,
  organizationId: string,
  folderId: string,
  names: readonly string[],
): Promise<NodeRow | undefined> {
  return (await walkToEnd(reader, organizationId, folderId, names)).node;
}

/** The same, with the folder. */
export async function walkToEnd(
  reader: Reader,
  organizationId: string,
  folderId: string,
  names: readonly string[],
): Promise<PathEnd> {
  const rows = await select.execute(reader, [organizationId, folderId, names]);
  const at = (level: number): NodeRow | undefined => rows.find((row) => row.level === level);
  return { node: at(names.length), folder: names.length === 0 ? undefined : at(names.length - 1) };
}
