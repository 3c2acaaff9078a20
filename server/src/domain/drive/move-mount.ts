import { putMount } from "../../store/drive/put-mount.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { moveGrantsEpoch } from "../identity/move-grants-epoch.ts";
import { changeTree } from "./change-tree.ts";
import { findTaker, nameTaken } from "./find-child.ts";
import type { DriveDeps } from "./model.ts";
import { checkName } from "./node-name.ts";
import type { Mount, OpenedDrive } from "./open-drive.ts";
import { reachFolder, requireDepth } from "./reach-node.ts";
import { putInTrash } from "./trash-node.ts";

export interface MountMove {
  /** A folder of the viewer's own drive. */
  parentId: string;
  name: string;
  /** `replace` puts what has the name in the trash. */
  onConflict?: "fail" | "replace";
}

/**
 * Puts a mount elsewhere in the viewer's own drive, or gives it another name there. Others see it where they did. The viewer's sync
 * tokens start again.
 * @throws DomainError `not_found`, `invalid` (name, `too_deep`), `already_exists`, `conflict` (`not_a_folder`), `paused`, `locked`
 */
export async function moveMount(deps: DriveDeps, drive: OpenedDrive, mount: Mount, to: MountMove): Promise<void> {
  const name = checkName(to.name);
  if (to.parentId === mount.parentId && name === mount.name) return;
  const { organizationId } = drive.own;
  const { principalId } = drive.viewer;
  await changeTree(
    deps,
    drive.own,
    async (tx, modseq) => {
      const folder = await reachFolder(tx, drive.own, to.parentId);
      requireDepth(folder.depth + 1);
      const existing = await findTaker(tx, folder.node, name);
      if (existing && to.onConflict !== "replace") throw nameTaken(name);
      if (existing) await putInTrash(tx, drive.own, modseq, { ...existing, parent_id: folder.node.id });
      await putMount(tx, { organizationId, principalId, target: mount.target, parentId: folder.node.id, name });
      await touchAncestors(tx, organizationId, modseq, [
        { folderId: mount.parentId, bytes: 0, files: 0 },
        { folderId: folder.node.id, bytes: 0, files: 0 },
      ]);
    },
    async (tx) => void (await moveGrantsEpoch(tx, organizationId, [principalId])),
  );
}
