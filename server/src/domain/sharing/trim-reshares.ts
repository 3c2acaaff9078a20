import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import { readChain } from "../../store/drive/read-chain.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import type { Right } from "../access/account-access.ts";
import { grantAccount } from "../access/grant-account.ts";
import { rightsOfSharer } from "./rights-of-sharer.ts";

/**
 * Takes back what was shared on by those who may not any more, or with more than they have left; and what those had shared on in turn.
 * Links need none of it: what their maker may do is looked at when they are used. To be called before a feed is locked.
 * @returns how many shares ended or shrank
 */
export async function trimReshares(tx: Transactor, account: AccountKey): Promise<number> {
  let trimmed = 0;
  for (;;) {
    const before = trimmed;
    for (const row of await readReshares(tx, account)) {
      const chain = await readChain(tx, account.organizationId, row.collection_id);
      const maker = {
        organizationId: row.created_by_organization ?? account.organizationId,
        principalId: row.created_by,
      };
      const theirs = await rightsOfSharer(
        tx,
        maker,
        account,
        chain.map((node) => node.id),
      );
      const kept = theirs.has("share") ? row.rights.filter((right) => theirs.has(right)) : [];
      if (kept.length === row.rights.length) continue;
      await grantAccount(
        tx,
        { ...account, nodeId: row.collection_id },
        { organizationId: row.grantee_organization_id, principalId: row.grantee_id },
        kept.includes("read") ? kept : [],
        {},
      );
      trimmed++;
    }
    if (trimmed === before) return trimmed;
  }
}

interface Reshare {
  collection_id: string;
  grantee_organization_id: string;
  grantee_id: string;
  rights: Right[];
  created_by: string;
  created_by_organization: string | null;
}

async function readReshares(tx: Transactor, account: AccountKey): Promise<Reshare[]> {
  const { rows } = await sql<Reshare>`
    SELECT g.collection_id, g.grantee_organization_id, g.grantee_id, g.rights, g.created_by, g.created_by_organization
    FROM grant_given g JOIN account a ON a.organization_id = g.organization_id AND a.id = g.account_id
    WHERE g.organization_id = ${account.organizationId} AND g.account_id = ${account.accountId} AND g.collection_kind = 'node'
      AND g.created_by IS NOT NULL AND g.created_by <> a.owner_id ORDER BY g.share_number`.execute(tx);
  return rows;
}
