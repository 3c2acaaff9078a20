import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import { type AccountKey, takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { selectByUids } from "../../store/mail/mailbox-message-rows.ts";
import { applyMailboxDeltas } from "../../store/mail/mailbox-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { requireMailboxRight } from "../access/mailbox-rights.ts";
import { copyAcross } from "./copy-across.ts";
import type { CopiedMessages, CopyRequest } from "./copy-request.ts";
import { readMailbox } from "./list-mailboxes.ts";
import { mailboxMessageFromRow } from "./mailbox-from-row.ts";
import { makeRoom } from "./make-room.ts";
import type { MailboxMessage, MailDeps } from "./model.ts";
import { deltasOf } from "./remove-copies.ts";
import { noteSorted } from "./screening/note-sorted.ts";

/**
 * Moves messages with their flags, atomically: the source copies leave in the transaction that makes the target's (RFC 6851). Moving
 * to the same mailbox gives new uids.
 * @throws DomainError `forbidden`, `not_found` (either mailbox), `over_quota` (another account only)
 */
export async function moveMessages(
  deps: MailDeps,
  access: AccountAccess,
  request: CopyRequest,
): Promise<CopiedMessages> {
  const toAccess = request.toAccess ?? access;
  requireMailboxRight(access, request.fromMailboxId, "delete");
  requireMailboxRight(toAccess, request.toMailboxId, "write");
  if (toAccess.accountId !== access.accountId) {
    return copyAcross(deps, access, toAccess, request, { move: true });
  }
  return deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    await readMailbox(tx, access, request.fromMailboxId);
    const target = await readMailbox(tx, access, request.toMailboxId);
    const copies = (await selectByUids(tx, access, request.fromMailboxId, request.uids)).map(mailboxMessageFromRow);
    if (copies.length === 0) return { uidvalidity: target.uidvalidity, pairs: [], modseq: target.highestModseq };
    const modseq = await takeModseq(tx, access, "mail", ["Email", "Mailbox"]);
    const firstUid = await moveCopies(tx, access, modseq, copies, request.toMailboxId);
    return { uidvalidity: target.uidvalidity, pairs: copies.map((copy, n) => [copy.uid, firstUid + n]), modseq };
  });
}

/**
 * Moves copies of one account to a mailbox, uids in the order given; under the feed lock.
 * @returns the first uid
 */
export async function moveCopies(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  copies: readonly MailboxMessage[],
  toMailboxId: string,
): Promise<number> {
  // The target in a statement of its own: one UPDATE cannot change a row twice, and a mailbox may be source and target.
  await applyMailboxDeltas(tx, deltasOf(key, modseq, copies));
  const target = await makeRoom(tx, key, modseq, toMailboxId, copies);
  await sql`
    WITH moving AS MATERIALIZED (
      SELECT * FROM unnest(
        ${copies.map((copy) => copy.mailboxId)}::uuid[], ${copies.map((copy) => copy.uid)}::bigint[],
        ${copies.map((copy) => copy.messageId)}::uuid[], ${copies.map((_, index) => target.firstUid + index)}::bigint[]
      ) AS m (mailbox_id, uid, message_id, new_uid)
    ), departed AS (
      INSERT INTO changes (organization_id, account_id, area, modseq, kind, collection_id, object_id, uid)
      SELECT ${key.organizationId}::uuid, ${key.accountId}::uuid, 'mail', ${modseq}::bigint, 'message', mailbox_id, message_id, uid FROM moving
    )
    UPDATE mailbox_message c SET mailbox_id = ${toMailboxId}, uid = m.new_uid, modseq = ${modseq}, created_modseq = ${modseq},
      save_date = now()
    FROM moving m
    WHERE c.organization_id = ${key.organizationId} AND c.mailbox_id = m.mailbox_id AND c.uid = m.uid`.execute(tx);
  await noteSorted(
    tx,
    key,
    copies.map((copy) => ({ messageId: copy.messageId, fromMailboxId: copy.mailboxId })),
    toMailboxId,
  );
  return target.firstUid;
}
