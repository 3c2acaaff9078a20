import type { Reader } from "../../store/database.ts";
import { putMount } from "../../store/drive/put-mount.ts";
import type { DriveTopRow } from "../../store/drive/read-drive.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import type { Viewer } from "../identity/viewer.ts";
import { changeTree } from "./change-tree.ts";
import { freeName } from "./find-child.ts";
import type { DriveAccess, DriveDeps } from "./model.ts";
import { cutName } from "./node-name.ts";

/**
 * Gives a place to what is shared with a viewer and has none: in the root of their drive, by its name, or the first free
 * « name (2) ». So does one whose folder is in the trash, or whose name was taken while nobody shared it.
 * @param readUnplaced those that have none, read again under the lock of the viewer's tree
 */
export async function placeMounts(
  deps: Pick<DriveDeps, "store">,
  drive: { viewer: Viewer; own: DriveAccess; root: { organization_id: string; id: string } },
  readUnplaced: (reader: Reader) => Promise<readonly DriveTopRow[]>,
): Promise<void> {
  const { organizationId, accountId } = drive.own;
  // Nobody's act: a device that is paused sees it too.
  await changeTree(deps, { organizationId, accountId }, async (tx, modseq) => {
    for (const row of await readUnplaced(tx)) {
      const isThere = row.mount_parent_id !== null && row.above_ids?.[0] === drive.root.id;
      const folder = isThere ? { organization_id: organizationId, id: row.mount_parent_id! } : drive.root;
      const wanted = row.mount_name ?? mountName(row);
      const name = await freeName(tx, folder, wanted, row.kind);
      await putMount(tx, {
        organizationId,
        principalId: drive.viewer.principalId,
        target: row,
        parentId: folder.id,
        name,
      });
      await touchAncestors(tx, organizationId, modseq, [{ folderId: folder.id, bytes: 0, files: 0 }]);
    }
  });
}

/** A team folder has the name of its owner, who may be called anything. */
function mountName(row: DriveTopRow): string {
  return row.granted === "team_folder" ? cutName(row.owner_name) : row.name;
}
