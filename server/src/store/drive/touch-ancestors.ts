import { sql } from "kysely";
import type { Transactor } from "../database.ts";

export interface Touch {
  /** The folder in which something changed. */
  folderId: string;
  /** By how much the bytes beneath it changed. */
  bytes: number;
}

/** Gives the folders and all above them the new `tree_modseq`, and their `tree_bytes` the difference, in one statement. */
export async function touchAncestors(
  tx: Transactor,
  organizationId: string,
  modseq: number,
  touches: readonly Touch[],
): Promise<void> {
  await sql`
    WITH RECURSIVE up AS (
      SELECT n.id, n.parent_id, t.bytes
        FROM unnest(${touches.map((each) => each.folderId)}::uuid[], ${touches.map((each) => each.bytes)}::bigint[]) t(id, bytes)
        JOIN drive_node n ON n.organization_id = ${organizationId} AND n.id = t.id
      UNION ALL
      SELECT n.id, n.parent_id, up.bytes FROM up
        JOIN drive_node n ON n.organization_id = ${organizationId} AND n.id = up.parent_id
    ), total AS (SELECT id, sum(bytes) AS bytes FROM up GROUP BY id)
    UPDATE drive_node n SET tree_modseq = ${modseq}, tree_bytes = n.tree_bytes + total.bytes
    FROM total WHERE n.organization_id = ${organizationId} AND n.id = total.id`.execute(tx);
}
