import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import type { PrincipalKey } from "../../identity/identity-deps.ts";

/** Somebody who is told of a paused device and may decide. */
export interface Decider {
  organizationId: string;
  principalId: string;
  /** Of the person whose device it is. */
  ofName: string;
}

/**
 * Whose device it is, whose account it is (of a team folder: who manages it), and the administrators of that account's organization,
 * the operators where there is none.
 */
export async function listDeciders(reader: Reader, account: AccountKey, person: PrincipalKey): Promise<Decider[]> {
  const { rows } = await sql<Decider>`
    WITH RECURSIVE managing (organization_id, id) AS (
      SELECT g.grantee_organization_id, g.grantee_id FROM grant_given g
        WHERE g.organization_id = ${account.organizationId} AND g.account_id = ${account.accountId} AND g.collection_id IS NULL
          AND 'manage' = ANY(g.rights) AND (g.expires_at IS NULL OR g.expires_at > now())
          AND EXISTS (SELECT FROM account a JOIN principal o ON o.organization_id = a.organization_id AND o.id = a.owner_id
            WHERE a.organization_id = g.organization_id AND a.id = g.account_id AND o.kind = 'team_folder')
      UNION
      SELECT m.organization_id, m.member_id FROM group_member m
        JOIN managing g ON g.organization_id = m.organization_id AND g.id = m.group_id
    ), administrators AS (
      SELECT organization_id, principal_id AS id FROM principal_role
        WHERE role = 'member_administrator' AND organization_id = ${account.organizationId}
    ), told AS (
      SELECT ${person.organizationId}::uuid AS organization_id, ${person.principalId}::uuid AS id
      UNION SELECT organization_id, owner_id FROM account WHERE organization_id = ${account.organizationId} AND id = ${account.accountId}
      UNION SELECT organization_id, id FROM managing
      UNION SELECT organization_id, id FROM administrators
      UNION SELECT organization_id, principal_id FROM principal_role WHERE role = 'operator' AND NOT EXISTS (SELECT FROM administrators)
    )
    SELECT p.organization_id AS "organizationId", p.id AS "principalId",
      (SELECT display_name FROM principal d WHERE d.organization_id = ${person.organizationId} AND d.id = ${person.principalId}) AS "ofName"
    FROM told t JOIN principal p ON p.organization_id = t.organization_id AND p.id = t.id AND p.kind = 'person' AND p.state = 'active'
    ORDER BY p.id`.execute(reader);
  return rows;
}
