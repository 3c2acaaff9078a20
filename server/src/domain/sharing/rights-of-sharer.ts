import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { driveRights, type Right } from "../access/account-access.ts";

export interface Sharer {
  organizationId: string;
  principalId: string;
}

/**
 * What somebody may do now with a node of a drive, whoever they were when they shared it on: all as its owner, else by the grants to
 * them and their groups on its team folder, on it, or on a folder above. Nothing when they may not work any more.
 * @param chain ids of the node and of all above it
 */
export async function rightsOfSharer(
  reader: Reader,
  sharer: Sharer,
  account: { organizationId: string; accountId: string },
  chain: readonly string[],
): Promise<Set<Right>> {
  const { rows } = await sql<{ r: Right }>`
    WITH RECURSIVE self (organization_id, id) AS (
      SELECT p.organization_id, p.id FROM principal p
      WHERE p.organization_id = ${sharer.organizationId} AND p.id = ${sharer.principalId} AND p.state = 'active'
      UNION
      SELECT m.organization_id, m.group_id FROM group_member m
        JOIN self s ON m.organization_id = s.organization_id AND m.member_id = s.id
    )
    SELECT DISTINCT r.r FROM grant_received g JOIN self s ON g.organization_id = s.organization_id AND g.principal_id = s.id,
      unnest(g.rights) AS r(r)
    WHERE g.account_organization_id = ${account.organizationId} AND g.account_id = ${account.accountId}
      AND (g.expires_at IS NULL OR g.expires_at > now())
      AND ((g.collection_kind = 'node' AND g.collection_id = ANY(${[...chain]}::uuid[]))
        OR (g.collection_id IS NULL AND EXISTS (SELECT FROM account a
          JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id AND p.kind = 'team_folder'
          WHERE a.organization_id = g.account_organization_id AND a.id = g.account_id)))
    UNION
    SELECT unnest(${driveRights as Right[]}::text[]) FROM account a JOIN self s
      ON s.organization_id = a.organization_id AND s.id = a.owner_id
      WHERE a.organization_id = ${account.organizationId} AND a.id = ${account.accountId}`.execute(reader);
  return new Set(rows.map((row) => row.r));
}
