import type { Reader, Store } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import { prepare } from "../prepared.ts";

/** A claim that a crash loses makes messages recent once more, which RFC 3501 section 2.3.2 prefers to the contrary. */
const commitWithoutSync = prepare("recent_commit", "SET LOCAL synchronous_commit = off");

const claim = prepare<{ recent_uid: number }>(
  "recent_claim",
  `UPDATE mailbox b SET recent_uid = $4::bigint
  WHERE b.organization_id = $1::uuid AND b.account_id = $2::uuid AND b.id = $3::uuid AND b.recent_uid < $4::bigint
    AND b.deleted_at IS NULL
  RETURNING old.recent_uid`,
);

const count = prepare<{ count: number }>(
  "recent_count",
  `SELECT count(*) AS count FROM mailbox_message c
  WHERE c.organization_id = $1::uuid AND c.account_id = $2::uuid AND c.mailbox_id = $3::uuid AND c.uid > $4::bigint`,
);

/**
 * Takes the uids up to this one that nobody took yet. Deliveries wait for the mailbox's row while they hold their feed, and this holds
 * no feed: so the commit is sent with the statement, and is not waited for on disk.
 * @returns the highest uid taken before; undefined when none was left, or no such mailbox is
 */
export async function claimRecentUids(
  store: Pick<Store, "transact">,
  key: AccountKey,
  mailboxId: string,
  throughUid: number,
): Promise<number | undefined> {
  const values = [key.organizationId, key.accountId, mailboxId, throughUid];
  const claimed = await store.transact(async (tx) => {
    tx.trail(commitWithoutSync.execute(tx, []));
    const answer = claim.execute(tx, values);
    tx.trail(answer);
    return { answer };
  });
  return (await claimed.answer)[0]?.recent_uid;
}

/** How many copies of a mailbox have a uid above this one. */
export async function countAboveUid(reader: Reader, key: AccountKey, mailboxId: string, uid: number): Promise<number> {
  const [row] = await count.execute(reader, [key.organizationId, key.accountId, mailboxId, uid]);
  return row?.count ?? 0;
}
