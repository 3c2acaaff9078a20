import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { selectMailboxes } from "../../store/mail/mailbox-rows.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { mailboxFromRow } from "./mailbox-from-row.ts";
import type { Mailbox } from "./model.ts";

/** The account's mailboxes, by sort order, then name. */
export async function listMailboxes(reader: Reader, access: AccountAccess): Promise<Mailbox[]> {
  return (await selectMailboxes(reader, access)).map(mailboxFromRow);
}

/** @throws DomainError `not_found` */
export async function readMailbox(reader: Reader, access: AccountAccess, mailboxId: string): Promise<Mailbox> {
  const row = isUuid(mailboxId) ? (await selectMailboxes(reader, access, [mailboxId]))[0] : undefined;
  if (!row) throw new DomainError("not_found", "There is no such mailbox");
  return mailboxFromRow(row);
}

/**
 * Threads with a message in each mailbox, and those of them with an unseen message anywhere (RFC 8621 section 2). Reads every
 * message row of the account.
 */
export async function countThreads(
  reader: Reader,
  access: AccountAccess,
): Promise<Map<string, { total: number; unread: number }>> {
  const result = await sql<{ mailbox_id: string; total: number; unread: number }>`
    WITH unread AS MATERIALIZED (
      SELECT DISTINCT thread_id FROM mailbox_message
      WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId} AND NOT flags @> '{"\\\\Seen"}'
    ), present AS (
      SELECT DISTINCT mailbox_id, thread_id FROM mailbox_message
      WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId}
    )
    SELECT p.mailbox_id, count(*) AS total, count(u.thread_id) AS unread
    FROM present p LEFT JOIN unread u ON u.thread_id = p.thread_id GROUP BY 1`.execute(reader);
  return new Map(result.rows.map((row) => [row.mailbox_id, { total: row.total, unread: row.unread }] as const));
}
