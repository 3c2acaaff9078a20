import { hash } from "node:crypto";
import type { Reader } from "../../store/database.ts";
import { readArrivedFolders, readSyncEvents, type SyncEvent } from "../../store/drive/read-sync-events.ts";
import { readFeed } from "../../store/feed/take-modseq.ts";
import { DomainError } from "../errors.ts";
import { mountPlace, type Place, walkPlaces } from "./drive-place.ts";
import type { Mount, OpenedDrive } from "./open-drive.ts";
import { placeNodes } from "./place-nodes.ts";

/** How far somebody knows a folder. */
export interface SyncMark {
  /** Of the folder. */
  fileId: number;
  grantsEpoch: number;
  /** Departures up to this modseq were known, or never mattered. */
  since: number;
  /** The last event that was told; the nil UUID at the end of a whole modseq. */
  modseq: number;
  nodeId: string;
  /** What the files that are mounted alone beneath the folder hold: eight hexadecimal digits. Their changes are in other feeds. */
  mountedFiles: string;
}

export type SyncedMember =
  | { readonly names: readonly string[]; readonly place: Place }
  /** Gone from there. */
  | { readonly names: readonly string[]; readonly place?: undefined };

export interface FolderChanges {
  members: SyncedMember[];
  /** Folders that are mounted in the folder, at the first time: they are synchronized by themselves. */
  mounts: Place[];
  next: SyncMark;
  hasMore: boolean;
}

const nil = "00000000-0000-0000-0000-000000000000";
const last = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const batch = 1_000;

/** Where somebody stands who knows a folder as it is now. */
export async function readSyncMark(reader: Reader, drive: OpenedDrive, folder: Place): Promise<SyncMark> {
  const feed = await readFeed(reader, folder.access, "files");
  return markOf(drive, folder, feed?.modseq ?? 0);
}

function markOf(drive: OpenedDrive, folder: Place, modseq: number): SyncMark {
  const { file_id: fileId } = folder.node;
  const mountedFiles = digestOf(mountsBeneath(drive, folder).filter(isFile));
  return { fileId, grantsEpoch: drive.grantsEpoch, since: modseq, modseq, nodeId: last, mountedFiles };
}

function mountsBeneath(drive: OpenedDrive, folder: Place): Mount[] {
  return folder.mount ? [] : drive.mounts.filter((mount) => isBeneath(mount.names, folder.names));
}

function isFile({ target }: Mount): boolean {
  return target.kind === "file";
}

function digestOf(files: readonly Mount[]): string {
  const contents = files.map(({ target }) => `${target.id} ${target.version_id}`).sort();
  return hash("sha256", contents.join("\n")).slice(0, 8);
}

/**
 * What changed in a folder, in the order of the feed; everything it holds when nothing is known yet. What came with a folder that
 * was moved is told with it, what left with one is not told apart.
 * @param options.limit of the members; those of one moved folder are not parted
 * @throws DomainError `cannot_calculate_changes` for a mark that is not of this folder, or too old
 */
export async function syncFolder(
  reader: Reader,
  drive: OpenedDrive,
  folder: Place,
  known: SyncMark | undefined,
  options: { isDeep: boolean; limit: number },
): Promise<FolderChanges> {
  const feed = await readFeed(reader, folder.access, "files");
  const modseq = feed?.modseq ?? 0;
  const from = known ?? { ...markOf(drive, folder, modseq), modseq: 0, nodeId: nil };
  const isValid =
    from.fileId === folder.node.file_id &&
    from.grantsEpoch === drive.grantsEpoch &&
    from.since <= modseq &&
    from.modseq <= modseq &&
    from.since >= (feed?.oldestModseq ?? 0) - 1;
  if (!isValid) throw new DomainError("cannot_calculate_changes", "This mark is not of this folder, or too old");
  const members: SyncedMember[] = [];
  let at = { modseq: from.modseq, nodeId: from.nodeId };
  for (;;) {
    const events = await readSyncEvents(reader, folder.access, at, from.since, batch);
    for (const group of await resolve(reader, drive, folder, events, { isDeep: options.isDeep, since: from.since })) {
      if (members.length > 0 && members.length + group.members.length > options.limit) {
        return finish(drive, folder, { ...from, ...at }, members, { isDeep: options.isDeep, hasMore: true, known });
      }
      members.push(...group.members);
      at = { modseq: group.event.modseq, nodeId: group.event.node_id };
    }
    if (events.length < batch) break;
  }
  const next = { ...from, since: modseq, modseq: Math.max(modseq, at.modseq), nodeId: last };
  return finish(drive, folder, next, members, { isDeep: options.isDeep, hasMore: false, known });
}

function finish(
  drive: OpenedDrive,
  folder: Place,
  next: SyncMark,
  members: SyncedMember[],
  options: { isDeep: boolean; hasMore: boolean; known: SyncMark | undefined },
): FolderChanges {
  const { isDeep, hasMore, known } = options;
  const all = mountsBeneath(drive, folder);
  const near = all.filter(({ names }) => isDeep || names.length === folder.names.length + 1);
  const mountedFiles = digestOf(all.filter(isFile));
  // Which of them changed is not kept: those that did not tell their old ETag again.
  const files = mountedFiles === known?.mountedFiles ? [] : near.filter(isFile).map(mountPlace);
  return {
    members: [...members, ...files.map((place) => ({ names: place.names, place }))],
    mounts: known === undefined ? near.filter((mount) => !isFile(mount)).map(mountPlace) : [],
    next: { ...next, mountedFiles },
    hasMore,
  };
}

interface Told {
  event: SyncEvent;
  members: SyncedMember[];
}

async function resolve(
  reader: Reader,
  drive: OpenedDrive,
  folder: Place,
  events: readonly SyncEvent[],
  options: { isDeep: boolean; since: number },
): Promise<Told[]> {
  const { organizationId } = folder.access;
  const nodeIds = events.filter(({ kind }) => kind === "node").map((event) => event.node_id);
  const parentIds = events.filter(({ kind }) => kind === "gone").map((event) => event.parent_id);
  const places = await placeNodes(reader, drive, organizationId, [...new Set([...nodeIds, ...parentIds])]);
  const byId = new Map(places.map((place) => [place.node.id, place]));
  const arrived = options.isDeep ? await readArrivedFolders(reader, folder.access, options.since, nodeIds) : new Set();
  const isMember = (names: readonly string[]): boolean =>
    isBeneath(names, folder.names) && (options.isDeep || names.length === folder.names.length + 1);
  const taken = await readTaken(reader, organizationId, events);
  const told: Told[] = [];
  for (const event of events) {
    const members: SyncedMember[] = [];
    if (event.kind === "gone") {
      const parent = byId.get(event.parent_id);
      const names = parent && [...parent.names, event.name];
      // Something else may have its name by now: that is told as what it is.
      if (names && isMember(names) && !taken.has(`${event.parent_id}/${event.name}`)) members.push({ names });
    } else {
      const place = byId.get(event.node_id);
      if (place && isMember(place.names)) {
        members.push({ names: place.names, place });
        if (arrived.has(event.node_id)) {
          for await (const each of walkPlaces(reader, drive, place)) {
            if (!each.isMountPoint && each.mount === place.mount) members.push({ names: each.names, place: each });
          }
        }
      }
    }
    told.push({ event, members });
  }
  return told;
}

/** Of the places that something left, those where something is again. */
async function readTaken(
  reader: Reader,
  organizationId: string,
  events: readonly SyncEvent[],
): Promise<ReadonlySet<string>> {
  const gone = events.filter(({ kind }) => kind === "gone");
  if (gone.length === 0) return new Set();
  const rows = await reader
    .selectFrom("drive_node")
    .select(["parent_id", "name"])
    .where("organization_id", "=", organizationId)
    .where("parent_id", "in", [...new Set(gone.map((event) => event.parent_id))])
    .where("name", "in", [...new Set(gone.map((event) => event.name))])
    .where("state", "=", "live")
    .execute();
  return new Set(rows.map((row) => `${row.parent_id}/${row.name}`));
}

function isBeneath(names: readonly string[], folder: readonly string[]): boolean {
  return names.length > folder.length && folder.every((name, index) => names[index] === name);
}
