import { sql } from "kysely";
import type { MimePart } from "../../formats/mime/mime-part.ts";
import type { Reader } from "../../store/database.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import type { MailDeps, MessageDetails, MessageSummary } from "./model.ts";

export type DetailColumn = "mime" | "envelope" | "bodystructure";

const columns = {
  mime: sql`m.mime`,
  envelope: sql`m.imap_envelope`,
  bodystructure: sql`m.imap_bodystructure`,
} as const;

/**
 * Messages with the columns that only some clients need, in one query; also those expunged meanwhile, which a session that has
 * not been told may still fetch. All columns without `options.with`.
 * @returns by message id; unknown ids are left out
 */
export async function readMessageDetails(
  reader: Reader,
  access: AccountAccess,
  messageIds: readonly string[],
  options: { with?: readonly DetailColumn[] } = {},
): Promise<Map<string, MessageDetails>> {
  const ids = [...new Set(messageIds.filter(isUuid))];
  if (ids.length === 0) return new Map();
  const wanted = options.with ?? ["mime", "envelope", "bodystructure"];
  const extra = wanted.length === 0 ? sql`` : sql`, ${sql.join(wanted.map((each) => columns[each]))}`;
  const result = await sql<{
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
    mime?: MimePart;
    imap_envelope?: Buffer;
    imap_bodystructure?: Buffer;
  }>`
    SELECT m.id, m.thread_id, m.blob_id, m.size, m.received_at, m.sent_at, m.subject, m.preview, m.has_attachment, m.summary,
      m.created_modseq${extra}
    FROM message m
    WHERE m.organization_id = ${access.organizationId} AND m.account_id = ${access.accountId}
      AND m.id = ANY(${ids}::uuid[])`.execute(reader);
  return new Map(
    result.rows.map((row) => [
      row.id,
      {
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
        ...(row.mime && { mime: row.mime }),
        ...(row.imap_envelope && { imapEnvelope: row.imap_envelope }),
        ...(row.imap_bodystructure && { imapBodystructure: row.imap_bodystructure }),
      },
    ]),
  );
}

/**
 * The header bytes of messages whose bytes are in the database (up to 64 KiB), in one query: every client's first
 * synchronization asks for all of them.
 * @returns by message id; larger messages are left out, to be opened one by one
 */
export async function readMessageHeaders(
  deps: Pick<MailDeps, "store">,
  access: AccountAccess,
  messageIds: readonly string[],
): Promise<Map<string, Buffer>> {
  const ids = [...new Set(messageIds.filter(isUuid))];
  if (ids.length === 0) return new Map();
  const result = await sql<{ id: string; header: Buffer }>`
    SELECT m.id, substring(b.data FROM 1 FOR (m.mime ->> 'headerEnd')::integer) AS header
    FROM message m JOIN blob b ON b.organization_id = m.organization_id AND b.id = m.blob_id
    WHERE m.organization_id = ${access.organizationId} AND m.account_id = ${access.accountId}
      AND m.id = ANY(${ids}::uuid[]) AND b.data IS NOT NULL`.execute(deps.store.read);
  return new Map(result.rows.map((row) => [row.id, row.header]));
}
