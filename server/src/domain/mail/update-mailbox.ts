import type { Transactor } from "../../store/database.ts";
import { takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { type MailboxRow, selectMailboxes } from "../../store/mail/mailbox-rows.ts";
import { type AccountAccess, requireRight } from "../access/account-access.ts";
import { requireMailboxRight } from "../access/mailbox-rights.ts";
import { DomainError } from "../errors.ts";
import { checkPlace } from "./create-mailbox.ts";
import { readMailbox } from "./list-mailboxes.ts";
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
 * Renames, moves or (un)subscribes; the role stays. Subscriptions of others than the owner are their own. The inbox keeps its name and place: RENAME INBOX (RFC 9051 section 6.3.6) moves
 * messages instead.
 * @throws DomainError `forbidden`, `not_found`, `invalid` (name, cycle, depth), `already_exists`
 */
export async function updateMailbox(
  deps: MailDeps,
  access: AccountAccess,
  mailboxId: string,
  change: MailboxChange,
): Promise<Mailbox> {
  const { isSubscribed, ...properties } = change;
  const ownSubscription = isSubscribed !== undefined && !access.isOwn;
  if (Object.keys(properties).length > 0) {
    requireMailboxRight(access, mailboxId, "manage");
    if (change.parentId) requireMailboxRight(access, change.parentId, "manage");
    else if (change.parentId === null) requireRight(access, "manage");
  } else await readMailbox(deps.store.read, access, mailboxId);
  const name = change.name === undefined ? undefined : normalizeMailboxName(change.name);
  return deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    const mailboxes = await selectMailboxes(tx, access);
    const current = mailboxes.find((each) => each.id === mailboxId);
    if (!current) throw new DomainError("not_found", "There is no such mailbox");
    const next = {
      name: name ?? current.name,
      parent_id: change.parentId === undefined ? current.parent_id : change.parentId,
      is_subscribed: ownSubscription ? current.is_subscribed : (isSubscribed ?? current.is_subscribed),
      sort_order: change.sortOrder ?? current.sort_order,
    };
    const moves = next.name !== current.name || next.parent_id !== current.parent_id;
    if (moves) {
      if (current.role === "inbox") throw new DomainError("invalid", "The inbox keeps its name and place");
      checkPlace(mailboxes, { id: current.id, name: next.name, parentId: next.parent_id });
    }
    const ofViewer = (row: MailboxRow) => ({
      ...mailboxFromRow(row),
      ...(isSubscribed !== undefined && { isSubscribed }),
    });
    if (ownSubscription) await subscribeViewer(tx, access, mailboxId, isSubscribed);
    if (!moves && next.is_subscribed === current.is_subscribed && next.sort_order === current.sort_order) {
      return ofViewer(current);
    }
    const modseq = await takeModseq(tx, access, "mail", ["Mailbox"]);
    const row = await tx
      .updateTable("mailbox")
      .set({ ...next, modseq })
      .where("organization_id", "=", access.organizationId)
      .where("id", "=", current.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return ofViewer(row as unknown as MailboxRow);
  });
}

/** Of somebody who is not the owner: nobody else is told, but their own other programs. */
async function subscribeViewer(
  tx: Transactor,
  access: AccountAccess,
  mailboxId: string,
  isSubscribed: boolean,
): Promise<void> {
  await tx
    .insertInto("mailbox_subscription")
    .values({
      organization_id: access.organizationId,
      mailbox_id: mailboxId,
      principal_id: access.viewer.principalId,
      is_subscribed: isSubscribed,
    })
    .onConflict((conflict) =>
      conflict.columns(["organization_id", "mailbox_id", "principal_id"]).doUpdateSet({ is_subscribed: isSubscribed }),
    )
    .execute();
  tx.hint({ kind: "account", id: access.accountId });
}
