import { sql } from "kysely";
import type { Store } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";

const batch = 500;

/**
 * Ends the recovery period: forgets copies expunged before a date, then the messages that have neither copy nor recoverable copy, with
 * their text and their hold on the blob, then deleted mailboxes that nothing refers to. In small transactions, under the lock of
 * each account.
 * @param before the present less the recovery period
 * @returns how many copies were forgotten, and how many messages went with them
 */
export async function purgeExpunged(
  store: Store,
  before: Date,
): Promise<{ copies: number; messages: number; mailboxes: number }> {
  const purged = { copies: 0, messages: 0, mailboxes: 0 };
  const accounts = await sql<{ organization_id: string; account_id: string }>`
    SELECT DISTINCT organization_id, account_id FROM expunged_message WHERE expunged_at < ${before}
    UNION SELECT organization_id, account_id FROM mailbox WHERE deleted_at < ${before}`.execute(store.read);
  for (const row of accounts.rows) {
    const key = { organizationId: row.organization_id, accountId: row.account_id };
    for (;;) {
      const { copies, messages } = await purgeBatch(store, key, before);
      purged.copies += copies;
      purged.messages += messages;
      if (copies < batch) break;
    }
    purged.mailboxes += await purgeMailboxes(store, key, before);
  }
  return purged;
}

async function purgeBatch(store: Store, key: AccountKey, before: Date): Promise<{ copies: number; messages: number }> {
  return store.transact(async (tx) => {
    // A message must not be restored or copied while it is judged.
    await lockMailFeed(tx, key);
    const gone = await sql<{ message_id: string }>`
      DELETE FROM expunged_message WHERE (organization_id, id) IN (
        SELECT organization_id, id FROM expunged_message
        WHERE organization_id = ${key.organizationId} AND account_id = ${key.accountId} AND expunged_at < ${before}
        ORDER BY expunged_at LIMIT ${batch})
      RETURNING message_id`.execute(tx);
    const ids = [...new Set(gone.rows.map((row) => row.message_id))];
    const removed = await sql<{ id: string }>`
      DELETE FROM message m WHERE m.organization_id = ${key.organizationId} AND m.id = ANY(${ids}::uuid[])
        AND NOT EXISTS (SELECT FROM mailbox_message c WHERE c.organization_id = m.organization_id AND c.message_id = m.id)
        AND NOT EXISTS (SELECT FROM expunged_message e WHERE e.organization_id = m.organization_id AND e.message_id = m.id)
      RETURNING m.id`.execute(tx);
    await sql`
      DELETE FROM blob_reference WHERE organization_id = ${key.organizationId} AND kind = 'message'
        AND owner_id = ANY(${removed.rows.map((row) => row.id)}::uuid[])`.execute(tx);
    return { copies: gone.rows.length, messages: removed.rows.length };
  });
}

async function purgeMailboxes(store: Store, key: AccountKey, before: Date): Promise<number> {
  const purged = await store.transact(async (tx) => {
    await lockMailFeed(tx, key);
    const result = await sql<{ id: string }>`
      DELETE FROM mailbox b WHERE b.organization_id = ${key.organizationId} AND b.account_id = ${key.accountId}
        AND b.deleted_at < ${before}
        AND NOT EXISTS (SELECT FROM mailbox_message c WHERE c.organization_id = b.organization_id AND c.mailbox_id = b.id)
        AND NOT EXISTS (SELECT FROM expunged_message e WHERE e.organization_id = b.organization_id AND e.mailbox_id = b.id)
        AND NOT EXISTS (SELECT FROM mailbox d WHERE d.organization_id = b.organization_id AND d.parent_id = b.id)
      RETURNING b.id`.execute(tx);
    return result.rows.map((row) => row.id);
  });
  if (purged.length > 0) await forgetGrants(store, key, purged);
  return purged.length;
}

/** Rights on mailboxes that are no more: in a transaction of its own, because grants are locked before feeds. */
async function forgetGrants(store: Store, key: AccountKey, mailboxIds: readonly string[]): Promise<void> {
  await store.transact(async (tx) => {
    const given = await tx
      .deleteFrom("grant_given")
      .where("organization_id", "=", key.organizationId)
      .where("account_id", "=", key.accountId)
      .where("collection_id", "in", [...mailboxIds])
      .returning(["id", "grantee_organization_id", "grantee_id"])
      .execute();
    for (const { id, grantee_organization_id, grantee_id } of given) {
      await tx
        .deleteFrom("grant_received")
        .where("organization_id", "=", grantee_organization_id)
        .where("principal_id", "=", grantee_id)
        .where("grant_id", "=", id)
        .execute();
    }
  });
}
