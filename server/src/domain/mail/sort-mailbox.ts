import type { SortCriterion } from "../../formats/imap-syntax/parse-sort.ts";
import type { AccountAccess } from "../access/account-access.ts";
import type { MailDeps } from "./model.ts";
import { sortUids } from "./search/sort-uids.ts";
import type { SearchKey } from "./search-key.ts";
import { searchMailbox } from "./search-mailbox.ts";

/**
 * Messages of a mailbox that match an IMAP search, in the order of SORT (RFC 5256).
 * @returns uids
 * @throws DomainError `not_found`
 */
export async function sortMailbox(
  deps: MailDeps,
  access: AccountAccess,
  mailboxId: string,
  key: SearchKey,
  criteria: readonly SortCriterion[],
): Promise<number[]> {
  const found = await searchMailbox(deps, access, mailboxId, key);
  return sortUids(deps.store.read, access, mailboxId, found, criteria);
}
