import {
  type Address,
  decodeAddresses,
  decodeWords,
  type GroupNames,
  groupNames,
  parseMessageIds,
  toAddresses,
} from "./decode-header.ts";
import { type Envelope, readEnvelope } from "./envelope.ts";
import { firstHeader, readHeaders } from "./headers.ts";
import { type IndexLimits, indexMessage } from "./index-message.ts";
import { attachmentNames, previewText, searchText } from "./message-text.ts";
import type { MimePart } from "./mime-part.ts";
import { parseDate } from "./parse-date.ts";
import { hasAttachment, selectBodyParts } from "./select-body-parts.ts";
import { baseSubject, threadReferences, threadSubject } from "./thread-key.ts";

export interface AnalyzeOptions {
  /** UTF-16 units of `searchText`; 1 million by default. */
  searchTextLimit?: number;
  limits?: IndexLimits;
}

/** All that is stored about a message. Plain JSON. */
export interface AnalyzedMessage {
  root: MimePart;
  envelope: Envelope;
  /** Decoded. */
  subject: string;
  from: Address[];
  /** As written: empty when the message has no Sender or Reply-To, unlike in the envelope. */
  sender: Address[];
  replyTo: Address[];
  to: Address[];
  cc: Address[];
  bcc: Address[];
  /** ISO 8601 in UTC, from the Date field. */
  sentAt: string | null;
  /** Without angle brackets, like the two lists. */
  messageId: string | null;
  /** Oldest first, each once; the first of In-Reply-To when there are none. */
  references: string[];
  inReplyTo: string[];
  /** RFC 5256 §2.1. */
  baseSubject: string;
  /** The same without reply words of other languages, in lower case: for threading. */
  threadSubject: string;
  preview: string;
  hasAttachment: boolean;
  searchText: string;
  attachmentNames: string[];
  /** Names of the groups of addresses (RFC 5322 section 3.4), by field; absent without any. */
  groupNames?: GroupNames;
}

/**
 * Reads everything that is stored about a message from its bytes. Pure and synchronous: call it from a worker for messages above
 * 1 MiB. Never throws, whatever the bytes.
 */
export function analyzeMessage(bytes: Buffer, options: AnalyzeOptions = {}): AnalyzedMessage {
  const root = indexMessage(bytes, options.limits);
  const fields = readHeaders(bytes, root.headerStart, root.headerEnd);
  const envelope = readEnvelope(fields);
  const bodies = selectBodyParts(root);
  const subject = decodeWords(envelope.subject ?? "");
  const written = (key: string): Address[] => decodeAddresses(firstHeader(fields, key) ?? "");
  return {
    root,
    envelope,
    subject,
    from: toAddresses(envelope.from),
    sender: written("sender"),
    replyTo: written("reply-to"),
    to: toAddresses(envelope.to),
    cc: toAddresses(envelope.cc),
    bcc: toAddresses(envelope.bcc),
    sentAt: parseDate(envelope.date ?? "")?.toISOString() ?? null,
    messageId: parseMessageIds(envelope.messageId ?? "")[0] ?? null,
    references: threadReferences(envelope, firstHeader(fields, "references")),
    inReplyTo: parseMessageIds(envelope.inReplyTo ?? ""),
    baseSubject: baseSubject(subject),
    threadSubject: threadSubject(subject),
    preview: previewText(bytes, bodies),
    hasAttachment: hasAttachment(bodies.attachments),
    searchText: searchText(bytes, root, envelope, options.searchTextLimit ?? 1_000_000),
    attachmentNames: attachmentNames(root),
    ...groupNames(envelope),
  };
}
