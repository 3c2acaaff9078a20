import { sql } from "kysely";
import type { Store } from "../../store/database.ts";
import { DomainError } from "../errors.ts";

/** How many failures a key may have, and what follows. */
export interface ThrottlePolicy {
  /** Tries before the first block. */
  freeTries: number;
  /** Failures are forgotten this long after the first one. Seconds. */
  windowSeconds: number;
  /** The first block; each further failure doubles it. Seconds. */
  firstBlockSeconds: number;
}

/** No block is longer: whoever mistypes at the end of a morning can work in the afternoon. */
export const longestBlockSeconds = 900;

export interface Attempt {
  /** Tries left before a block, this one counted as failed. */
  triesLeft: number;
}

/**
 * Counts a try as failed before it is judged, so that a hundred guesses sent at once are a hundred, and refuses it when the
 * key is blocked. Give it back with `refundAttempt` or `forgetFailures` when it was right.
 * @throws DomainError `throttled` with the seconds to wait
 */
export async function chargeAttempt(store: Store, key: string, policy: ThrottlePolicy): Promise<Attempt> {
  const { freeTries, windowSeconds, firstBlockSeconds } = policy;
  const charged = await store.transact((tx) =>
    sql<{ failures: number }>`
      INSERT INTO sign_in_throttle AS t (key, failures, first_failure_at, blocked_until)
      VALUES (${key}, 1, now(), CASE WHEN ${freeTries}::int <= 1 THEN now() + make_interval(secs => ${firstBlockSeconds}) END)
      ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN t.first_failure_at < now() - make_interval(secs => ${windowSeconds}) THEN 1 ELSE t.failures + 1 END,
        first_failure_at = CASE WHEN t.first_failure_at < now() - make_interval(secs => ${windowSeconds}) THEN now() ELSE t.first_failure_at END,
        blocked_until = CASE
          WHEN t.first_failure_at < now() - make_interval(secs => ${windowSeconds}) THEN NULL
          WHEN t.failures + 1 >= ${freeTries}::int THEN now() + make_interval(secs =>
            least(${longestBlockSeconds}::float8, ${firstBlockSeconds}::float8 * 2 ^ least(t.failures + 1 - ${freeTries}::int, 20)))
        END
      WHERE t.blocked_until IS NULL OR t.blocked_until <= now()
      RETURNING t.failures`.execute(tx),
  );
  const row = charged.rows[0];
  if (row) return { triesLeft: Math.max(0, freeTries - row.failures) };
  const retryAfterSeconds = await secondsUntilFree(store, key);
  throw new DomainError("throttled", "Too many wrong passwords; try again later", { retryAfterSeconds });
}

async function secondsUntilFree(store: Store, key: string): Promise<number> {
  const row = await store.read
    .selectFrom("sign_in_throttle")
    .select(sql<number>`ceil(extract(epoch FROM blocked_until - now()))::int`.as("seconds"))
    .where("key", "=", key)
    .executeTakeFirst();
  return Math.min(longestBlockSeconds, Math.max(1, row?.seconds ?? 1));
}

/** Takes back a charge that turned out right, and with it the block that it began. */
export async function refundAttempt(store: Store, key: string): Promise<void> {
  await store.transact((tx) =>
    sql`UPDATE sign_in_throttle SET failures = greatest(0, failures - 1), blocked_until = NULL WHERE key = ${key}`.execute(
      tx,
    ),
  );
}

/** A right password ends the count of its name and network. */
export async function forgetFailures(store: Store, key: string): Promise<void> {
  await store.transact((tx) => tx.deleteFrom("sign_in_throttle").where("key", "=", key).execute());
}
