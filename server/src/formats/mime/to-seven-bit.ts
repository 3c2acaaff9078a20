import { describePart } from "./describe-part.ts";
import { readHeaders } from "./headers.ts";

const lineFeed = 10;
/** A header larger than this is passed on as it is, and its part with it. */
const largestHeader = 256 * 1024;
/** A line longer than this is encoded in pieces. */
const longestLine = 64 * 1024;
const deepest = 50;

/**
 * Makes a message fit for a server without 8BITMIME (RFC 6152 section 3): parts that are declared 8bit or binary become
 * quoted-printable, their enclosing parts 7bit; all else keeps its bytes. Signatures over what changes (DKIM) no longer hold.
 * @param chunks a message with CRLF line ends
 */
export async function* toSevenBit(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const converter = new Converter();
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    let start = 0;
    for (let end = pending.indexOf(lineFeed); end !== -1; end = pending.indexOf(lineFeed, start)) {
      converter.line(pending.subarray(start, end + 1));
      start = end + 1;
    }
    pending = pending.subarray(start);
    if (pending.length > longestLine) {
      // Not inside a character's escape, nor between CR and LF.
      converter.line(pending.subarray(0, longestLine));
      pending = pending.subarray(longestLine);
    }
    const made = converter.take();
    if (made.length > 0) yield made;
  }
  if (pending.length > 0) converter.line(pending);
  converter.end();
  const rest = converter.take();
  if (rest.length > 0) yield rest;
}

type State = "header" | "as it is" | "encoded";

class Converter {
  readonly #out: Buffer[] = [];
  readonly #boundaries: { line: string; isDigest: boolean }[] = [];
  #header: Buffer[] = [];
  #headerSize = 0;
  #state: State = "header";
  #isInDigest = false;
  /** False within a line that comes in pieces: what follows is neither a boundary nor the end of a header. */
  #isAtLineStart = true;

  take(): Buffer {
    return Buffer.concat(this.#out.splice(0));
  }

  line(line: Buffer): void {
    const isStart = this.#isAtLineStart;
    this.#isAtLineStart = line.at(-1) === lineFeed;
    const boundary = isStart && line[0] === 0x2d && line[1] === 0x2d ? this.#boundaryOf(line) : undefined;
    if (boundary) this.#cross(line, boundary);
    else if (this.#state === "header") this.#headerLine(line, isStart);
    else this.#out.push(this.#state === "encoded" ? quotedPrintable(line) : line);
  }

  end(): void {
    if (this.#state === "header") this.#out.push(...this.#header.splice(0));
  }

  #boundaryOf(line: Buffer): { index: number; isLast: boolean } | undefined {
    if (this.#boundaries.length === 0 || line.length > 200) return undefined;
    const text = line.toString("latin1").trimEnd();
    for (let index = this.#boundaries.length - 1; index >= 0; index--) {
      const { line: opening } = this.#boundaries[index]!;
      if (text === opening) return { index, isLast: false };
      if (text === `${opening}--`) return { index, isLast: true };
    }
    return undefined;
  }

  #cross(line: Buffer, { index, isLast }: { index: number; isLast: boolean }): void {
    this.end();
    this.#out.push(line);
    this.#boundaries.length = isLast ? index : index + 1;
    this.#isInDigest = !isLast && this.#boundaries[index]!.isDigest;
    this.#begin(isLast ? "as it is" : "header");
  }

  #begin(state: State): void {
    this.#state = state;
    this.#header = [];
    this.#headerSize = 0;
  }

  #headerLine(line: Buffer, isStart: boolean): void {
    this.#header.push(line);
    this.#headerSize += line.length;
    const isOver = isStart && line.length <= 2 && line.toString("latin1").trim() === "";
    if (!isOver && this.#headerSize <= largestHeader) return;
    const header = Buffer.concat(this.#header);
    const fields = readHeaders(header, 0, header.length);
    const { type, subtype, params, encoding } = describePart(fields, this.#isInDigest);
    const isEightBit = encoding === "8bit" || encoding === "binary";
    const isEnclosing = type === "multipart" || (type === "message" && subtype === "rfc822");
    this.#out.push(isEightBit && isOver ? withEncoding(header, isEnclosing ? "7bit" : "quoted-printable") : header);
    if (type === "multipart" && params.boundary && this.#boundaries.length < deepest) {
      this.#boundaries.push({ line: `--${params.boundary}`, isDigest: subtype === "digest" });
    }
    this.#isInDigest = false;
    const isNested = type === "message" && subtype === "rfc822" && isOver;
    this.#begin(isNested ? "header" : isEightBit && isOver && !isEnclosing ? "encoded" : "as it is");
  }
}

function withEncoding(header: Buffer, encoding: string): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const field of readHeaders(header, 0, header.length)) {
    if (field.key !== "content-transfer-encoding") continue;
    parts.push(header.subarray(at, field.start), Buffer.from(`Content-Transfer-Encoding: ${encoding}\r\n`));
    at = field.end;
  }
  parts.push(header.subarray(at));
  return Buffer.concat(parts);
}

/** One line with its line end (RFC 2045 section 6.7). */
function quotedPrintable(line: Buffer): Buffer {
  const hasEnd = line.at(-1) === lineFeed;
  const end = hasEnd ? line.length - (line.at(-2) === 13 ? 2 : 1) : line.length;
  let out = "";
  let width = 0;
  for (let index = 0; index < end; index++) {
    const byte = line[index]!;
    const isBlank = byte === 0x20 || byte === 0x09;
    const isPlain = (byte > 0x20 && byte < 0x7f && byte !== 0x3d) || (isBlank && index < end - 1);
    const piece = isPlain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    if (width + piece.length > 75) {
      out += "=\r\n";
      width = 0;
    }
    out += piece;
    width += piece.length;
  }
  // A piece of a long line goes on with the next one.
  return Buffer.from(`${out}${hasEnd ? "\r\n" : "=\r\n"}`, "latin1");
}
