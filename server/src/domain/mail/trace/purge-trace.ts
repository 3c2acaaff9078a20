import { sql } from "kysely";
import type { Store } from "../../../store/database.ts";

/** Days that the message trace is kept. */
export const traceDays = 90;
const batch = 10_000;

/** Removes what is older than 90 days, in batches. @returns how many rows */
export async function purgeTrace(store: Store, now: Date = new Date()): Promise<number> {
  const before = new Date(now.getTime() - traceDays * 86_400_000);
  let purged = 0;
  for (;;) {
    const { numAffectedRows } = await store.transact((tx) =>
      sql`DELETE FROM mail_trace WHERE (organization_id, id) IN
        (SELECT organization_id, id FROM mail_trace WHERE at < ${before} LIMIT ${batch})`.execute(tx),
    );
    const count = Number(numAffectedRows ?? 0n);
    purged += count;
    if (count < batch) return purged;
  }
}
