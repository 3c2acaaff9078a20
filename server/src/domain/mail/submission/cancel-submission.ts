import type { Store } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { isUuid } from "../../../store/uuid.ts";
import type { AccountAccess, Right } from "../../access/account-access.ts";
import { DomainError } from "../../errors.ts";

const senders: readonly Right[] = ["send_as", "send_on_behalf", "manage"];

/**
 * Takes back a message that waits for its time: all of it or nothing. For whoever may send from the account: who may only read it must
 * not stop its mail.
 * @throws DomainError `forbidden`, `not_found`, `conflict` when a recipient has it already or is being sent it
 */
export async function cancelSubmission(
  store: Store,
  account: AccountKey & Pick<AccountAccess, "rights">,
  outboundId: string,
): Promise<void> {
  if (!isUuid(outboundId)) throw new DomainError("not_found", "There is no such submission");
  if (!senders.some((right) => account.rights.has(right))) {
    throw new DomainError("forbidden", "Only who sends from this account may take its mail back");
  }
  await store.transact(async (tx) => {
    const message = await tx
      .selectFrom("outbound_message")
      .select("id")
      .where("organization_id", "=", account.organizationId)
      .where("account_id", "=", account.accountId)
      .where("id", "=", outboundId)
      .executeTakeFirst();
    if (!message) throw new DomainError("not_found", "There is no such submission");
    const recipients = await tx
      .selectFrom("outbound_recipient")
      .select(["state", "lease_until", "attempts"])
      .where("organization_id", "=", account.organizationId)
      .where("outbound_id", "=", outboundId)
      .forUpdate()
      .execute();
    const now = new Date();
    const waits = recipients.every(
      (row) => (row.state === "queued" || row.state === "held") && !(row.lease_until && row.lease_until > now),
    );
    if (!waits) throw new DomainError("conflict", "The message has already left");
    await tx
      .updateTable("outbound_recipient")
      .set({ state: "canceled", finished_at: now, lease_owner: null, lease_until: null })
      .where("organization_id", "=", account.organizationId)
      .where("outbound_id", "=", outboundId)
      .execute();
  });
}
