import { sql } from "kysely";
import type { Transactor } from "../database.ts";

export interface Touch {
  /** The folder in which something changed. */
  folderId: string;
  /** By how much the bytes beneath it changed. */
  bytes: number;
  /** By how much the live files beneath it became more. */
  files: number;
}

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
  await sql`
    WITH RECURSIVE up AS (
      SELECT n.id, n.parent_id, t.bytes, t.files
        FROM unnest(${touches.map((each) => each.folderId)}::uuid[], ${touches.map((each) => each.bytes)}::bigint[],
          ${touches.map((each) => each.files)}::bigint[]) t(id, bytes, files)
        JOIN drive_node n ON n.organization_id = ${organizationId} AND n.id = t.id
      UNION ALL
      SELECT n.id, n.parent_id, up.bytes, up.files FROM up
        JOIN drive_node n ON n.organization_id = ${organizationId} AND n.id = up.parent_id
    ), total AS (SELECT id, sum(bytes) AS bytes, sum(files) AS files FROM up GROUP BY id)
    UPDATE drive_node n SET tree_modseq = ${modseq}, tree_bytes = n.tree_bytes + total.bytes, tree_files = n.tree_files + total.files
    FROM total WHERE n.organization_id = ${organizationId} AND n.id = total.id`.execute(tx);
}
