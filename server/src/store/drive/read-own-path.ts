import { inlineLimit } from "../blobs/blobs.ts";
import type { Reader } from "../database.ts";
import { prepare } from "../prepared.ts";
import type { NodeRow } from "./node-row.ts";
import { walkStep } from "./walk-names.ts";

interface Viewer {
  organizationId: string;
  principalId: string;
}

/** From the root of the viewer's own drive. */
const walk = `WITH RECURSIVE walk (id, level) AS (
    SELECT (SELECT n.id FROM account a JOIN drive_node n ON n.organization_id = a.organization_id AND n.account_id = a.id
      WHERE a.organization_id = $1::uuid AND a.owner_id = $2::uuid AND a.deleted_at IS NULL AND n.parent_id IS NULL AND n.state = 'live'), 0
    UNION ALL
    ${walkStep}
  )`;

const selectPath = prepare<NodeRow & { level: number; is_mounted: boolean }>(
  "drive_own_path",
  `${walk}
  SELECT n.*, walk.level, EXISTS (SELECT FROM drive_mount m WHERE m.organization_id = $1::uuid AND m.principal_id = $2::uuid
    AND m.parent_id = n.id AND m.name = ($3::text[])[walk.level + 1] AND NOT m.is_hidden) AS is_mounted
  FROM walk, LATERAL (SELECT * FROM drive_node WHERE organization_id = $1::uuid AND id = walk.id OFFSET 0) n
  WHERE walk.level >= (SELECT cardinality($3::text[])) - 1 AND n.state = 'live'`,
  { isBrief: true },
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
 * @param names NFC, at least one
 * @returns undefined when there is no such folder there
 */
export async function readOwnPath(
  reader: Reader,
  viewer: Viewer,
  names: readonly string[],
): Promise<OwnPathRows | undefined> {
  const rows = await selectPath.execute(reader, [viewer.organizationId, viewer.principalId, names]);
  const folder = rows.find((row) => row.level === names.length - 1);
  return folder && { node: rows.find((row) => row.level === names.length), folder, isMounted: folder.is_mounted };
}

const selectFile = prepare<NodeRow & { data: Buffer | null }>(
  "drive_own_file",
  `${walk}
  SELECT n.*, CASE WHEN n.size BETWEEN 1 AND ${inlineLimit} THEN (SELECT b.data FROM file_segment s, LATERAL (
      SELECT data, size FROM blob WHERE organization_id = $1::uuid AND id = s.blob_id OFFSET 0) b
    WHERE s.organization_id = $1::uuid AND s.version_id = n.version_id AND s.ordinal = 0 AND s.length = n.size AND b.size = n.size) END AS data
  FROM walk, LATERAL (SELECT * FROM drive_node WHERE organization_id = $1::uuid AND id = walk.id OFFSET 0) n
  WHERE walk.level = (SELECT cardinality($3::text[])) AND n.state = 'live'`,
  { isBrief: true },
);

/**
 * The node at a path of the viewer's own drive, and its bytes when they are few and in one piece in the database.
 * @param names NFC, at least one
 */
export async function readOwnFile(
  reader: Reader,
  viewer: Viewer,
  names: readonly string[],
): Promise<(NodeRow & { data: Buffer | null }) | undefined> {
  const [row] = await selectFile.execute(reader, [viewer.organizationId, viewer.principalId, names]);
  return row;
}
