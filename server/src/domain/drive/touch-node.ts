import type { Transactor } from "../../store/database.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { type AccountKey, takeModseq } from "../../store/feed/take-modseq.ts";
import { nodeTypes } from "./change-tree.ts";

/** Says to whoever synchronizes that something about a node changed that is not its content: a lock, a property. */
export async function touchNode(tx: Transactor, key: AccountKey, nodeId: string): Promise<number> {
  const modseq = await takeModseq(tx, key, "files", nodeTypes);
  await tx
    .updateTable("drive_node")
    .set({ modseq })
    .where("organization_id", "=", key.organizationId)
    .where("id", "=", nodeId)
    .execute();
  await touchAncestors(tx, key.organizationId, modseq, [{ folderId: nodeId, bytes: 0, files: 0 }]);
  return modseq;
}
