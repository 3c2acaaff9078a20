import type { Reader } from "../../store/database.ts";
import {
  countChildren,
  countComments,
  readFavorites,
  readSharees,
  readShareNotes,
  readTags,
  readVersions,
  type ShareeRow,
  type VersionRow,
} from "../../store/drive/read-node-details.ts";
import { type Quota, readQuota } from "../quota/charge-quota.ts";
import type { Place } from "./drive-place.ts";
import { listLocks } from "./locks/list-locks.ts";
import type { NodeLock } from "./locks/node-lock.ts";
import type { OpenedDrive } from "./open-drive.ts";
import { type NodeProperty, readNodeProperties } from "./properties/node-properties.ts";

/** What can be asked of places beside their rows. */
export type Detail =
  | "version"
  | "favorite"
  | "sharees"
  | "tags"
  | "comments"
  | "children"
  | "locks"
  | "properties"
  | "quota"
  | "note";

export type Sharee = Pick<ShareeRow, "kind" | "uid"> & { displayName: string };

/** By the id of the node; what was not asked for is empty. */
export interface PlaceDetails {
  versions: ReadonlyMap<string, VersionRow>;
  favorites: ReadonlySet<string>;
  sharees: ReadonlyMap<string, readonly Sharee[]>;
  tags: ReadonlyMap<string, readonly { number: number; name: string }[]>;
  comments: ReadonlyMap<string, { count: number; unread: number }>;
  folders: ReadonlyMap<string, number>;
  files: ReadonlyMap<string, number>;
  locks: ReadonlyMap<string, readonly NodeLock[]>;
  properties: ReadonlyMap<string, readonly NodeProperty[]>;
  /** By the id of the account. */
  quotas: ReadonlyMap<string, Quota>;
  /** By the number of the share. */
  notes: ReadonlyMap<number, string>;
}

/**
 * Reads what a listing shows of many places: one query for each detail and organization, all at once, whatever their number.
 */
export async function describePlaces(
  reader: Reader,
  drive: OpenedDrive,
  places: readonly Place[],
  wanted: ReadonlySet<Detail>,
): Promise<PlaceDetails> {
  const details = {
    versions: new Map<string, VersionRow>(),
    favorites: new Set<string>(),
    sharees: new Map<string, Sharee[]>(),
    tags: new Map<string, { number: number; name: string }[]>(),
    comments: new Map<string, { count: number; unread: number }>(),
    folders: new Map<string, number>(),
    files: new Map<string, number>(),
    locks: new Map<string, readonly NodeLock[]>(),
    properties: new Map<string, readonly NodeProperty[]>(),
    quotas: new Map<string, Quota>(),
    notes: new Map<number, string>(),
  };
  const reads: Promise<void>[] = [];
  const ask = <T>(detail: Detail, read: () => Promise<T>, keep: (found: T) => void): void => {
    if (wanted.has(detail)) reads.push(read().then(keep));
  };
  for (const [organizationId, those] of Map.groupBy(places, (place) => place.node.organization_id)) {
    const ids = those.map(({ node }) => node.id);
    const versionIds = those.flatMap(({ node }) => node.version_id ?? []);
    const folderIds = those.filter(({ node }) => node.kind === "folder").map(({ node }) => node.id);
    // Who may share something knows with whom it is shared.
    const shareable = those.filter(({ access }) => access.rights.has("share")).map(({ node }) => node.id);
    ask(
      "version",
      () => readVersions(reader, organizationId, versionIds),
      (rows) => rows.forEach((row) => void details.versions.set(row.id, row)),
    );
    ask(
      "favorite",
      () => readFavorites(reader, drive.viewer, organizationId, ids),
      (rows) => rows.forEach((row) => void details.favorites.add(row.node_id)),
    );
    ask(
      "sharees",
      () => readSharees(reader, organizationId, shareable),
      (rows) =>
        rows.forEach((row) => void append(details.sharees, row.node_id, { ...row, displayName: row.display_name })),
    );
    ask(
      "tags",
      () => readTags(reader, organizationId, ids),
      (rows) => rows.forEach((row) => void append(details.tags, row.node_id, row)),
    );
    ask(
      "comments",
      () => countComments(reader, drive.viewer, organizationId, ids),
      (rows) => rows.forEach((row) => void details.comments.set(row.node_id, row)),
    );
    ask(
      "children",
      () => countChildren(reader, organizationId, folderIds),
      (rows) =>
        rows.forEach((row) => void details[row.kind === "folder" ? "folders" : "files"].set(row.node_id, row.count)),
    );
    ask(
      "properties",
      () => readNodeProperties(reader, organizationId, ids),
      (found) => found.forEach((properties, id) => void details.properties.set(id, properties)),
    );
  }
  for (const [accountId, those] of Map.groupBy(places, (place) => place.node.account_id)) {
    const { access } = those[0]!;
    const ids = those.map(({ node }) => node.id);
    ask(
      "locks",
      () => listLocks(reader, access, ids),
      (found) => found.forEach((locks, id) => void details.locks.set(id, locks)),
    );
    ask(
      "quota",
      () => readQuota(reader, access, "files"),
      (quota) => void details.quotas.set(accountId, quota),
    );
  }
  const shareNumbers = places.flatMap(({ mount, isMountPoint }) => (isMountPoint && mount?.shareNumber) || []);
  if (shareNumbers.length > 0) {
    ask(
      "note",
      () => readShareNotes(reader, shareNumbers),
      (rows) => rows.forEach((row) => void details.notes.set(row.share_number, row.note ?? "")),
    );
  }
  await Promise.all(reads);
  return details;
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key) ?? [];
  values.push(value);
  map.set(key, values);
}
