import type { StagedBlob } from "../../store/blobs/blobs.ts";
import { takeModseqs } from "../../store/feed/take-modseq.ts";
import { selectByUids } from "../../store/mail/mailbox-message-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { flagsAllowed } from "../access/mailbox-rights.ts";
import { seenBy } from "../access/seen-by.ts";
import { addMessages } from "./add-messages.ts";
import type { CopiedMessages, CopyRequest } from "./copy-request.ts";
import { readMailbox } from "./list-mailboxes.ts";
import type { MailDeps } from "./model.ts";
import { readContents } from "./read-contents.ts";
import { removeCopies } from "./remove-copies.ts";
import { noteSorted } from "./screening/note-sorted.ts";

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
    const present = (await selectByUids(tx, from, request.fromMailboxId, request.uids, seenBy(from))).filter((row) =>
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
          flags: flagsAllowed(to, request.toMailboxId, row.flags),
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
          ...(row.shared_seen !== undefined && { sharedSeen: row.shared_seen }),
        })),
        { recoverable: true },
      );
    }
    await noteSorted(
      tx,
      to,
      added.map(({ messageId }) => ({ messageId, fromMailboxId: request.fromMailboxId })),
      request.toMailboxId,
    );
    return {
      uidvalidity: target.uidvalidity,
      pairs: present.map((row, index) => [row.uid, added[index]!.uid]),
      modseq: modseqs.get(to.accountId)!,
    };
  });
}
