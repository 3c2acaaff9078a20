import type { Reader } from "../database.ts";
import { prepare } from "../prepared.ts";
import type { NodeRow } from "./node-row.ts";

const ofOne = prepare<NodeRow>(
  "drive_children",
  `SELECT * FROM drive_node WHERE organization_id = $1::uuid AND parent_id = $2::uuid AND state = 'live' ORDER BY name`,
);
const ofMany = prepare<NodeRow>(
  "drive_children_of",
  `SELECT * FROM drive_node WHERE organization_id = $1::uuid AND parent_id = ANY($2::uuid[]) AND state = 'live' ORDER BY parent_id, name`,
);

/** Live nodes directly in a folder, in the order of the code points of their names. */
export async function readChildren(reader: Reader, organizationId: string, folderId: string): Promise<NodeRow[]> {
  return ofOne.execute(reader, [organizationId, folderId]);
}

/** The same of several folders. */
export async function readChildrenOf(
  reader: Reader,
  organizationId: string,
  folderIds: readonly string[],
): Promise<NodeRow[]> {
  return ofMany.execute(reader, [organizationId, folderIds]);
}
