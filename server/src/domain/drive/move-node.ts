import type { Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { readChain } from "../../store/drive/read-chain.ts";
import { readHeight } from "../../store/drive/read-height.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { recordDepartures } from "../../store/feed/record-departures.ts";
import { type AccountKey, takeModseqs } from "../../store/feed/take-modseq.ts";
import { requireRight } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { chargeQuota } from "../quota/charge-quota.ts";
import { nodeTypes } from "./change-tree.ts";
import { findChild, freeName, nameTaken } from "./find-child.ts";
import type { DriveAccess, DriveDeps, DriveNode, OnConflict } from "./model.ts";
import { moveAcross } from "./move-across.ts";
import { checkName } from "./node-name.ts";
import { type Reached, reachFolder, reachNode, requireDepth, requireMovable } from "./reach-node.ts";
import { viewNode } from "./read-node.ts";
import { putInTrash } from "./trash-node.ts";

export interface Move {
  /** Where to; its own folder when absent. */
  folderId?: string;
  /** The access of the destination when it is another account of the same organization. */
  toAccess?: DriveAccess;
  /** Its own name when absent. */
  name?: string;
  /** `replace` puts what has the name in the trash. */
  onConflict?: OnConflict;
}

/**
 * Moves and renames: one row, whatever is beneath. To another account it takes the whole tree there, with its quota.
 * @throws DomainError `forbidden`, `not_found`, `invalid` (name, `too_deep`), `already_exists`, `conflict` (`into_itself`,
 *   `not_a_folder`), `over_quota`
 */
export async function moveNode(deps: DriveDeps, access: DriveAccess, nodeId: string, move: Move): Promise<DriveNode> {
  const to = move.toAccess ?? access;
  const isAcross = to.accountId !== access.accountId;
  requireRight(access, isAcross ? "delete" : "write");
  requireRight(to, "write");
  requireSameOrganization(access, to);
  const givenName = move.name === undefined ? undefined : checkName(move.name);
  await deps.store.transact(async (tx) => {
    const modseqs = await takeModseqs(tx, [access, to], "files", nodeTypes);
    const modseq = modseqs.get(to.accountId)!;
    const source = await reachNode(tx, access, nodeId);
    const node = requireMovable(source);
    const target = await reachFolder(tx, to, move.folderId ?? node.parent_id);
    await requireFits(tx, node, target);
    const name = await settleName(
      tx,
      { access: to, modseq, target, node, name: givenName ?? node.name },
      move.onConflict,
    );
    if (name === undefined) return; // already there
    const departure = { kind: "node", collectionId: node.parent_id, objectId: node.id };
    if (isAcross) {
      const sourceModseq = modseqs.get(access.accountId)!;
      await chargeQuota(tx, access, "files", -node.tree_bytes);
      await chargeQuota(tx, to, "files", node.tree_bytes);
      await recordDepartures(tx, access, "files", sourceModseq, [departure]);
      await touchAncestors(tx, access.organizationId, sourceModseq, [
        { folderId: node.parent_id, bytes: -node.tree_bytes },
      ]);
      await moveAcross(tx, node.id, access, to, modseq);
    } else if (target.node.id !== node.parent_id) {
      await recordDepartures(tx, access, "files", modseq, [departure]);
    }
    await tx
      .updateTable("drive_node")
      .set({ parent_id: target.node.id, name, modseq, tree_modseq: modseq })
      .where("organization_id", "=", node.organization_id)
      .where("id", "=", node.id)
      .execute();
    await touchAncestors(tx, node.organization_id, modseq, [
      ...(isAcross ? [] : [{ folderId: node.parent_id, bytes: -node.tree_bytes }]),
      { folderId: target.node.id, bytes: node.tree_bytes },
    ]);
  });
  return viewNode(deps.store.read, to.organizationId, nodeId);
}

/** @throws DomainError `conflict` (`into_itself`), `invalid` (`too_deep`) */
export async function requireFits(tx: Transactor, node: NodeRow, target: Reached): Promise<void> {
  if (target.chain.some((row) => row.id === node.id)) {
    throw new DomainError("conflict", "A folder cannot be put in itself", { data: { reason: "into_itself" } });
  }
  const height = node.kind === "folder" ? await readHeight(tx, node.organization_id, node.id) : 1;
  requireDepth(target.depth + height);
}

interface Place {
  access: DriveAccess;
  modseq: number;
  target: Reached;
  node: NodeRow;
  name: string;
}

/** @returns the name to take there; undefined when the node has that place and name already */
async function settleName(tx: Transactor, place: Place, onConflict: OnConflict = "fail"): Promise<string | undefined> {
  const existing = await findChild(tx, place.target.node, place.name);
  if (!existing) return place.name;
  if (existing.id === place.node.id) return undefined;
  return resolveConflict(tx, place, existing, onConflict);
}

/** @returns the name to take: another one, or the same once what had it is in the trash */
export async function resolveConflict(
  tx: Transactor,
  place: Place,
  existing: NodeRow,
  onConflict: OnConflict,
): Promise<string> {
  if (onConflict === "fail") throw nameTaken(place.name);
  if (onConflict === "rename") return freeName(tx, place.target.node, place.name, place.node.kind);
  requireRight(place.access, "delete");
  if (existing.kind === "folder" && (await holds(tx, existing, place.node))) {
    throw new DomainError("conflict", "What would be replaced holds what is moved", {
      data: { reason: "into_itself" },
    });
  }
  await putInTrash(tx, place.access, place.modseq, existing as NodeRow & { parent_id: string });
  return place.name;
}

async function holds(tx: Transactor, folder: NodeRow, node: NodeRow): Promise<boolean> {
  return (await readChain(tx, node.organization_id, node.id)).some((row) => row.id === folder.id);
}

/** Blobs belong to an organization; a copy of the bytes into another one is an upload. @throws DomainError `forbidden` */
export function requireSameOrganization(from: AccountKey, to: AccountKey): void {
  if (from.organizationId !== to.organizationId) {
    throw new DomainError("forbidden", "Between organizations files are downloaded and uploaded");
  }
}
