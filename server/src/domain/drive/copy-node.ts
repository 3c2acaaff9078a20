import { copySubtree } from "../../store/drive/copy-subtree.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { requireRight } from "../access/account-access.ts";
import { chargeQuota } from "../quota/charge-quota.ts";
import { changeTree } from "./change-tree.ts";
import { findChild } from "./find-child.ts";
import type { DriveAccess, DriveDeps, DriveNode, OnConflict } from "./model.ts";
import { requireFits, requireSameOrganization, resolveConflict } from "./move-node.ts";
import { checkName } from "./node-name.ts";
import { reachFolder, reachNode, requireMovable } from "./reach-node.ts";
import { viewNode } from "./read-node.ts";

export interface Copy {
  folderId: string;
  /** The access of the destination when it is another account of the same organization. */
  toAccess?: DriveAccess;
  name?: string;
  /** `replace` puts what has the name in the trash. */
  onConflict?: OnConflict;
}

/**
 * Copies a file or a tree without copying a byte: the copy refers to the same blobs. Old versions and links stay behind.
 * @throws DomainError as `moveNode`
 */
export async function copyNode(deps: DriveDeps, access: DriveAccess, nodeId: string, copy: Copy): Promise<DriveNode> {
  const to = copy.toAccess ?? access;
  requireRight(to, "write");
  requireSameOrganization(access, to);
  const givenName = copy.name === undefined ? undefined : checkName(copy.name);
  const id = await changeTree(deps, to, async (tx, modseq) => {
    const node = requireMovable(await reachNode(tx, access, nodeId));
    const target = await reachFolder(tx, to, copy.folderId);
    await requireFits(tx, node, target);
    const wanted = givenName ?? node.name;
    const existing = await findChild(tx, target.node, wanted);
    // Replacing a thing by its own copy changes nothing.
    if (existing?.id === node.id && copy.onConflict === "replace") return node.id;
    await chargeQuota(tx, to, "files", node.tree_bytes);
    const name = existing
      ? await resolveConflict(
          tx,
          { access: to, modseq, target, node, name: wanted },
          existing,
          copy.onConflict ?? "fail",
        )
      : wanted;
    const copied = await copySubtree(tx, node.id, {
      organizationId: to.organizationId,
      accountId: to.accountId,
      parentId: target.node.id,
      name,
      principalId: to.viewer?.principalId ?? null,
      modseq,
    });
    await touchAncestors(tx, to.organizationId, modseq, [{ folderId: target.node.id, bytes: node.tree_bytes }]);
    return copied;
  });
  return viewNode(deps.store.read, to.organizationId, id);
}
