import type { Blobs } from "../../store/blobs/blobs.ts";
import type { Store } from "../../store/database.ts";

/*
 * Terminology
 *   message          what was delivered: immutable bytes and what was read from them. JMAP Email, RFC 8474 EMAILID
 *   mailbox message  one copy of a message in a mailbox: its uid, flags and modseq
 *   flags            IMAP's spelling: `\Seen` `\Answered` `\Flagged` `\Draft` `\Deleted`, keywords lowercased (`$forwarded`).
 *                    JMAP's keywords are made from them at its edge
 *   modseq           the feed's counter at the last change
 */

export interface MailDeps {
  readonly store: Store;
  readonly blobs: Blobs;
}

export type MailboxRole = "inbox" | "drafts" | "sent" | "junk" | "trash" | "archive";

export interface Mailbox {
  id: string;
  accountId: string;
  parentId: string | null;
  /** One level, NFC. The inbox is named INBOX; screens translate by role. */
  name: string;
  role: MailboxRole | null;
  sortOrder: number;
  isSubscribed: boolean;
  uidvalidity: number;
  uidnext: number;
  /** Of its messages. */
  highestModseq: number;
  createdModseq: number;
  modseq: number;
  countsModseq: number;
  total: number;
  unseen: number;
  /** Bytes of all its copies. */
  size: number;
}

/** The narrow row: all that a selected mailbox, STORE and SEARCH by flags need. */
export interface MailboxMessage {
  mailboxId: string;
  uid: number;
  messageId: string;
  threadId: string;
  flags: string[];
  modseq: number;
  createdModseq: number;
  size: number;
  receivedAt: Date;
  saveDate: Date;
}

export interface MailAddress {
  name: string | null;
  email: string;
}

/** Decoded header values, as AnalyzedMessage of formats/mime gives them. */
export interface MessageSummary {
  from: MailAddress[];
  sender: MailAddress[];
  replyTo: MailAddress[];
  to: MailAddress[];
  cc: MailAddress[];
  bcc: MailAddress[];
  messageId: string | null;
  inReplyTo: string[];
  references: string[];
  attachmentNames: string[];
}
