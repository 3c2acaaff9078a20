import type { Transactor } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import type { Right } from "../../access/account-access.ts";
import { grantAccount } from "../../access/grant-account.ts";

/**
 * Gives those who have rights on a mailbox alone the same on one that is being made inside it: who makes it would not see it otherwise.
 * Later the two are independent. To be called before the feed is locked.
 */
export async function inheritGrants(
  tx: Transactor,
  account: AccountKey,
  parentId: string,
  mailboxId: string,
): Promise<void> {
  const grants = await tx
    .selectFrom("grant_given")
    .select(["grantee_organization_id", "grantee_id", "rights"])
    .where("organization_id", "=", account.organizationId)
    .where("account_id", "=", account.accountId)
    .where("collection_id", "=", parentId)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", new Date())]))
    .orderBy("grantee_id")
    .execute();
  const target = { organizationId: account.organizationId, accountId: account.accountId, mailboxId };
  for (const { grantee_organization_id, grantee_id, rights } of grants) {
    const grantee = { organizationId: grantee_organization_id, principalId: grantee_id };
    await grantAccount(tx, target, grantee, rights as Right[]);
  }
}
