import type { Reader } from "../database.ts";
import { prepare } from "../prepared.ts";

const select = prepare<{ organization_id: string; id: string }>(
  "drive_by_file_id",
  "SELECT organization_id, id FROM drive_node WHERE file_id = $1::bigint",
);

/** Which node has a number, in whatever organization and state: the number is global. Whoever asks must be shown to see it. */
export async function findNodeByFileId(
  reader: Reader,
  fileId: number,
): Promise<{ organization_id: string; id: string } | undefined> {
  const [row] = await select.execute(reader, [fileId]);
  return row;
}
