import { sql } from "kysely";
import type { Reader, Transactor } from "../database.ts";
import { prepare } from "../prepared.ts";

export type FeedArea = "mail" | "calendar" | "contacts" | "files";

export interface AccountKey {
  organizationId: string;
  accountId: string;
}

export interface Feed {
  modseq: number;
  oldestModseq: number;
  /** Last modseq of each JMAP type, e.g. `{ Email: 12 }`. */
  typeModseq: Record<string, number>;
}

const next = prepare<{ modseq: number }>(
  "feed_next",
  `UPDATE feed SET modseq = modseq + 1,
    type_modseq = type_modseq || (SELECT coalesce(jsonb_object_agg(t, modseq + 1), '{}') FROM unnest($4::text[]) t)
  WHERE organization_id = $1::uuid AND account_id = $2::uuid AND area = $3
  RETURNING modseq`,
);

/**
 * Locks the feed of (account, area) and takes its next modseq; one per transaction. The feed is the last lock a
 * transaction waits for: everything another transaction may hold (an outbox row, a blob, a link) comes before, and after
 * it only rows of that account's area are written, which every writer writes under this same lock. Take several in
 * account order: use `takeModseqs`.
 * @param types JMAP types whose state moves
 */
export async function takeModseq(
  tx: Transactor,
  key: AccountKey,
  area: FeedArea,
  types: readonly string[] = [],
): Promise<number> {
  const rows = await next.execute(tx, [key.organizationId, key.accountId, area, types]);
  const modseq = rows[0]?.modseq;
  if (modseq === undefined) throw new Error(`No ${area} feed for account ${key.accountId}`);
  tx.hint({ kind: "account", id: key.accountId });
  return modseq;
}

/** Takes one modseq for each account, in id order so that two transactions never wait for each other. */
export async function takeModseqs(
  tx: Transactor,
  keys: readonly AccountKey[],
  area: FeedArea,
  types: readonly string[] = [],
): Promise<Map<string, number>> {
  const sorted = [...new Map(keys.map((key) => [key.accountId, key])).values()].sort((a, b) =>
    a.accountId < b.accountId ? -1 : 1,
  );
  // Sent all at once; the connection runs them in this order.
  const taken = sorted.map(async (key) => [key.accountId, await takeModseq(tx, key, area, types)] as const);
  return new Map(await Promise.all(taken));
}

/** Marks further JMAP types as moved by a modseq already taken in this transaction. */
export async function markTypes(
  tx: Transactor,
  key: AccountKey,
  area: FeedArea,
  modseq: number,
  types: readonly string[],
): Promise<void> {
  await sql`
    UPDATE feed SET type_modseq = type_modseq || (SELECT coalesce(jsonb_object_agg(t, ${modseq}::bigint), '{}') FROM unnest(${types as string[]}::text[]) t)
    WHERE organization_id = ${key.organizationId} AND account_id = ${key.accountId} AND area = ${area}`.execute(tx);
}

/** @returns undefined when the account has no such area */
export async function readFeed(reader: Reader, key: AccountKey, area: FeedArea): Promise<Feed | undefined> {
  const row = await reader
    .selectFrom("feed")
    .select(["modseq", "oldest_modseq", "type_modseq"])
    .where("organization_id", "=", key.organizationId)
    .where("account_id", "=", key.accountId)
    .where("area", "=", area)
    .executeTakeFirst();
  return (
    row && {
      modseq: row.modseq,
      oldestModseq: row.oldest_modseq,
      typeModseq: row.type_modseq as Record<string, number>,
    }
  );
}
