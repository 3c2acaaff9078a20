import type { Reader } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { findNodeByFileId } from "../../store/drive/read-by-file-id.ts";
import { readChain } from "../../store/drive/read-chain.ts";
import { readChildren, readChildrenPage } from "../../store/drive/read-children.ts";
import { walkToEnd } from "../../store/drive/walk-names.ts";
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
  return (await findPlaceInFolder(reader, drive, names)).place;
}

/** The same with the folder that it is in, or would be in; of what is mounted itself, and of the root, the folder is not looked up. */
export async function findPlaceInFolder(
  reader: Reader,
  drive: OpenedDrive,
  names: readonly string[],
): Promise<{ place?: Place | undefined; folder?: Place | undefined }> {
  if (!names.every((name) => name.isWellFormed() && !name.includes("\0"))) return {};
  const wanted = names.map((name) => name.normalize("NFC"));
  const mount = drive.mounts.find((each) => each.names.every((name, index) => wanted[index] === name));
  const rest = wanted.slice(mount?.names.length ?? 0);
  const { access, top } = mount ? { access: mount.access, top: mount.target } : { access: drive.own, top: drive.root };
  if (rest.length === 0) return { place: placeOf(access, top, wanted, mount) };
  const { node, folder } = await walkToEnd(reader, access.organizationId, top.id, rest);
  return {
    place: node && placeOf(access, node, wanted, mount),
    folder: folder && placeOf(access, folder, wanted.slice(0, -1), mount),
  };
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

/** Folders whose children are read together, and the most rows at once. */
const batch = 100;
const pageSize = 1_000;

/**
 * All that is beneath a folder for the viewer, in no order but that a folder comes before what it holds. In memory are a page of rows,
 * and the folders that are still to be read.
 */
export async function* walkPlaces(reader: Reader, drive: OpenedDrive, folder: Place): AsyncGenerator<Place> {
  const open: Place[] = folder.node.kind === "folder" ? [folder] : [];
  while (open.length > 0) {
    const last = open.at(-1)!.node.organization_id;
    const start = open.findLastIndex(({ node }) => node.organization_id !== last) + 1;
    const folders = open.splice(Math.max(start, open.length - batch));
    for await (const place of placesIn(reader, drive, last, folders)) {
      yield place;
      if (place.node.kind === "folder") open.push(place);
    }
  }
}

async function* placesIn(
  reader: Reader,
  drive: OpenedDrive,
  organizationId: string,
  folders: readonly Place[],
): AsyncGenerator<Place> {
  const byId = new Map(folders.map((each) => [each.node.id, each]));
  let after: NodeRow | undefined;
  do {
    const rows = await readChildrenPage(reader, organizationId, [...byId.keys()], after, pageSize);
    for (const row of rows) {
      const parent = byId.get(row.parent_id!)!;
      yield placeOf(parent.access, row, [...parent.names, row.name], parent.mount);
    }
    after = rows.length < pageSize ? undefined : rows.at(-1);
  } while (after);
  for (const each of folders) yield* mountsIn(drive, each).map(mountPlace);
}

/** The place of a mount itself. */
export function mountPlace(mount: Mount): Place {
  return placeOf(mount.access, mount.target, mount.names, mount);
}

function withMounts(drive: OpenedDrive, folder: Place, places: Place[]): Place[] {
  const mounts = mountsIn(drive, folder);
  if (mounts.length === 0) return places;
  return [...places, ...mounts.map(mountPlace)].sort((a, b) => (a.names.at(-1)! < b.names.at(-1)! ? -1 : 1));
}

function mountsIn(drive: OpenedDrive, folder: Place): Mount[] {
  return folder.mount ? [] : drive.mounts.filter((each) => each.parentId === folder.node.id);
}

function placeOf(access: DriveAccess, node: NodeRow, names: readonly string[], mount?: Mount): Place {
  return { access, node, names, isMountPoint: node.id === mount?.target.id, ...(mount && { mount }) };
}

function namesFrom(chain: readonly NodeRow[], topId: string): string[] {
  return chain.slice(chain.findIndex((row) => row.id === topId) + 1).map((row) => row.name);
}
