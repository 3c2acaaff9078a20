import type { Transactor } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";

/**
 * Takes the lock of an account's mail without moving its modseq: for changes that may turn out to change nothing. Follow with
 * `takeModseq` in the same transaction when they do.
 */
export async function lockMailFeed(tx: Transactor, key: AccountKey): Promise<void> {
  await tx
    .selectFrom("feed")
    .select("modseq")
    .where("organization_id", "=", key.organizationId)
    .where("account_id", "=", key.accountId)
    .where("area", "=", "mail")
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
}
