import { touchAncestors } from "../../../store/drive/touch-ancestors.ts";
import { requireRight } from "../../access/account-access.ts";
import { changeTree } from "../change-tree.ts";
import { requireUnlocked } from "../locks/require-unlocked.ts";
import type { DriveAccess, DriveDeps } from "../model.ts";
import { reachNode } from "../reach-node.ts";
import { checkProperty, type NodeProperty, writeNodeProperties } from "./node-properties.ts";

export interface PropertyChanges {
  set?: readonly NodeProperty[];
  remove?: readonly { namespace: string; name: string }[];
  /** The file's own date. */
  modifiedAt?: Date | undefined;
  createdAt?: Date | undefined;
}

/**
 * Changes what is known of a node beside its content, all or nothing.
 * @throws DomainError `forbidden`, `not_found`, `locked`, `too_large`, `paused`
 */
export async function changeProperties(
  deps: Pick<DriveDeps, "store">,
  access: DriveAccess,
  nodeId: string,
  changes: PropertyChanges,
): Promise<void> {
  requireRight(access, "write");
  const { set = [], remove = [], modifiedAt, createdAt } = changes;
  for (const property of set) checkProperty(property);
  await changeTree(deps, access, async (tx, modseq) => {
    const { node } = await reachNode(tx, access, nodeId);
    await requireUnlocked(tx, access, { nodes: [node.id] });
    const removed = remove.map((each) => ({ ...each, value: undefined }));
    if (set.length > 0 || removed.length > 0) {
      await writeNodeProperties(tx, { organizationId: access.organizationId, nodeId: node.id }, [...removed, ...set]);
    }
    await tx
      .updateTable("drive_node")
      .set({ modseq, ...(modifiedAt && { modified_at: modifiedAt }), ...(createdAt && { created_at: createdAt }) })
      .where("organization_id", "=", access.organizationId)
      .where("id", "=", node.id)
      .execute();
    if (modifiedAt && node.version_id !== null) {
      await tx
        .updateTable("file_version")
        .set({ modified_at: modifiedAt })
        .where("organization_id", "=", access.organizationId)
        .where("id", "=", node.version_id)
        .execute();
    }
    await touchAncestors(tx, access.organizationId, modseq, [{ folderId: node.id, bytes: 0, files: 0 }]);
  });
}
