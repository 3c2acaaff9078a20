import type { Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { applyMailboxDeltas } from "../../store/mail/mailbox-rows.ts";
import { DomainError } from "../errors.ts";
import { isSeen, sharedFlags } from "./flags.ts";

/**
 * Takes the uids for copies that come into a mailbox, and counts them there; under the feed lock.
 * @throws DomainError `not_found` when there is no such mailbox
 */
export async function makeRoom(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  mailboxId: string,
  copies: readonly { readonly flags: readonly string[]; readonly sharedSeen?: boolean; readonly size: number }[],
): Promise<{ firstUid: number; uidvalidity: number }> {
  const allocated = await applyMailboxDeltas(tx, [
    {
      organizationId: key.organizationId,
      accountId: key.accountId,
      mailboxId,
      modseq,
      uids: copies.length,
      total: copies.length,
      unseen: copies.filter((copy) => !isSeen(sharedFlags(copy))).length,
      bytes: copies.reduce((sum, copy) => sum + copy.size, 0),
    },
  ]);
  const target = allocated.get(mailboxId);
  if (!target) throw new DomainError("not_found", "There is no such mailbox");
  return target;
}
