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
 * that is gone; a name taken meanwhile gets a number. What lies beneath a folder in the trash comes alone, to where that folder
 * was. To clients it is new: it has a new modseq.
 * @throws DomainError `forbidden`, `not_found`, `over_quota` for what had left the trash, `locked`, `paused`
 */
export async function restoreNode(deps: DriveDeps, access: DriveAccess, nodeId: string): Promise<DriveNode> {
  requireRight(access, "create");
  await changeTree(deps, access, async (tx, modseq) => {
    const { node, top } = await findRemoved(tx, access, nodeId, ["trashed", "deleted"]);
    if (top.state === "deleted") await chargeQuota(tx, access, "files", node.tree_bytes);
    const folder =
      (await formerFolder(tx, access, node, top.removed_from)) ??
      (await reachFolder(tx, access, await readRootId(tx, access)));
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
    const { tree_bytes: bytes, tree_files: files, parent_id: beneath, version_id: versionId } = node;
    recordHistory(tx, access, modseq, access, {
      ...{ action: "restored", nodeId: node.id, kind: node.kind, files },
      // Before the folder above it went to the trash, this was its place.
      ...(beneath !== null && { before: { parentId: beneath, name: node.name, versionId } }),
      after: { parentId: folder.node.id, name, versionId },
    });
    await touchAncestors(tx, access.organizationId, modseq, [
      { folderId: folder.node.id, bytes, files },
      ...(beneath === null ? [] : [{ folderId: beneath, bytes: -bytes, files: -files }]),
    ]);
  });
  return viewNode(deps.store.read, access.organizationId, nodeId);
}

/** The live folder it was removed from, when it is still there and the tree still fits. */
async function formerFolder(
  reader: Reader,
  access: DriveAccess,
  node: NodeRow,
  folderId: string | null,
): Promise<Reached | undefined> {
  if (folderId === null) return undefined;
  try {
    const folder = await reachFolder(reader, access, folderId);
    const height = node.kind === "folder" ? await readHeight(reader, access.organizationId, node.id) : 1;
    return folder.depth + height <= deepest ? folder : undefined;
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}
