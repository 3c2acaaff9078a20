import type { Reader } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { findNodeByFileId } from "../../store/drive/read-by-file-id.ts";
import { readChain } from "../../store/drive/read-chain.ts";
import { readChildren, readChildrenOf } from "../../store/drive/read-children.ts";
import { walkNames } from "../../store/drive/walk-names.ts";
import type { DriveAccess } from "./model.ts";
import type { Mount, OpenedDrive } from "./open-drive.ts";
import { notFound } from "./reach-node.ts";

/** A node where a viewer sees it. */
export interface Place {
  /** With which it is read and changed. */
  access: DriveAccess;
  node: NodeRow;
  /** The mount that it is, or lies in; undefined in the viewer's own drive. */
  mount?: Mount;
  isMountPoint: boolean;
  /** From the viewer's root, without it; its own name last. */
  names: readonly string[];
}

/**
 * Where names lead in all that a viewer sees. Names are compared in NFC; no name is `..`, so no path leaves the drive.
 * @returns undefined when there is nothing
 */
export async function findPlace(
  reader: Reader,
  drive: OpenedDrive,
  names: readonly string[],
): Promise<Place | undefined> {
  if (!names.every((name) => name.isWellFormed() && !name.includes("\0"))) return undefined;
  const wanted = names.map((name) => name.normalize("NFC"));
  const mount = drive.mounts.find((each) => each.names.every((name, index) => wanted[index] === name));
  const rest = wanted.slice(mount?.names.length ?? 0);
  const { access, top } = mount ? { access: mount.access, top: mount.target } : { access: drive.own, top: drive.root };
  const node = rest.length === 0 ? top : await walkNames(reader, access.organizationId, top.id, rest);
  return node && placeOf(access, node, wanted, mount);
}

/** @throws DomainError `not_found` */
export async function resolvePlace(reader: Reader, drive: OpenedDrive, names: readonly string[]): Promise<Place> {
  const place = await findPlace(reader, drive, names);
  if (!place) throw notFound();
  return place;
}

/** Where the viewer sees the node of that number: in their own drive first, else in the mount with the most rights. */
export async function findPlaceByFileId(
  reader: Reader,
  drive: OpenedDrive,
  fileId: number,
): Promise<Place | undefined> {
  if (!Number.isSafeInteger(fileId) || fileId < 1) return undefined;
  const found = await findNodeByFileId(reader, fileId);
  if (!found) return undefined;
  const chain = await readChain(reader, found.organization_id, found.id);
  if (chain[0]?.parent_id !== null || chain.some((row) => row.state !== "live")) return undefined;
  const node = chain.at(-1)!;
  if (node.account_id === drive.own.accountId) {
    return placeOf(drive.own, node, namesFrom(chain, drive.root.id));
  }
  const [mount] = drive.mounts
    .filter((each) => chain.some((row) => row.id === each.target.id))
    .sort((a, b) => b.access.rights.size - a.access.rights.size);
  return mount && placeOf(mount.access, node, [...mount.names, ...namesFrom(chain, mount.target.id)], mount);
}

/** What a folder holds for the viewer, mounts among it, by name; empty for a file. */
export async function listPlaces(reader: Reader, drive: OpenedDrive, folder: Place): Promise<Place[]> {
  if (folder.node.kind === "file") return [];
  const rows = await readChildren(reader, folder.node.organization_id, folder.node.id);
  return withMounts(
    drive,
    folder,
    rows.map((row) => placeOf(folder.access, row, [...folder.names, row.name], folder.mount)),
  );
}

/** Folders whose children are read in one statement. */
const batch = 100;

/**
 * All that is beneath a folder for the viewer, in no order but that a folder comes before what it holds, a bounded number of
 * folders in memory for each level.
 */
export async function* walkPlaces(reader: Reader, drive: OpenedDrive, folder: Place): AsyncGenerator<Place> {
  const levels: Place[][] = [folder.node.kind === "folder" ? [folder] : []];
  while (levels.length > 0) {
    const folders = levels.at(-1)!.splice(0, batch);
    if (folders.length === 0) {
      levels.pop();
      continue;
    }
    const next: Place[] = [];
    for (const [organizationId, those] of Map.groupBy(folders, (each) => each.node.organization_id)) {
      const ids = those.map((each) => each.node.id);
      const children = Map.groupBy(await readChildrenOf(reader, organizationId, ids), (row) => row.parent_id);
      for (const parent of those) {
        const places = (children.get(parent.node.id) ?? []).map((row) =>
          placeOf(parent.access, row, [...parent.names, row.name], parent.mount),
        );
        for (const place of withMounts(drive, parent, places)) {
          yield place;
          if (place.node.kind === "folder") next.push(place);
        }
      }
    }
    levels.push(next);
  }
}

/** The place of a mount itself. */
export function mountPlace(mount: Mount): Place {
  return placeOf(mount.access, mount.target, mount.names, mount);
}

function withMounts(drive: OpenedDrive, folder: Place, places: Place[]): Place[] {
  if (folder.mount) return places;
  const mounts = drive.mounts.filter((each) => each.parentId === folder.node.id);
  if (mounts.length === 0) return places;
  return [...places, ...mounts.map(mountPlace)].sort((a, b) => (a.names.at(-1)! < b.names.at(-1)! ? -1 : 1));
}

function placeOf(access: DriveAccess, node: NodeRow, names: readonly string[], mount?: Mount): Place {
  return { access, node, names, isMountPoint: node.id === mount?.target.id, ...(mount && { mount }) };
}

function namesFrom(chain: readonly NodeRow[], topId: string): string[] {
  return chain.slice(chain.findIndex((row) => row.id === topId) + 1).map((row) => row.name);
}
