import type { Reader } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import type { ResolvedRecipient } from "./resolve-recipient.ts";

/**
 * Refuses at RCPT what DATA would refuse later. A group takes mail whatever its members' mailboxes hold: one full mailbox must not
 * close a list. A mailbox that sends everything on and keeps nothing has always room.
 * @param size announced by the sender (RFC 1870), 0 when unknown
 * @throws DomainError `over_quota`
 */
export async function checkRecipientQuota(reader: Reader, recipient: ResolvedRecipient, size = 0): Promise<void> {
  if (recipient.kind !== "account") return;
  const quota = await reader
    .selectFrom("quota")
    .select(["used_bytes", "limit_bytes"])
    .where("organization_id", "=", recipient.organizationId)
    .where("account_id", "=", recipient.accountId)
    .where("area", "=", "mail")
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("mail_forward as f")
            .select("f.account_id")
            .whereRef("f.organization_id", "=", "quota.organization_id")
            .whereRef("f.account_id", "=", "quota.account_id")
            .where("f.keeps_copy", "=", false),
        ),
      ),
    )
    .executeTakeFirst();
  if (!quota) return;
  if (quota.used_bytes >= quota.limit_bytes || quota.used_bytes + size > quota.limit_bytes) {
    throw new DomainError("over_quota", "The mailbox is full", { detail: recipient.address });
  }
}
