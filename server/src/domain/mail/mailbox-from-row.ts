import type { MailboxMessageRow } from "../../store/mail/mailbox-message-rows.ts";
import type { MailboxRow } from "../../store/mail/mailbox-rows.ts";
import type { Mailbox, MailboxMessage, MailboxRole } from "./model.ts";

export function mailboxFromRow(row: MailboxRow): Mailbox {
  return {
    id: row.id,
    accountId: row.account_id,
    parentId: row.parent_id,
    name: row.name,
    role: row.role as MailboxRole | null,
    sortOrder: row.sort_order,
    isSubscribed: row.is_subscribed,
    uidvalidity: row.uidvalidity,
    uidnext: row.uidnext,
    recentUid: row.recent_uid,
    highestModseq: row.highest_modseq,
    createdModseq: row.created_modseq,
    modseq: row.modseq,
    countsModseq: row.counts_modseq,
    total: row.total,
    unseen: row.unseen,
    size: row.size_bytes,
  };
}

export function mailboxMessageFromRow(row: MailboxMessageRow): MailboxMessage {
  return {
    mailboxId: row.mailbox_id,
    uid: row.uid,
    messageId: row.message_id,
    threadId: row.thread_id,
    flags: row.flags,
    modseq: row.modseq,
    createdModseq: row.created_modseq,
    size: row.size,
    receivedAt: row.received_at,
    saveDate: row.save_date,
    ...(row.shared_seen !== undefined && { sharedSeen: row.shared_seen }),
  };
}
