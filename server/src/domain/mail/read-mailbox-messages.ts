import type { Reader } from "../../store/database.ts";
import { selectByUids } from "../../store/mail/mailbox-message-rows.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { mayRead } from "../access/mailbox-rights.ts";
import { seenBy } from "../access/seen-by.ts";
import { DomainError } from "../errors.ts";
import { readMailbox } from "./list-mailboxes.ts";
import { mailboxMessageFromRow } from "./mailbox-from-row.ts";
import type { MailboxMessage } from "./model.ts";

/**
 * The messages with these uids, ascending; those that do not exist are left out.
 * @throws DomainError `not_found` when the mailbox is gone
 */
export async function readMailboxMessages(
  reader: Reader,
  access: AccountAccess,
  mailboxId: string,
  uids: readonly number[],
): Promise<MailboxMessage[]> {
  if (!isUuid(mailboxId) || !mayRead(access, mailboxId)) throw new DomainError("not_found", "There is no such mailbox");
  const rows = await selectByUids(reader, access, mailboxId, uids, seenBy(access));
  // A mailbox that is gone has no rows: only an empty answer needs the look.
  if (rows.length === 0) await readMailbox(reader, access, mailboxId);
  return rows.map(mailboxMessageFromRow);
}
