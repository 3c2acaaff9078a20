import type { Transactor } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import { prepare } from "../prepared.ts";

/** Rows of files, of many at once. Nothing waits for these statements: the commit fails with them. */

export interface FileRow {
  nodeId: string;
  /** Bytes. */
  size: number;
  contentType: string;
  versionId: string;
  modifiedAt: Date;
}

export interface NewFileRow extends FileRow {
  /** Global number. */
  fileId: number;
  parentId: string;
  name: string;
  createdAt: Date | undefined;
}

const insertNodes = prepare<never>(
  "drive_files_insert",
  `INSERT INTO drive_node (organization_id, account_id, kind, tree_files, created_by, modified_by, created_modseq, modseq, tree_modseq,
    id, file_id, parent_id, name, size, tree_bytes, content_type, version_id, modified_at, created_at)
  SELECT $1::uuid, $2::uuid, 'file', 1, $3::uuid, $3::uuid, $4::bigint, $4::bigint, $4::bigint,
    f.id, f.file_id, f.parent_id, f.name, f.size, f.size, f.content_type, f.version_id, f.modified_at, coalesce(f.created_at, now())
  FROM unnest($5::uuid[], $6::bigint[], $7::uuid[], $8::text[], $9::bigint[], $10::text[], $11::uuid[], $12::timestamptz[],
    $13::timestamptz[]) f(id, file_id, parent_id, name, size, content_type, version_id, modified_at, created_at)`,
);

/** The names must be free, and the folders above told by the caller. */
export function insertFiles(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  by: string | null,
  files: readonly NewFileRow[],
): void {
  if (files.length === 0) return;
  const column = <K extends keyof NewFileRow>(name: K) => files.map((file) => file[name]);
  tx.trail(
    insertNodes.execute(tx, [
      ...[key.organizationId, key.accountId, by, modseq],
      ...[column("nodeId"), column("fileId"), column("parentId"), column("name"), column("size")],
      ...[
        column("contentType"),
        column("versionId"),
        column("modifiedAt"),
        files.map((file) => file.createdAt ?? null),
      ],
    ]),
  );
}

const supersede = prepare<never>(
  "drive_files_supersede",
  `UPDATE file_version v SET superseded_at = now() FROM unnest($2::uuid[], $3::uuid[]) f(node_id, version_id)
  WHERE v.organization_id = $1::uuid AND v.node_id = f.node_id AND v.id != f.version_id AND v.superseded_at IS NULL`,
);
const updateNodes = prepare<never>(
  "drive_files_update",
  `UPDATE drive_node n SET size = f.size, content_type = f.content_type, version_id = f.version_id, modified_at = f.modified_at,
    modified_by = $2::uuid, modseq = $3::bigint
  FROM unnest($4::uuid[], $5::bigint[], $6::text[], $7::uuid[], $8::timestamptz[]) f(id, size, content_type, version_id, modified_at)
  WHERE n.organization_id = $1::uuid AND n.id = f.id`,
);

/** Makes versions the content of their files; those before are superseded. What the folders above hold is the caller's to tell. */
export function setContents(
  tx: Transactor,
  organizationId: string,
  modseq: number,
  by: string | null,
  files: readonly FileRow[],
): void {
  const ids = files.map((file) => file.nodeId);
  const versions = files.map((file) => file.versionId);
  tx.trail(supersede.execute(tx, [organizationId, ids, versions]));
  tx.trail(
    updateNodes.execute(tx, [
      ...[organizationId, by, modseq, ids, files.map((file) => file.size), files.map((file) => file.contentType)],
      ...[versions, files.map((file) => file.modifiedAt)],
    ]),
  );
}

export interface VersionToInsert {
  id: string;
  nodeId: string;
  size: number;
  modifiedAt: Date;
  sha256: Buffer | null;
  sha1: Buffer | null;
  md5: Buffer | null;
  adler32: Buffer | null;
  sha3_256: Buffer | null;
  segments: readonly { blobId: string; length: number }[];
  isUnscanned: boolean;
}

const insertVersionRows = prepare<never>(
  "drive_versions_insert",
  `INSERT INTO file_version (organization_id, account_id, created_by_organization, created_by, id, node_id, size, modified_at,
    sha256, sha1, md5, adler32, sha3_256, is_unscanned)
  SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, v.* FROM unnest($5::uuid[], $6::uuid[], $7::bigint[], $8::timestamptz[],
    $9::bytea[], $10::bytea[], $11::bytea[], $12::bytea[], $13::bytea[], $14::boolean[]) v`,
);
const insertSegmentRows = prepare<never>(
  "drive_segments_insert",
  `INSERT INTO file_segment (organization_id, version_id, ordinal, blob_id, length)
  SELECT $1::uuid, s.* FROM unnest($2::uuid[], $3::integer[], $4::uuid[], $5::bigint[]) s`,
);

/** The nodes must be there, and the blobs. */
export function insertVersions(
  tx: Transactor,
  key: AccountKey,
  by: { organizationId: string; principalId: string } | undefined,
  versions: readonly VersionToInsert[],
): void {
  const column = <K extends keyof VersionToInsert>(name: K) => versions.map((version) => version[name]);
  tx.trail(
    insertVersionRows.execute(tx, [
      ...[key.organizationId, key.accountId, by?.organizationId ?? null, by?.principalId ?? null],
      ...[column("id"), column("nodeId"), column("size"), column("modifiedAt")],
      ...[
        column("sha256"),
        column("sha1"),
        column("md5"),
        column("adler32"),
        column("sha3_256"),
        column("isUnscanned"),
      ],
    ]),
  );
  const segments = versions.flatMap(({ id, segments }) => segments.map((each, ordinal) => ({ id, ordinal, ...each })));
  if (segments.length === 0) return;
  tx.trail(
    insertSegmentRows.execute(tx, [
      ...[key.organizationId, segments.map((each) => each.id), segments.map((each) => each.ordinal)],
      ...[segments.map((each) => each.blobId), segments.map((each) => each.length)],
    ]),
  );
}
