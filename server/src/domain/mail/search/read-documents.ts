import { sql } from "kysely";
import { type DocumentKind, documentKind } from "../../../formats/document-text/document-kind.ts";
import { decodeTransferEncoding } from "../../../formats/mime/decode-body.ts";
import { fileName } from "../../../formats/mime/file-name.ts";
import { eachPart } from "../../../formats/mime/message-text.ts";
import type { MimePart } from "../../../formats/mime/mime-part.ts";
import type { MailDeps } from "../model.ts";

export interface DocumentDeps extends MailDeps {
  /** The words of a document, undefined when it cannot be read; app.ts gives one that runs in a thread with limits. */
  extract(kind: DocumentKind, bytes: Buffer, limit: number): Promise<string | undefined>;
}

/** UTF-16 units of all documents of a message: a tsvector holds 1 MB at most. */
const textLimit = 100_000;
/** Bytes of a part as it was sent: beyond, a document is not opened. */
const largestPart = 40 * 1024 * 1024;
const maxDocuments = 50;
const maxAttempts = 3;
/** Whoever took a task and died leaves it for this long. */
const lease = sql`interval '10 minutes'`;

interface Task {
  organization_id: string;
  blob_id: string;
  mime: MimePart;
}

/**
 * Reads the documents attached to one message that was delivered (PDF, Office, OpenDocument, RTF, mail in files), so that searches
 * find their words: once for all the accounts that have the message. Copies of the program do this beside each other.
 * @returns false when there is nothing to do
 */
export async function readDocuments(deps: DocumentDeps): Promise<boolean> {
  const task = await takeTask(deps);
  if (!task) return false;
  const text = await textOfDocuments(deps, task);
  await deps.store.transact(async (tx) => {
    await sql`
      WITH done AS (
        DELETE FROM document_task WHERE organization_id = ${task.organization_id} AND blob_id = ${task.blob_id}
        RETURNING organization_id, message_id, account_id
      ), worded AS (SELECT to_tsvector('french_plain', ${text}) AS words)
      INSERT INTO message_document (organization_id, message_id, account_id, words)
      SELECT d.organization_id, d.message_id, d.account_id, w.words FROM done d, worded w WHERE w.words <> ''
      ON CONFLICT DO NOTHING`.execute(tx);
  });
  return true;
}

/** The task that waits longest, counted as tried; one that failed too often is given up. */
async function takeTask(deps: DocumentDeps): Promise<Task | undefined> {
  return deps.store.transact(async (tx) => {
    const taken = await sql<{ organization_id: string; message_id: string; blob_id: string; attempts: number }>`
      UPDATE document_task SET attempts = attempts + 1, due_at = now() + ${lease}
      WHERE (organization_id, message_id) = (
        SELECT organization_id, message_id FROM document_task WHERE due_at <= now()
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING organization_id, message_id, blob_id, attempts`.execute(tx);
    const task = taken.rows[0];
    if (!task) return undefined;
    if (task.attempts > maxAttempts) {
      // It ended the program each time: nobody looks into it again.
      await sql`DELETE FROM document_task WHERE organization_id = ${task.organization_id} AND blob_id = ${task.blob_id}`.execute(
        tx,
      );
      return { ...task, mime: emptyPart };
    }
    const found = await sql<{ mime: MimePart }>`
      SELECT mime FROM message WHERE organization_id = ${task.organization_id} AND id = ${task.message_id}`.execute(tx);
    return { ...task, mime: found.rows[0]?.mime ?? emptyPart };
  });
}

/** Without parts there is nothing to read. */
const emptyPart = { type: "text", subtype: "plain", params: {} } as MimePart;

async function textOfDocuments(deps: DocumentDeps, task: Task): Promise<string> {
  const texts: string[] = [];
  let left = textLimit;
  let documents = 0;
  for (const part of eachPart(task.mime)) {
    if (part.parts || part.message || left <= 0 || documents === maxDocuments) continue;
    const kind = documentKind(`${part.type}/${part.subtype}`, fileName(part));
    if (!kind || part.bodyEnd - part.bodyStart > largestPart) continue;
    documents += 1;
    const source = await deps.blobs.open(deps.store.read, task.organization_id, task.blob_id);
    if (!source) break;
    const chunks: Buffer[] = [];
    for await (const chunk of source.open({ start: part.bodyStart, end: part.bodyEnd })) chunks.push(chunk as Buffer);
    const text = await deps.extract(kind, decodeTransferEncoding(Buffer.concat(chunks), part.encoding), left);
    if (!text) continue;
    texts.push(text);
    left -= text.length;
  }
  return texts.join("\n").replaceAll("\0", "").toWellFormed();
}
