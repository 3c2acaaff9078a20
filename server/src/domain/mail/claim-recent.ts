import { claimRecentUids } from "../../store/mail/recent-uids.ts";
import { StoreError } from "../../store/store-error.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { mayRead } from "../access/mailbox-rights.ts";
import { DomainError } from "../errors.ts";
import type { Mailbox, MailDeps } from "./model.ts";

/** Both ends belong to the range. */
export interface UidRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The uids up to this one that no session was told of as `\Recent`, when the mailbox was read, whether or not there are messages of
 * all of them: for EXAMINE, which takes them from nobody (RFC 3501 section 6.3.2).
 */
export function unclaimedRecent({ recentUid }: Pick<Mailbox, "recentUid">, throughUid: number): UidRange | undefined {
  return throughUid > recentUid ? { from: recentUid + 1, to: throughUid } : undefined;
}

/**
 * Makes a session the first that is told of the messages up to a uid, as far as no other was: they are its `\Recent` ones (RFC 3501
 * section 2.3.2). Of several sessions at once exactly one gets each uid. Neither the messages nor the feed are touched: no client
 * synchronizes what belongs to one session. Nothing is written when nothing was left as the mailbox was read.
 * @param mailbox as it was read, at any time
 * @returns the uids, whether or not there are messages of all of them; undefined when none was left
 * @throws DomainError `not_found`
 */
export async function claimRecent(
  deps: Pick<MailDeps, "store">,
  access: AccountAccess,
  mailbox: Pick<Mailbox, "id" | "recentUid">,
  throughUid: number,
): Promise<UidRange | undefined> {
  if (!mayRead(access, mailbox.id)) throw new DomainError("not_found", "There is no such mailbox");
  const unclaimed = unclaimedRecent(mailbox, throughUid);
  if (unclaimed === undefined) return undefined;
  try {
    const before = await claimRecentUids(deps.store, access, mailbox.id, throughUid);
    return before === undefined ? undefined : { from: before + 1, to: throughUid };
  } catch (error) {
    // Mail can be read where nothing can be written, on a full disk. What may have been told to nobody else is recent then.
    if (error instanceof StoreError) return unclaimed;
    throw error;
  }
}
