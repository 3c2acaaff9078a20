import { sql } from "kysely";
import type { Reader, Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { DomainError } from "../errors.ts";

export type QuotaArea = "mail" | "files";

/** In bytes. */
export interface Quota {
  used: number;
  limit: number;
}

/** @throws DomainError `not_found` for an account without one */
export async function readQuota(reader: Reader, key: AccountKey, area: QuotaArea): Promise<Quota> {
  const row = await reader
    .selectFrom("quota")
    .select(["used_bytes", "limit_bytes"])
    .where("organization_id", "=", key.organizationId)
    .where("account_id", "=", key.accountId)
    .where("area", "=", area)
    .executeTakeFirst();
  if (!row) throw new DomainError("not_found", "There is no such account");
  return { used: row.used_bytes, limit: row.limit_bytes };
}

/** @throws DomainError `over_quota` when `bytes` more do not fit; giving back or adding nothing always does */
export function requireRoom(quota: Quota, bytes: number): void {
  if (bytes > 0 && quota.used + bytes > quota.limit) throw overQuota(quota, bytes);
}

/**
 * Adds bytes to what an account uses (takes them away when negative). The caller holds the feed of (account, area), so the
 * count moves with the rows that it counts.
 * @throws DomainError `over_quota`; the transaction must not commit then
 */
export async function chargeQuota(tx: Transactor, key: AccountKey, area: QuotaArea, bytes: number): Promise<void> {
  if (bytes === 0) return;
  const result = await sql<{ used: number; limit: number }>`
    UPDATE quota SET used_bytes = used_bytes + ${bytes}
    WHERE organization_id = ${key.organizationId} AND account_id = ${key.accountId} AND area = ${area}
    RETURNING used_bytes AS used, limit_bytes AS limit`.execute(tx);
  const after = result.rows[0];
  if (!after) throw new DomainError("not_found", "There is no such account");
  if (bytes > 0 && after.used > after.limit) throw overQuota({ used: after.used - bytes, limit: after.limit }, bytes);
}

function overQuota(quota: Quota, bytes: number): DomainError {
  return new DomainError("over_quota", "There is not enough room left", {
    detail: `used ${quota.used}, limit ${quota.limit}, wanted ${bytes}`,
    data: { used: quota.used, limit: quota.limit },
  });
}
