import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { copiesSeenBy } from "../../store/mail/mailbox-message-rows.ts";
import { isUuid } from "../../store/uuid.ts";
import { type AccountAccess, requireRead } from "../access/account-access.ts";
import { seenBy } from "../access/seen-by.ts";
import type { Message, MessageCopy, MessageSummary, Thread } from "./model.ts";

interface Row {
  id: string;
  thread_id: string;
  blob_id: string;
  size: number;
  received_at: Date;
  sent_at: Date | null;
  subject: string;
  preview: string;
  has_attachment: boolean;
  summary: MessageSummary;
  created_modseq: number;
  copies: MessageCopy[];
}

/** The messages with these ids that have a copy, in the order asked; the others are left out. */
export async function readMessages(
  reader: Reader,
  access: AccountAccess,
  messageIds: readonly string[],
): Promise<Message[]> {
  requireRead(access);
  const ids = [...new Set(messageIds.filter(isUuid))];
  if (ids.length === 0) return [];
  const result = await sql<Row>`
    SELECT m.id, m.thread_id, m.blob_id, m.size, m.received_at, m.sent_at, m.subject, m.preview, m.has_attachment, m.summary,
      m.created_modseq, l.copies
    FROM message m JOIN LATERAL (
      SELECT jsonb_agg(jsonb_build_object('mailboxId', c.mailbox_id, 'uid', c.uid, 'flags', c.flags, 'modseq', c.modseq)
        ORDER BY c.created_modseq, c.mailbox_id, c.uid) AS copies
      FROM ${copiesSeenBy(seenBy(access))} c WHERE c.organization_id = m.organization_id AND c.message_id = m.id
    ) l ON l.copies IS NOT NULL
    WHERE m.organization_id = ${access.organizationId} AND m.account_id = ${access.accountId}
      AND m.id = ANY(${ids}::uuid[])`.execute(reader);
  const found = new Map(result.rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = found.get(id);
    if (!row) return [];
    return {
      id: row.id,
      threadId: row.thread_id,
      blobId: row.blob_id,
      size: row.size,
      receivedAt: row.received_at,
      sentAt: row.sent_at,
      subject: row.subject,
      preview: row.preview,
      hasAttachment: row.has_attachment,
      summary: row.summary,
      createdModseq: row.created_modseq,
      mailboxes: row.copies,
    };
  });
}

/** The threads with these ids, in the order asked, their messages oldest first; those that do not exist are left out. */
export async function readThreads(
  reader: Reader,
  access: AccountAccess,
  threadIds: readonly string[],
): Promise<Thread[]> {
  requireRead(access);
  const ids = [...new Set(threadIds.filter(isUuid))];
  if (ids.length === 0) return [];
  const result = await sql<{ thread_id: string; message_ids: string[] }>`
    SELECT thread_id, array_agg(message_id::text ORDER BY received_at, message_id) AS message_ids
    FROM (
      SELECT DISTINCT thread_id, message_id, received_at FROM mailbox_message
      WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId}
        AND thread_id = ANY(${ids}::uuid[])
    ) c GROUP BY 1`.execute(reader);
  const found = new Map(result.rows.map((row) => [row.thread_id, row.message_ids]));
  return ids.flatMap((id) => {
    const messageIds = found.get(id);
    return messageIds ? { id, messageIds } : [];
  });
}
