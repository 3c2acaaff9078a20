import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { moveGrantsEpoch } from "../identity/move-grants-epoch.ts";
import type { Right } from "./account-access.ts";

export interface Grantee {
  organizationId: string;
  principalId: string;
}

/** A whole account, or one mailbox of it. */
export interface GrantTarget extends AccountKey {
  mailboxId?: string | null;
}

/**
 * Gives a principal rights on a whole account or on one of its mailboxes, replacing those it had there; none takes them all away. Two
 * rows, one on each side. The epoch of everybody whom it reaches moves, through groups too, so that their sync tokens start
 * again; when rights shrink, their open connections are told to look again at what they may do. Says nothing about who may give: see
 * domain/mail/delegation.
 * @param createdBy who gave them
 */
export async function grantAccount(
  tx: Transactor,
  target: GrantTarget,
  grantee: Grantee,
  rights: readonly Right[],
  createdBy: string | null = null,
): Promise<void> {
  const collectionId = target.mailboxId ?? null;
  const wanted = [...new Set(rights)];
  const before = await tx
    .selectFrom("grant_given")
    .select(["id", "rights"])
    .where("organization_id", "=", target.organizationId)
    .where("account_id", "=", target.accountId)
    .where(sql<boolean>`collection_id IS NOT DISTINCT FROM ${collectionId}::uuid`)
    .where("grantee_organization_id", "=", grantee.organizationId)
    .where("grantee_id", "=", grantee.principalId)
    .forUpdate()
    .executeTakeFirst();
  const had = before?.rights ?? [];
  if (wanted.length === had.length && wanted.every((right) => had.includes(right))) return;
  if (wanted.length === 0 && before !== undefined) await removeGrant(tx, target, grantee, before.id);
  else await writeGrant(tx, target, grantee, wanted, createdBy);
  const reached = await moveGrantsEpoch(tx, grantee.organizationId, [grantee.principalId]);
  if (had.some((right) => !wanted.includes(right as Right))) {
    for (const id of reached) tx.hint({ kind: "revoked", id });
  }
}

async function writeGrant(
  tx: Transactor,
  target: GrantTarget,
  grantee: Grantee,
  rights: Right[],
  createdBy: string | null,
): Promise<void> {
  const given = await tx
    .insertInto("grant_given")
    .values({
      organization_id: target.organizationId,
      id: uuidv7(),
      account_id: target.accountId,
      collection_id: target.mailboxId ?? null,
      grantee_organization_id: grantee.organizationId,
      grantee_id: grantee.principalId,
      rights,
      created_by: createdBy,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["organization_id", "account_id", "collection_id", "grantee_organization_id", "grantee_id"])
        .doUpdateSet({ rights, created_by: createdBy }),
    )
    .returning("id")
    .executeTakeFirstOrThrow();
  await tx
    .insertInto("grant_received")
    .values({
      organization_id: grantee.organizationId,
      principal_id: grantee.principalId,
      grant_id: given.id,
      account_organization_id: target.organizationId,
      account_id: target.accountId,
      collection_id: target.mailboxId ?? null,
      rights,
    })
    .onConflict((conflict) => conflict.columns(["organization_id", "principal_id", "grant_id"]).doUpdateSet({ rights }))
    .execute();
}

async function removeGrant(tx: Transactor, target: GrantTarget, grantee: Grantee, grantId: string): Promise<void> {
  await tx
    .deleteFrom("grant_received")
    .where("organization_id", "=", grantee.organizationId)
    .where("principal_id", "=", grantee.principalId)
    .where("grant_id", "=", grantId)
    .execute();
  await tx
    .deleteFrom("grant_given")
    .where("organization_id", "=", target.organizationId)
    .where("id", "=", grantId)
    .execute();
}
