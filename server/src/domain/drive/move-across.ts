import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";

/**
 * Gives a tree to another account of the organization: every row beneath changes its account, so that the feed of the new one
 * has them all. Links stay with the account they were made in, and lead nowhere until the tree comes back.
 */
export async function moveAcross(
  tx: Transactor,
  nodeId: string,
  from: AccountKey,
  to: AccountKey,
  modseq: number,
): Promise<void> {
  await sql`
    WITH RECURSIVE down AS (
      SELECT n.id FROM drive_node n WHERE n.organization_id = ${from.organizationId} AND n.id = ${nodeId}
      UNION ALL
      SELECT n.id FROM down JOIN drive_node n ON n.organization_id = ${from.organizationId} AND n.parent_id = down.id
    ), versions AS (
      UPDATE file_version v SET account_id = ${to.accountId} FROM down
      WHERE v.organization_id = ${from.organizationId} AND v.node_id = down.id
    )
    UPDATE drive_node n SET account_id = ${to.accountId}, created_modseq = ${modseq}, modseq = ${modseq}, tree_modseq = ${modseq}
    FROM down WHERE n.organization_id = ${from.organizationId} AND n.id = down.id`.execute(tx);
}
