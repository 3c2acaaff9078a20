import type { Reader } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { readHeight } from "../../store/drive/read-height.ts";
import { recordHistory } from "../../store/drive/record-history.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { requireRight } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { chargeQuota } from "../quota/charge-quota.ts";
import { changeTree } from "./change-tree.ts";
import { freeName } from "./find-child.ts";
import { findRemoved } from "./find-removed.ts";
import { requireUnlocked } from "./locks/require-unlocked.ts";
import type { DriveAccess, DriveDeps, DriveNode } from "./model.ts";
import { deepest, type Reached, reachFolder } from "./reach-node.ts";
import { viewNode } from "./read-node.ts";
import { readRootId } from "./read-root-id.ts";

/**
 * Takes a node out of the trash, or back within the recovery period after it left the trash: to its folder, or to the root when
 * that is gone; a name taken meanwhile gets a number. To clients it is new: it has a new modseq.
 * @throws DomainError `forbidden`, `not_found`, `over_quota` for what had left the trash, `locked`, `paused`
 */
export async function restoreNode(deps: DriveDeps, access: DriveAccess, nodeId: string): Promise<DriveNode> {
  requireRight(access, "create");
  await changeTree(deps, access, async (tx, modseq) => {
    const node = await findRemoved(tx, access, nodeId, ["trashed", "deleted"]);
    if (node.state === "deleted") await chargeQuota(tx, access, "files", node.tree_bytes);
    const folder =
      (await formerFolder(tx, access, node)) ?? (await reachFolder(tx, access, await readRootId(tx, access)));
    await requireUnlocked(tx, access, { nodes: [folder.node.id] });
    const name = await freeName(tx, folder.node, node.name, node.kind);
    await tx
      .updateTable("drive_node")
      .set({
        state: "live",
        parent_id: folder.node.id,
        name,
        removed_at: null,
        removed_by: null,
        removed_from: null,
        created_modseq: modseq,
        modseq,
        tree_modseq: modseq,
      })
      .where("organization_id", "=", access.organizationId)
      .where("id", "=", node.id)
      .execute();
    recordHistory(tx, access, modseq, access, {
      ...{ action: "restored", nodeId: node.id, kind: node.kind, files: node.tree_files },
      after: { parentId: folder.node.id, name, versionId: node.version_id },
    });
    await touchAncestors(tx, access.organizationId, modseq, [
      { folderId: folder.node.id, bytes: node.tree_bytes, files: node.tree_files },
    ]);
  });
  return viewNode(deps.store.read, access.organizationId, nodeId);
}

/** The live folder it was removed from, when it is still there and the tree still fits. */
async function formerFolder(reader: Reader, access: DriveAccess, node: NodeRow): Promise<Reached | undefined> {
  if (node.removed_from === null) return undefined;
  try {
    const folder = await reachFolder(reader, access, node.removed_from);
    const height = node.kind === "folder" ? await readHeight(reader, access.organizationId, node.id) : 1;
    return folder.depth + height <= deepest ? folder : undefined;
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}
