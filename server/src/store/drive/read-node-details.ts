import type { Reader } from "../database.ts";
import { prepare } from "../prepared.ts";

/** What a listing shows of nodes beside their rows: each is one query for all nodes of one organization. */

export interface VersionRow {
  id: string;
  sha1: Buffer | null;
  md5: Buffer | null;
  adler32: Buffer | null;
  sha3_256: Buffer | null;
  created_at: Date;
}

const versions = prepare<VersionRow>(
  "drive_details_versions",
  `SELECT id, sha1, md5, adler32, sha3_256, created_at FROM file_version WHERE organization_id = $1::uuid AND id = ANY($2::uuid[])`,
);

export async function readVersions(
  reader: Reader,
  organizationId: string,
  versionIds: readonly string[],
): Promise<VersionRow[]> {
  return versions.execute(reader, [organizationId, versionIds]);
}

const favorites = prepare<{ node_id: string }>(
  "drive_details_favorites",
  `SELECT node_id FROM node_favorite WHERE organization_id = $1::uuid AND principal_id = $2::uuid
    AND node_organization_id = $3::uuid AND node_id = ANY($4::uuid[])`,
);

export async function readFavorites(
  reader: Reader,
  viewer: { organizationId: string; principalId: string },
  organizationId: string,
  nodeIds: readonly string[],
): Promise<{ node_id: string }[]> {
  return favorites.execute(reader, [viewer.organizationId, viewer.principalId, organizationId, nodeIds]);
}

export interface ShareeRow {
  node_id: string;
  kind: "person" | "group" | "resource" | "shared_mailbox" | "team_folder" | "link" | "mail";
  uid: string;
  display_name: string;
}

const sharees = prepare<ShareeRow>(
  "drive_details_sharees",
  `SELECT g.collection_id AS node_id, p.kind, p.uid, p.display_name FROM grant_given g
    JOIN principal p ON p.organization_id = g.grantee_organization_id AND p.id = g.grantee_id
    WHERE g.organization_id = $1::uuid AND g.collection_id = ANY($2::uuid[]) AND g.collection_kind = 'node'
      AND cardinality(g.rights) > 0 AND (g.expires_at IS NULL OR g.expires_at > now())
  UNION ALL
  SELECT l.node_id, CASE WHEN l.recipient IS NULL THEN 'link' ELSE 'mail' END, coalesce(l.recipient, ''),
      coalesce(l.label, l.recipient, '') FROM share_link l
    WHERE l.organization_id = $1::uuid AND l.node_id = ANY($2::uuid[]) AND l.revoked_at IS NULL
      AND (l.expires_at IS NULL OR l.expires_at > now())`,
);

/** With whom nodes are shared: principals, and links. */
export async function readSharees(
  reader: Reader,
  organizationId: string,
  nodeIds: readonly string[],
): Promise<ShareeRow[]> {
  return sharees.execute(reader, [organizationId, nodeIds]);
}

const tags = prepare<{ node_id: string; number: number; name: string }>(
  "drive_details_tags",
  `SELECT g.node_id, t.number, t.name FROM node_tagging g
    JOIN node_tag t ON t.organization_id = g.organization_id AND t.number = g.tag_number
    WHERE g.organization_id = $1::uuid AND g.node_id = ANY($2::uuid[]) ORDER BY lower(t.name)`,
);

export async function readTags(
  reader: Reader,
  organizationId: string,
  nodeIds: readonly string[],
): Promise<{ node_id: string; number: number; name: string }[]> {
  return tags.execute(reader, [organizationId, nodeIds]);
}

// Nobody has to read what they said themselves.
const comments = prepare<{ node_id: string; count: number; unread: number }>(
  "drive_details_comments",
  `SELECT c.node_id, count(*)::bigint AS count, count(*) FILTER (WHERE (c.author_organization_id <> $3::uuid OR c.author_id <> $4::uuid)
      AND c.created_at > coalesce(r.read_at, '-infinity'))::bigint AS unread
    FROM node_comment c LEFT JOIN node_comment_read r ON r.organization_id = $1::uuid AND r.node_id = c.node_id
      AND r.reader_organization_id = $3::uuid AND r.reader_id = $4::uuid
    WHERE c.organization_id = $1::uuid AND c.node_id = ANY($2::uuid[]) GROUP BY c.node_id`,
);

export async function countComments(
  reader: Reader,
  viewer: { organizationId: string; principalId: string },
  organizationId: string,
  nodeIds: readonly string[],
): Promise<{ node_id: string; count: number; unread: number }[]> {
  return comments.execute(reader, [organizationId, nodeIds, viewer.organizationId, viewer.principalId]);
}

const children = prepare<{ node_id: string; kind: "folder" | "file"; count: number }>(
  "drive_details_children",
  `SELECT parent_id AS node_id, kind, count(*)::bigint AS count FROM drive_node
    WHERE organization_id = $1::uuid AND parent_id = ANY($2::uuid[]) AND state = 'live' GROUP BY parent_id, kind`,
);

export async function countChildren(
  reader: Reader,
  organizationId: string,
  nodeIds: readonly string[],
): Promise<{ node_id: string; kind: "folder" | "file"; count: number }[]> {
  return children.execute(reader, [organizationId, nodeIds]);
}

const notes = prepare<{ share_number: number; note: string | null }>(
  "drive_details_notes",
  "SELECT share_number, note FROM grant_given WHERE share_number = ANY($1::bigint[]) AND note IS NOT NULL",
);

/** What the person who shares wrote to those they share with, by the number of the share. */
export async function readShareNotes(
  reader: Reader,
  shareNumbers: readonly number[],
): Promise<{ share_number: number; note: string | null }[]> {
  return notes.execute(reader, [shareNumbers]);
}
