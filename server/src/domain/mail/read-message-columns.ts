import { type MessageColumn, type MessageColumns, selectMessageColumns } from "../../store/mail/message-columns.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { mayRead } from "../access/mailbox-rights.ts";
import { DomainError } from "../errors.ts";
import type { MailDeps } from "./model.ts";

export type { MessageColumn, MessageColumns };

/**
 * What never changes of the messages with these uids, for lists of thousands: columns side by side, ascending by uid. Uids that do not
 * exist are left out; others may stand in between.
 * @param uids ascending; at most a thousand, of `bytes` a few dozen
 * @throws DomainError `not_found`
 */
export async function readMessageColumns(
  deps: Pick<MailDeps, "store">,
  access: AccountAccess,
  mailboxId: string,
  uids: ArrayLike<number>,
  columns: ReadonlySet<MessageColumn>,
): Promise<MessageColumns> {
  if (!isUuid(mailboxId) || !mayRead(access, mailboxId)) throw new DomainError("not_found", "There is no such mailbox");
  return selectMessageColumns(deps.store.read, access, mailboxId, uids, columns);
}
