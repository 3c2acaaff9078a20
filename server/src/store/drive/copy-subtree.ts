import { sql } from "kysely";
import type { Transactor } from "../database.ts";

export interface CopyTarget {
  organizationId: string;
  accountId: string;
  parentId: string;
  name: string;
  /** Makes a copy that is deleted from there already, and recoverable. */
  isDeleted?: boolean;
  /** Of a folder, without what it holds. */
  isShallow?: boolean;
  /** Who copies. */
  principalId: string | null;
  principalOrganizationId: string | null;
  modseq: number;
}

export interface CopiedTree {
  id: string;
  versionId: string | null;
  bytes: number;
  files: number;
}

/**
 * Copies a live tree within its organization: new nodes, properties and versions over the same blobs, each with its own reference. One
 * statement, so it sees the tree as it was before.
 * @returns the ids of the copy and, of a file, of its content; bytes and live files of what was copied, which may have changed since
 *   its caller has read it: the account that it is copied from is not locked
 */
export async function copySubtree(tx: Transactor, nodeId: string, to: CopyTarget): Promise<CopiedTree> {
  const { isDeleted = false, isShallow = false } = to;
  const result = await sql<CopiedTree>`
    WITH RECURSIVE down AS (
      SELECT n.*, 0 AS level FROM drive_node n WHERE n.organization_id = ${to.organizationId} AND n.id = ${nodeId}
      UNION ALL
      SELECT n.*, down.level + 1 FROM down
        JOIN drive_node n ON n.organization_id = ${to.organizationId} AND n.parent_id = down.id AND n.state = 'live'
        WHERE NOT ${isShallow}::boolean
    ), fresh AS MATERIALIZED (
      SELECT down.*, uuidv7() AS new_id, CASE WHEN version_id IS NOT NULL THEN uuidv7() END AS new_version_id,
        CASE WHEN ${isShallow}::boolean THEN 0 ELSE tree_bytes END AS bytes, CASE WHEN ${isShallow}::boolean THEN 0 ELSE tree_files END AS files
      FROM down
    ), nodes AS (
      INSERT INTO drive_node (organization_id, id, account_id, parent_id, name, kind, size, tree_bytes, tree_files, content_type, version_id,
        modified_at, modified_by, created_by, created_modseq, modseq, tree_modseq, state, removed_at, removed_by, removed_from)
      SELECT f.organization_id, f.new_id, ${to.accountId}::uuid,
        CASE WHEN f.level > 0 THEN p.new_id WHEN NOT ${isDeleted}::boolean THEN ${to.parentId}::uuid END,
        CASE WHEN f.level = 0 THEN ${to.name}::text ELSE f.name END,
        f.kind, f.size, f.bytes, f.files, f.content_type, f.new_version_id, f.modified_at, f.modified_by,
        ${to.principalId}::uuid, ${to.modseq}::bigint, ${to.modseq}::bigint, ${to.modseq}::bigint,
        CASE WHEN r.is_top THEN 'deleted' ELSE 'live' END, CASE WHEN r.is_top THEN now() END,
        CASE WHEN r.is_top THEN ${to.principalId}::uuid END, CASE WHEN r.is_top THEN ${to.parentId}::uuid END
      FROM fresh f CROSS JOIN LATERAL (SELECT f.level = 0 AND ${isDeleted}::boolean AS is_top) r LEFT JOIN fresh p ON p.id = f.parent_id AND f.level > 0
    ), versions AS (
      INSERT INTO file_version (organization_id, id, account_id, node_id, size, sha256, sha1, md5, adler32, sha3_256, modified_at, created_by,
        created_by_organization, is_unscanned)
      SELECT v.organization_id, f.new_version_id, ${to.accountId}::uuid, f.new_id, v.size, v.sha256, v.sha1, v.md5, v.adler32, v.sha3_256,
        v.modified_at, ${to.principalId}::uuid, ${to.principalOrganizationId}::uuid, v.is_unscanned
      FROM fresh f JOIN file_version v ON v.organization_id = f.organization_id AND v.id = f.version_id
    ), segments AS (
      INSERT INTO file_segment (organization_id, version_id, ordinal, blob_id, length)
      SELECT s.organization_id, f.new_version_id, s.ordinal, s.blob_id, s.length
      FROM fresh f JOIN file_segment s ON s.organization_id = f.organization_id AND s.version_id = f.version_id
    ), refs AS (
      INSERT INTO blob_reference (organization_id, blob_id, kind, owner_id)
      SELECT DISTINCT s.organization_id, s.blob_id, 'file_version', f.new_version_id
      FROM fresh f JOIN file_segment s ON s.organization_id = f.organization_id AND s.version_id = f.version_id
    ), properties AS (
      INSERT INTO node_property (organization_id, node_id, namespace, name, value)
      SELECT p.organization_id, f.new_id, p.namespace, p.name, p.value
      FROM fresh f JOIN node_property p ON p.organization_id = f.organization_id AND p.node_id = f.id
    )
    SELECT new_id AS id, new_version_id AS "versionId", bytes, files FROM fresh WHERE level = 0`.execute(tx);
  return result.rows[0]!;
}
