import { sql } from "kysely";
import type { MimePart } from "../../formats/mime/mime-part.ts";
import { threadSubject } from "../../formats/mime/thread-key.ts";
import type { Reader } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { type MessageContent, threadIdsOf, toJsonb } from "./message-content.ts";
import type { MessageSummary } from "./model.ts";

/** The contents of messages, as rows again. */
export async function readContents(
  reader: Reader,
  key: AccountKey,
  messageIds: readonly string[],
): Promise<Map<string, { content: MessageContent; blobId: string }>> {
  const result = await sql<{
    id: string;
    blob_id: string;
    size: number;
    sent_at: Date | null;
    subject: string;
    preview: string;
    has_attachment: boolean;
    summary: MessageSummary;
    mime: MimePart;
    imap_envelope: Buffer;
    imap_bodystructure: Buffer;
    body: string | null;
    body_from: number | null;
  }>`
    SELECT m.id, m.blob_id, m.size, m.sent_at, m.subject, m.preview, m.has_attachment, m.summary, m.mime, m.imap_envelope,
      m.imap_bodystructure, t.body, t.body_from
    FROM message m LEFT JOIN message_text t ON t.organization_id = m.organization_id AND t.message_id = m.id
    WHERE m.organization_id = ${key.organizationId} AND m.account_id = ${key.accountId}
      AND m.id = ANY(${messageIds as string[]}::uuid[])`.execute(reader);
  return new Map(
    result.rows.map((row) => [
      row.id,
      {
        blobId: row.blob_id,
        content: {
          size: row.size,
          sentAt: row.sent_at?.toISOString() ?? null,
          subject: row.subject,
          preview: row.preview,
          hasAttachment: row.has_attachment,
          summary: toJsonb(row.summary),
          mime: toJsonb(row.mime),
          imapEnvelope: row.imap_envelope.toString("utf8"),
          imapBodystructure: row.imap_bodystructure.toString("utf8"),
          searchText: row.body ?? "",
          bodyFrom: row.body_from ?? 1,
          threadSubject: threadSubject(row.subject),
          threadIds: threadIdsOf(row.summary),
        },
      },
    ]),
  );
}
