import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import type { Right } from "../../access/account-access.ts";

export interface Grant {
  granteeId: string;
  granteeOrganizationId: string;
  /** The primary address of the grantee, or its uid when it has none. */
  identifier: string;
  displayName: string;
  kind: "person" | "group" | "resource" | "shared_mailbox" | "team_folder";
  /** Null: on the whole account. */
  mailboxId: string | null;
  rights: Right[];
}

/**
 * Who was given rights, by name.
 * @param mailboxId those that hold in this mailbox, the whole account's among them; every grant of the account when left out
 */
export async function listGrants(reader: Reader, account: AccountKey, mailboxId?: string): Promise<Grant[]> {
  const only =
    mailboxId === undefined ? sql`true` : sql`(g.collection_id IS NULL OR g.collection_id = ${mailboxId}::uuid)`;
  const { rows } = await sql<Grant>`
    SELECT g.grantee_id AS "granteeId", g.grantee_organization_id AS "granteeOrganizationId",
      coalesce(a.address, p.uid) AS identifier, p.display_name AS "displayName", p.kind,
      g.collection_id AS "mailboxId", g.rights
    FROM grant_given g
    JOIN principal p ON p.organization_id = g.grantee_organization_id AND p.id = g.grantee_id AND p.state <> 'deleted'
    LEFT JOIN address a ON a.organization_id = p.organization_id AND a.principal_id = p.id AND a.kind = 'primary'
    WHERE g.organization_id = ${account.organizationId} AND g.account_id = ${account.accountId}
      AND cardinality(g.rights) > 0 AND g.collection_kind IS DISTINCT FROM 'node'
      AND (g.expires_at IS NULL OR g.expires_at > now()) AND ${only}
    ORDER BY p.display_name, p.id, g.collection_id NULLS FIRST`.execute(reader);
  return rows;
}
