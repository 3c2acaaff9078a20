import { sql } from "kysely";
import type { Store } from "../../store/database.ts";

/**
 * Deletes what no sign-in can use any more: sessions 90 days after their end (until then they say which networks a person has
 * used), counts of failures after a day, records of the provider and links after their end.
 * @returns how many rows
 */
export async function purgeCredentials(store: Store): Promise<number> {
  const statements = [
    sql`DELETE FROM session WHERE least(expires_at, coalesce(revoked_at, 'infinity')) < now() - interval '90 days'`,
    sql`DELETE FROM sign_in_throttle WHERE first_failure_at < now() - interval '1 day' AND (blocked_until IS NULL OR blocked_until < now())`,
    sql`DELETE FROM oidc_record WHERE expires_at < now()`,
    sql`DELETE FROM password_reset_link WHERE expires_at < now() - interval '30 days'`,
    // A device that is to be wiped may lie in a drawer for long.
    sql`DELETE FROM app_password WHERE revoked_at < now() - interval '90 days'
      AND (wipe_requested_at IS NULL OR wiped_at < now() - interval '90 days' OR wipe_requested_at < now() - interval '2 years')`,
    sql`DELETE FROM device_login WHERE expires_at < now()`,
  ];
  let count = 0;
  for (const statement of statements) {
    const { numAffectedRows } = await store.transact((tx) => statement.execute(tx));
    count += Number(numAffectedRows ?? 0n);
  }
  return count;
}
