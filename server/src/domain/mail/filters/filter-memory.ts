import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Reader, Store } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";

/** What filters remember for a time. */
export interface Memory {
  kind: "duplicate" | "vacation" | "notice";
  handle: string;
  expiresAt: Date;
}

/** Handles are made of what strangers write: they are kept as hashes of one length. */
export function memoryHandle(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}

export async function isRemembered(
  reader: Reader,
  key: AccountKey,
  kind: Memory["kind"],
  handle: string,
): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM filter_memory WHERE organization_id = ${key.organizationId} AND account_id = ${key.accountId}
      AND kind = ${kind} AND handle = ${handle} AND expires_at > now()`.execute(reader);
  return rows.length > 0;
}

/** Until a delivery has committed, nobody else does what it is about to do; one that failed does not hold for long. */
const claimSeconds = 120;

/**
 * Takes the right to answer, for a moment: of two messages that come at once, one is answered. `recordOutcome` makes it last.
 * @returns false when it is remembered already
 */
export async function claim(
  store: Store,
  key: AccountKey,
  kind: "vacation" | "notice",
  handle: string,
): Promise<boolean> {
  return store.transact(async (tx) => {
    const { rows } = await sql`
      INSERT INTO filter_memory (organization_id, account_id, kind, handle, expires_at)
      VALUES (${key.organizationId}, ${key.accountId}, ${kind}, ${handle}, now() + ${claimSeconds} * interval '1 second')
      ON CONFLICT (organization_id, account_id, kind, handle) DO UPDATE SET expires_at = excluded.expires_at
        WHERE filter_memory.expires_at <= now()
      RETURNING handle`.execute(tx);
    return rows.length > 0;
  });
}

/** Forgets what is over. @returns how many */
export async function purgeFilterMemory(store: Store): Promise<number> {
  return store.transact(async (tx) => {
    const gone = await tx.deleteFrom("filter_memory").where("expires_at", "<", new Date()).executeTakeFirst();
    return Number(gone.numDeletedRows);
  });
}
