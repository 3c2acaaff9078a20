import type { Reader } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { type DriveTopRow, readDriveTops } from "../../store/drive/read-drive.ts";
import { driveRights, type Right } from "../access/account-access.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { DriveAccess, DriveActor, DriveDeps } from "./model.ts";
import { placeMounts } from "./place-mounts.ts";
import { notFound } from "./reach-node.ts";

/** What somebody shares with the viewer, or a team folder, where the viewer sees it: in a folder of their own drive. */
export interface Mount {
  /** What the viewer may do there. It ends at the target, which for a team folder is the whole account. */
  access: DriveAccess;
  target: NodeRow;
  /** In the viewer's own drive. */
  parentId: string;
  name: string;
  /** From the viewer's root to the mount, its name last. */
  names: readonly string[];
  /** Ids of the viewer's own folders from their root to `parentId`. */
  above: readonly string[];
  kind: "share" | "team_folder";
  /** What the client API calls the share; null for a team folder. */
  shareNumber: number | null;
  owner: { organizationId: string; principalId: string; uid: string; displayName: string };
}

/** All that a viewer sees as one tree: their own drive, and what is mounted in it. */
export interface OpenedDrive {
  viewer: Viewer;
  own: DriveAccess;
  root: NodeRow;
  mounts: readonly Mount[];
  /** Another one when a grant comes, goes or is over, or a mount is moved: part of every sync token. */
  grantsEpoch: number;
}

/**
 * Opens the drive of a viewer with all that is shared with them, and gives a place to what was shared since.
 * @param device by which they come
 * @throws DomainError `not_found` for somebody without a drive
 */
export async function openDrive(
  deps: Pick<DriveDeps, "store">,
  viewer: Viewer,
  device?: DriveActor["device"],
): Promise<OpenedDrive> {
  let drive = await readDrive(deps.store.read, viewer, device);
  if (drive.unplaced.length > 0) {
    await placeMounts(deps, drive.opened, async (reader) => (await readDrive(reader, viewer, device)).unplaced);
    drive = await readDrive(deps.store.read, viewer, device);
  }
  return drive.opened;
}

async function readDrive(
  reader: Reader,
  viewer: Viewer,
  device: DriveActor["device"],
): Promise<{ opened: OpenedDrive; unplaced: DriveTopRow[] }> {
  const rows = await readDriveTops(reader, viewer);
  const root = rows.find((row) => row.granted === null);
  if (!root) throw notFound();
  const actor: DriveActor | undefined = device && { device };
  const mounts: Mount[] = [];
  const unplaced: DriveTopRow[] = [];
  // Of a team folder that is shared with them besides, a viewer has all of it.
  const teamFolders = new Set(rows.filter((row) => row.granted === "team_folder").map((row) => row.id));
  for (const row of rows) {
    if (row.granted === null || (row.granted === "share" && teamFolders.has(row.id))) continue;
    const mount = toMount(row, root, viewer, actor);
    if (mount) mounts.push(mount);
    else unplaced.push(row);
  }
  const own = {
    organizationId: root.organization_id,
    accountId: root.account_id,
    rights: new Set(driveRights),
    viewer,
    actor,
  };
  const opened = { viewer, own, root, mounts: mounts.sort(byName), grantsEpoch: root.grants_epoch };
  return { opened, unplaced: unplaced.sort((a, b) => a.file_id - b.file_id) };
}

/** @returns undefined when it has no place, or one that is gone: in the trash, or moved to a team folder */
function toMount(row: DriveTopRow, root: NodeRow, viewer: Viewer, actor: DriveActor | undefined): Mount | undefined {
  const { mount_parent_id, mount_name, above_ids, above_names } = row;
  if (mount_parent_id === null || mount_name === null || row.is_blocked) return undefined;
  if (above_ids?.[0] !== root.id) return undefined;
  const granted = new Set(row.rights);
  const isShare = row.granted === "share";
  return {
    access: {
      organizationId: row.organization_id,
      accountId: row.account_id,
      rights: new Set<Right>(driveRights.filter((right) => granted.has(right))),
      viewer,
      actor,
      ...(isShare && { subtreeId: row.id }),
    },
    target: row,
    parentId: mount_parent_id,
    name: mount_name,
    names: [...(above_names ?? []), mount_name],
    above: above_ids,
    kind: isShare ? "share" : "team_folder",
    shareNumber: row.share_number,
    owner: {
      organizationId: row.organization_id,
      principalId: row.owner_id,
      uid: row.owner_uid,
      displayName: row.owner_name,
    },
  };
}

function byName(a: Mount, b: Mount): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.target.file_id - b.target.file_id;
}
