import type { AnalyzedMessage } from "../../formats/mime/analyze-message.ts";
import type { GroupNames } from "../../formats/mime/decode-header.ts";
import type { MimePart } from "../../formats/mime/mime-part.ts";
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

/** For what reads messages in: app.ts gives an `analyze` that runs large messages in a worker thread. */
export interface AnalyzingMailDeps extends MailDeps {
  analyze(bytes: Buffer): Promise<AnalyzedMessage>;
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
  /** Up to this uid some IMAP session was told of its messages as `\Recent`. */
  recentUid: number;
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
  /** Only in a copy read with the viewer's own `\Seen`: whether it has the flag for the others. */
  sharedSeen?: boolean;
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
  /** The day that the Date field names where it was written, 2026-02-01. */
  sentDay: string | null;
  /** Names of the groups of addresses, by field. */
  groupNames?: GroupNames;
}

/** One copy, as a message tells of it. */
export interface MessageCopy {
  mailboxId: string;
  uid: number;
  flags: string[];
  modseq: number;
}

/** A message that has at least one copy. */
export interface Message {
  id: string;
  threadId: string;
  blobId: string;
  size: number;
  receivedAt: Date;
  sentAt: Date | null;
  subject: string;
  /** At most 256 characters. */
  preview: string;
  hasAttachment: boolean;
  summary: MessageSummary;
  createdModseq: number;
  /** In the order they were made. */
  mailboxes: MessageCopy[];
}

/** What a client that opens a message needs beyond `Message`; the optional columns are read on request. */
export interface MessageDetails extends Omit<Message, "mailboxes"> {
  mime?: MimePart;
  /** Wire syntax, RFC 9051 section 7.5.2. */
  imapEnvelope?: Buffer;
  imapBodystructure?: Buffer;
}

export interface Thread {
  id: string;
  /** Oldest first, by receivedAt. */
  messageIds: string[];
}
