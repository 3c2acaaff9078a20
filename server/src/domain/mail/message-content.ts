import type { AnalyzedMessage } from "../../formats/mime/analyze-message.ts";
import { renderBodyStructure, renderEnvelope } from "../../formats/mime/bodystructure.ts";
import { searchHeaderLength } from "../../formats/mime/message-text.ts";
import type { ContentRow } from "../../store/mail/insert-messages.ts";
import type { MessageSummary } from "./model.ts";

/** A message ready to be rows: made before BEGIN, plain JSON, shared by all the accounts it goes to. */
export interface MessageContent extends ContentRow {
  /** With `threadIds`, decides which thread it joins. */
  threadSubject: string;
  /** Message-ID, References and In-Reply-To, each once. */
  threadIds: string[];
}

/** @param size of the bytes that were analyzed */
export function prepareContent(analyzed: AnalyzedMessage, size: number): MessageContent {
  const { from, sender, replyTo, to, cc, bcc, messageId, inReplyTo, references, attachmentNames } = analyzed;
  const summary: MessageSummary = {
    from,
    sender,
    replyTo,
    to,
    cc,
    bcc,
    messageId,
    inReplyTo,
    references,
    attachmentNames,
    sentDay: sentDay(analyzed.envelope.date),
    ...(analyzed.groupNames && { groupNames: analyzed.groupNames }),
  };
  const header = searchHeaderLength(analyzed.root, analyzed.envelope);
  return {
    size,
    sentAt: storable(analyzed.sentAt),
    subject: cleanText(analyzed.subject),
    preview: cleanText(analyzed.preview),
    hasAttachment: analyzed.hasAttachment,
    summary: toJsonb(summary),
    mime: toJsonb(analyzed.root),
    imapEnvelope: renderEnvelope(analyzed.envelope).toString("utf8"),
    imapBodystructure: renderBodyStructure(analyzed.root).toString("utf8"),
    searchText: cleanText(analyzed.searchText),
    bodyFrom: [...cleanText(analyzed.searchText.slice(0, header))].length + 1,
    threadSubject: analyzed.threadSubject,
    threadIds: threadIdsOf(analyzed),
  };
}

/** A Date field may say any year; timestamptz does not take them all, and ISO 8601 writes those beyond 9999 with a sign. */
function storable(date: string | null): string | null {
  return date !== null && /^\d{4}-/.test(date) && !date.startsWith("0000") ? date : null;
}

/** The day that the Date field names, in the sender's zone: what IMAP's SENTON compares (RFC 9051 section 6.4.4). */
function sentDay(date: string | null): string | null {
  const match = /(?:^|[^\d])(\d{1,2})\s+([A-Za-z]{3})[A-Za-z]*\s+(\d{4})(?!\d)/.exec(date ?? "");
  const month = months.indexOf(match?.[2]?.toLowerCase() ?? "") + 1;
  if (!match || month === 0) return null;
  return `${match[3]}-${String(month).padStart(2, "0")}-${match[1]!.padStart(2, "0")}`;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

function withoutNul(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "") : text;
}

/** What text and jsonb take: no NUL, no half of a surrogate pair. */
function cleanText(text: string): string {
  return withoutNul(text.toWellFormed());
}

/** JSON that jsonb takes: PostgreSQL refuses NUL and halves of surrogate pairs, which hostile headers contain. */
export function toJsonb(value: unknown): string {
  const json = JSON.stringify(value);
  // JSON.stringify writes both as \u escapes; an escaped backslash before "u0000" only costs the second pass.
  return /\\u(?:0000|d[89a-f])/.test(json) ? JSON.stringify(cleaned(value)) : json;
}

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [cleanText(key), cleaned(each)]));
}

/** Message-ID, References and In-Reply-To, each once. */
export function threadIdsOf(summary: Pick<MessageSummary, "messageId" | "references" | "inReplyTo">): string[] {
  return [
    ...new Set([
      ...(summary.messageId === null ? [] : [summary.messageId]),
      ...summary.references,
      ...summary.inReplyTo,
    ]),
  ];
}
