import { isIPv6 } from "node:net";
import { mailDate } from "../../formats/delivery-status/mail-date.ts";

export interface Hop {
  /** What the client said in HELO or EHLO; untrusted. */
  readonly helo: string;
  readonly remoteAddress: string;
  readonly hostName: string;
  /** As in RFC 3848: SMTP, ESMTP, ESMTPS, ESMTPSA. */
  readonly transmissionType: string;
  /** Version and cipher suite, as a comment. */
  readonly tlsVersion: string | undefined;
  readonly id: string;
  /** The only recipient, if there is one: with several, naming one would tell it to the others. */
  readonly recipient: string | undefined;
  readonly receivedAt: Date;
}

/** RFC 5321 section 4.4. Ends with CRLF. */
export function receivedHeader(hop: Hop): string {
  const address = isIPv6(hop.remoteAddress) ? `IPv6:${hop.remoteAddress}` : hop.remoteAddress;
  const lines = [
    `Received: from ${plain(hop.helo)} ([${address}])`,
    `\tby ${hop.hostName} with ${hop.transmissionType} id ${hop.id}${hop.tlsVersion ? ` (${hop.tlsVersion.split(" ").map(plain).join(" ")})` : ""}`,
    ...(hop.recipient === undefined ? [] : [`\tfor <${oneLine(hop.recipient)}>`]),
  ];
  return `${lines.join("\r\n")};\r\n\t${mailDate(hop.receivedAt)}\r\n`;
}

/** Of a message that one of our users handed in: without their address, which is nobody's business. */
export function submissionReceivedHeader(
  hop: Pick<Hop, "hostName" | "transmissionType" | "id" | "receivedAt">,
): string {
  return `Received: by ${hop.hostName} with ${hop.transmissionType} id ${hop.id};\r\n\t${mailDate(hop.receivedAt)}\r\n`;
}

/** `sender` is empty for a notification. */
export function returnPathHeader(sender: string): string {
  return `Return-Path: <${oneLine(sender)}>\r\n`;
}

function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9.:_[\]-]/g, "?").slice(0, 255) || "unknown";
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}<>]/gu, "");
}
