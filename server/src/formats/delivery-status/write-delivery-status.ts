import { isAscii } from "node:buffer";
import { encodeHeaderText } from "./encode-header-text.ts";
import { mailDate } from "./mail-date.ts";

/** A delivery status notification: RFC 3464 in a multipart/report (RFC 6522). */
export interface DeliveryStatus {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  readonly date: Date;
  /** Without angle brackets. */
  readonly messageId: string;
  /** Message-ID of the message it is about, without angle brackets. */
  readonly inReplyTo: string | undefined;
  /** For people; lines end with LF. */
  readonly text: string;
  readonly language: string;
  readonly reportingMta: string;
  readonly arrivalDate: Date;
  /** ENVID of RFC 3461. */
  readonly originalEnvelopeId: string | undefined;
  readonly recipients: readonly RecipientStatus[];
  /** The header section of the message it is about. */
  readonly originalHeader: Buffer;
}

export interface RecipientStatus {
  readonly address: string;
  /** ORCPT of RFC 3461, such as `rfc822;name@example.org`. */
  readonly originalRecipient: string | undefined;
  readonly action: "failed" | "delayed" | "delivered" | "relayed";
  /** RFC 3463. */
  readonly status: string;
  readonly remoteMta: string | undefined;
  readonly diagnostic: string | undefined;
  readonly lastAttempt: Date;
  /** For `delayed`. */
  readonly willRetryUntil: Date | undefined;
}

/** @param boundary must not stand in the text or the header; random */
export function writeDeliveryStatus(notification: DeliveryStatus, boundary: string): Buffer {
  const { from, originalHeader } = notification;
  const text = Buffer.from(notification.text.replace(/\r?\n/g, "\r\n"), "utf8").toString("base64");
  const isPlain = isAscii(originalHeader);
  const head = [
    `From: ${encodeHeaderText(from.name)} <${from.address}>`,
    `To: <${oneLine(notification.to)}>`,
    `Subject: ${encodeHeaderText(notification.subject)}`,
    `Date: ${mailDate(notification.date)}`,
    `Message-ID: <${notification.messageId}>`,
    ...(notification.inReplyTo === undefined
      ? []
      : [`In-Reply-To: <${oneLine(notification.inReplyTo)}>`, `References: <${oneLine(notification.inReplyTo)}>`]),
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    `Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="${boundary}"`,
    `Content-Language: ${notification.language}`,
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    ...(text.match(/.{1,76}/g) ?? []),
    `--${boundary}`,
    "Content-Type: message/delivery-status",
    "",
    ...messageFields(notification),
    ...notification.recipients.flatMap((recipient) => ["", ...recipientFields(recipient)]),
    "",
    `--${boundary}`,
    "Content-Type: text/rfc822-headers",
    ...(isPlain ? [] : ["Content-Transfer-Encoding: 8bit"]),
    "",
    "",
  ];
  return Buffer.concat([
    Buffer.from(head.join("\r\n"), "utf8"),
    Buffer.from(
      originalHeader
        .toString("latin1")
        .replace(/\r\n|\r|\n/g, "\r\n")
        .trimEnd(),
      "latin1",
    ),
    Buffer.from(`\r\n--${boundary}--\r\n`, "utf8"),
  ]);
}

function messageFields(notification: DeliveryStatus): string[] {
  return [
    ...(notification.originalEnvelopeId === undefined
      ? []
      : [`Original-Envelope-Id: ${oneLine(notification.originalEnvelopeId)}`]),
    `Reporting-MTA: dns; ${oneLine(notification.reportingMta)}`,
    `Arrival-Date: ${mailDate(notification.arrivalDate)}`,
  ];
}

function recipientFields(recipient: RecipientStatus): string[] {
  const type = isAscii(Buffer.from(recipient.address)) ? "rfc822" : "utf-8";
  return [
    ...(recipient.originalRecipient === undefined
      ? []
      : [`Original-Recipient: ${oneLine(recipient.originalRecipient)}`]),
    `Final-Recipient: ${type}; ${oneLine(recipient.address)}`,
    `Action: ${recipient.action}`,
    `Status: ${recipient.status}`,
    ...(recipient.remoteMta === undefined ? [] : [`Remote-MTA: dns; ${oneLine(recipient.remoteMta)}`]),
    ...(recipient.diagnostic === undefined ? [] : [fold(`Diagnostic-Code: smtp; ${oneLine(recipient.diagnostic)}`)]),
    `Last-Attempt-Date: ${mailDate(recipient.lastAttempt)}`,
    ...(recipient.willRetryUntil === undefined ? [] : [`Will-Retry-Until: ${mailDate(recipient.willRetryUntil)}`]),
  ];
}

/** What strangers say must not begin a field of its own. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}]+/gu, " ").trim();
}

/** Breaks a long field at spaces (RFC 5322 section 2.2.3). */
function fold(field: string): string {
  let line = "";
  const lines: string[] = [];
  for (const word of field.split(" ")) {
    if (line !== "" && line.length + word.length > 76) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\r\n\t");
}
