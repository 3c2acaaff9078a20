import type { Reader } from "../database.ts";
import { prepare } from "../prepared.ts";
import type { NodeRow } from "./node-row.ts";

const select = prepare<NodeRow>(
  "drive_walk_names",
  `WITH RECURSIVE walk AS (
    SELECT $2::uuid AS id, 0 AS level
    UNION ALL
    SELECT c.id, walk.level + 1 FROM walk
      JOIN drive_node c ON c.organization_id = $1::uuid AND c.parent_id = walk.id AND c.name = ($3::text[])[walk.level + 1] AND c.state = 'live'
      WHERE walk.level < cardinality($3::text[])
  )
  SELECT n.* FROM walk JOIN drive_node n ON n.organization_id = $1::uuid AND n.id = walk.id
  WHERE walk.level = cardinality($3::text[]) AND n.state = 'live'`,
);

/** The live node that names lead to from a folder that is live; the folder itself without names. @param names NFC */
export async function walkNames(
  reader: Reader,
  organizationId: string,
  folderId: string,
  names: readonly string[],
): Promise<NodeRow | undefined> {
  const [row] = await select.execute(reader, [organizationId, folderId, names]);
  return row;
}
