import type { Readable } from "node:stream";
import { compose, Transform } from "node:stream";
import type { FetchItem } from "../../formats/imap-syntax/parse-fetch.ts";
import { createTransferDecoder } from "../../formats/mime/decode-body.ts";
import { findPart } from "../../formats/mime/find-section.ts";
import { cutRange, type MessageSource, openRange } from "./fetch-section.ts";
import { Refusal } from "./refusal.ts";
import type { Session } from "./session.ts";

/** What can be decoded; another encoding is refused with UNKNOWN-CTE (RFC 3516 section 4.3). */
const DECODED = new Set(["7bit", "8bit", "binary", "base64", "quoted-printable"]);

interface EncodedPart {
  readonly start: number;
  readonly end: number;
  readonly encoding: string;
}

/** Writes BINARY[…]: the part without its transfer encoding, as a literal8 because it may hold NUL. */
export async function writeBinary(
  session: Session,
  item: FetchItem & { item: "BINARY" },
  source: MessageSource,
): Promise<void> {
  const { channel } = session;
  const part = locate(source, item.part);
  if (part === null) {
    channel.send(`${item.label} NIL`);
    return;
  }
  // The length comes before the bytes, so the part is decoded twice: in constant memory, whatever its size.
  const whole = await decodedSize(session, source, part);
  const wanted = cutRange({ start: 0, end: whole }, item.partial);
  const size = wanted.end - wanted.start;
  channel.send(`${item.label} ~{${size}}\r\n`);
  if (size === 0) return;
  const decoded = await openDecoded(session, source, part);
  const isWhole = size === whole;
  await channel.sendStream(isWhole ? decoded : (compose(decoded, slice(wanted.start, wanted.end)) as Readable), size);
}

export async function writeBinarySize(
  session: Session,
  item: FetchItem & { item: "BINARY.SIZE" },
  source: MessageSource,
): Promise<void> {
  const part = locate(source, item.part);
  const size = part === null ? 0 : await decodedSize(session, source, part);
  session.channel.send(`${item.label} ${size}`);
}

function locate(source: MessageSource, numbers: readonly number[]): EncodedPart | null {
  if (numbers.length === 0) return { start: 0, end: source.size, encoding: "binary" };
  const part = source.mime === undefined ? null : findPart(source.mime, numbers);
  if (part === null) return null;
  // A multipart has no encoding of its own (RFC 2045 section 6.4).
  const encoding = part.parts === undefined ? part.encoding : "binary";
  if (!DECODED.has(encoding)) throw new Refusal("The part is encoded in an unknown way.", "UNKNOWN-CTE");
  return { start: part.bodyStart, end: part.bodyEnd, encoding };
}

async function openDecoded(session: Session, source: MessageSource, part: EncodedPart): Promise<Readable> {
  const raw = await openRange(session, source, part);
  const isPlain = part.encoding !== "base64" && part.encoding !== "quoted-printable";
  return isPlain ? raw : (compose(raw, createTransferDecoder(part.encoding)) as Readable);
}

async function decodedSize(session: Session, source: MessageSource, part: EncodedPart): Promise<number> {
  if (part.encoding !== "base64" && part.encoding !== "quoted-printable") return part.end - part.start;
  let size = 0;
  for await (const chunk of await openDecoded(session, source, part)) size += (chunk as Buffer).length;
  return size;
}

/** Lets through the bytes from `start` to `end`. */
function slice(start: number, end: number): Transform {
  let position = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const from = Math.max(0, start - position);
      const to = Math.min(chunk.length, end - position);
      position += chunk.length;
      if (from < to) this.push(chunk.subarray(from, to));
      done();
    },
  });
}
