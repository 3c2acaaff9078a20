import type { Reader } from "../../store/database.ts";
import { type NodeCondition, type NodeField, type NodeOrder, searchNodes } from "../../store/drive/search-nodes.ts";
import type { Place } from "./drive-place.ts";
import type { DriveAccess } from "./model.ts";
import type { OpenedDrive } from "./open-drive.ts";
import { placeNodes } from "./place-nodes.ts";

export type { NodeCondition, NodeField, NodeOperator, NodeOrder } from "../../store/drive/search-nodes.ts";

export interface PlaceSearch {
  /** The folder in which and beneath which is searched. */
  scope: Place;
  /** Only what is directly in it. */
  isShallow?: boolean;
  where: NodeCondition;
  order: readonly NodeOrder[];
  limit: number;
  offset: number;
}

const most = 5_000;
/** Rows that are read at a time; of each account so many at most, since what lies in the trash is left out after. */
const batch = 500;
const mostConsidered = 50_000;

/** What the viewer sees in a folder, mounts among it, that is as wanted; at most 5000, in the order that is asked for. */
export async function searchPlaces(reader: Reader, drive: OpenedDrive, search: PlaceSearch): Promise<Place[]> {
  const wanted = Math.min(most, search.offset + search.limit);
  const lists = accessesIn(drive, search.scope).map((access) => searchAccount(reader, drive, access, search, wanted));
  const found = (await Promise.all(lists)).flat();
  const unique = [...new Map(found.map((place) => [place.names.join("/"), place])).values()];
  return unique.sort(comparer(search.order)).slice(search.offset, wanted);
}

/** Of every account that has something in the folder, one access. */
function accessesIn(drive: OpenedDrive, scope: Place): DriveAccess[] {
  if (scope.mount) return [scope.access];
  const inside = drive.mounts.filter((mount) => scope.names.every((name, index) => mount.names[index] === name));
  const accesses = [drive.own, ...inside.map((mount) => mount.access)];
  return [...new Map(accesses.map((access) => [`${access.organizationId}/${access.accountId}`, access])).values()];
}

async function searchAccount(
  reader: Reader,
  drive: OpenedDrive,
  access: DriveAccess,
  search: PlaceSearch,
  wanted: number,
): Promise<Place[]> {
  const places: Place[] = [];
  for (let offset = 0; offset < mostConsidered && places.length < wanted; offset += batch) {
    const nodes = { viewer: drive.viewer, where: search.where, order: search.order };
    const ids = await searchNodes(reader, access, nodes, { limit: batch, offset });
    const found = await placeNodes(reader, drive, access.organizationId, ids);
    places.push(...found.filter((place) => isIn(place, search)));
    if (ids.length < batch) break;
  }
  return places;
}

function isIn({ names }: Place, { scope, isShallow }: PlaceSearch): boolean {
  const depth = names.length - scope.names.length;
  return depth > 0 && (!isShallow || depth === 1) && scope.names.every((name, index) => names[index] === name);
}

const values: Readonly<Record<NodeField, (place: Place) => string | number>> = {
  name: ({ node }) => node.name,
  content_type: ({ node }) => node.content_type,
  size: ({ node }) => node.tree_bytes,
  modified_at: ({ node }) => node.modified_at.getTime(),
  created_at: ({ node }) => node.created_at.getTime(),
  uploaded_at: ({ node }) => node.created_at.getTime(),
  file_id: ({ node }) => node.file_id,
};

/** Between accounts; within one the database has sorted, which a stable sort keeps. */
function comparer(order: readonly NodeOrder[]): (a: Place, b: Place) => number {
  return (a, b) => {
    for (const { field, isDescending } of order) {
      const [x, y] = [values[field](a), values[field](b)];
      if (x === y) continue;
      return x < y === isDescending ? 1 : -1;
    }
    return 0;
  };
}
