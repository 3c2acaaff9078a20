import type { Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { recordHistory } from "../../store/drive/record-history.ts";
import { removeLocksOfTree } from "../../store/drive/remove-locks.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { recordDepartures } from "../../store/feed/record-departures.ts";
import { requireRight } from "../access/account-access.ts";
import { changeTree } from "./change-tree.ts";
import { requireUnlocked } from "./locks/require-unlocked.ts";
import type { DriveAccess, DriveDeps } from "./model.ts";
import { reachNode, requireMovable } from "./reach-node.ts";

/**
 * Moves a node to the trash of its account; what is beneath goes with it, unreachable. It still counts in the quota.
 * @throws DomainError `forbidden`, `not_found`, `locked`, `paused`
 */
export async function trashNode(deps: DriveDeps, access: DriveAccess, nodeId: string): Promise<void> {
  requireRight(access, "delete");
  await changeTree(deps, access, async (tx, modseq) => {
    await putInTrash(tx, access, modseq, requireMovable(await reachNode(tx, access, nodeId), access));
  });
}

/** Under the feed's lock. Its locks end (RFC 4918 section 9.6). @throws DomainError `locked` */
export async function putInTrash(
  tx: Transactor,
  access: DriveAccess,
  modseq: number,
  node: NodeRow & { parent_id: string },
): Promise<void> {
  await requireUnlocked(tx, access, { nodes: [node.parent_id], trees: [node.id] });
  removeLocksOfTree(tx, access, node.id, ["dav", "app", "user"]);
  await tx
    .updateTable("drive_node")
    .set({
      state: "trashed",
      parent_id: null,
      removed_from: node.parent_id,
      removed_at: new Date(),
      removed_by: access.viewer?.principalId ?? null,
      modseq,
    })
    .where("organization_id", "=", access.organizationId)
    .where("id", "=", node.id)
    .execute();
  await recordDepartures(tx, access, "files", modseq, [
    { kind: "node", collectionId: node.parent_id, objectId: node.id },
  ]);
  recordHistory(tx, access, modseq, access, {
    ...{ action: "trashed", nodeId: node.id, kind: node.kind, files: node.tree_files },
    before: { parentId: node.parent_id, name: node.name, versionId: node.version_id },
  });
  await touchAncestors(tx, access.organizationId, modseq, [
    { folderId: node.parent_id, bytes: -node.tree_bytes, files: -node.tree_files },
  ]);
}
