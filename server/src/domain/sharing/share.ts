import { type RawBuilder, sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { readLivePaths } from "../../store/drive/read-chain.ts";
import type { Right } from "../access/account-access.ts";

export interface SharePrincipal {
  organizationId: string;
  principalId: string;
  uid: string;
  displayName: string;
  kind: string;
}

/** What somebody of the directory, or a group of people, may do with a node: a grant on it. */
export interface Share {
  /** Global: what the client API calls it. */
  number: number;
  grantId: string;
  node: {
    id: string;
    fileId: number;
    parentFileId: number | null;
    name: string;
    kind: "folder" | "file";
    contentType: string;
    size: number;
    modifiedAt: Date;
    organizationId: string;
    accountId: string;
    /** Names from the root of its space; undefined while it is in the trash or elsewhere. */
    path: readonly string[] | undefined;
  };
  grantee: SharePrincipal & { organization: string; address: string | null };
  owner: SharePrincipal & { organization: string };
  /** Null when they are gone. */
  createdBy: SharePrincipal | null;
  createdAt: Date;
  rights: ReadonlySet<Right>;
  expiresAt: Date | null;
  note: string | null;
}

interface ShareRow {
  share_number: number;
  grant_id: string;
  organization_id: string;
  account_id: string;
  rights: Right[];
  created_at: Date;
  expires_at: Date | null;
  note: string | null;
  node_id: string;
  node_account_id: string;
  file_id: number;
  parent_file_id: number | null;
  node_name: string;
  node_kind: "folder" | "file";
  content_type: string;
  tree_bytes: number;
  modified_at: Date;
  grantee_organization_id: string;
  grantee_id: string;
  grantee_uid: string;
  grantee_name: string;
  grantee_kind: string;
  grantee_address: string | null;
  grantee_organization: string;
  owner_id: string;
  owner_uid: string;
  owner_name: string;
  owner_kind: string;
  owner_organization: string;
  maker_organization_id: string | null;
  maker_id: string | null;
  maker_uid: string | null;
  maker_name: string | null;
  maker_kind: string | null;
}

/**
 * Shares that hold now, newest first, at most 1000.
 * @param condition of `g`, the grant, `n`, its node, and `e`, who receives it
 */
export async function readShares(reader: Reader, condition: RawBuilder<boolean>): Promise<Share[]> {
  const { rows } = await sql<ShareRow>`
    SELECT g.share_number, g.id AS grant_id, g.organization_id, g.account_id, g.rights, g.created_at, g.expires_at, g.note,
      n.id AS node_id, n.account_id AS node_account_id, n.file_id, n.name AS node_name, n.kind AS node_kind, n.content_type,
      n.tree_bytes, n.modified_at,
      (SELECT u.file_id FROM drive_node u WHERE u.organization_id = n.organization_id AND u.id = n.parent_id) AS parent_file_id,
      e.organization_id AS grantee_organization_id, e.id AS grantee_id, e.uid AS grantee_uid, e.display_name AS grantee_name,
      e.kind AS grantee_kind, eo.name AS grantee_organization,
      (SELECT a.address FROM address a WHERE a.organization_id = e.organization_id AND a.principal_id = e.id AND a.kind = 'primary') AS grantee_address,
      w.id AS owner_id, w.uid AS owner_uid, w.display_name AS owner_name, w.kind AS owner_kind, wo.name AS owner_organization,
      m.organization_id AS maker_organization_id, m.id AS maker_id, m.uid AS maker_uid, m.display_name AS maker_name, m.kind AS maker_kind
    FROM grant_given g
    JOIN drive_node n ON n.organization_id = g.organization_id AND n.id = g.collection_id
    JOIN account c ON c.organization_id = g.organization_id AND c.id = g.account_id
    JOIN principal w ON w.organization_id = c.organization_id AND w.id = c.owner_id
    JOIN organization wo ON wo.id = w.organization_id
    JOIN principal e ON e.organization_id = g.grantee_organization_id AND e.id = g.grantee_id
    JOIN organization eo ON eo.id = e.organization_id
    LEFT JOIN principal m ON m.organization_id = coalesce(g.created_by_organization, g.organization_id) AND m.id = g.created_by
    WHERE g.collection_kind = 'node' AND (g.expires_at IS NULL OR g.expires_at > now()) AND ${condition}
    ORDER BY g.created_at DESC, g.share_number DESC LIMIT 1000`.execute(reader);
  const paths = new Map<string, string[]>();
  for (const [organizationId, those] of Map.groupBy(rows, (row) => row.organization_id)) {
    const live = await readLivePaths(reader, organizationId, [...new Set(those.map((row) => row.node_id))]);
    for (const [id, path] of live) paths.set(id, path);
  }
  return rows.map((row) => toShare(row, row.node_account_id === row.account_id ? paths.get(row.node_id) : undefined));
}

function toShare(row: ShareRow, path: readonly string[] | undefined): Share {
  return {
    number: row.share_number,
    grantId: row.grant_id,
    node: {
      id: row.node_id,
      fileId: row.file_id,
      parentFileId: row.parent_file_id,
      name: row.node_name,
      kind: row.node_kind,
      contentType: row.content_type,
      size: row.tree_bytes,
      modifiedAt: row.modified_at,
      organizationId: row.organization_id,
      accountId: row.account_id,
      path,
    },
    grantee: {
      organizationId: row.grantee_organization_id,
      principalId: row.grantee_id,
      uid: row.grantee_uid,
      displayName: row.grantee_name,
      kind: row.grantee_kind,
      organization: row.grantee_organization,
      address: row.grantee_address,
    },
    owner: {
      organizationId: row.organization_id,
      principalId: row.owner_id,
      uid: row.owner_uid,
      displayName: row.owner_name,
      kind: row.owner_kind,
      organization: row.owner_organization,
    },
    createdBy:
      row.maker_id === null
        ? null
        : {
            organizationId: row.maker_organization_id!,
            principalId: row.maker_id,
            uid: row.maker_uid!,
            displayName: row.maker_name!,
            kind: row.maker_kind!,
          },
    createdAt: row.created_at,
    rights: new Set(row.rights),
    expiresAt: row.expires_at,
    note: row.note,
  };
}
