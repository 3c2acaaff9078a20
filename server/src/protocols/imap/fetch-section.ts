import { Readable } from "node:stream";
import type { AccountAccess } from "../../domain/access/account-access.ts";
import { openMessageBytes } from "../../domain/mail/open-message.ts";
import type { FetchItem, Partial, Section } from "../../formats/imap-syntax/parse-fetch.ts";
import { findSection } from "../../formats/mime/find-section.ts";
import { selectHeaderFields } from "../../formats/mime/headers.ts";
import type { MimePart } from "../../formats/mime/mime-part.ts";
import type { Session } from "./session.ts";

/** Where the bytes of a message come from. */
export interface MessageSource {
  readonly access: AccountAccess;
  readonly messageId: string;
  readonly size: number;
  /** Known when the details were read. */
  readonly blobId: string | undefined;
  /** Not read when only the whole message is asked for. */
  readonly mime: MimePart | undefined;
  /** The header of the message, where it could be read together with those of others. */
  readonly header: Buffer | undefined;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Writes BODY[…] and its old names; a section that does not exist is NIL. */
export async function writeSection(
  session: Session,
  item: FetchItem & { item: "SECTION" },
  source: MessageSource,
): Promise<void> {
  const { channel } = session;
  const { part, text, fields } = item.section;
  const range =
    source.mime === undefined
      ? { start: 0, end: source.size }
      : findSection(source.mime, part, text?.startsWith("HEADER") ? "HEADER" : (text as "TEXT" | "MIME" | null));
  if (range === null) {
    channel.send(`${item.label} NIL`);
    return;
  }
  const isRootHeader = part.length === 0 && source.header !== undefined && range.end <= source.header.length;
  if (fields.length > 0) {
    const header = isRootHeader ? known(source.header) : await readRange(session, source, range);
    const [start, end] = isRootHeader ? [range.start, range.end] : [0, header.length];
    const selected = selectHeaderFields(header, start, end, fields, text === "HEADER.FIELDS.NOT");
    sendLiteral(session, item.label, cut(selected, item.partial));
  } else if (isRootHeader) {
    sendLiteral(session, item.label, cut(known(source.header).subarray(range.start, range.end), item.partial));
  } else {
    const wanted = cutRange(range, item.partial);
    const size = wanted.end - wanted.start;
    channel.send(`${item.label} {${size}}\r\n`);
    if (size > 0) await channel.sendStream(await openRange(session, source, wanted), size);
  }
}

/** A section as a stream, for those who do not FETCH it; null when it does not exist. */
export async function openSection(
  session: Session,
  source: MessageSource,
  section: Section,
  partial: Partial | null,
): Promise<{ size: number; open(): Promise<Readable> } | null> {
  const { part, text, fields } = section;
  const range =
    source.mime === undefined
      ? { start: 0, end: source.size }
      : findSection(source.mime, part, text?.startsWith("HEADER") ? "HEADER" : (text as "TEXT" | "MIME" | null));
  if (range === null) return null;
  if (fields.length > 0) {
    const header = await readRange(session, source, range);
    const bytes = cut(selectHeaderFields(header, 0, header.length, fields, text === "HEADER.FIELDS.NOT"), partial);
    return { size: bytes.length, open: async () => Readable.from([bytes]) };
  }
  const wanted = cutRange(range, partial);
  return { size: wanted.end - wanted.start, open: () => openRange(session, source, wanted) };
}

/** Opens some bytes of a message as it was received. */
export async function openRange(session: Session, source: MessageSource, range: Range): Promise<Readable> {
  const message = source.blobId === undefined ? source.messageId : { blobId: source.blobId };
  const bytes = await openMessageBytes(session.deps.mail, source.access, message);
  return bytes.open({ start: range.start, end: range.end });
}

/** The part of [0, size) that `<offset.count>` asks for; empty beyond the end (RFC 9051 section 6.4.5). */
export function cutRange(range: Range, partial: Partial | null): Range {
  if (partial === null) return range;
  const start = Math.min(range.start + partial.offset, range.end);
  return { start, end: Math.min(start + partial.count, range.end) };
}

/** Header fields are chosen in memory: the header alone, never the message. */
async function readRange(session: Session, source: MessageSource, range: Range): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await openRange(session, source, range)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function cut(bytes: Buffer, partial: Partial | null): Buffer {
  const { start, end } = cutRange({ start: 0, end: bytes.length }, partial);
  return bytes.subarray(start, end);
}

function sendLiteral(session: Session, label: string, bytes: Buffer): void {
  session.channel.send(`${label} {${bytes.length}}\r\n`);
  session.channel.sendBytes(bytes);
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the header was not read");
  return value;
}
