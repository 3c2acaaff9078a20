import type { NodeRow } from "../../store/drive/node-row.ts";
import { deepestPath, readOwnFile, readOwnPath } from "../../store/drive/read-own-path.ts";
import { driveRights } from "../access/account-access.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { Place } from "./drive-place.ts";
import type { DriveAccess, DriveActor, DriveDeps } from "./model.ts";
import { type OpenedFile, openReached, openSmall } from "./open-file.ts";

/**
 * A file of the viewer's own drive, found and read by one statement: most of what clients read, without opening the drive with all
 * that is mounted in it. Where something of one's own has a name, nothing mounted is seen by it.
 * @returns undefined for all else: a folder, what is mounted or beneath it, what is not there or very deep
 */
export async function findOwnFile(
  deps: DriveDeps,
  viewer: Viewer,
  device: DriveActor["device"],
  names: readonly string[],
): Promise<{ place: Place; open(): Promise<OpenedFile> } | undefined> {
  const wanted = wantedNames(names);
  const row = wanted && (await readOwnFile(deps.store.read, viewer, wanted));
  if (row?.kind !== "file") return undefined;
  const { data, ...node } = row;
  const place = placeOf(ownAccess(viewer, device, node), node, wanted!);
  return { place, open: async () => (data ? openSmall(node, data) : openReached(deps, place.access, node)) };
}

export interface OwnPath {
  /** Undefined: nothing has that name, of one's own or mounted. */
  file: Place | undefined;
  /** Where it is, or would be. */
  folder: Place;
}

/**
 * The place of a file in the viewer's own drive, there or not, in the same way.
 * @returns undefined for all else: a folder, what is mounted or beneath it, what has no folder or is very deep
 */
export async function findOwnPath(
  deps: Pick<DriveDeps, "store">,
  viewer: Viewer,
  device: DriveActor["device"],
  names: readonly string[],
): Promise<OwnPath | undefined> {
  const wanted = wantedNames(names);
  const rows = wanted && (await readOwnPath(deps.store.read, viewer, wanted));
  if (rows?.folder.kind !== "folder" || rows.node?.kind === "folder") return undefined;
  if (!rows.node && rows.isMounted) return undefined;
  const access = ownAccess(viewer, device, rows.folder);
  return {
    file: rows.node && placeOf(access, rows.node, wanted!),
    folder: placeOf(access, rows.folder, wanted!.slice(0, -1)),
  };
}

function wantedNames(names: readonly string[]): string[] | undefined {
  const isPossible =
    names.length > 0 &&
    names.length <= deepestPath &&
    names.every((name) => name.isWellFormed() && !name.includes("\0") && !name.includes("/"));
  return isPossible ? names.map((name) => name.normalize("NFC")) : undefined;
}

function ownAccess(viewer: Viewer, device: DriveActor["device"], node: NodeRow): DriveAccess {
  return {
    organizationId: node.organization_id,
    accountId: node.account_id,
    rights: new Set(driveRights),
    viewer,
    actor: device && { device },
  };
}

function placeOf(access: DriveAccess, node: NodeRow, names: readonly string[]): Place {
  return { access, node, names, isMountPoint: false };
}
