import type { Transactor } from "../database.ts";
import { prepare } from "../prepared.ts";
import type { AccountKey, FeedArea } from "./take-modseq.ts";

const lock = prepare<never>(
  "feed_lock",
  `SELECT FROM feed WHERE organization_id = $1::uuid AND account_id = $2::uuid AND area = $3 FOR NO KEY UPDATE`,
);

/** Waits for the writers of a feed and keeps others waiting until the commit, without a change of its own. */
export async function lockFeed(tx: Transactor, key: AccountKey, area: FeedArea): Promise<void> {
  await lock.execute(tx, [key.organizationId, key.accountId, area]);
}
