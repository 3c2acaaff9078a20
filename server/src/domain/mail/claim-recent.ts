import { claimRecentUids } from "../../store/mail/recent-uids.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { mayRead } from "../access/mailbox-rights.ts";
import { DomainError } from "../errors.ts";
import type { MailDeps } from "./model.ts";

/** Both ends belong to the range. */
export interface UidRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Makes a session the first that is told of the messages up to a uid, as far as no other was: they are its `\Recent` ones (RFC 3501
 * section 2.3.2). Of several sessions at once exactly one gets each uid. Neither the messages nor the feed are touched: no client
 * synchronizes what belongs to one session.
 * @returns the uids, whether or not there are messages of all of them; undefined when none was left
 * @throws DomainError `not_found`
 */
export async function claimRecent(
  deps: Pick<MailDeps, "store">,
  access: AccountAccess,
  mailboxId: string,
  throughUid: number,
): Promise<UidRange | undefined> {
  if (!mayRead(access, mailboxId)) throw new DomainError("not_found", "There is no such mailbox");
  const before = await claimRecentUids(deps.store, access, mailboxId, throughUid);
  return before === undefined ? undefined : { from: before + 1, to: throughUid };
}
