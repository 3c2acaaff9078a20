import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import { readChain } from "../../store/drive/read-chain.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { grantAccount } from "../access/grant-account.ts";
import { type NodeGrant, readNodeGrants } from "./node-grant.ts";
import { rightsOfSharer } from "./rights-of-sharer.ts";

/**
 * Takes back what was shared on by those who may not any more, or with more than they have left; and what those had shared on in turn.
 * Links need none of it: what their maker may do is looked at when they are used. To be called before a feed is locked.
 * @returns the shares that ended or shrank, as each was before
 */
export async function trimReshares(tx: Transactor, account: AccountKey): Promise<NodeGrant[]> {
  const trimmed = new Map<string, NodeGrant>();
  for (let isDone = false; !isDone; ) {
    isDone = true;
    for (const grant of await readNodeGrants(tx, account, isReshare)) {
      const chain = await readChain(tx, account.organizationId, grant.nodeId);
      const maker = {
        organizationId: grant.createdByOrganization ?? account.organizationId,
        principalId: grant.createdBy!,
      };
      const theirs = await rightsOfSharer(
        tx,
        maker,
        account,
        chain.map((node) => node.id),
      );
      const kept = theirs.has("share") ? grant.rights.filter((right) => theirs.has(right)) : [];
      if (kept.length === grant.rights.length) continue;
      await grantAccount(
        tx,
        { ...account, nodeId: grant.nodeId },
        grant.grantee,
        kept.includes("read") ? kept : [],
        {},
      );
      if (!trimmed.has(grant.id)) trimmed.set(grant.id, grant);
      isDone = false;
    }
  }
  return [...trimmed.values()];
}

const isReshare = sql<boolean>`g.created_by IS NOT NULL AND g.created_by <> a.owner_id`;
