import { inlineLimit } from "../blobs/blobs.ts";
import type { Reader } from "../database.ts";
import { type GatheredLookup, gatherLookups } from "../gathered-lookup.ts";
import type { NodeRow } from "./node-row.ts";

interface Viewer {
  organizationId: string;
  principalId: string;
}

/** Deeper than this the viewer's drive is opened, which walks any number of names. */
export const deepestPath = 12;

/** A path of somebody's own, as SQL; `path` has its names with "/" between them. */
interface Key {
  readonly organizationId: string;
  readonly principalId: string;
  readonly path: string;
}

const root = ({ organizationId, principalId }: Key): string => `(SELECT n.id FROM account a
    JOIN drive_node n ON n.organization_id = a.organization_id AND n.account_id = a.id
    WHERE a.organization_id = ${organizationId} AND a.owner_id = ${principalId} AND a.deleted_at IS NULL
      AND n.parent_id IS NULL AND n.state = 'live')`;

const nameAt = ({ path }: Key, at: number): string => `split_part(${path}, '/', ${at})`;

/** The member that has the name at this place of the path in the folder whose id is given. */
const member = (key: Key, columns: string, folderId: string, at: number): string =>
  `SELECT ${columns} FROM drive_node c WHERE c.organization_id = ${key.organizationId} AND c.parent_id = ${folderId}
    AND c.name = ${nameAt(key, at)} AND c.state = 'live'`;

/** The id of the folder that this many names lead to. A step in each other: a recursion would take as long again as all the rest. */
const folder = (key: Key, depth: number): string =>
  depth === 0 ? root(key) : `(${member(key, "c.id", folder(key, depth - 1), depth)})`;

/** A statement for each number of names. */
function byDepth<Row extends object>(
  name: string,
  text: (key: Key, depth: number) => string,
): (depth: number) => GatheredLookup<Row> {
  const made = Array.from({ length: deepestPath }, (_, index) =>
    gatherLookups<Row>(`${name}_${index + 1}`, ["uuid", "uuid", "text"], ([organizationId, principalId, path]) =>
      text({ organizationId: organizationId!, principalId: principalId!, path: path! }, index + 1),
    ),
  );
  return (depth) => made[depth - 1]!;
}

/** Looks up by a statement for its number of names. */
function lookUp<Row>(
  lookups: (depth: number) => GatheredLookup<Row>,
  on: Reader,
  { organizationId, principalId }: Viewer,
  names: readonly string[],
): Promise<readonly Row[]> {
  return lookups(names.length).find(on, [organizationId, principalId, names.join("/")]);
}

const selectPath = byDepth<NodeRow & { is_folder: boolean; is_mounted: boolean }>(
  "drive_own_path",
  (key, depth) => `WITH folder AS MATERIALIZED (
    SELECT * FROM (SELECT * FROM drive_node
      WHERE organization_id = ${key.organizationId} AND id = ${folder(key, depth - 1)} OFFSET 0) f WHERE f.state = 'live'
  )
  SELECT f.*, true AS is_folder, EXISTS (SELECT FROM drive_mount m
    WHERE m.organization_id = ${key.organizationId} AND m.principal_id = ${key.principalId}
      AND m.parent_id = f.id AND m.name = ${nameAt(key, depth)} AND NOT m.is_hidden) AS is_mounted FROM folder f
  UNION ALL
  SELECT n.*, false, false FROM (${member(key, "*", "(SELECT f.id FROM folder f)", depth)} OFFSET 0) n`,
);

export interface OwnPathRows {
  /** Undefined when nothing of the viewer's own has that name. */
  node: NodeRow | undefined;
  folder: NodeRow;
  /** Something mounted has that name there. */
  isMounted: boolean;
}

/**
 * Where names lead in the viewer's own drive, and the folder that it is in, or would be in.
 * @param names NFC, none with a slash, at least one and at most `deepestPath`
 * @returns undefined when there is no such folder there
 */
export async function readOwnPath(
  reader: Reader,
  viewer: Viewer,
  names: readonly string[],
): Promise<OwnPathRows | undefined> {
  const rows = await lookUp(selectPath, reader, viewer, names);
  const folder = rows.find((row) => row.is_folder);
  return folder && { node: rows.find((row) => !row.is_folder), folder, isMounted: folder.is_mounted };
}

const selectFile = byDepth<NodeRow & { data: Buffer | null }>(
  "drive_own_file",
  (
    key,
    depth,
  ) => `SELECT c.*, CASE WHEN c.size BETWEEN 1 AND ${inlineLimit} THEN (SELECT b.data FROM file_segment s, LATERAL (
      SELECT data, size FROM blob WHERE organization_id = ${key.organizationId} AND id = s.blob_id OFFSET 0) b
    WHERE s.organization_id = ${key.organizationId} AND s.version_id = c.version_id AND s.ordinal = 0 AND s.length = c.size AND b.size = c.size) END AS data
  FROM (${member(key, "*", folder(key, depth - 1), depth)} OFFSET 0) c`,
);

/**
 * The node at a path of the viewer's own drive, and its bytes when they are few and in one piece in the database.
 * @param names NFC, none with a slash, at least one and at most `deepestPath`
 */
export async function readOwnFile(
  reader: Reader,
  viewer: Viewer,
  names: readonly string[],
): Promise<(NodeRow & { data: Buffer | null }) | undefined> {
  const [row] = await lookUp(selectFile, reader, viewer, names);
  return row;
}
