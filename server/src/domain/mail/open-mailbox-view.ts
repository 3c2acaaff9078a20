import { mailboxViewsOf } from "../../store/mail/mailbox-views.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { mayRead } from "../access/mailbox-rights.ts";
import { seenBy } from "../access/seen-by.ts";
import { DomainError } from "../errors.ts";
import type { MailDeps } from "./model.ts";

/** The copies in a mailbox: uid, flags and modseq of each, by an index from 0 in the order of uids. */
export interface MailboxView {
  readonly size: number;
  /** Everything up to this modseq is in. */
  readonly modseq: number;
  uidAt(index: number): number;
  modseqAt(index: number): number;
  /** The number of the message's set of flags, for `flagsOf`: few sets differ. */
  flagSetAt(index: number): number;
  flagsOf(set: number): readonly string[];
  /** -1 when the uid is not there. */
  indexOf(uid: number): number;
}

/**
 * The mailbox as it is now, from the memory that the sessions of this process share: one look at the mailbox's row when nothing
 * happened. It moves on with later calls, by whomever, but only while the caller awaits something.
 * @returns undefined for a viewer with a `\Seen` of their own, whose flags are not the mailbox's: see `readMailboxMessages`
 * @throws DomainError `not_found`
 */
export async function openMailboxView(
  deps: Pick<MailDeps, "store">,
  access: AccountAccess,
  mailboxId: string,
): Promise<MailboxView | undefined> {
  if (!isUuid(mailboxId) || !mayRead(access, mailboxId)) throw new DomainError("not_found", "There is no such mailbox");
  if (seenBy(access) !== undefined) return undefined;
  const view = await mailboxViewsOf(deps.store).open(access, mailboxId);
  if (!view) throw new DomainError("not_found", "There is no such mailbox");
  return view;
}
