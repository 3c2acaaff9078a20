import { sql } from "kysely";
import type { Store } from "../../../store/database.ts";
import { type AccountKey, takeModseq } from "../../../store/feed/take-modseq.ts";
import { type AccountAccess, requireRight } from "../../access/account-access.ts";
import { moveGrantsEpoch } from "../../identity/move-grants-epoch.ts";

/** The same for whoever may manage the account. @throws DomainError `forbidden` */
export async function changePersonalSeen(
  store: Pick<Store, "transact">,
  access: AccountAccess,
  isPersonal: boolean,
): Promise<void> {
  requireRight(access, "manage");
  await setPersonalSeen(store, { organizationId: access.organizationId, accountId: access.accountId }, isPersonal);
}

/**
 * Decides whether each person who reads a shared account has a `\Seen` of their own, or all share one, as they do until this is
 * called: what one has opened is then read for all, and nobody answers twice. When it ends, what each had seen for themselves is forgotten
 * and the flag of the copies holds for all again. Everybody's sync tokens for the account start again.
 */
export async function setPersonalSeen(
  store: Pick<Store, "transact">,
  account: AccountKey,
  isPersonal: boolean,
): Promise<void> {
  await store.transact(async (tx) => {
    const changed = await tx
      .updateTable("account")
      .set({ has_personal_seen: isPersonal })
      .where("organization_id", "=", account.organizationId)
      .where("id", "=", account.accountId)
      .where("has_personal_seen", "<>", isPersonal)
      .returning("id")
      .executeTakeFirst();
    if (!changed) return;
    const grantees = await tx
      .selectFrom("grant_given")
      .select(["grantee_organization_id", "grantee_id"])
      .where("organization_id", "=", account.organizationId)
      .where("account_id", "=", account.accountId)
      .orderBy("grantee_organization_id")
      .execute();
    const byOrganization = Map.groupBy(grantees, (each) => each.grantee_organization_id);
    for (const [organizationId, each] of byOrganization) {
      await moveGrantsEpoch(
        tx,
        organizationId,
        each.map((row) => row.grantee_id),
      );
    }
    const modseq = await takeModseq(tx, account, "mail", ["Email", "Mailbox"]);
    // IMAP clients have no epoch: they learn by CONDSTORE what is different now.
    await sql`
      WITH forgotten AS (
        DELETE FROM personal_seen WHERE organization_id = ${account.organizationId} AND account_id = ${account.accountId}
        RETURNING message_id, is_seen
      ), moved AS (
        UPDATE mailbox_message c SET modseq = ${modseq} WHERE c.organization_id = ${account.organizationId}
          AND c.message_id IN (SELECT message_id FROM forgotten)
        RETURNING c.mailbox_id
      )
      UPDATE mailbox SET highest_modseq = ${modseq}, counts_modseq = ${modseq}
      WHERE organization_id = ${account.organizationId} AND id IN (SELECT mailbox_id FROM moved)`.execute(tx);
  });
}
