import type { Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { uuidv7 } from "../../store/uuid.ts";
import type { Right } from "./account-access.ts";

export interface Grantee {
  organizationId: string;
  principalId: string;
}

/**
 * Gives a principal rights on a whole account, replacing those it had. Two rows, one on each side, and the grantee's epoch
 * moves so that its sync tokens start again.
 */
export async function grantAccount(
  tx: Transactor,
  account: AccountKey,
  grantee: Grantee,
  rights: readonly Right[],
): Promise<void> {
  const given = await tx
    .insertInto("grant_given")
    .values({
      organization_id: account.organizationId,
      id: uuidv7(),
      account_id: account.accountId,
      collection_id: null,
      grantee_organization_id: grantee.organizationId,
      grantee_id: grantee.principalId,
      rights: [...rights],
    })
    .onConflict((conflict) =>
      conflict
        .columns(["organization_id", "account_id", "collection_id", "grantee_organization_id", "grantee_id"])
        .doUpdateSet({ rights: [...rights] }),
    )
    .returning("id")
    .executeTakeFirstOrThrow();
  await tx
    .insertInto("grant_received")
    .values({
      organization_id: grantee.organizationId,
      principal_id: grantee.principalId,
      grant_id: given.id,
      account_organization_id: account.organizationId,
      account_id: account.accountId,
      collection_id: null,
      rights: [...rights],
    })
    .onConflict((conflict) =>
      conflict.columns(["organization_id", "principal_id", "grant_id"]).doUpdateSet({ rights: [...rights] }),
    )
    .execute();
  await tx
    .updateTable("principal")
    .set((eb) => ({ grants_epoch: eb("grants_epoch", "+", 1) }))
    .where("organization_id", "=", grantee.organizationId)
    .where("id", "=", grantee.principalId)
    .execute();
}
