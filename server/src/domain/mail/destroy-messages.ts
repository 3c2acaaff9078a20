import { takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { selectByMessages } from "../../store/mail/mailbox-message-rows.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { requireMailboxRight } from "../access/mailbox-rights.ts";
import { mailboxMessageFromRow } from "./mailbox-from-row.ts";
import type { MailDeps } from "./model.ts";
import { removeCopies } from "./remove-copies.ts";

/**
 * Removes messages from all their mailboxes; they stay recoverable until the recovery period ends.
 * @throws DomainError `forbidden`
 */
export async function destroyMessages(
  deps: MailDeps,
  access: AccountAccess,
  messageIds: readonly string[],
): Promise<{ destroyed: string[]; notFound: string[] }> {
  return deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    const rows = await selectByMessages(tx, access, messageIds.filter(isUuid));
    for (const row of rows) requireMailboxRight(access, row.mailbox_id, "delete");
    const found = new Set(rows.map((row) => row.message_id));
    if (rows.length > 0) {
      const modseq = await takeModseq(tx, access, "mail", ["Email", "Mailbox", "Thread"]);
      await removeCopies(tx, access, modseq, rows.map(mailboxMessageFromRow), { recoverable: true });
    }
    const ids = [...new Set(messageIds)];
    return { destroyed: ids.filter((id) => found.has(id)), notFound: ids.filter((id) => !found.has(id)) };
  });
}
