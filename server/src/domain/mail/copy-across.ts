import { sql } from "kysely";
import type { MimePart } from "../../formats/mime/mime-part.ts";
import { threadSubject } from "../../formats/mime/thread-key.ts";
import type { StagedBlob } from "../../store/blobs/blobs.ts";
import type { Reader } from "../../store/database.ts";
import { type AccountKey, takeModseqs } from "../../store/feed/take-modseq.ts";
import { selectByUids } from "../../store/mail/mailbox-message-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { addMessages } from "./add-messages.ts";
import type { CopiedMessages, CopyRequest } from "./copy-messages.ts";
import { readMailbox } from "./list-mailboxes.ts";
import { type MessageContent, toJsonb } from "./message-content.ts";
import type { MailDeps, MessageSummary } from "./model.ts";
import { removeCopies } from "./remove-copies.ts";

/**
 * Copies or moves messages to another account, where they become messages of their own. In the same organization the blobs are
 * shared; another organization gets blobs of its own, written before BEGIN.
 * @throws DomainError `not_found`, `over_quota`
 */
export async function copyAcross(
  deps: MailDeps,
  from: AccountAccess,
  to: AccountAccess,
  request: CopyRequest,
  options: { move: boolean },
): Promise<CopiedMessages> {
  await readMailbox(deps.store.read, from, request.fromMailboxId);
  const target = await readMailbox(deps.store.read, to, request.toMailboxId);
  const rows = await selectByUids(deps.store.read, from, request.fromMailboxId, request.uids);
  const contents = await readContents(deps.store.read, from, [...new Set(rows.map((row) => row.message_id))]);
  const staged = new Map<string, StagedBlob>();
  if (from.organizationId !== to.organizationId) {
    for (const { blobId } of contents.values()) {
      const source = await deps.blobs.open(deps.store.read, from.organizationId, blobId);
      if (source && !staged.has(blobId)) staged.set(blobId, await deps.blobs.stage(source.open()));
    }
  }
  return deps.store.transact(async (tx) => {
    for (const each of staged.values()) await deps.blobs.insert(tx, to.organizationId, each);
    const modseqs = await takeModseqs(tx, options.move ? [from, to] : [to], "mail", ["Email", "Mailbox", "Thread"]);
    // Read again: a copy may have left, or its flags changed, before the locks. Messages themselves are immutable.
    const present = (await selectByUids(tx, from, request.fromMailboxId, request.uids)).filter((row) =>
      contents.has(row.message_id),
    );
    const added = await addMessages(
      tx,
      present.map((row) => {
        const { content, blobId } = contents.get(row.message_id)!;
        return {
          account: { organizationId: to.organizationId, accountId: to.accountId },
          mailboxId: request.toMailboxId,
          content,
          blobId: staged.get(blobId)?.id ?? blobId,
          flags: row.flags,
          receivedAt: row.received_at,
          quota: "strict" as const,
        };
      }),
      modseqs,
    );
    if (options.move) {
      await removeCopies(
        tx,
        from,
        modseqs.get(from.accountId)!,
        present.map((row) => ({
          mailboxId: row.mailbox_id,
          uid: row.uid,
          messageId: row.message_id,
          threadId: row.thread_id,
          size: row.size,
          flags: row.flags,
        })),
        { recoverable: true },
      );
    }
    return {
      uidvalidity: target.uidvalidity,
      pairs: present.map((row, index) => [row.uid, added[index]!.uid]),
      modseq: modseqs.get(to.accountId)!,
    };
  });
}

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

/** Message-ID, References and In-Reply-To, each once. */
export function threadIdsOf(summary: Pick<MessageSummary, "messageId" | "references" | "inReplyTo">): string[] {
  return [
    ...new Set([
      ...(summary.messageId === null ? [] : [summary.messageId]),
      ...summary.references,
      ...summary.inReplyTo,
    ]),
  ];
}
