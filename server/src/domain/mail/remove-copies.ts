import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { applyMailboxDeltas, type MailboxDelta } from "../../store/mail/mailbox-rows.ts";
import { isSeen, sharedFlags } from "./flags.ts";

export interface LeavingCopy {
  mailboxId: string;
  uid: number;
  messageId: string;
  threadId: string;
  size: number;
  flags: readonly string[];
  sharedSeen?: boolean;
}

/**
 * Takes copies out of their mailboxes, under the feed lock with a modseq taken for Email, Mailbox and Thread: departures, counts, and
 * for messages without any copy left the quota and the thread.
 * @param options.recoverable whether the copies can be restored until the recovery period ends
 */
export async function removeCopies(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  copies: readonly LeavingCopy[],
  options: { recoverable: boolean },
): Promise<void> {
  if (copies.length === 0) return;
  await sql`
    WITH leaving AS MATERIALIZED (
      SELECT * FROM unnest(${copies.map((each) => each.mailboxId)}::uuid[], ${copies.map((each) => each.uid)}::bigint[])
        AS l (mailbox_id, uid)
    ), gone AS (
      DELETE FROM mailbox_message c USING leaving l
      WHERE c.organization_id = ${key.organizationId} AND c.mailbox_id = l.mailbox_id AND c.uid = l.uid
      RETURNING c.mailbox_id, c.uid, c.message_id, c.flags
    ), kept AS (
      INSERT INTO expunged_message (organization_id, account_id, message_id, mailbox_id, flags)
      SELECT ${key.organizationId}::uuid, ${key.accountId}::uuid, message_id, mailbox_id, flags FROM gone WHERE ${options.recoverable}
    )
    INSERT INTO changes (organization_id, account_id, area, modseq, kind, collection_id, object_id, uid)
    SELECT ${key.organizationId}::uuid, ${key.accountId}::uuid, 'mail', ${modseq}::bigint, 'message', mailbox_id, message_id, uid FROM gone`.execute(
    tx,
  );
  await applyMailboxDeltas(tx, deltasOf(key, modseq, copies));
  await closeMessages(tx, key, modseq, copies);
}

/** What leaving copies take from their mailboxes. */
export function deltasOf(key: AccountKey, modseq: number, copies: readonly LeavingCopy[]): MailboxDelta[] {
  const deltas = new Map<string, MailboxDelta>();
  for (const copy of copies) {
    const { mailboxId, size } = copy;
    const delta = deltas.get(mailboxId) ?? {
      organizationId: key.organizationId,
      accountId: key.accountId,
      mailboxId,
      modseq,
      uids: 0,
      total: 0,
      unseen: 0,
      bytes: 0,
    };
    delta.total--;
    if (!isSeen(sharedFlags(copy))) delta.unseen--;
    delta.bytes -= size;
    deltas.set(mailboxId, delta);
  }
  return [...deltas.values()];
}

/** Lets go of messages whose last copy left: recoverable content does not count in the quota. */
async function closeMessages(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  copies: readonly LeavingCopy[],
): Promise<void> {
  const messages = new Map(copies.map((each) => [each.messageId, each]));
  const closed = await sql<{ id: string; thread_id: string; thread_lives: boolean }>`
    SELECT m.id, m.thread_id, EXISTS (
      SELECT FROM mailbox_message t WHERE t.organization_id = m.organization_id AND t.thread_id = m.thread_id) AS thread_lives
    FROM message m
    WHERE m.organization_id = ${key.organizationId} AND m.id = ANY(${[...messages.keys()]}::uuid[])
      AND NOT EXISTS (SELECT FROM mailbox_message c WHERE c.organization_id = m.organization_id AND c.message_id = m.id)`.execute(
    tx,
  );
  if (closed.rows.length === 0) return;
  const messageIds = closed.rows.map((row) => row.id);
  const bytes = messageIds.reduce((sum, id) => sum + messages.get(id)!.size, 0);
  const threads = new Map(closed.rows.map((row) => [row.thread_id, row.thread_lives]));
  const ended = [...threads].filter(([, lives]) => !lives).map(([id]) => id);
  const moved = [...threads].filter(([, lives]) => lives).map(([id]) => id);
  await sql`
    WITH freed AS (
      UPDATE quota SET used_bytes = used_bytes - ${bytes}
      WHERE organization_id = ${key.organizationId} AND account_id = ${key.accountId} AND area = 'mail'
    ), moved_thread AS (
      UPDATE thread SET modseq = ${modseq} WHERE organization_id = ${key.organizationId} AND id = ANY(${moved}::uuid[])
    ), ended_thread AS (
      DELETE FROM thread WHERE organization_id = ${key.organizationId} AND id = ANY(${ended}::uuid[])
    ), ended_reference AS (
      DELETE FROM thread_reference WHERE organization_id = ${key.organizationId} AND thread_id = ANY(${ended}::uuid[])
    )
    INSERT INTO changes (organization_id, account_id, area, modseq, kind, collection_id, object_id)
    SELECT ${key.organizationId}::uuid, ${key.accountId}::uuid, 'mail', ${modseq}::bigint, d.kind, ${key.accountId}::uuid, d.id
    FROM (
      SELECT 'Email' AS kind, unnest(${messageIds}::uuid[]) AS id
      UNION ALL SELECT 'Thread', unnest(${ended}::uuid[])
    ) d`.execute(tx);
}
