import { type RawBuilder, sql } from "kysely";
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
  /** Only in what was read with a person's own `\Seen`: whether the copy has the flag for the others. */
  shared_seen?: boolean;
}

/** Whose own `\Seen` copies are read with; undefined where all share that of the copies, which costs no join. */
export type SeenBy = string | undefined;

/** `mailbox_message`, to be given an alias: its flags and modseq are those that the person sees. */
export function copiesSeenBy(seenBy: SeenBy): RawBuilder<unknown> {
  if (seenBy === undefined) return sql`mailbox_message`;
  return sql`(SELECT v.organization_id, v.mailbox_id, v.uid, v.account_id, v.message_id, v.thread_id, v.received_at, v.size, v.save_date,
    v.created_modseq, greatest(v.modseq, s.modseq) AS modseq, v.flags @> '{"\\\\Seen"}' AS shared_seen,
    CASE WHEN s.is_seen AND NOT v.flags @> '{"\\\\Seen"}' THEN v.flags || '{"\\\\Seen"}'::text[]
      WHEN NOT s.is_seen THEN array_remove(v.flags, '\\Seen') ELSE v.flags END AS flags
    FROM mailbox_message v LEFT JOIN personal_seen s
      ON s.organization_id = v.organization_id AND s.message_id = v.message_id AND s.principal_id = ${seenBy}::uuid)`;
}

/** The columns of `mailbox_message`, under the alias `c`. */
export const mailboxMessageColumns = sql`c.mailbox_id, c.uid, c.message_id, c.thread_id, c.received_at, c.size, c.flags,
  c.save_date, c.created_modseq, c.modseq`;

/** Those columns of `copiesSeenBy`, under the alias `c`. */
export function columnsSeenBy(seenBy: SeenBy): RawBuilder<unknown> {
  return seenBy === undefined ? mailboxMessageColumns : sql`${mailboxMessageColumns}, c.shared_seen`;
}

/** The copies with these uids, by uid; those that do not exist are left out. */
export async function selectByUids(
  reader: Reader,
  key: AccountKey,
  mailboxId: string,
  uids: readonly number[],
  seenBy?: SeenBy,
): Promise<MailboxMessageRow[]> {
  if (uids.length === 0) return [];
  const result = await sql<MailboxMessageRow>`
    SELECT ${columnsSeenBy(seenBy)} FROM ${copiesSeenBy(seenBy)} c
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
  seenBy?: SeenBy,
): Promise<MailboxMessageRow[]> {
  if (messageIds.length === 0) return [];
  const result = await sql<MailboxMessageRow>`
    SELECT ${columnsSeenBy(seenBy)} FROM ${copiesSeenBy(seenBy)} c
    WHERE c.organization_id = ${key.organizationId} AND c.message_id = ANY(${messageIds as string[]}::uuid[])
      AND c.account_id = ${key.accountId}
    ORDER BY c.created_modseq, c.mailbox_id, c.uid`.execute(reader);
  return result.rows;
}
