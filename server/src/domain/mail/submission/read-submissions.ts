import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { isUuid } from "../../../store/uuid.ts";
import type { RecipientState } from "./select-queue.ts";

/** A message that an account sent, as long as the queue remembers it. */
export interface SubmissionRecord {
  id: string;
  /** The Email that was sent, when it is kept and named. */
  messageId: string | null;
  threadId: string | null;
  returnPath: string;
  sendAt: Date;
  createdAt: Date;
  recipients: readonly SubmissionRecipientRecord[];
}

export interface SubmissionRecipientRecord {
  address: string;
  state: RecipientState;
  /** The last reply of the server that was asked, or of ours. */
  lastReply: string | null;
  attempts: number;
  isUnderWay: boolean;
}

const mostSubmissions = 5_000;

/**
 * What an account sent, newest first: all that is remembered, or those with these ids.
 * @returns at most 5,000
 */
export async function readSubmissions(
  reader: Reader,
  account: AccountKey,
  ids?: readonly string[],
): Promise<SubmissionRecord[]> {
  const only = ids && [...new Set(ids.filter(isUuid))];
  if (only?.length === 0) return [];
  const result = await sql<{
    id: string;
    message_id: string | null;
    thread_id: string | null;
    return_path: string;
    send_at: Date;
    created_at: Date;
    recipients: SubmissionRecipientRecord[] | null;
  }>`
    SELECT o.id, m.id AS message_id, m.thread_id, o.return_path, o.send_at, o.created_at, r.recipients
    FROM outbound_message o
    LEFT JOIN message m ON m.organization_id = o.organization_id AND m.id = o.message_id AND m.account_id = o.account_id
    LEFT JOIN LATERAL (
      SELECT jsonb_agg(jsonb_build_object('address', address, 'state', state, 'lastReply', last_reply, 'attempts', attempts,
        'isUnderWay', coalesce(lease_until > now(), false)) ORDER BY id) AS recipients
      FROM outbound_recipient WHERE organization_id = o.organization_id AND outbound_id = o.id
    ) r ON true
    WHERE o.organization_id = ${account.organizationId} AND o.account_id = ${account.accountId}
      ${only ? sql`AND o.id = ANY(${only}::uuid[])` : sql``}
    ORDER BY o.created_at DESC, o.id DESC LIMIT ${mostSubmissions}`.execute(reader);
  return result.rows.map((row) => ({
    id: row.id,
    messageId: row.message_id,
    threadId: row.thread_id,
    returnPath: row.return_path,
    sendAt: row.send_at,
    createdAt: row.created_at,
    recipients: row.recipients ?? [],
  }));
}
