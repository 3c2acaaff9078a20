import { takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { type MailboxRow, selectMailboxes } from "../../store/mail/mailbox-rows.ts";
import { type AccountAccess, requireRight } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { checkPlace } from "./create-mailbox.ts";
import { mailboxFromRow } from "./mailbox-from-row.ts";
import { normalizeMailboxName } from "./mailbox-name.ts";
import type { Mailbox, MailDeps } from "./model.ts";

export interface MailboxChange {
  name?: string;
  parentId?: string | null;
  isSubscribed?: boolean;
  sortOrder?: number;
}

/**
 * Renames, moves or (un)subscribes; the role stays. The inbox keeps its name and place: RENAME INBOX (RFC 9051 section 6.3.6) moves
 * messages instead.
 * @throws DomainError `forbidden`, `not_found`, `invalid` (name, cycle, depth), `already_exists`
 */
export async function updateMailbox(
  deps: MailDeps,
  access: AccountAccess,
  mailboxId: string,
  change: MailboxChange,
): Promise<Mailbox> {
  requireRight(access, "write");
  const name = change.name === undefined ? undefined : normalizeMailboxName(change.name);
  return deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    const mailboxes = await selectMailboxes(tx, access);
    const current = mailboxes.find((each) => each.id === mailboxId);
    if (!current) throw new DomainError("not_found", "There is no such mailbox");
    const next = {
      name: name ?? current.name,
      parent_id: change.parentId === undefined ? current.parent_id : change.parentId,
      is_subscribed: change.isSubscribed ?? current.is_subscribed,
      sort_order: change.sortOrder ?? current.sort_order,
    };
    const moves = next.name !== current.name || next.parent_id !== current.parent_id;
    if (moves) {
      if (current.role === "inbox") throw new DomainError("invalid", "The inbox keeps its name and place");
      checkPlace(mailboxes, { id: current.id, name: next.name, parentId: next.parent_id });
    }
    if (!moves && next.is_subscribed === current.is_subscribed && next.sort_order === current.sort_order) {
      return mailboxFromRow(current);
    }
    const modseq = await takeModseq(tx, access, "mail", ["Mailbox"]);
    const row = await tx
      .updateTable("mailbox")
      .set({ ...next, modseq })
      .where("organization_id", "=", access.organizationId)
      .where("id", "=", current.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return mailboxFromRow(row as unknown as MailboxRow);
  });
}
