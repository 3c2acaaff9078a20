import type { Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { readChain } from "../../store/drive/read-chain.ts";
import { isUuid } from "../../store/uuid.ts";
import type { DriveAccess } from "./model.ts";
import { notFound } from "./reach-node.ts";

export interface Removed {
  node: NodeRow;
  /** What was removed itself, locked against its purge: the node, or a folder above it. */
  top: NodeRow;
}

/**
 * A node that was removed, or one beneath a folder in the trash; under the feed's lock.
 * @throws DomainError `not_found`
 */
export async function findRemoved(
  tx: Transactor,
  access: DriveAccess,
  nodeId: string,
  states: readonly ("trashed" | "deleted")[],
): Promise<Removed> {
  if (!isUuid(nodeId) || access.subtreeId !== undefined) throw notFound();
  const [found, ...beneath] = await readChain(tx, access.organizationId, nodeId);
  if (!found || (beneath.length > 0 && found.state !== "trashed")) throw notFound();
  if (beneath.some((row) => row.state !== "live" || row.account_id !== access.accountId)) throw notFound();
  const top = await tx
    .selectFrom("drive_node")
    .selectAll()
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId)
    .where("id", "=", found.id)
    .where("state", "in", [...states])
    .forUpdate()
    .executeTakeFirst();
  if (!top) throw notFound();
  return { node: beneath.at(-1) ?? (top as NodeRow), top: top as NodeRow };
}
