import type { Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { DomainError } from "../errors.ts";
import type { QuotaArea } from "./charge-quota.ts";

/**
 * Sets how much an account may hold. A limit below what is used takes nothing away: it only refuses more.
 * @param limit in bytes
 * @throws DomainError `invalid`, `not_found`
 */
export async function setQuota(tx: Transactor, key: AccountKey, area: QuotaArea, limit: number): Promise<void> {
  if (!Number.isSafeInteger(limit) || limit < 0) throw new DomainError("invalid", "A quota is a whole number of bytes");
  const updated = await tx
    .updateTable("quota")
    .set({ limit_bytes: limit })
    .where("organization_id", "=", key.organizationId)
    .where("account_id", "=", key.accountId)
    .where("area", "=", area)
    .returning("area")
    .executeTakeFirst();
  if (!updated) throw new DomainError("not_found", "There is no such account");
}
