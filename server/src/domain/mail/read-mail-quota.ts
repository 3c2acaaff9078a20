import type { Reader } from "../../store/database.ts";
import type { AccountAccess } from "../access/account-access.ts";

/** Bytes used and allowed for mail; `limitBytes` is null when nothing limits the account. */
export async function readMailQuota(
  reader: Reader,
  access: AccountAccess,
): Promise<{ usedBytes: number; limitBytes: number | null }> {
  const row = await reader
    .selectFrom("quota")
    .select(["used_bytes", "limit_bytes"])
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId)
    .where("area", "=", "mail")
    .executeTakeFirst();
  return { usedBytes: row?.used_bytes ?? 0, limitBytes: row?.limit_bytes ?? null };
}
