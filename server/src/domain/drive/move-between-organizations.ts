import { requireRight } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { changeTrees } from "./change-tree.ts";
import { appear, importFor } from "./copy-between-organizations.ts";
import { requireUnlocked } from "./locks/require-unlocked.ts";
import type { DriveAccess, DriveDeps, DriveNode, Transfer } from "./model.ts";
import { reachNode, requireMovable } from "./reach-node.ts";
import { viewNode } from "./read-node.ts";
import { requireNotPaused } from "./require-not-paused.ts";
import { putInTrash } from "./trash-node.ts";

/** A tree that changes while its bytes are copied is copied again, this often. */
const attempts = 3;

/**
 * Moves into an account of another organization: a copy of the bytes, which appears in the transaction in which the original goes to the
 * trash of its own account. What was changed since it was copied is not lost: it is copied again.
 * @throws DomainError as `moveNode`; `conflict` (`changed`) for a tree that never rests
 */
export async function moveBetweenOrganizations(
  deps: DriveDeps,
  from: DriveAccess,
  nodeId: string,
  to: DriveAccess,
  transfer: Transfer,
): Promise<DriveNode> {
  requireRight(from, "write");
  requireRight(from, "delete");
  requireRight(to, "create");
  await requireNotPaused(deps.store.read, from);
  for (let attempt = 1; ; attempt++) {
    const before = requireMovable(await reachNode(deps.store.read, from, nodeId), from);
    await requireUnlocked(deps.store.read, from, { nodes: [before.parent_id], trees: [before.id] });
    try {
      const id = await importFor(deps, from, before, to, transfer, (imported) =>
        changeTrees(deps, from, to, async (tx, modseqs) => {
          const node = requireMovable(await reachNode(tx, from, nodeId), from);
          if (node.tree_modseq !== before.tree_modseq || node.modseq !== before.modseq) throw changed();
          await appear(tx, to, modseqs.to, { node, imported, transfer, action: "arrived" });
          await putInTrash(tx, from, modseqs.from, node);
        }),
      );
      return await viewNode(deps.store.read, to.organizationId, id);
    } catch (error) {
      const isChanged = error instanceof DomainError && error.data?.reason === "changed";
      if (!isChanged || attempt === attempts) throw error;
    }
  }
}

function changed(): DomainError {
  return new DomainError("conflict", "This was changed while it was moved, try again", { data: { reason: "changed" } });
}
