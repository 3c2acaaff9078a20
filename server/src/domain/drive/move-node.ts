import type { Transactor } from "../../store/database.ts";
import { copySubtree } from "../../store/drive/copy-subtree.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { type NodeState, recordHistory } from "../../store/drive/record-history.ts";
import { removeLocksOfTree } from "../../store/drive/remove-locks.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { recordDepartures } from "../../store/feed/record-departures.ts";
import { requireRight } from "../access/account-access.ts";
import { chargeQuota } from "../quota/charge-quota.ts";
import { changeTrees } from "./change-tree.ts";
import { requireUnlocked } from "./locks/require-unlocked.ts";
import type { DriveAccess, DriveDeps, DriveNode, Transfer } from "./model.ts";
import { moveAcross } from "./move-across.ts";
import { moveBetweenOrganizations } from "./move-between-organizations.ts";
import { checkName } from "./node-name.ts";
import { reachFolder, reachNode, requireMovable } from "./reach-node.ts";
import { viewNode } from "./read-node.ts";
import { requireFits, settleName } from "./settle-name.ts";

/**
 * Moves and renames: one row, whatever is beneath. To another account it takes the whole tree there, with its quota; to one of
 * another organization the bytes are copied, and the original goes to the trash in the transaction in which the copy appears.
 * What somebody takes out of a space of others stays recoverable there.
 * @param to the access of the destination; `from` when it stays in what that gives
 * @throws DomainError `forbidden`, `not_found`, `invalid` (name, `too_deep`), `already_exists`, `conflict` (`into_itself`,
 *   `not_a_folder`), `over_quota`, `locked`, `paused`
 */
export async function moveNode(
  deps: DriveDeps,
  from: DriveAccess,
  nodeId: string,
  to: DriveAccess,
  transfer: Transfer,
): Promise<DriveNode> {
  const givenName = transfer.name === undefined ? undefined : checkName(transfer.name);
  if (from.organizationId !== to.organizationId) return moveBetweenOrganizations(deps, from, nodeId, to, transfer);
  await changeTrees(deps, from, to, async (tx, modseqs) => {
    const node = requireMovable(await reachNode(tx, from, nodeId), from);
    const target = await reachFolder(tx, to, transfer.parentId);
    requireMove(from, node, to, target.node.id);
    await requireFits(tx, node, target);
    await requireUnlocked(tx, from, { nodes: [node.parent_id], trees: [node.id] });
    if (node.parent_id !== target.node.id) await requireUnlocked(tx, to, { nodes: [target.node.id] });
    const arrival = { access: to, modseq: modseqs.to, target, node, name: givenName ?? node.name };
    const name = await settleName(tx, arrival, transfer.onConflict);
    if (name === undefined) return; // already there
    // Locks of programs stay behind (RFC 4918 section 7.5); those of people too when it goes to another account.
    removeLocksOfTree(tx, from, node.id, from.accountId === to.accountId ? ["dav", "app"] : ["dav", "app", "user"]);
    if (from.accountId === to.accountId) await place(tx, to, modseqs.to, node, { parentId: target.node.id, name });
    else await placeAcross(tx, { from, to, modseqs }, node, { parentId: target.node.id, name });
  });
  return viewNode(deps.store.read, to.organizationId, nodeId);
}

/** To rename is to write; to move is to take away from one folder and to add to another. @throws DomainError `forbidden` */
function requireMove(from: DriveAccess, node: NodeRow, to: DriveAccess, parentId: string): void {
  requireRight(from, "write");
  if (node.parent_id === parentId) return;
  requireRight(from, "delete");
  requireRight(to, "create");
}

type Destination = Pick<NodeState, "parentId" | "name">;

async function place(
  tx: Transactor,
  by: DriveAccess,
  modseq: number,
  node: NodeRow & { parent_id: string },
  to: Destination,
): Promise<void> {
  const hasMoved = node.parent_id !== to.parentId;
  // A name is left behind by a rename too: it is what clients that synchronize a folder know a node by.
  await recordDepartures(tx, by, "files", modseq, [departureOf(node)]);
  recordHistory(tx, by, modseq, by, {
    ...{ action: hasMoved ? "moved" : "renamed", nodeId: node.id, kind: node.kind, files: node.tree_files },
    before: stateOf(node),
    after: { ...to, versionId: node.version_id },
  });
  await attach(tx, node, to, modseq);
  const { tree_bytes: bytes, tree_files: files } = node;
  await touchAncestors(tx, node.organization_id, modseq, [
    { folderId: node.parent_id, bytes: -bytes, files: -files },
    { folderId: to.parentId, bytes, files },
  ]);
}

async function placeAcross(
  tx: Transactor,
  { from, to, modseqs }: { from: DriveAccess; to: DriveAccess; modseqs: { from: number; to: number } },
  node: NodeRow & { parent_id: string },
  destination: Destination,
): Promise<void> {
  const { tree_bytes: bytes, tree_files: files } = node;
  const common = { nodeId: node.id, kind: node.kind, files };
  if (!(await isOwner(tx, from))) await leaveCopy(tx, from, modseqs.from, node);
  await chargeQuota(tx, from, "files", -bytes);
  await chargeQuota(tx, to, "files", bytes);
  await recordDepartures(tx, from, "files", modseqs.from, [departureOf(node)]);
  recordHistory(tx, from, modseqs.from, from, { ...common, action: "left", before: stateOf(node) });
  recordHistory(tx, to, modseqs.to, to, {
    ...{ ...common, action: "arrived" },
    after: { ...destination, versionId: node.version_id },
  });
  await touchAncestors(tx, from.organizationId, modseqs.from, [
    { folderId: node.parent_id, bytes: -bytes, files: -files },
  ]);
  await moveAcross(tx, node.id, from, to, modseqs.to);
  await attach(tx, node, destination, modseqs.to);
  await touchAncestors(tx, to.organizationId, modseqs.to, [{ folderId: destination.parentId, bytes, files }]);
}

async function isOwner(tx: Transactor, { organizationId, accountId, viewer }: DriveAccess): Promise<boolean> {
  const { owner_id } = await tx
    .selectFrom("account")
    .select("owner_id")
    .where("organization_id", "=", organizationId)
    .where("id", "=", accountId)
    .executeTakeFirstOrThrow();
  return viewer?.principalId === owner_id && viewer.organizationId === organizationId;
}

/** Who takes something out of a space that is not theirs deletes it there: it stays recoverable for those who had it. */
async function leaveCopy(
  tx: Transactor,
  from: DriveAccess,
  modseq: number,
  node: NodeRow & { parent_id: string },
): Promise<void> {
  await copySubtree(tx, node.id, {
    ...{ organizationId: from.organizationId, accountId: from.accountId, parentId: node.parent_id, name: node.name },
    ...{ isDeleted: true, modseq, principalId: from.viewer?.principalId ?? null },
    principalOrganizationId: from.viewer?.organizationId ?? null,
  });
}

async function attach(tx: Transactor, node: NodeRow, to: Destination, modseq: number): Promise<void> {
  await tx
    .updateTable("drive_node")
    .set({ parent_id: to.parentId, name: to.name, modseq, tree_modseq: modseq })
    .where("organization_id", "=", node.organization_id)
    .where("id", "=", node.id)
    .execute();
}

function departureOf(node: NodeRow & { parent_id: string }) {
  return { kind: "node", collectionId: node.parent_id, objectId: node.id };
}

function stateOf(node: NodeRow & { parent_id: string }): NodeState {
  return { parentId: node.parent_id, name: node.name, versionId: node.version_id };
}
