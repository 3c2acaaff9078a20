import type { Transactor } from "../database.ts";
import { prepare } from "../prepared.ts";

export interface Touch {
  /** The folder in which something changed. */
  folderId: string;
  /** By how much the bytes beneath it changed. */
  bytes: number;
  /** By how much the live files beneath it became more. */
  files: number;
}

// By an array, whose length the planner takes for ten: a join with the folders, which it takes for hundreds, would read all the nodes.
const touch = prepare<never>(
  "drive_touch",
  `WITH RECURSIVE up AS (
    SELECT n.id, n.parent_id, t.bytes, t.files FROM unnest($3::uuid[], $4::bigint[], $5::bigint[]) t(id, bytes, files),
      LATERAL (SELECT id, parent_id FROM drive_node WHERE organization_id = $1::uuid AND id = t.id OFFSET 0) n
    UNION ALL
    SELECT n.id, n.parent_id, up.bytes, up.files FROM up,
      LATERAL (SELECT id, parent_id FROM drive_node WHERE organization_id = $1::uuid AND id = up.parent_id OFFSET 0) n
  ), total AS (SELECT id, sum(bytes) AS bytes, sum(files) AS files FROM up GROUP BY id)
  UPDATE drive_node n SET tree_modseq = $2::bigint, tree_bytes = n.tree_bytes + total.bytes, tree_files = n.tree_files + total.files
  FROM total WHERE n.organization_id = $1::uuid AND n.id = ANY(ARRAY(SELECT id FROM total)) AND n.id = total.id`,
);

/**
 * Gives the folders and all above them the new `tree_modseq`, and their `tree_bytes` and `tree_files` the difference, in one
 * statement.
 */
export async function touchAncestors(
  tx: Transactor,
  organizationId: string,
  modseq: number,
  touches: readonly Touch[],
): Promise<void> {
  await touch.execute(tx, [
    ...[organizationId, modseq, touches.map((each) => each.folderId)],
    ...[touches.map((each) => each.bytes), touches.map((each) => each.files)],
  ]);
}
