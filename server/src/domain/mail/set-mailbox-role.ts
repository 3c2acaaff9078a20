import { takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { selectMailboxes } from "../../store/mail/mailbox-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { requireMailboxRight } from "../access/mailbox-rights.ts";
import { DomainError } from "../errors.ts";
import type { MailboxRole, MailDeps } from "./model.ts";

/**
 * Says what a mailbox is for, or with null that it is for nothing in particular (RFC 6154 section 5.4). The inbox stays the inbox.
 * @throws DomainError `forbidden`, `not_found`, `invalid` (the inbox), `already_exists` when another mailbox has the role
 */
export async function setMailboxRole(
  deps: Pick<MailDeps, "store">,
  access: AccountAccess,
  mailboxId: string,
  role: Exclude<MailboxRole, "inbox"> | null,
): Promise<void> {
  requireMailboxRight(access, mailboxId, "manage");
  await deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    const mailboxes = await selectMailboxes(tx, access);
    const current = mailboxes.find((each) => each.id === mailboxId);
    if (!current) throw new DomainError("not_found", "There is no such mailbox");
    if (current.role === role) return;
    if (current.role === "inbox") throw new DomainError("invalid", "The inbox keeps its role");
    if (role !== null && mailboxes.some((each) => each.role === role)) {
      throw new DomainError("already_exists", "Another mailbox has this role");
    }
    const modseq = await takeModseq(tx, access, "mail", ["Mailbox"]);
    await tx
      .updateTable("mailbox")
      .set({ role, modseq })
      .where("organization_id", "=", access.organizationId)
      .where("id", "=", mailboxId)
      .execute();
  });
}
