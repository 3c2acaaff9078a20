import { type RawBuilder, sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import type { Right } from "../access/account-access.ts";
import type { Grantee } from "../access/grant-account.ts";

/** A share as it is written, with all that giving it again takes. */
export interface NodeGrant {
  id: string;
  number: number;
  nodeId: string;
  grantee: Grantee;
  rights: readonly Right[];
  expiresAt: Date | null;
  note: string | null;
  createdBy: string | null;
  /** When it is not that of the account. */
  createdByOrganization: string | null;
  createdAt: Date;
}

/** Those of an account, in the order in which they were given. @param condition of `g`, the grant, and `a`, its account */
export async function readNodeGrants(
  tx: Transactor,
  account: AccountKey,
  condition: RawBuilder<boolean>,
): Promise<NodeGrant[]> {
  const { rows } = await sql<NodeGrant & { grantee_organization_id: string; grantee_id: string }>`
    SELECT g.id, g.share_number AS number, g.collection_id AS "nodeId", g.grantee_organization_id, g.grantee_id, g.rights,
      g.expires_at AS "expiresAt", g.note, g.created_by AS "createdBy", g.created_by_organization AS "createdByOrganization",
      g.created_at AS "createdAt"
    FROM grant_given g JOIN account a ON a.organization_id = g.organization_id AND a.id = g.account_id
    WHERE g.organization_id = ${account.organizationId} AND g.account_id = ${account.accountId} AND g.collection_kind = 'node'
      AND ${condition} ORDER BY g.share_number`.execute(tx);
  return rows.map(({ grantee_organization_id, grantee_id, ...grant }) => ({
    ...grant,
    grantee: { organizationId: grantee_organization_id, principalId: grantee_id },
  }));
}
