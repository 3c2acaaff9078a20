import { sql } from "kysely";
import { recordDepartures } from "../../store/feed/record-departures.ts";
import { takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { type MailboxMessageRow, mailboxMessageColumns } from "../../store/mail/mailbox-message-rows.ts";
import { selectMailboxes } from "../../store/mail/mailbox-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { requireMailboxRight } from "../access/mailbox-rights.ts";
import { DomainError } from "../errors.ts";
import { mailboxMessageFromRow } from "./mailbox-from-row.ts";
import type { MailDeps } from "./model.ts";
import { removeCopies } from "./remove-copies.ts";

/**
 * Deletes a mailbox; its messages stay recoverable until the recovery period ends.
 * @param options.onDestroyRemoveEmails without it a mailbox that holds messages is refused (RFC 8621 section 2.5)
 * @throws DomainError `forbidden`, `not_found`, `invalid` (the inbox), `conflict` (data.reason: "children" or "messages")
 */
export async function deleteMailbox(
  deps: MailDeps,
  access: AccountAccess,
  mailboxId: string,
  options: { onDestroyRemoveEmails: boolean },
): Promise<void> {
  requireMailboxRight(access, mailboxId, "manage");
  await deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    const mailboxes = await selectMailboxes(tx, access);
    const mailbox = mailboxes.find((each) => each.id === mailboxId);
    if (!mailbox) throw new DomainError("not_found", "There is no such mailbox");
    if (mailbox.role === "inbox") throw new DomainError("invalid", "The inbox cannot be deleted");
    if (mailboxes.some((each) => each.parent_id === mailboxId)) {
      throw new DomainError("conflict", "This mailbox has mailboxes inside", { data: { reason: "children" } });
    }
    if (mailbox.total > 0 && !options.onDestroyRemoveEmails) {
      throw new DomainError("conflict", "This mailbox has messages", { data: { reason: "messages" } });
    }
    const modseq = await takeModseq(tx, access, "mail", ["Mailbox", ...(mailbox.total > 0 ? ["Email", "Thread"] : [])]);
    const copies = await sql<MailboxMessageRow>`
      SELECT ${mailboxMessageColumns} FROM mailbox_message c
      WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailboxId}`.execute(tx);
    await removeCopies(tx, access, modseq, copies.rows.map(mailboxMessageFromRow), { recoverable: true });
    await tx
      .updateTable("mailbox")
      .set({ deleted_at: sql<Date>`now()`, modseq })
      .where("organization_id", "=", access.organizationId)
      .where("id", "=", mailboxId)
      .execute();
    await recordDepartures(tx, access, "mail", modseq, [
      { kind: "Mailbox", collectionId: access.accountId, objectId: mailboxId },
    ]);
  });
}
