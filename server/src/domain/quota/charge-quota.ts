import type { Reader, Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { prepare } from "../../store/prepared.ts";
import { DomainError } from "../errors.ts";

export type QuotaArea = "mail" | "files";

/** In bytes. */
export interface Quota {
  used: number;
  limit: number;
}

const select = prepare<{ used: number; limit: number }>(
  "quota_read",
  `SELECT used_bytes AS used, limit_bytes AS limit FROM quota
  WHERE organization_id = $1::uuid AND account_id = $2::uuid AND area = $3`,
);
const charge = prepare<{ used: number; limit: number }>(
  "quota_charge",
  `UPDATE quota SET used_bytes = used_bytes + $4::bigint WHERE organization_id = $1::uuid AND account_id = $2::uuid AND area = $3
  RETURNING used_bytes AS used, limit_bytes AS limit`,
);

/** @throws DomainError `not_found` for an account without one */
export async function readQuota(reader: Reader, key: AccountKey, area: QuotaArea): Promise<Quota> {
  const [row] = await select.execute(reader, [key.organizationId, key.accountId, area]);
  if (!row) throw new DomainError("not_found", "There is no such account");
  return row;
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
  const [after] = await charge.execute(tx, [key.organizationId, key.accountId, area, bytes]);
  if (!after) throw new DomainError("not_found", "There is no such account");
  if (bytes > 0 && after.used > after.limit) throw overQuota({ used: after.used - bytes, limit: after.limit }, bytes);
}

/**
 * The same when the count was read under that lock: it is still so, and nothing waits for the statement.
 * @throws DomainError `over_quota`
 */
export function chargeReadQuota(tx: Transactor, key: AccountKey, area: QuotaArea, bytes: number, quota: Quota): void {
  requireRoom(quota, bytes);
  if (bytes !== 0) tx.trail(charge.execute(tx, [key.organizationId, key.accountId, area, bytes]));
}

function overQuota(quota: Quota, bytes: number): DomainError {
  return new DomainError("over_quota", "There is not enough room left", {
    detail: `used ${quota.used}, limit ${quota.limit}, wanted ${bytes}`,
    data: { used: quota.used, limit: quota.limit },
  });
}
