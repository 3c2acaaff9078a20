import { copySubtree } from "../../store/drive/copy-subtree.ts";
import { recordHistory } from "../../store/drive/record-history.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { requireRight } from "../access/account-access.ts";
import { chargeQuota } from "../quota/charge-quota.ts";
import { changeTree } from "./change-tree.ts";
import { copyBetweenOrganizations } from "./copy-between-organizations.ts";
import { requireUnlocked } from "./locks/require-unlocked.ts";
import type { Copy, DriveAccess, DriveDeps, DriveNode } from "./model.ts";
import { checkName } from "./node-name.ts";
import { reachFolder, reachNode, requireDepth, requireNotRoot } from "./reach-node.ts";
import { viewNode } from "./read-node.ts";
import { requireFits, settleName } from "./settle-name.ts";

/**
 * Copies a file or a tree without copying a byte: the copy refers to the same blobs, except in another organization. Old versions
 * and links stay behind.
 * @throws DomainError as `moveNode`
 */
export async function copyNode(
  deps: DriveDeps,
  from: DriveAccess,
  nodeId: string,
  to: DriveAccess,
  transfer: Copy,
): Promise<DriveNode> {
  requireRight(to, "create");
  const givenName = transfer.name === undefined ? undefined : checkName(transfer.name);
  if (from.organizationId !== to.organizationId) return copyBetweenOrganizations(deps, from, nodeId, to, transfer);
  const id = await changeTree(deps, to, async (tx, modseq) => {
    const node = requireNotRoot(await reachNode(tx, from, nodeId));
    const target = await reachFolder(tx, to, transfer.parentId);
    const isShallow = node.kind === "folder" && transfer.isShallow === true;
    if (isShallow) requireDepth(target.depth + 1);
    else await requireFits(tx, node, target);
    await requireUnlocked(tx, to, { nodes: [target.node.id] });
    // A copy beside the original takes another name even where the original would keep its own.
    const stranger = { ...node, parent_id: null };
    const arrival = { access: to, modseq, target, node: stranger, name: givenName ?? node.name };
    const name = await settleName(tx, arrival, transfer.onConflict);
    // Replacing a thing by its own copy changes nothing.
    if (name === undefined) return node.id;
    const copied = await copySubtree(tx, node.id, {
      organizationId: to.organizationId,
      accountId: to.accountId,
      parentId: target.node.id,
      name,
      principalId: to.viewer?.principalId ?? null,
      principalOrganizationId: to.viewer?.organizationId ?? null,
      modseq,
      isShallow,
    });
    await chargeQuota(tx, to, "files", copied.bytes);
    recordHistory(tx, to, modseq, to, {
      ...{ action: "created", nodeId: copied.id, kind: node.kind, files: copied.files },
      after: { parentId: target.node.id, name, versionId: copied.versionId },
    });
    await touchAncestors(tx, to.organizationId, modseq, [
      { folderId: target.node.id, bytes: copied.bytes, files: copied.files },
    ]);
    return copied.id;
  });
  return viewNode(deps.store.read, to.organizationId, id);
}
