import type { Store } from "../../../store/database.ts";

/** Removes the record of messages decided before then. @returns how many */
export async function purgeDecided(store: Store, before: Date): Promise<number> {
  const result = await store.transact((tx) =>
    tx.deleteFrom("held_message").where("state", "<>", "held").where("decided_at", "<", before).executeTakeFirst(),
  );
  return Number(result.numDeletedRows);
}
