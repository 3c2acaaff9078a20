import type { Reader } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
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
  // Looked up with the address a moment ago, or, of a catch-all, not yet.
  const quota = "quota" in recipient ? recipient.quota : await readQuota(reader, recipient);
  if (!quota) return;
  if (quota.used >= quota.limit || quota.used + size > quota.limit) {
    throw new DomainError("over_quota", "The mailbox is full", { detail: recipient.address });
  }
}

function readQuota(reader: Reader, recipient: AccountKey): Promise<{ used: number; limit: number } | undefined> {
  return reader
    .selectFrom("quota")
    .select(["used_bytes as used", "limit_bytes as limit"])
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
}
