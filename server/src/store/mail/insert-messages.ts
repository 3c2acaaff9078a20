import type { Transactor } from "../database.ts";
import { prepare } from "../prepared.ts";

/** What is kept of the content of a message, beside its bytes. */
export interface ContentRow {
  size: number;
  /** ISO 8601. */
  sentAt: string | null;
  subject: string;
  preview: string;
  hasAttachment: boolean;
  /** JSON. */
  summary: string;
  /** JSON of MimePart. */
  mime: string;
  imapEnvelope: string;
  imapBodystructure: string;
  searchText: string;
  /** Position, from 1 and in characters, where the text begins after what comes from the header. */
  bodyFrom: number;
}

export interface NewMessageRow {
  organizationId: string;
  accountId: string;
  mailboxId: string;
  messageId: string;
  threadId: string;
  blobId: string;
  /** Index in the list of contents. */
  content: number;
  uid: number;
  flags: string[];
  receivedAt: Date;
  modseq: number;
}

export interface ThreadRow {
  organizationId: string;
  accountId: string;
  threadId: string;
  modseq: number;
  isNew: boolean;
}

export interface ThreadReferenceRow {
  organizationId: string;
  accountId: string;
  threadId: string;
  hash: Buffer;
}

const statement = prepare<never>(
  "mail_insert_messages",
  `WITH content AS MATERIALIZED (
      SELECT *
      FROM unnest(
        $1::integer[], $2::bigint[],
        $3::timestamptz[], $4::text[],
        $5::text[], $6::boolean[],
        $7::text[], $8::text[],
        $9::text[], $10::text[],
        $11::text[],
        $12::integer[]
      ) AS c (n, size, sent_at, subject, preview, has_attachment, summary, mime, envelope, bodystructure, body, body_from)
    ), added AS MATERIALIZED (
      SELECT * FROM unnest(
        $13::uuid[], $14::uuid[],
        $15::uuid[], $16::uuid[],
        $17::uuid[], $18::uuid[],
        $19::integer[], $20::bigint[],
        $21::text[], $22::timestamptz[],
        $23::bigint[]
      ) AS a (organization_id, account_id, mailbox_id, message_id, thread_id, blob_id, n, uid, flags, received_at, modseq)
    ), once AS MATERIALIZED (
      SELECT DISTINCT ON (message_id) * FROM added
    ), thread_row AS MATERIALIZED (
      SELECT * FROM unnest(
        $24::uuid[], $25::uuid[],
        $26::uuid[], $27::bigint[],
        $28::boolean[]
      ) AS t (organization_id, account_id, id, modseq, is_new)
    ), new_thread AS (
      INSERT INTO thread (organization_id, id, account_id, created_modseq, modseq)
      SELECT organization_id, id, account_id, modseq, modseq FROM thread_row WHERE is_new
    ), moved_thread AS (
      UPDATE thread t SET modseq = r.modseq FROM thread_row r
      WHERE NOT r.is_new AND t.organization_id = r.organization_id AND t.id = r.id
    ), new_reference AS (
      INSERT INTO thread_reference (organization_id, account_id, reference_hash, thread_id)
      SELECT organization_id, account_id, decode(hash, 'hex'), thread_id FROM unnest(
        $29::uuid[], $30::uuid[],
        $31::text[], $32::uuid[]
      ) AS r (organization_id, account_id, hash, thread_id)
      ON CONFLICT DO NOTHING
    ), new_message AS (
      INSERT INTO message (organization_id, id, account_id, thread_id, blob_id, size, received_at, sent_at, subject, preview,
        has_attachment, summary, mime, imap_envelope, imap_bodystructure, created_modseq)
      SELECT a.organization_id, a.message_id, a.account_id, a.thread_id, a.blob_id, c.size, a.received_at, c.sent_at, c.subject,
        c.preview, c.has_attachment, c.summary::jsonb, c.mime::jsonb, convert_to(c.envelope, 'UTF8'),
        convert_to(c.bodystructure, 'UTF8'), a.modseq
      FROM once a JOIN content c ON c.n = a.n
    ), new_text AS (
      INSERT INTO message_text (organization_id, message_id, account_id, body, body_from)
      SELECT a.organization_id, a.message_id, a.account_id, c.body, c.body_from FROM once a JOIN content c ON c.n = a.n
    ), new_blob_reference AS (
      INSERT INTO blob_reference (organization_id, blob_id, kind, owner_id)
      SELECT organization_id, blob_id, 'message', message_id FROM once
    )
    INSERT INTO mailbox_message (organization_id, mailbox_id, uid, account_id, message_id, thread_id, received_at, size, flags,
      created_modseq, modseq)
    SELECT a.organization_id, a.mailbox_id, a.uid, a.account_id, a.message_id, a.thread_id, a.received_at, c.size,
      CASE WHEN a.flags = '' THEN '{}' ELSE string_to_array(a.flags, ' ') END, a.modseq, a.modseq
    FROM added a JOIN content c ON c.n = a.n`,
);

/**
 * Inserts messages, their copies, text, blob references and threads in one statement. Contents travel once, whatever the number of
 * accounts they go to; rows with one message id are copies of one message. The rows of `blob` must exist and the feeds be locked.
 */
export async function insertMessages(
  tx: Transactor,
  contents: readonly ContentRow[],
  messages: readonly NewMessageRow[],
  threads: readonly ThreadRow[],
  references: readonly ThreadReferenceRow[],
): Promise<void> {
  const column = <T>(rows: readonly T[], read: (row: T) => unknown) => rows.map(read);
  await statement.execute(tx, [
    contents.map((_row, index) => index),
    column(contents, (row) => row.size),
    column(contents, (row) => row.sentAt),
    column(contents, (row) => row.subject),
    column(contents, (row) => row.preview),
    column(contents, (row) => row.hasAttachment),
    column(contents, (row) => row.summary),
    column(contents, (row) => row.mime),
    column(contents, (row) => row.imapEnvelope),
    column(contents, (row) => row.imapBodystructure),
    column(contents, (row) => row.searchText),
    column(contents, (row) => row.bodyFrom),
    column(messages, (row) => row.organizationId),
    column(messages, (row) => row.accountId),
    column(messages, (row) => row.mailboxId),
    column(messages, (row) => row.messageId),
    column(messages, (row) => row.threadId),
    column(messages, (row) => row.blobId),
    column(messages, (row) => row.content),
    column(messages, (row) => row.uid),
    column(messages, (row) => row.flags.join(" ")),
    column(messages, (row) => row.receivedAt),
    column(messages, (row) => row.modseq),
    column(threads, (row) => row.organizationId),
    column(threads, (row) => row.accountId),
    column(threads, (row) => row.threadId),
    column(threads, (row) => row.modseq),
    column(threads, (row) => row.isNew),
    column(references, (row) => row.organizationId),
    column(references, (row) => row.accountId),
    column(references, (row) => row.hash.toString("hex")),
    column(references, (row) => row.threadId),
  ]);
}
