import type { Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { recordHistory } from "../../store/drive/record-history.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { requireRight } from "../access/account-access.ts";
import { chargeQuota, readQuota, requireRoom } from "../quota/charge-quota.ts";
import { changeTree } from "./change-tree.ts";
import { attachImported, discardImported, importTree } from "./import-tree.ts";
import { requireUnlocked } from "./locks/require-unlocked.ts";
import type { Copy, DriveAccess, DriveDeps, DriveNode } from "./model.ts";
import { checkName } from "./node-name.ts";
import { reachFolder, reachNode, requireDepth, requireNotRoot } from "./reach-node.ts";
import { viewNode } from "./read-node.ts";
import { requireNotPaused } from "./require-not-paused.ts";
import { requireFits, settleName } from "./settle-name.ts";

/**
 * Copies into an account of another organization. Blobs belong to an organization: the bytes are copied first, out of sight.
 * @throws DomainError as `copyNode`
 */
export async function copyBetweenOrganizations(
  deps: DriveDeps,
  from: DriveAccess,
  nodeId: string,
  to: DriveAccess,
  transfer: Copy,
): Promise<DriveNode> {
  requireRight(to, "create");
  const node = requireNotRoot(await reachNode(deps.store.read, from, nodeId));
  const id = await importFor(deps, from, node, to, transfer, (imported) =>
    changeTree(deps, to, (tx, modseq) => appear(tx, to, modseq, { node, imported, transfer, action: "created" })),
  );
  return viewNode(deps.store.read, to.organizationId, id);
}

/**
 * Copies the bytes of a tree and has `attach` make the copy appear; when that is refused, nothing of it is left.
 * @returns the id of the copy
 */
export async function importFor(
  deps: DriveDeps,
  from: DriveAccess,
  node: NodeRow,
  to: DriveAccess,
  transfer: Copy,
  attach: (imported: string) => Promise<void>,
): Promise<string> {
  // What can be refused is, before a byte moves.
  await requireNotPaused(deps.store.read, to);
  const folder = await reachFolder(deps.store.read, to, transfer.parentId);
  await requireUnlocked(deps.store.read, to, { nodes: [folder.node.id] });
  requireRoom(await readQuota(deps.store.read, to, "files"), transfer.isShallow ? 0 : node.tree_bytes);
  const imported = await importTree(deps, from, node, to, transfer.isShallow);
  try {
    await attach(imported);
  } catch (error) {
    await discardImported(deps, to, imported);
    throw error;
  }
  return imported;
}

/** Under the lock of the destination. @throws DomainError */
export async function appear(
  tx: Transactor,
  to: DriveAccess,
  modseq: number,
  copy: { node: NodeRow; imported: string; transfer: Copy; action: "created" | "arrived" },
): Promise<void> {
  const { node, imported, transfer, action } = copy;
  const target = await reachFolder(tx, to, transfer.parentId);
  await requireUnlocked(tx, to, { nodes: [target.node.id] });
  if (transfer.isShallow) requireDepth(target.depth + 1);
  else await requireFits(tx, node, target);
  const wanted = transfer.name === undefined ? node.name : checkName(transfer.name);
  const stranger = { ...node, parent_id: null };
  const arrival = { access: to, modseq, target, node: stranger, name: wanted };
  const name = (await settleName(tx, arrival, transfer.onConflict)) ?? wanted;
  const place = { parentId: target.node.id, name };
  const { bytes, files, versionId } = await attachImported(tx, to, modseq, imported, place);
  await chargeQuota(tx, to, "files", bytes);
  recordHistory(tx, to, modseq, to, {
    ...{ action, nodeId: imported, kind: node.kind, files },
    after: { ...place, versionId },
  });
  await touchAncestors(tx, to.organizationId, modseq, [{ folderId: target.node.id, bytes, files }]);
}
