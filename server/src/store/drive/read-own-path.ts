import { inlineLimit } from "../blobs/blobs.ts";
import type { Reader } from "../database.ts";
import { type Prepared, prepare } from "../prepared.ts";
import type { NodeRow } from "./node-row.ts";

interface Viewer {
  organizationId: string;
  principalId: string;
}

/** Deeper than this the viewer's drive is opened, which walks any number of names. */
export const deepestPath = 12;

const root = `(SELECT n.id FROM account a JOIN drive_node n ON n.organization_id = a.organization_id AND n.account_id = a.id
    WHERE a.organization_id = $1::uuid AND a.owner_id = $2::uuid AND a.deleted_at IS NULL AND n.parent_id IS NULL AND n.state = 'live')`;

/** The member that has the name `at` of `$3` in the folder whose id is given. */
const member = (columns: string, folderId: string, at: number): string =>
  `SELECT ${columns} FROM drive_node c WHERE c.organization_id = $1::uuid AND c.parent_id = ${folderId}
    AND c.name = ($3::text[])[${at}] AND c.state = 'live'`;

/** The id of the folder that this many names lead to. A step in each other: a recursion would take as long again as all the rest. */
const folder = (depth: number): string => (depth === 0 ? root : `(${member("c.id", folder(depth - 1), depth)})`);

/** A statement for each number of names. */
function byDepth<Row>(name: string, text: (depth: number) => string): (depth: number) => Prepared<Row> {
  const made = Array.from({ length: deepestPath }, (_, index) =>
    prepare<Row>(`${name}_${index + 1}`, text(index + 1), { isBrief: true }),
  );
  return (depth) => made[depth - 1]!;
}

const selectPath = byDepth<NodeRow & { is_folder: boolean; is_mounted: boolean }>(
  "drive_own_path",
  (depth) => `WITH folder AS MATERIALIZED (
    SELECT * FROM (SELECT * FROM drive_node WHERE organization_id = $1::uuid AND id = ${folder(depth - 1)} OFFSET 0) f WHERE f.state = 'live'
  )
  SELECT f.*, true AS is_folder, EXISTS (SELECT FROM drive_mount m WHERE m.organization_id = $1::uuid AND m.principal_id = $2::uuid
    AND m.parent_id = f.id AND m.name = ($3::text[])[${depth}] AND NOT m.is_hidden) AS is_mounted FROM folder f
  UNION ALL
  SELECT n.*, false, false FROM (${member("*", "(SELECT f.id FROM folder f)", depth)} OFFSET 0) n`,
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
 * @param names NFC, at least one and at most `deepestPath`
 * @returns undefined when there is no such folder there
 */
export async function readOwnPath(
  reader: Reader,
  viewer: Viewer,
  names: readonly string[],
): Promise<OwnPathRows | undefined> {
  const rows = await selectPath(names.length).execute(reader, [viewer.organizationId, viewer.principalId, names]);
  const folder = rows.find((row) => row.is_folder);
  return folder && { node: rows.find((row) => !row.is_folder), folder, isMounted: folder.is_mounted };
}

const selectFile = byDepth<NodeRow & { data: Buffer | null }>(
  "drive_own_file",
  (
    depth,
  ) => `SELECT c.*, CASE WHEN c.size BETWEEN 1 AND ${inlineLimit} THEN (SELECT b.data FROM file_segment s, LATERAL (
      SELECT data, size FROM blob WHERE organization_id = $1::uuid AND id = s.blob_id OFFSET 0) b
    WHERE s.organization_id = $1::uuid AND s.version_id = c.version_id AND s.ordinal = 0 AND s.length = c.size AND b.size = c.size) END AS data
  FROM (${member("*", folder(depth - 1), depth)} OFFSET 0) c`,
);

/**
 * The node at a path of the viewer's own drive, and its bytes when they are few and in one piece in the database.
 * @param names NFC, at least one and at most `deepestPath`
 */
export async function readOwnFile(
  reader: Reader,
  viewer: Viewer,
  names: readonly string[],
): Promise<(NodeRow & { data: Buffer | null }) | undefined> {
  const [row] = await selectFile(names.length).execute(reader, [viewer.organizationId, viewer.principalId, names]);
  return row;
}
