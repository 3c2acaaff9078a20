import { sql } from "kysely";
import type { Reader } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";

export interface MailboxMessageRow {
  mailbox_id: string;
  uid: number;
  message_id: string;
  thread_id: string;
  received_at: Date;
  size: number;
  flags: string[];
  save_date: Date;
  created_modseq: number;
  modseq: number;
}

/** The columns of `mailbox_message`, under the alias `c`. */
export const mailboxMessageColumns = sql`c.mailbox_id, c.uid, c.message_id, c.thread_id, c.received_at, c.size, c.flags,
  c.save_date, c.created_modseq, c.modseq`;

/** The copies with these uids, by uid; those that do not exist are left out. */
export async function selectByUids(
  reader: Reader,
  key: AccountKey,
  mailboxId: string,
  uids: readonly number[],
): Promise<MailboxMessageRow[]> {
  if (uids.length === 0) return [];
  const result = await sql<MailboxMessageRow>`
    SELECT ${mailboxMessageColumns} FROM mailbox_message c
    WHERE c.organization_id = ${key.organizationId} AND c.mailbox_id = ${mailboxId} AND c.account_id = ${key.accountId}
      AND c.uid = ANY(${uids as number[]}::bigint[])
    ORDER BY c.uid`.execute(reader);
  return result.rows;
}

/** Every copy of these messages, in the order they were made. */
export async function selectByMessages(
  reader: Reader,
  key: AccountKey,
  messageIds: readonly string[],
): Promise<MailboxMessageRow[]> {
  if (messageIds.length === 0) return [];
  const result = await sql<MailboxMessageRow>`
    SELECT ${mailboxMessageColumns} FROM mailbox_message c
    WHERE c.organization_id = ${key.organizationId} AND c.message_id = ANY(${messageIds as string[]}::uuid[])
      AND c.account_id = ${key.accountId}
    ORDER BY c.created_modseq, c.mailbox_id, c.uid`.execute(reader);
  return result.rows;
}
