import type { Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { moveGrantsEpoch } from "../identity/move-grants-epoch.ts";
import type { Right } from "./account-access.ts";

export interface Grantee {
  organizationId: string;
  principalId: string;
}

/**
 * Gives a principal rights on a whole account, replacing those it had; none takes them all away. Two rows, one on each side. The
 * epoch of everybody whom it reaches moves, through groups too, so that their sync tokens start again; when rights shrink, their
 * open connections are told to look again at what they may do.
 */
export async function grantAccount(
  tx: Transactor,
  account: AccountKey,
  grantee: Grantee,
  rights: readonly Right[],
): Promise<void> {
  const before = await tx
    .selectFrom("grant_given")
    .select("rights")
    .where("organization_id", "=", account.organizationId)
    .where("account_id", "=", account.accountId)
    .where("collection_id", "is", null)
    .where("grantee_organization_id", "=", grantee.organizationId)
    .where("grantee_id", "=", grantee.principalId)
    .forUpdate()
    .executeTakeFirst();
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
  const reached = await moveGrantsEpoch(tx, grantee.organizationId, [grantee.principalId]);
  const shrinks = before?.rights.some((right) => !rights.includes(right as Right)) ?? false;
  if (shrinks) for (const id of reached) tx.hint({ kind: "revoked", id });
}
