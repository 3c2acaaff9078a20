import type { Reader } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { findNodeByFileId } from "../../store/drive/read-by-file-id.ts";
import { readChain, readLivePaths } from "../../store/drive/read-chain.ts";
import { readChildren } from "../../store/drive/read-children.ts";
import { readTrashed, type TrashedName, type TrashedRow } from "../../store/drive/read-trashed.ts";
import { walkNames } from "../../store/drive/walk-names.ts";
import type { DriveAccess, DriveDeps } from "./model.ts";
import type { Mount, OpenedDrive } from "./open-drive.ts";
import { type OpenedFile, openVersion } from "./open-file.ts";
import { notFound } from "./reach-node.ts";

/** Something in the trash of a viewer's own drive, or of a team folder from which they may delete. */
export interface TrashedPlace {
  access: DriveAccess;
  node: NodeRow;
  removedAt: Date;
  /** Undefined for somebody of elsewhere, or who is gone. */
  removedBy: { uid: string; displayName: string } | undefined;
  /** Names from the viewer's root to the folder to which it would go back. */
  from: readonly string[];
}

/** What a listing holds at most. */
const most = 10_000;

/** All of it, the last thing first; or what has a name and was put there in a second. */
export async function listViewerTrash(
  reader: Reader,
  drive: OpenedDrive,
  wanted?: TrashedName,
): Promise<TrashedPlace[]> {
  const spaces = spacesOf(drive);
  const rows = await readTrashed(
    reader,
    spaces.map(({ access }) => access),
    most,
    wanted,
  );
  const paths = new Map<string, string[]>();
  for (const [organizationId, those] of Map.groupBy(rows, (row) => row.organization_id)) {
    const folders = [...new Set(those.flatMap((row) => row.removed_from ?? []))];
    for (const [id, names] of await readLivePaths(reader, organizationId, folders)) paths.set(id, names);
  }
  return rows.flatMap((row) => {
    const space = spaces.find(({ access }) => access.accountId === row.account_id);
    return space ? toPlace(row, space, paths.get(row.removed_from ?? "") ?? []) : [];
  });
}

interface Space {
  access: DriveAccess;
  mount?: Mount;
}

/** A share ends at what is shared: what was deleted from it is in its owner's trash. */
function spacesOf(drive: OpenedDrive): Space[] {
  const teamFolders = drive.mounts.filter(({ kind, access }) => kind === "team_folder" && access.rights.has("delete"));
  return [{ access: drive.own }, ...teamFolders.map((mount) => ({ access: mount.access, mount }))];
}

function toPlace(row: TrashedRow, { access, mount }: Space, path: readonly string[]): TrashedPlace {
  const { removed_at, removed_by_uid: uid, removed_by_name: displayName } = row;
  return {
    access,
    node: row,
    removedAt: removed_at,
    removedBy: uid !== null && displayName !== null ? { uid, displayName } : undefined,
    from: [...(mount?.names ?? []), ...path],
  };
}

/** What lies beneath something in the trash. */
export function listTrashedFolder(reader: Reader, node: NodeRow): Promise<NodeRow[]> {
  return node.kind === "folder" ? readChildren(reader, node.organization_id, node.id) : Promise.resolve([]);
}

/** The node that names lead to from something in the trash; itself without names. */
export async function findInTrashed(
  reader: Reader,
  node: NodeRow,
  names: readonly string[],
): Promise<NodeRow | undefined> {
  if (names.length === 0) return node;
  const wanted = names.map((name) => name.normalize("NFC"));
  return walkNames(reader, node.organization_id, node.id, wanted);
}

/** The bytes of a file in the trash, or beneath a folder that is: to be reached by `listViewerTrash`. @throws DomainError `not_found` */
export async function openTrashedFile(deps: DriveDeps, node: NodeRow): Promise<OpenedFile> {
  const { version_id: versionId } = node;
  if (versionId === null) throw notFound();
  return {
    name: node.name,
    contentType: node.content_type,
    modifiedAt: node.modified_at,
    versionId,
    source: await openVersion(deps, node.organization_id, versionId),
  };
}

/** What is in the trash under a number, or beneath a folder that is. */
export async function findTrashedByFileId(
  reader: Reader,
  drive: OpenedDrive,
  fileId: number,
): Promise<{ access: DriveAccess; node: NodeRow } | undefined> {
  const found = Number.isSafeInteger(fileId) && fileId > 0 ? await findNodeByFileId(reader, fileId) : undefined;
  if (!found) return undefined;
  const chain = await readChain(reader, found.organization_id, found.id);
  const [top] = chain;
  const node = chain.at(-1);
  const access = spacesOf(drive).find((each) => each.access.accountId === node?.account_id)?.access;
  const isThere =
    top?.parent_id === null && top.state === "trashed" && chain.slice(1).every(({ state }) => state === "live");
  return access && node && isThere ? { access, node } : undefined;
}
