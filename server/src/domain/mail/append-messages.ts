import { sql } from "kysely";
import type { AnalyzedMessage } from "../../formats/mime/analyze-message.ts";
import type { StagedBlob } from "../../store/blobs/blobs.ts";
import type { Transactor } from "../../store/database.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { flagsAllowed, requireMailboxRight } from "../access/mailbox-rights.ts";
import { DomainError } from "../errors.ts";
import { type AddedMessage, addMessages } from "./add-messages.ts";
import { normalizeFlags } from "./flags.ts";
import { prepareContent } from "./message-content.ts";
import type { MailDeps } from "./model.ts";
import { noteSorted } from "./screening/note-sorted.ts";
import { findSentAmong, findSentCopy } from "./sent-copies.ts";
import { uploadKind } from "./upload-blob.ts";

/** New bytes, or a blob that the account may read: an upload of its own, or that of one of its messages. */
export type MessageToAppend = ({ staged: StagedBlob } | { blobId: string; size: number }) & {
  mailboxId: string;
  /** See `MessageAddition`. */
  mailboxModseq?: number;
  /** Of exactly these bytes. */
  analyzed: AnalyzedMessage;
  flags: Iterable<string>;
  receivedAt: Date;
};

/**
 * Adds messages to mailboxes of one account in one transaction, all or none. Flags that the viewer may not set are left out
 * (RFC 4314 section 4). `\Seen` is then so for everybody who reads the mailbox: what a person files has been read.
 * A client's copy of what we filed in Sent when it was submitted is that copy, with its UID: it is not added again.
 * @returns in the order given
 * @throws DomainError `forbidden`, `invalid` (flags), `not_found` (mailbox, blob), `over_quota`
 */
export async function appendMessages(
  deps: MailDeps,
  access: AccountAccess,
  messages: readonly MessageToAppend[],
): Promise<AddedMessage[]> {
  for (const { mailboxId } of messages) {
    if (!isUuid(mailboxId)) throw new DomainError("not_found", "There is no such mailbox");
    requireMailboxRight(access, mailboxId, "write");
  }
  const prepared = messages.map((message) => ({
    account: { organizationId: access.organizationId, accountId: access.accountId },
    mailboxId: message.mailboxId,
    mailboxModseq: message.mailboxModseq,
    content: prepareContent(message.analyzed, "staged" in message ? message.staged.size : message.size),
    blobId: "staged" in message ? message.staged.id : message.blobId,
    flags: flagsAllowed(access, message.mailboxId, normalizeFlags(message.flags)),
    receivedAt: message.receivedAt,
    quota: "strict" as const,
  }));
  const existing = [...new Set(messages.flatMap((each) => ("staged" in each ? [] : [each.blobId])))];
  if (!existing.every(isUuid)) throw new DomainError("not_found", "There is no such blob");
  const sent = await findSentAmong(
    deps.store.read,
    access,
    messages.map((message) => message.mailboxId),
  );
  const filed = new Map<number, AddedMessage>();
  const all = await deps.store.transact(async (tx) => {
    filed.clear();
    for (const [index, { mailboxId, analyzed }] of messages.entries()) {
      const copy = sent.has(mailboxId) ? await findSentCopy(tx, access, mailboxId, analyzed.messageId) : undefined;
      if (copy) filed.set(index, copy);
    }
    for (const [index, message] of messages.entries()) {
      if ("staged" in message && !filed.has(index)) await deps.blobs.insert(tx, access.organizationId, message.staged);
    }
    if (existing.length > 0) await holdReadableBlobs(tx, access, existing);
    const added = await addMessages(
      tx,
      prepared.filter((_message, index) => !filed.has(index)),
    );
    // A program that moves between accounts appends: what it puts into Junk is spam.
    const spam = added.filter((each) => each.mailboxRole === "junk");
    const sorted = spam.map(({ messageId }) => ({ messageId, fromMailboxId: null }));
    if (spam[0]) await noteSorted(tx, access, sorted, spam[0].mailboxId);
    const rest = added.values();
    return messages.map((_message, index) => filed.get(index) ?? rest.next().value!);
  });
  for (const index of filed.keys()) {
    const message = messages[index]!;
    if ("staged" in message) await deps.blobs.discard(message.staged);
  }
  return all;
}

/** One message; see `appendMessages`. */
export async function appendMessage(
  deps: MailDeps,
  access: AccountAccess,
  message: MessageToAppend,
): Promise<AddedMessage> {
  return (await appendMessages(deps, access, [message]))[0]!;
}

/** Locks blobs so that the collector, which skips locked ones, leaves them until the references are written. */
async function holdReadableBlobs(tx: Transactor, access: AccountAccess, blobIds: readonly string[]): Promise<void> {
  const found = await sql<{ id: string }>`
    SELECT b.id FROM blob b
    WHERE b.organization_id = ${access.organizationId} AND b.id = ANY(${blobIds as string[]}::uuid[]) AND (
      EXISTS (SELECT FROM blob_reference r WHERE r.organization_id = b.organization_id AND r.blob_id = b.id
        AND r.kind = ${uploadKind} AND r.owner_id = ${access.accountId})
      OR EXISTS (SELECT FROM message m WHERE m.organization_id = b.organization_id AND m.blob_id = b.id
        AND m.account_id = ${access.accountId}))
    FOR KEY SHARE OF b`.execute(tx);
  if (found.rows.length < blobIds.length) throw new DomainError("not_found", "There is no such blob");
}
