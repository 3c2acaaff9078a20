import { type RawBuilder, sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { readLivePaths } from "../../store/drive/read-chain.ts";
import { type LinkRight, linkPurpose, type ShareLink, type ShareLinkRow, type SharingDeps } from "./model.ts";

export interface LinkRow extends ShareLinkRow {
  node_name: string;
  node_kind: "folder" | "file";
  node_account_id: string;
  file_id: number;
  parent_file_id: number | null;
  maker_name: string | null;
  maker_uid: string | null;
  /** From the root of its space to the node; undefined when that is not live. */
  path?: string[] | undefined;
}

/**
 * Links that are not revoked, newest first, at most 1000.
 * @param condition of `l`, the link, and `n`, its node
 */
export async function readLinkRows(reader: Reader, condition: RawBuilder<boolean>): Promise<LinkRow[]> {
  const { rows } = await sql<LinkRow>`
    SELECT l.*, n.name AS node_name, n.kind AS node_kind, n.account_id AS node_account_id, n.file_id,
      (SELECT u.file_id FROM drive_node u WHERE u.organization_id = n.organization_id AND u.id = n.parent_id) AS parent_file_id,
      p.display_name AS maker_name, p.uid AS maker_uid
    FROM share_link l
    JOIN drive_node n ON n.organization_id = l.organization_id AND n.id = l.node_id
    LEFT JOIN principal p ON p.organization_id = coalesce(l.created_by_organization, l.organization_id) AND p.id = l.created_by
    WHERE l.revoked_at IS NULL AND ${condition}
    ORDER BY l.created_at DESC, l.id DESC LIMIT 1000`.execute(reader);
  for (const [organizationId, those] of Map.groupBy(rows, (row) => row.organization_id)) {
    const paths = await readLivePaths(reader, organizationId, [...new Set(those.map((row) => row.node_id))]);
    for (const row of those) row.path = row.node_account_id === row.account_id ? paths.get(row.node_id) : undefined;
  }
  return rows;
}

/** @param isShown whether the viewer may have its address again */
export function toShareLink(deps: Pick<SharingDeps, "secrets">, row: LinkRow, isShown: boolean): ShareLink {
  return {
    id: row.id,
    number: row.share_number,
    token: isShown ? (deps.secrets.open(linkPurpose, row.sealed_token)?.toString() ?? null) : null,
    node: {
      id: row.node_id,
      fileId: row.file_id,
      parentFileId: row.parent_file_id,
      name: row.node_name,
      kind: row.node_kind,
      accountId: row.account_id,
      organizationId: row.organization_id,
    },
    rights: new Set(row.rights as LinkRight[]),
    mayDownload: row.may_download,
    downloadLimit: row.download_limit,
    downloadCount: row.download_count,
    label: row.label,
    note: row.note,
    recipient: row.recipient,
    hasPassword: row.password_hash !== null,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    createdBy: row.maker_name,
    createdById: row.created_by,
    createdByUid: row.maker_uid,
    state: stateOf(row),
    openedCount: row.opened_count,
    lastOpenedAt: row.last_opened_at,
  };
}

function stateOf(row: LinkRow): ShareLink["state"] {
  if (row.expires_at !== null && row.expires_at.getTime() <= Date.now()) return "expired";
  if (row.download_limit !== null && row.download_count >= row.download_limit) return "used_up";
  return row.path === undefined ? "removed" : "active";
}
