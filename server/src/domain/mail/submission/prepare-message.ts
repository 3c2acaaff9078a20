import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { mailDate } from "../../../formats/delivery-status/mail-date.ts";
import { crlfLines } from "../../../formats/mime/crlf-lines.ts";
import { type Address, decodeAddresses } from "../../../formats/mime/decode-header.ts";
import { allHeaders, firstHeader, type HeaderField } from "../../../formats/mime/headers.ts";
import { type Inspection, MessageInspector } from "../../../formats/mime/inspect-message.ts";
import type { ByteSource } from "../../../store/blobs/byte-source.ts";
import { DomainError } from "../../errors.ts";

/** A message as its recipients get it. */
export interface PreparedMessage {
  /** True: not the bytes that were handed in. */
  readonly isChanged: boolean;
  readonly from: readonly Address[];
  /** The address of the Sender field. */
  readonly sender: string | undefined;
  /** "TLS-Required: No" (RFC 8689 section 5). */
  readonly isTlsOptional: boolean;
  /** Of To and Cc, and of Bcc, which the recipients do not see. */
  readonly addressees: readonly Address[];
  readonly isEightBit: boolean;
  /** Its header holds other than ASCII: it needs SMTPUTF8 (RFC 6531). */
  readonly isSmtpUtf8: boolean;
  open(): Readable;
}

/** Fields that are for the sender's copy only, or ours to add at delivery. */
const removed: ReadonlySet<string> = new Set(["bcc", "resent-bcc", "return-path"]);

/** Reads a message once to learn what must be done to it. */
export async function inspectSource(source: ByteSource): Promise<Inspection> {
  const inspector = new MessageInspector();
  for await (const chunk of source.open()) inspector.push(chunk as Buffer);
  return inspector.end();
}

/**
 * Makes a message fit to leave (RFC 6409 section 8): Bcc is taken out, a missing Date or Message-ID is added, line ends become
 * CRLF. Everything else keeps its bytes.
 * @param senderField a Sender field to put instead of those there are, ended by CRLF
 * @param trace a Received field to put first, ended by CRLF; may be empty
 * @throws DomainError `invalid` when there is no From or several, or the header is too large; `too_large` never
 */
export function prepareMessage(
  source: ByteSource,
  inspection: Inspection,
  trace: string,
  now: Date = new Date(),
  senderField?: string,
): PreparedMessage {
  const { header, fields } = inspection;
  if (inspection.headerTooLarge) throw new DomainError("invalid", "The header of the message is too large");
  if (inspection.hasNul) throw new DomainError("invalid", "The message holds a NUL byte");
  const froms = allHeaders(fields, "from");
  const from = froms.length === 1 ? decodeAddresses(froms[0]!) : [];
  if (from.length === 0) throw new DomainError("invalid", "The message needs one From field with an address");

  const senders = allHeaders(fields, "sender").flatMap(decodeAddresses);
  if (senders.length > 1) throw new DomainError("invalid", "The message may have one Sender field with one address");
  const added: string[] = senderField === undefined ? [] : [senderField];
  if (firstHeader(fields, "date") === null) added.push(`Date: ${mailDate(now)}\r\n`);
  if (firstHeader(fields, "message-id") === null) {
    added.push(`Message-ID: <${randomUUID()}@${from[0]!.email.split("@").at(-1)}>\r\n`);
  }
  const kept: Buffer[] = [Buffer.from(trace + added.join(""), "utf8")];
  let at = 0;
  for (const field of fields) {
    if (!removed.has(field.key) && !(field.key === "sender" && senderField !== undefined)) continue;
    kept.push(header.subarray(at, field.start));
    at = field.end;
  }
  kept.push(header.subarray(at));
  const isChanged = kept.length > 2 || kept[0]!.length > 0 || inspection.hasBareLineEnd;
  const newHeader = Buffer.concat(kept);
  return {
    isChanged,
    from,
    sender: senders[0]?.email,
    isTlsOptional: isTlsOptional(fields),
    addressees: ["to", "cc", "bcc"].flatMap((key) => allHeaders(fields, key).flatMap(decodeAddresses)),
    isEightBit: inspection.isEightBit,
    isSmtpUtf8: /[^\p{ASCII}]/u.test(newHeader.toString("latin1")),
    open: () => {
      if (!isChanged) return source.open();
      const bytes = joined(newHeader, source, header.length);
      return Readable.from(inspection.hasBareLineEnd ? crlfLines(bytes) : bytes, { objectMode: false });
    },
  };
}

/** RFC 8689 section 5: the one value there is, in any case; several fields count as none. */
export function isTlsOptional(fields: readonly HeaderField[]): boolean {
  const values = allHeaders(fields, "tls-required");
  return values.length === 1 && values[0]!.trim().toLowerCase() === "no";
}

async function* joined(header: Buffer, source: ByteSource, bodyStart: number): AsyncGenerator<Buffer> {
  yield header;
  if (bodyStart < source.size) yield* source.open({ start: bodyStart, end: source.size });
}
