import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { type AccountAccess, requireRight } from "../access/account-access.ts";
import type { MailDeps } from "./model.ts";

/** Beyond this the oldest clients of the world are not worth the room. */
const maxLeft = 1_000;

/** Full names, levels separated by a slash, that the account stays subscribed to although there is no such mailbox any more. */
export async function listLeftSubscriptions(reader: Reader, access: AccountAccess): Promise<string[]> {
  const rows = await reader
    .selectFrom("left_subscription")
    .select("name")
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId)
    .orderBy("name")
    .execute();
  return rows.map(({ name }) => name);
}

/** Remembers the subscription to a mailbox that is being deleted. @throws DomainError `forbidden` */
export async function leaveSubscription(deps: MailDeps, access: AccountAccess, name: string): Promise<void> {
  requireRight(access, "write");
  await deps.store.transact(async (tx) => {
    await sql`
      INSERT INTO left_subscription (organization_id, account_id, name)
      SELECT ${access.organizationId}::uuid, ${access.accountId}::uuid, ${name}
      WHERE (SELECT count(*) FROM left_subscription
        WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId}) < ${maxLeft}
      ON CONFLICT DO NOTHING`.execute(tx);
  });
}

/**
 * Forgets subscriptions to names without a mailbox.
 * @returns whether there was one
 * @throws DomainError `forbidden`
 */
export async function endLeftSubscriptions(
  deps: MailDeps,
  access: AccountAccess,
  names: readonly string[],
): Promise<boolean> {
  requireRight(access, "write");
  return deps.store.transact(async (tx) => {
    const { numDeletedRows } = await tx
      .deleteFrom("left_subscription")
      .where("organization_id", "=", access.organizationId)
      .where("account_id", "=", access.accountId)
      .where("name", "in", names as string[])
      .executeTakeFirst();
    return numDeletedRows > 0n;
  });
}
