import { describePart } from "./describe-part.ts";
import { readEnvelope } from "./envelope.ts";
import { readHeaders } from "./headers.ts";
import type { MimePart } from "./mime-part.ts";

/** What a hostile message may cost. */
export interface IndexLimits {
  /** Containers (multipart, message/rfc822) open at once; deeper ones are opaque application/octet-stream. */
  depth: number;
  /** Parts in all; the last one swallows the rest of the message as application/octet-stream. */
  parts: number;
}

interface Frame {
  part: MimePart;
  /** Line feeds seen before the body. */
  linesBefore: number;
  /** As it stands in the bytes (latin1), for a multipart that is not closed. */
  boundary: string | null;
  /** Index of the outer frame that used the same boundary. */
  shadowed: number | undefined;
}

const defaultLimits: IndexLimits = { depth: 100, parts: 10_000 };
// RFC 2046 §5.1.1 allows 70.
const maxBoundary = 1000;
const lineFeed = 10;
const carriageReturn = 13;
const dash = 45;

/**
 * Indexes a message by byte offsets: one pass over the lines, no copy of bodies, linear time whatever the input. Never throws.
 * LF and CRLF both end a line. A delimiter line matches the innermost open multipart with exactly that boundary, trailing
 * white space aside, so boundaries may be prefixes of one another; a multipart left open ends with its parent.
 */
export function indexMessage(bytes: Buffer, limits: IndexLimits = defaultLimits): MimePart {
  return new MessageIndexer(bytes, limits).run();
}

class MessageIndexer {
  readonly #bytes: Buffer;
  readonly #limits: IndexLimits;
  readonly #stack: Frame[] = [];
  /** Open boundary → index of the innermost frame that uses it. */
  readonly #open = new Map<string, number>();
  #pending: MimePart | null = null;
  #lines = 0;
  #count = 0;

  constructor(bytes: Buffer, limits: IndexLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  run(): MimePart {
    const bytes = this.#bytes;
    const length = bytes.length;
    const root = this.#startPart(0);
    let position = 0;
    while (position < length) {
      let next = position;
      while (next < length && bytes[next] !== lineFeed) next++;
      const ended = next < length;
      if (ended) next++;
      if (
        this.#open.size > 0 &&
        bytes[position] === dash &&
        bytes[position + 1] === dash &&
        this.#takeDelimiter(position, next)
      ) {
        if (ended) this.#lines++;
      } else {
        if (ended) this.#lines++;
        if (this.#pending !== null && ended && isBlankLine(bytes, position, next)) this.#endHeader(next, true);
      }
      position = next;
    }
    if (this.#pending !== null) this.#endHeader(length, false);
    this.#closeDownTo(0, length, this.#lines);
    return root;
  }

  #startPart(offset: number): MimePart {
    const part: MimePart = {
      path: "",
      headerStart: offset,
      headerEnd: offset,
      bodyStart: offset,
      bodyEnd: offset,
      lines: 0,
      type: "application",
      subtype: "octet-stream",
      params: {},
      id: null,
      description: null,
      encoding: "7bit",
      disposition: null,
      language: null,
      location: null,
      md5: null,
    };
    this.#count++;
    this.#pending = part;
    return part;
  }

  /** The header of the pending part ends at `offset`; `entered` is false when no body can follow. */
  #endHeader(offset: number, entered: boolean): void {
    const part = this.#pending!;
    this.#pending = null;
    part.headerEnd = offset;
    part.bodyStart = offset;
    part.bodyEnd = offset;
    const parent = this.#stack.at(-1)?.part;
    const fields = readHeaders(this.#bytes, part.headerStart, offset);
    const isMessageRoot = parent === undefined || parent.parts === undefined;
    Object.assign(part, describePart(fields, parent?.type === "multipart" && parent.subtype === "digest"));
    if (parent?.message === part) parent.envelope = readEnvelope(fields);

    const boundary = part.type === "multipart" ? wireBoundary(part.params.boundary) : null;
    if (part.type === "multipart" && boundary === null) {
      part.type = "text";
      part.subtype = "plain";
    }
    const encloses = entered && isEnclosedMessage(part);
    const tooDeep = this.#stack.length >= this.#limits.depth;
    const tooMany = encloses && this.#count >= this.#limits.parts;
    if ((boundary !== null || encloses) && (tooDeep || tooMany)) {
      Object.assign(part, { type: "application", subtype: "octet-stream", params: {} });
      this.#number(part, parent, isMessageRoot);
      this.#push(part, null);
      return;
    }
    if (boundary !== null) part.parts = [];
    this.#number(part, parent, isMessageRoot);
    this.#push(part, entered ? boundary : null);
    if (encloses) part.message = this.#startPart(offset);
  }

  /** RFC 9051 §6.4.5.1: a message that is not multipart has the part 1; the parts of a multipart count from 1. */
  #number(part: MimePart, parent: MimePart | undefined, isMessageRoot: boolean): void {
    const prefix = parent === undefined || parent.path === "" ? "" : `${parent.path}.`;
    if (!isMessageRoot) part.path = prefix + parent!.parts!.length;
    else part.path = part.parts === undefined ? `${prefix}1` : (parent?.path ?? "");
  }

  #push(part: MimePart, boundary: string | null): void {
    const shadowed = boundary === null ? undefined : this.#open.get(boundary);
    if (boundary !== null) this.#open.set(boundary, this.#stack.length);
    this.#stack.push({ part, linesBefore: this.#lines, boundary, shadowed });
  }

  /** Takes the line [start, end) if it delimits an open multipart. */
  #takeDelimiter(start: number, end: number): boolean {
    const bytes = this.#bytes;
    let textEnd = end;
    while (textEnd > start + 2 && isLineWhiteSpace(bytes[textEnd - 1]!)) textEnd--;
    const length = textEnd - start - 2;
    if (length < 1 || length > maxBoundary + 2) return false;
    const text = bytes.toString("latin1", start + 2, textEnd);
    let index = this.#open.get(text) ?? -1;
    let closes = false;
    if (text.endsWith("--")) {
      const closed = this.#open.get(text.slice(0, -2)) ?? -1;
      if (closed > index) {
        index = closed;
        closes = true;
      }
    }
    if (index < 0) return false;

    if (this.#pending !== null) this.#endHeader(start, false);
    // The line end before a delimiter belongs to it (RFC 2046 §5.1.1).
    let contentEnd = start;
    if (contentEnd > 0 && bytes[contentEnd - 1] === lineFeed) contentEnd--;
    if (contentEnd > 0 && contentEnd < start && bytes[contentEnd - 1] === carriageReturn) contentEnd--;
    this.#closeDownTo(index + 1, contentEnd, contentEnd < start ? this.#lines - 1 : this.#lines);

    const frame = this.#stack[index]!;
    if (closes) this.#forget(frame);
    else this.#startChild(frame.part, end);
    return true;
  }

  #startChild(multipart: MimePart, offset: number): void {
    const child = this.#startPart(offset);
    multipart.parts!.push(child);
    if (this.#count < this.#limits.parts) return;
    this.#pending = null;
    this.#open.clear();
    this.#number(child, multipart, false);
    this.#stack.push({ part: child, linesBefore: this.#lines + 1, boundary: null, shadowed: undefined });
  }

  #closeDownTo(depth: number, end: number, lines: number): void {
    while (this.#stack.length > depth) {
      const frame = this.#stack.pop()!;
      this.#forget(frame);
      const { part } = frame;
      part.bodyEnd = Math.max(end, part.bodyStart);
      if (part.bodyEnd === part.bodyStart) continue;
      const partial = this.#bytes[part.bodyEnd - 1] === lineFeed ? 0 : 1;
      part.lines = lines - frame.linesBefore + partial;
    }
  }

  #forget(frame: Frame): void {
    if (frame.boundary === null) return;
    if (frame.shadowed === undefined) this.#open.delete(frame.boundary);
    else this.#open.set(frame.boundary, frame.shadowed);
    frame.boundary = null;
  }
}

function isEnclosedMessage(part: MimePart): boolean {
  if (part.type !== "message" || (part.subtype !== "rfc822" && part.subtype !== "global")) return false;
  return part.encoding === "7bit" || part.encoding === "8bit" || part.encoding === "binary";
}

function wireBoundary(boundary: string | undefined): string | null {
  const text = boundary?.trimEnd();
  if (!text) return null;
  const wire = Buffer.from(text, "utf8").toString("latin1");
  return wire.length > maxBoundary ? null : wire;
}

function isBlankLine(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 1 || (end - start === 2 && bytes[start] === carriageReturn);
}

function isLineWhiteSpace(code: number): boolean {
  return code === 32 || code === 9 || code === lineFeed || code === carriageReturn;
}
