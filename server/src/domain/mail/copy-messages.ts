import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import { takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { type MailboxMessageRow, selectByUids } from "../../store/mail/mailbox-message-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { flagsAllowed, requireMailboxRight } from "../access/mailbox-rights.ts";
import { copyAcross } from "./copy-across.ts";
import type { CopiedMessages, CopyRequest } from "./copy-request.ts";
import { readMailbox } from "./list-mailboxes.ts";
import { makeRoom } from "./make-room.ts";
import type { MailDeps } from "./model.ts";
import { noteSorted } from "./screening/note-sorted.ts";

/**
 * Copies messages with those of their flags that the viewer may set in the target. Within an account the copies are the same messages; another account gets messages of its own.
 * @throws DomainError `forbidden`, `not_found` (either mailbox), `over_quota` (another account only)
 */
export async function copyMessages(
  deps: MailDeps,
  access: AccountAccess,
  request: CopyRequest,
): Promise<CopiedMessages> {
  const toAccess = request.toAccess ?? access;
  requireMailboxRight(toAccess, request.toMailboxId, "write");
  if (toAccess.accountId !== access.accountId) {
    return copyAcross(deps, access, toAccess, request, { move: false });
  }
  return deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    await readMailbox(tx, access, request.fromMailboxId);
    const target = await readMailbox(tx, access, request.toMailboxId);
    const rows = await selectByUids(tx, access, request.fromMailboxId, request.uids);
    if (rows.length === 0) return { uidvalidity: target.uidvalidity, pairs: [], modseq: target.highestModseq };
    const modseq = await takeModseq(tx, access, "mail", ["Email", "Mailbox"]);
    const copies = rows.map((row) => ({ ...row, flags: flagsAllowed(access, request.toMailboxId, row.flags) }));
    const { firstUid, uidvalidity } = await insertCopies(tx, access, modseq, copies, request.toMailboxId);
    await noteSorted(
      tx,
      access,
      rows.map((row) => ({ messageId: row.message_id, fromMailboxId: row.mailbox_id })),
      request.toMailboxId,
    );
    return { uidvalidity, pairs: rows.map((row, index) => [row.uid, firstUid + index]), modseq };
  });
}

/** Puts further copies of messages into a mailbox of the same account, uids in the order of `rows`; under the feed lock. */
export async function insertCopies(
  tx: Transactor,
  access: AccountAccess,
  modseq: number,
  rows: readonly Pick<MailboxMessageRow, "message_id" | "thread_id" | "received_at" | "size" | "flags">[],
  toMailboxId: string,
): Promise<{ firstUid: number; uidvalidity: number }> {
  const target = await makeRoom(tx, access, modseq, toMailboxId, rows);
  await sql`
    INSERT INTO mailbox_message (organization_id, mailbox_id, uid, account_id, message_id, thread_id, received_at, size, flags,
      created_modseq, modseq)
    SELECT ${access.organizationId}::uuid, ${toMailboxId}::uuid, c.uid, ${access.accountId}::uuid, c.message_id, c.thread_id, c.received_at, c.size,
      CASE WHEN c.flags = '' THEN '{}' ELSE string_to_array(c.flags, ' ') END, ${modseq}::bigint, ${modseq}::bigint
    FROM unnest(
      ${rows.map((_, index) => target.firstUid + index)}::bigint[], ${rows.map((row) => row.message_id)}::uuid[],
      ${rows.map((row) => row.thread_id)}::uuid[], ${rows.map((row) => row.received_at)}::timestamptz[],
      ${rows.map((row) => row.size)}::bigint[], ${rows.map((row) => row.flags.join(" "))}::text[]
    ) AS c (uid, message_id, thread_id, received_at, size, flags)`.execute(tx);
  return target;
}
