import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import { takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { selectMailboxes } from "../../store/mail/mailbox-rows.ts";
import { isUuid } from "../../store/uuid.ts";
import { type AccountAccess, requireRight } from "../access/account-access.ts";
import { type AddedMessage, addMessages } from "./add-messages.ts";
import { insertCopies } from "./copy-messages.ts";
import type { MailDeps } from "./model.ts";
import { readContents } from "./read-contents.ts";

interface ExpungedRow {
  id: string;
  message_id: string;
  mailbox_id: string;
  flags: string[];
  thread_id: string;
  received_at: Date;
  size: number;
  lives: boolean;
}

/**
 * Puts expunged messages back where they were, or in the inbox when that mailbox is gone or the trash, without `\Deleted`. They get new uids; one
 * that had no copy left becomes a new message, because clients were told that the old id is gone for good.
 * @returns how many came back: those purged or restored meanwhile are left out
 * @throws DomainError `forbidden`, `over_quota` (nothing is restored)
 */
export async function restoreExpunged(
  deps: MailDeps,
  access: AccountAccess,
  expungedIds: readonly string[],
): Promise<{ restored: number }> {
  requireRight(access, "write");
  return deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    const rows = await selectExpunged(tx, access, expungedIds.filter(isUuid));
    if (rows.length === 0) return { restored: 0 };
    const modseq = await takeModseq(tx, access, "mail", ["Email", "Mailbox", "Thread"]);
    const mailboxes = await selectMailboxes(tx, access);
    const inbox = mailboxes.find((each) => each.role === "inbox")!.id;
    // What was in the trash is wanted out of it.
    const known = new Set(mailboxes.filter((each) => each.role !== "trash").map((each) => each.id));
    const placed = rows.map((row) => ({
      ...row,
      flags: row.flags.filter((flag) => flag !== "\\Deleted"),
      target: known.has(row.mailbox_id) ? row.mailbox_id : inbox,
    }));
    await tx
      .deleteFrom("expunged_message")
      .where("organization_id", "=", access.organizationId)
      .where(
        "id",
        "in",
        rows.map((row) => row.id),
      )
      .execute();

    // The first copy of a message without any makes the new message; its other copies are copies of that one.
    const firsts = new Map<string, (typeof placed)[number]>();
    for (const row of placed) if (!row.lives && !firsts.has(row.message_id)) firsts.set(row.message_id, row);
    const reborn = await rebear(tx, access, modseq, [...firsts.values()]);
    for (const row of placed) {
      if (firsts.get(row.message_id) === row) continue;
      const message = reborn.get(row.message_id);
      const copy = { ...row, ...(message && { message_id: message.messageId, thread_id: message.threadId }) };
      await insertCopies(tx, access, modseq, [copy], row.target);
    }
    return { restored: rows.length };
  });
}

async function selectExpunged(tx: Transactor, access: AccountAccess, ids: readonly string[]): Promise<ExpungedRow[]> {
  const result = await sql<ExpungedRow>`
    SELECT e.id, e.message_id, e.mailbox_id, e.flags, m.thread_id, m.received_at, m.size, EXISTS (
      SELECT FROM mailbox_message c WHERE c.organization_id = e.organization_id AND c.message_id = e.message_id) AS lives
    FROM expunged_message e JOIN message m ON m.organization_id = e.organization_id AND m.id = e.message_id
    WHERE e.organization_id = ${access.organizationId} AND e.account_id = ${access.accountId}
      AND e.id = ANY(${ids as string[]}::uuid[])
    ORDER BY e.expunged_at, e.id`.execute(tx);
  return result.rows;
}

/** @returns the new messages by the id of the old, which is gone afterwards */
async function rebear(
  tx: Transactor,
  access: AccountAccess,
  modseq: number,
  rows: readonly { message_id: string; target: string; flags: string[]; received_at: Date }[],
): Promise<Map<string, AddedMessage>> {
  const oldIds = rows.map((row) => row.message_id);
  const contents = await readContents(tx, access, oldIds);
  const added = await addMessages(
    tx,
    rows.map((row) => ({
      account: { organizationId: access.organizationId, accountId: access.accountId },
      mailboxId: row.target,
      ...contents.get(row.message_id)!,
      flags: row.flags,
      receivedAt: row.received_at,
      quota: "strict" as const,
    })),
    new Map([[access.accountId, modseq]]),
  );
  const newIds = added.map((each) => each.messageId);
  // Copies that were not asked for stay restorable, as copies of the new message.
  await sql`
    UPDATE expunged_message e SET message_id = n.new_id
    FROM unnest(${oldIds}::uuid[], ${newIds}::uuid[]) AS n (old_id, new_id)
    WHERE e.organization_id = ${access.organizationId} AND e.message_id = n.old_id`.execute(tx);
  await sql`
    DELETE FROM blob_reference WHERE organization_id = ${access.organizationId} AND kind = 'message'
      AND owner_id = ANY(${oldIds}::uuid[])`.execute(tx);
  await sql`DELETE FROM message WHERE organization_id = ${access.organizationId} AND id = ANY(${oldIds}::uuid[])`.execute(
    tx,
  );
  return new Map(rows.map((row, index) => [row.message_id, added[index]!]));
}
