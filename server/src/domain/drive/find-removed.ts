import type { Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { isUuid } from "../../store/uuid.ts";
import type { DriveAccess } from "./model.ts";
import { notFound } from "./reach-node.ts";

/** A node that was itself removed (not one beneath it), locked against its purge. @throws DomainError `not_found` */
export async function findRemoved(
  tx: Transactor,
  access: DriveAccess,
  nodeId: string,
  states: readonly ("trashed" | "deleted")[],
): Promise<NodeRow> {
  if (!isUuid(nodeId) || access.subtreeId !== undefined) throw notFound();
  const row = await tx
    .selectFrom("drive_node")
    .selectAll()
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId)
    .where("id", "=", nodeId)
    .where("state", "in", [...states])
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound();
  return row as NodeRow;
}
