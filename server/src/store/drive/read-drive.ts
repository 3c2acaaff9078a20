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

// What is granted is followed row by row, each look-up by a whole key in a query of its own: the planner takes what comes out of the recursion
// for one row, and joins it by comparing everything with everything. A climb that ends at a root is of a node that is live all the way: a node
// beneath a folder in the trash says it is live.
const select = prepare<DriveTopRow>(
  "drive_open",
  `WITH RECURSIVE self (organization_id, id) AS (
    SELECT $1::uuid, $2::uuid
    UNION
    SELECT m.organization_id, m.group_id FROM group_member m
      JOIN self s ON m.organization_id = s.organization_id AND m.member_id = s.id
  ), granted AS (
    SELECT g.account_organization_id AS organization_id, g.account_id, g.collection_id, array_agg(DISTINCT r.r) AS rights,
      (array_agg(s.share_number ORDER BY g.principal_id = $2::uuid DESC, s.share_number) FILTER (WHERE s.share_number IS NOT NULL))[1]
        AS share_number
    FROM self, LATERAL (SELECT * FROM grant_received WHERE organization_id = self.organization_id AND principal_id = self.id
        AND (collection_kind = 'node' OR collection_id IS NULL) AND (expires_at IS NULL OR expires_at > now()) OFFSET 0) g
      LEFT JOIN LATERAL (SELECT share_number FROM grant_given
        WHERE organization_id = g.account_organization_id AND id = g.grant_id OFFSET 0) s ON true,
      unnest(g.rights) AS r(r)
    GROUP BY 1, 2, 3
  ), target AS (
    SELECT n.*, CASE WHEN g.collection_id IS NULL THEN 'team_folder' ELSE 'share' END AS granted, g.rights, g.share_number,
      p.id AS owner_id, p.uid AS owner_uid, p.display_name AS owner_name
    FROM granted g,
      LATERAL (SELECT FROM organization WHERE id = g.organization_id AND state = 'active' OFFSET 0) o,
      LATERAL (SELECT owner_id FROM account WHERE organization_id = g.organization_id AND id = g.account_id AND deleted_at IS NULL OFFSET 0) a,
      LATERAL (SELECT id, uid, display_name, kind FROM principal
        WHERE organization_id = g.organization_id AND id = a.owner_id AND state = 'active' OFFSET 0) p,
      LATERAL (
        SELECT * FROM drive_node WHERE organization_id = g.organization_id AND id = g.collection_id AND account_id = g.account_id AND state = 'live'
        UNION ALL
        SELECT * FROM drive_node WHERE g.collection_id IS NULL AND p.kind = 'team_folder'
          AND organization_id = g.organization_id AND account_id = g.account_id AND parent_id IS NULL AND state = 'live'
      ) n
    WHERE NOT (g.organization_id = $1::uuid AND p.id = $2::uuid)
  )
  SELECT n.*, NULL AS granted, NULL::text[] AS rights, NULL::bigint AS share_number,
    v.id AS owner_id, v.uid AS owner_uid, v.display_name AS owner_name,
    NULL::uuid AS mount_parent_id, NULL AS mount_name, NULL::uuid[] AS above_ids, NULL::text[] AS above_names, false AS is_blocked,
    v.grants_epoch * 1024 + (SELECT least(count(*), 1023) FROM grant_received g
      JOIN self s ON g.organization_id = s.organization_id AND g.principal_id = s.id WHERE g.expires_at <= now()) AS grants_epoch
  FROM principal v
  JOIN account a ON a.organization_id = v.organization_id AND a.owner_id = v.id AND a.deleted_at IS NULL
  JOIN drive_node n ON n.organization_id = a.organization_id AND n.account_id = a.id AND n.parent_id IS NULL AND n.state = 'live'
  WHERE v.organization_id = $1::uuid AND v.id = $2::uuid
  UNION ALL
  SELECT t.*, m.parent_id, m.name, above.ids, above.names,
    (SELECT true FROM drive_node WHERE organization_id = $1::uuid AND parent_id = m.parent_id AND name = m.name AND state = 'live') IS NOT NULL, 0
  FROM target t,
    LATERAL (
      WITH RECURSIVE up (id, level) AS (
        SELECT t.parent_id, 1
        UNION ALL
        SELECT n.parent_id, up.level + 1 FROM up, LATERAL (SELECT parent_id FROM drive_node
          WHERE organization_id = t.organization_id AND id = up.id AND state = 'live' OFFSET 0) n WHERE up.level < 1000
      ) SELECT FROM up WHERE id IS NULL
    ) reached
    LEFT JOIN LATERAL (SELECT parent_id, name, is_hidden FROM drive_mount WHERE organization_id = $1::uuid AND principal_id = $2::uuid
      AND target_organization_id = t.organization_id AND target_node_id = t.id OFFSET 0) m ON true
    LEFT JOIN LATERAL (
      WITH RECURSIVE up (id, ids, names) AS (
        SELECT m.parent_id, '{}'::uuid[], '{}'::text[]
        UNION ALL
        SELECT n.parent_id, n.id || up.ids, n.name || up.names FROM up, LATERAL (SELECT id, parent_id, name FROM drive_node
          WHERE organization_id = $1::uuid AND id = up.id AND state = 'live' OFFSET 0) n WHERE cardinality(up.ids) < 1000
      ) SELECT ids, names[2:] AS names FROM up WHERE id IS NULL AND m.parent_id IS NOT NULL
    ) above ON true
  WHERE m.is_hidden IS NOT TRUE`,
);

/** The viewer's own root, and all that others share with them and that they did not leave. In no order. */
export async function readDriveTops(
  reader: Reader,
  viewer: { organizationId: string; principalId: string },
): Promise<DriveTopRow[]> {
  return select.execute(reader, [viewer.organizationId, viewer.principalId]);
}
