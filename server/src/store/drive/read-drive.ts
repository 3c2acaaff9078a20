import type { Reader } from "../database.ts";
import { prepare } from "../prepared.ts";
import type { NodeRow } from "./node-row.ts";

/** The top of a drive or of what is shared with its viewer, with where the viewer sees it. */
export interface DriveTopRow extends NodeRow {
  /** Null for the viewer's own root. */
  granted: "share" | "team_folder" | null;
  /** Of the viewer, with how many grants were over in it: nobody writes when one ends by its date. */
  grants_epoch: number;
  rights: string[] | null;
  share_number: number | null;
  owner_id: string;
  owner_uid: string;
  owner_name: string;
  /** Null while it has no place, or its place is gone. */
  mount_parent_id: string | null;
  mount_name: string | null;
  /** Ids of the live folders from the viewer's root to that place; null when it is in the trash. */
  above_ids: string[] | null;
  /** Their names, without the root's. */
  above_names: string[] | null;
  /** Something of that name was put there meanwhile. */
  is_blocked: boolean;
}

// Rows of `climb` that reached a root are of nodes that are live all the way: a node beneath a folder in the trash says it is live.
const select = prepare<DriveTopRow>(
  "drive_open",
  `WITH RECURSIVE self (organization_id, id) AS (
    SELECT $1::uuid, $2::uuid
    UNION
    SELECT m.organization_id, m.group_id FROM group_member m
      JOIN self s ON m.organization_id = s.organization_id AND m.member_id = s.id
  ), granted AS (
    SELECT g.account_organization_id AS organization_id, g.account_id, g.collection_id,
      array_agg(DISTINCT r.r) AS rights, array_agg(DISTINCT g.grant_id) AS grant_ids
    FROM grant_received g JOIN self s ON g.organization_id = s.organization_id AND g.principal_id = s.id, unnest(g.rights) AS r(r)
    WHERE (g.collection_kind = 'node' OR g.collection_id IS NULL) AND (g.expires_at IS NULL OR g.expires_at > now())
    GROUP BY 1, 2, 3
  ), target AS (
    SELECT n.organization_id, n.id, g.rights, g.grant_ids, p.id AS owner_id, p.uid AS owner_uid, p.display_name AS owner_name,
      CASE WHEN g.collection_id IS NULL THEN 'team_folder' ELSE 'share' END AS granted
    FROM granted g
    JOIN organization o ON o.id = g.organization_id AND o.state = 'active'
    JOIN account a ON a.organization_id = g.organization_id AND a.id = g.account_id AND a.deleted_at IS NULL
    JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id AND p.state = 'active'
    JOIN drive_node n ON n.organization_id = g.organization_id AND n.account_id = g.account_id AND n.state = 'live'
      AND n.id = coalesce(g.collection_id, CASE WHEN p.kind = 'team_folder' THEN (SELECT r.id FROM drive_node r
        WHERE r.organization_id = g.organization_id AND r.account_id = g.account_id AND r.parent_id IS NULL AND r.state = 'live') END)
    WHERE NOT (p.organization_id = $1::uuid AND p.id = $2::uuid)
  ), mounted AS (
    SELECT t.*, m.parent_id AS mount_parent_id, m.name AS mount_name
    FROM target t LEFT JOIN drive_mount m ON m.organization_id = $1::uuid AND m.principal_id = $2::uuid
      AND m.target_organization_id = t.organization_id AND m.target_node_id = t.id
    WHERE m.is_hidden IS NOT TRUE
  ), climb (organization_id, start, parent_id, ids, names) AS (
    SELECT n.organization_id, n.id, n.parent_id, ARRAY[n.id], ARRAY[n.name] FROM drive_node n
      WHERE (n.organization_id, n.id) IN (
        SELECT organization_id, id FROM mounted UNION SELECT $1::uuid, mount_parent_id FROM mounted WHERE mount_parent_id IS NOT NULL
      ) AND n.state = 'live'
    UNION ALL
    SELECT c.organization_id, c.start, n.parent_id, n.id || c.ids, n.name || c.names FROM climb c
      JOIN drive_node n ON n.organization_id = c.organization_id AND n.id = c.parent_id AND n.state = 'live'
      WHERE cardinality(c.ids) < 1000
  ), reached AS (SELECT organization_id, start, ids, names FROM climb WHERE parent_id IS NULL)
  SELECT n.*, NULL AS granted, v.grants_epoch * 1024 + (SELECT least(count(*), 1023) FROM grant_received g
      JOIN self s ON g.organization_id = s.organization_id AND g.principal_id = s.id WHERE g.expires_at <= now()) AS grants_epoch, NULL::text[] AS rights, NULL::bigint AS share_number,
    v.id AS owner_id, v.uid AS owner_uid, v.display_name AS owner_name,
    NULL::uuid AS mount_parent_id, NULL AS mount_name, NULL::uuid[] AS above_ids, NULL::text[] AS above_names, false AS is_blocked
  FROM principal v
  JOIN account a ON a.organization_id = v.organization_id AND a.owner_id = v.id AND a.deleted_at IS NULL
  JOIN drive_node n ON n.organization_id = a.organization_id AND n.account_id = a.id AND n.parent_id IS NULL AND n.state = 'live'
  WHERE v.organization_id = $1::uuid AND v.id = $2::uuid
  UNION ALL
  SELECT n.*, m.granted, 0, m.rights,
    (SELECT g.share_number FROM grant_given g WHERE g.organization_id = m.organization_id AND g.id = ANY(m.grant_ids)
      ORDER BY g.grantee_id = $2::uuid DESC, g.share_number LIMIT 1),
    m.owner_id, m.owner_uid, m.owner_name, m.mount_parent_id, m.mount_name, above.ids, above.names[2:],
    EXISTS (SELECT FROM drive_node c WHERE c.organization_id = $1::uuid AND c.parent_id = m.mount_parent_id
      AND c.name = m.mount_name AND c.state = 'live')
  FROM mounted m
  JOIN reached r ON r.organization_id = m.organization_id AND r.start = m.id
  JOIN drive_node n ON n.organization_id = m.organization_id AND n.id = m.id
  LEFT JOIN reached above ON above.organization_id = $1::uuid AND above.start = m.mount_parent_id`,
);

/** The viewer's own root, and all that others share with them and that they did not leave. In no order. */
export async function readDriveTops(
  reader: Reader,
  viewer: { organizationId: string; principalId: string },
): Promise<DriveTopRow[]> {
  return select.execute(reader, [viewer.organizationId, viewer.principalId]);
}
