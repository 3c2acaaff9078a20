import type { GetArguments, Id, JmapDate, UTCDate } from "./jmap.ts";

/* Objects of RFC 8621 (mail and submission), RFC 9425 (quota) and of `urn:bouquet:jmap:recipients`. */

export type MailboxRole = "inbox" | "drafts" | "sent" | "junk" | "trash" | "archive";

export interface MailboxRights {
  mayReadItems: boolean;
  mayAddItems: boolean;
  mayRemoveItems: boolean;
  maySetSeen: boolean;
  maySetKeywords: boolean;
  mayCreateChild: boolean;
  mayRename: boolean;
  mayDelete: boolean;
  maySubmit: boolean;
}

export interface Mailbox {
  id: Id;
  /** Screens show their own name for those with a role. */
  name: string;
  parentId: Id | null;
  role: MailboxRole | null;
  sortOrder: number;
  totalEmails: number;
  unreadEmails: number;
  totalThreads: number;
  unreadThreads: number;
  myRights: MailboxRights;
  isSubscribed: boolean;
}
export interface MailboxFilter {
  parentId?: Id | null;
  name?: string;
  role?: MailboxRole | null;
  hasAnyRole?: boolean;
  isSubscribed?: boolean;
}

export interface Thread {
  id: Id;
  /** Oldest first. */
  emailIds: Id[];
}

export interface EmailAddress {
  name: string | null;
  email: string;
}
export interface EmailHeader {
  name: string;
  value: string;
}
export interface EmailBodyPart {
  partId: string | null;
  blobId: Id | null;
  size: number;
  headers?: EmailHeader[];
  name: string | null;
  type: string;
  charset: string | null;
  disposition: string | null;
  cid: string | null;
  language: string[] | null;
  location: string | null;
  subParts?: EmailBodyPart[] | null;
}
export interface EmailBodyValue {
  value: string;
  isEncodingProblem: boolean;
  isTruncated: boolean;
}

export interface Email {
  id: Id;
  blobId: Id;
  threadId: Id;
  mailboxIds: Record<Id, true>;
  /** `$seen`, `$flagged`, `$answered`, `$forwarded`, `$draft`, and others in lower case. */
  keywords: Record<string, true>;
  size: number;
  receivedAt: UTCDate;
  messageId: string[] | null;
  inReplyTo: string[] | null;
  references: string[] | null;
  sender: EmailAddress[] | null;
  from: EmailAddress[] | null;
  to: EmailAddress[] | null;
  cc: EmailAddress[] | null;
  bcc: EmailAddress[] | null;
  replyTo: EmailAddress[] | null;
  subject: string | null;
  sentAt: JmapDate | null;
  hasAttachment: boolean;
  preview: string;
  headers: EmailHeader[];
  bodyStructure: EmailBodyPart;
  bodyValues: Record<string, EmailBodyValue>;
  textBody: EmailBodyPart[];
  htmlBody: EmailBodyPart[];
  attachments: EmailBodyPart[];
}
/** Also `header:Name[:asForm][:all]` (RFC 8621 section 4.1.3). */
export type EmailProperty = keyof Email | `header:${string}`;

export interface EmailGetArguments extends GetArguments<EmailProperty> {
  bodyProperties?: string[];
  fetchTextBodyValues?: boolean;
  fetchHTMLBodyValues?: boolean;
  fetchAllBodyValues?: boolean;
  /** Octets of UTF-8; 0 is no limit of the client's. */
  maxBodyValueBytes?: number;
}

/** A body part to create: `partId` into bodyValues, or a `blobId`. */
export interface NewEmailBodyPart {
  partId?: string;
  blobId?: Id;
  type?: string;
  charset?: string | null;
  name?: string | null;
  disposition?: string | null;
  cid?: string | null;
  language?: string[] | null;
  location?: string | null;
  subParts?: NewEmailBodyPart[] | null;
  [header: `header:${string}`]: unknown;
}
export interface NewEmail
  extends Partial<
    Pick<Email, "keywords" | "receivedAt" | "messageId" | "inReplyTo" | "references" | "sender" | "from" | "to" | "cc">
  > {
  mailboxIds: Record<Id, true>;
  bcc?: EmailAddress[] | null;
  replyTo?: EmailAddress[] | null;
  subject?: string | null;
  sentAt?: JmapDate | null;
  bodyStructure?: NewEmailBodyPart;
  textBody?: NewEmailBodyPart[];
  htmlBody?: NewEmailBodyPart[];
  attachments?: NewEmailBodyPart[];
  bodyValues?: Record<string, Partial<EmailBodyValue> & { value: string }>;
  [header: `header:${string}`]: unknown;
}

export interface EmailFilter {
  inMailbox?: Id;
  inMailboxOtherThan?: Id[];
  before?: UTCDate;
  after?: UTCDate;
  minSize?: number;
  maxSize?: number;
  allInThreadHaveKeyword?: string;
  someInThreadHaveKeyword?: string;
  noneInThreadHaveKeyword?: string;
  hasKeyword?: string;
  notKeyword?: string;
  hasAttachment?: boolean;
  text?: string;
  from?: string;
  to?: string;
  cc?: string;
  bcc?: string;
  subject?: string;
  body?: string;
  header?: [string] | [string, string];
}

export interface EmailImport {
  blobId: Id;
  mailboxIds: Record<Id, true>;
  keywords?: Record<string, true>;
  receivedAt?: UTCDate;
}

/** Text of the subject and of the body in HTML (everything else escaped) with `<mark>` around what was found; null: no match there. */
export interface SearchSnippet {
  emailId: Id;
  subject: string | null;
  preview: string | null;
}

export interface Identity {
  id: Id;
  name: string;
  email: string;
  replyTo: EmailAddress[] | null;
  bcc: EmailAddress[] | null;
  textSignature: string;
  htmlSignature: string;
  mayDelete: boolean;
}

export interface EnvelopeAddress {
  email: string;
  parameters?: Record<string, string | null> | null;
}
export interface DeliveryStatus {
  smtpReply: string;
  delivered: "queued" | "yes" | "no" | "unknown";
  displayed: "unknown" | "yes";
}
export interface EmailSubmission {
  id: Id;
  identityId: Id;
  emailId: Id;
  threadId: Id;
  envelope: { mailFrom: EnvelopeAddress; rcptTo: EnvelopeAddress[] } | null;
  sendAt: UTCDate;
  undoStatus: "pending" | "final" | "canceled";
  deliveryStatus: Record<string, DeliveryStatus> | null;
  dsnBlobIds: Id[];
  mdnBlobIds: Id[];
}
/** Without an envelope it is made from the Email. Delayed with HOLDFOR or HOLDUNTIL on `mailFrom.parameters` (RFC 4865). */
export type NewEmailSubmission = Pick<EmailSubmission, "identityId" | "emailId"> & {
  envelope?: EmailSubmission["envelope"];
};
export interface EmailSubmissionFilter {
  identityIds?: Id[];
  emailIds?: Id[];
  threadIds?: Id[];
  undoStatus?: EmailSubmission["undoStatus"];
  before?: UTCDate;
  after?: UTCDate;
}

/** RFC 9425: octets of mail of the account. */
export interface Quota {
  id: Id;
  resourceType: "octets";
  used: number;
  hardLimit: number;
  warnLimit: number | null;
  softLimit: number | null;
  scope: "account";
  name: string;
  description: string | null;
  types: string[];
}

/** Of `urn:bouquet:jmap:recipients`. */
export interface Recipient {
  name: string | null;
  email: string;
  kind: "person" | "group" | "shared_mailbox" | "correspondent";
}
