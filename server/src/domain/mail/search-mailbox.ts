import { sql } from "kysely";
import { copiesSeenBy } from "../../store/mail/mailbox-message-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { seenBy } from "../access/seen-by.ts";
import { readMailbox } from "./list-mailboxes.ts";
import type { MailDeps } from "./model.ts";
import { compileKey } from "./search/compile-key.ts";
import { collectHeaderKeys, matchHeaders } from "./search/match-headers.ts";
import type { SearchKey } from "./search-key.ts";

/**
 * Messages of a mailbox that match an IMAP search. Texts are compared as substrings whatever their case: exactly, whether or not a message
 * is indexed; header fields that are not in columns are read from the messages' bytes.
 * @returns uids, ascending
 * @throws DomainError `not_found`
 */
export async function searchMailbox(
  deps: MailDeps,
  access: AccountAccess,
  mailboxId: string,
  key: SearchKey,
): Promise<number[]> {
  const reader = deps.store.read;
  await readMailbox(reader, access, mailboxId);
  const headers = collectHeaderKeys(key);
  const matched =
    headers.length > 0 ? await matchHeaders(deps, access, mailboxId, headers) : new Map<SearchKey, string[]>();
  const result = await sql<{ uid: number }>`
    SELECT c.uid FROM ${copiesSeenBy(seenBy(access))} c
    LEFT JOIN message m ON m.organization_id = c.organization_id AND m.id = c.message_id
    WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailboxId} AND c.account_id = ${access.accountId}
      AND ${compileKey(access, key, matched)}
    ORDER BY c.uid`.execute(reader);
  return result.rows.map((row) => row.uid);
}
