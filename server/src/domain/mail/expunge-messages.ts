import { takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { selectByUids } from "../../store/mail/mailbox-message-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { requireMailboxRight } from "../access/mailbox-rights.ts";
import { readMailbox } from "./list-mailboxes.ts";
import { mailboxMessageFromRow } from "./mailbox-from-row.ts";
import type { MailDeps } from "./model.ts";
import { removeCopies } from "./remove-copies.ts";

/**
 * Removes messages from a mailbox; they stay recoverable until the recovery period ends.
 * @returns the uids removed, ascending: those that were not there any more are left out
 * @throws DomainError `forbidden`, `not_found` (mailbox)
 */
export async function expungeMessages(
  deps: MailDeps,
  access: AccountAccess,
  mailboxId: string,
  uids: readonly number[],
): Promise<{ uids: number[]; modseq: number }> {
  requireMailboxRight(access, mailboxId, "delete");
  return deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    const mailbox = await readMailbox(tx, access, mailboxId);
    const copies = (await selectByUids(tx, access, mailboxId, uids)).map(mailboxMessageFromRow);
    if (copies.length === 0) return { uids: [], modseq: mailbox.highestModseq };
    const modseq = await takeModseq(tx, access, "mail", ["Email", "Mailbox", "Thread"]);
    await removeCopies(tx, access, modseq, copies, { recoverable: true });
    return { uids: copies.map((copy) => copy.uid), modseq };
  });
}
