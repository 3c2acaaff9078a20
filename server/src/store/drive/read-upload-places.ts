import type { Reader } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import { prepare } from "../prepared.ts";
import type { NodeRow } from "./node-row.ts";

/** Where files are to be put: for many at once, so that they cost one set of statements. */

export interface ReachedFolderRow {
  id: string;
  kind: "folder" | "file";
  /** Levels beneath the root. */
  depth: number;
  /** The folder and all above it. */
  ids: string[];
  /** All of them are live, in the account, and end at its root. */
  is_reached: boolean;
}

const folders = prepare<ReachedFolderRow>(
  "drive_upload_folders",
  `WITH RECURSIVE up AS (
    SELECT n.id AS start, n.kind, n.id, n.parent_id, n.account_id, n.state, 0 AS level
      FROM unnest($3::uuid[]) t(id), LATERAL (SELECT * FROM drive_node WHERE organization_id = $1::uuid AND id = t.id OFFSET 0) n
    UNION ALL
    SELECT up.start, up.kind, n.id, n.parent_id, n.account_id, n.state, up.level + 1 FROM up,
      LATERAL (SELECT * FROM drive_node WHERE organization_id = $1::uuid AND id = up.parent_id OFFSET 0) n
      WHERE up.level < 1000
  ) SELECT start AS id, kind, max(level) AS depth, array_agg(id) AS ids,
    bool_and(state = 'live' AND account_id = $2::uuid) AND bool_or(parent_id IS NULL) AS is_reached
  FROM up GROUP BY start, kind`,
);

/** Each folder once; those that are nowhere in the organization are left out. */
export async function readUploadFolders(
  reader: Reader,
  key: AccountKey,
  folderIds: readonly string[],
): Promise<ReachedFolderRow[]> {
  return folders.execute(reader, [key.organizationId, key.accountId, folderIds]);
}

const children = prepare<NodeRow>(
  "drive_upload_children",
  `SELECT n.* FROM unnest($2::uuid[], $3::text[]) t(parent_id, name),
    LATERAL (SELECT * FROM drive_node c WHERE c.organization_id = $1::uuid AND c.parent_id = t.parent_id AND c.name = t.name
      AND c.state = 'live' OFFSET 0) n`,
);

/** What has these names now, in no order. @param names NFC, each with the folder of the same index */
export async function readNamedChildren(
  reader: Reader,
  organizationId: string,
  folderIds: readonly string[],
  names: readonly string[],
): Promise<NodeRow[]> {
  return children.execute(reader, [organizationId, folderIds, names]);
}

export interface UploadStateRow {
  used_bytes: number;
  limit_bytes: number;
  /** Somewhere in the account. */
  has_locks: boolean;
  /** Names that something mounted has, in one of the folders. */
  mounted: string[];
  /** Numbers for new files. */
  file_ids: string[];
}

const state = prepare<UploadStateRow>(
  "drive_upload_state",
  `SELECT q.used_bytes, q.limit_bytes,
    EXISTS (SELECT FROM node_lock l WHERE l.organization_id = $1::uuid AND l.account_id = $2::uuid
      AND (l.expires_at IS NULL OR l.expires_at > now())) AS has_locks,
    ARRAY(SELECT m.name FROM drive_mount m WHERE m.organization_id = $1::uuid AND m.parent_id = ANY($3::uuid[])
      AND m.name = ANY($4::text[]) AND NOT m.is_hidden) AS mounted,
    ARRAY(SELECT nextval('drive_file_id') FROM generate_series(1, $5::integer)) AS file_ids
  FROM quota q WHERE q.organization_id = $1::uuid AND q.account_id = $2::uuid AND q.area = 'files'`,
);

/**
 * What else can stand in the way of an upload.
 * @param count of the numbers that are taken for new files; those that stay unused are lost
 * @returns undefined for an account that has no files
 */
export async function readUploadState(
  reader: Reader,
  key: AccountKey,
  folderIds: readonly string[],
  names: readonly string[],
  count: number,
): Promise<UploadStateRow | undefined> {
  const [row] = await state.execute(reader, [key.organizationId, key.accountId, folderIds, names, count]);
  return row;
}
