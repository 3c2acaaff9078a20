import type { Reader } from "../database.ts";
import { prepare } from "../prepared.ts";
import type { NodeRow } from "./node-row.ts";

const nil = "00000000-0000-0000-0000-000000000000";

const ofOne = prepare<NodeRow>(
  "drive_children",
  `SELECT * FROM drive_node WHERE organization_id = $1::uuid AND parent_id = $2::uuid AND state = 'live' ORDER BY name`,
);
const pageOfMany = prepare<NodeRow>(
  "drive_children_page",
  `SELECT * FROM drive_node WHERE organization_id = $1::uuid AND parent_id = ANY($2::uuid[]) AND state = 'live'
    AND (parent_id, name) > ($3::uuid, $4) ORDER BY parent_id, name LIMIT $5`,
);

/** Live nodes directly in a folder, in the order of the code points of their names. */
export async function readChildren(reader: Reader, organizationId: string, folderId: string): Promise<NodeRow[]> {
  return ofOne.execute(reader, [organizationId, folderId]);
}

/** The same of several folders, folder by folder and never more at once than `limit`: the next page is after the last row of the one before. */
export async function readChildrenPage(
  reader: Reader,
  organizationId: string,
  folderIds: readonly string[],
  after: Pick<NodeRow, "parent_id" | "name"> | undefined,
  limit: number,
): Promise<NodeRow[]> {
  const { parent_id = nil, name = "" } = after ?? {};
  return pageOfMany.execute(reader, [organizationId, folderIds, parent_id, name, limit]);
}
