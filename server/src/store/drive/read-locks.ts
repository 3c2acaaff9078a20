import type { Reader } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import { prepare } from "../prepared.ts";

export interface LockRow {
  /** One of the nodes that were asked about. */
  asked_id: string;
  /** Levels from the asked node to the locked one: 0 on itself, positive above, negative beneath. */
  distance: number;
  node_id: string;
  file_id: number;
  token: string;
  kind: "dav" | "user" | "app";
  scope: "exclusive" | "shared";
  is_deep: boolean;
  owner_xml: string | null;
  principal_organization_id: string;
  principal_id: string;
  holder_uid: string;
  holder_name: string;
  created_at: Date;
  expires_at: Date | null;
}

// Most accounts have no lock: the climbs are then not begun.
const held = `held AS MATERIALIZED (
    SELECT * FROM node_lock WHERE organization_id = $1::uuid AND account_id = $2::uuid AND (expires_at IS NULL OR expires_at > now())
  )`;
const columns = `h.node_id, n.file_id, h.token, h.kind, h.scope, h.is_deep, h.owner_xml, h.principal_organization_id, h.principal_id,
    p.uid AS holder_uid, p.display_name AS holder_name, h.created_at, h.expires_at`;
const named = `JOIN drive_node n ON n.organization_id = $1::uuid AND n.id = h.node_id
    JOIN principal p ON p.organization_id = h.principal_organization_id AND p.id = h.principal_id`;

const covering = prepare<LockRow>(
  "drive_locks_covering",
  `WITH RECURSIVE ${held}, up AS (
    SELECT id AS start, id, parent_id, 0 AS level FROM drive_node
      WHERE organization_id = $1::uuid AND id = ANY($3::uuid[]) AND EXISTS (SELECT FROM held)
    UNION ALL
    SELECT up.start, n.id, n.parent_id, up.level + 1 FROM up
      JOIN drive_node n ON n.organization_id = $1::uuid AND n.id = up.parent_id WHERE up.level < 1000
  )
  SELECT up.start AS asked_id, up.level AS distance, ${columns} FROM held h
    JOIN up ON up.id = h.node_id AND (up.level = 0 OR h.is_deep) ${named} ORDER BY up.level, h.created_at`,
);

const beneath = prepare<LockRow>(
  "drive_locks_beneath",
  `WITH RECURSIVE ${held}, up AS (
    SELECT h.id AS lock_id, d.parent_id, 1 AS level FROM held h
      JOIN drive_node d ON d.organization_id = $1::uuid AND d.id = h.node_id
    UNION ALL
    SELECT up.lock_id, n.parent_id, up.level + 1 FROM up
      JOIN drive_node n ON n.organization_id = $1::uuid AND n.id = up.parent_id WHERE up.level < 1000
  )
  SELECT up.parent_id AS asked_id, -up.level AS distance, ${columns} FROM held h
    JOIN up ON up.lock_id = h.id AND up.parent_id = ANY($3::uuid[]) ${named} ORDER BY up.level, h.created_at`,
);

/** The locks in force on nodes of an account: those on each, and deep ones above it. */
export async function readLocksCovering(
  reader: Reader,
  key: AccountKey,
  nodeIds: readonly string[],
): Promise<LockRow[]> {
  return nodeIds.length === 0 ? [] : covering.execute(reader, [key.organizationId, key.accountId, nodeIds]);
}

/** The locks in force inside of folders, at any depth. */
export async function readLocksBeneath(
  reader: Reader,
  key: AccountKey,
  nodeIds: readonly string[],
): Promise<LockRow[]> {
  return nodeIds.length === 0 ? [] : beneath.execute(reader, [key.organizationId, key.accountId, nodeIds]);
}
