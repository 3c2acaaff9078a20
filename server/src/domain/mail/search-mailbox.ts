import { sql } from "kysely";
import { copiesSeenBy } from "../../store/mail/mailbox-message-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { seenBy } from "../access/seen-by.ts";
import { readMailbox } from "./list-mailboxes.ts";
import type { MailDeps } from "./model.ts";
import { compileKey } from "./search/compile-key.ts";
import { matchTexts } from "./search/match-texts.ts";
import type { SearchKey } from "./search-key.ts";

/**
 * Messages of a mailbox that match an IMAP search. Texts are compared as substrings by i;unicode-casemap (RFC 5051), white space and
 * punctuation like all else, whether or not a message is indexed: TEXT in every header as it is written, unfolded and decoded, and in
 * the decoded text of every part; BODY in the latter; HEADER in what comes after the colon of the field (RFC 9051 section 6.4.4).
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
  const { uidnext } = await readMailbox(reader, access, mailboxId);
  const matched = await matchTexts(deps, access, mailboxId, key, uidnext);
  // What came meanwhile was not looked through.
  const result = await sql<{ uid: number }>`
    SELECT c.uid FROM ${copiesSeenBy(seenBy(access))} c
    LEFT JOIN message m ON m.organization_id = c.organization_id AND m.id = c.message_id
    WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailboxId} AND c.account_id = ${access.accountId}
      AND c.uid < ${uidnext} AND ${compileKey(access, key, matched)}
    ORDER BY c.uid`.execute(reader);
  return result.rows.map((row) => row.uid);
}
