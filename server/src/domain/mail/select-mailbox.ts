import { mailboxViewsOf } from "../../store/mail/mailbox-views.ts";
import { selectLargeMailbox } from "../../store/mail/selection-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { mayRead } from "../access/mailbox-rights.ts";
import { seenBy } from "../access/seen-by.ts";
import { DomainError } from "../errors.ts";
import type { Mailbox, MailDeps } from "./model.ts";
import { readSelectionOf } from "./read-selection.ts";

export interface SelectedUids {
  mailbox: Mailbox;
  /** Ascending; all below `mailbox.uidnext`. */
  uids: ArrayLike<number>;
  firstUnseenUid: number | null;
  /** In use, sorted, without system flags. */
  keywords: string[];
}

/** Up to here a client that selects a mailbox is expected to ask for all flags next: they are read at once. */
const readWhole = 20_000;

/**
 * What SELECT needs to know of a mailbox that was just read: what changes meanwhile is found again by `readMailboxChanges` since its
 * `highestModseq`.
 * @throws DomainError `not_found`
 */
export async function selectMailbox(
  deps: Pick<MailDeps, "store">,
  access: AccountAccess,
  mailbox: Mailbox,
): Promise<SelectedUids> {
  const { store } = deps;
  if (!mayRead(access, mailbox.id)) throw new DomainError("not_found", "There is no such mailbox");
  if (seenBy(access) !== undefined) return readSelectionOf(store.read, access, mailbox);
  const views = mailboxViewsOf(store);
  if (mailbox.total > readWhole && views.peek(access, mailbox.id) === undefined) {
    return { mailbox, ...(await selectLargeMailbox(store.read, access, mailbox)) };
  }
  const view = await views.open(access, mailbox.id);
  if (!view) throw new DomainError("not_found", "There is no such mailbox");
  const uids = view.uids().subarray(0, view.lowerBound(mailbox.uidnext));
  return { mailbox, uids, ...view.summarize() };
}
