import { ByteAccumulator } from "./byte-accumulator.ts";
import type { RawCommand, Segment } from "./raw-command.ts";

export interface ReaderLimits {
  /** Longest line in bytes, line break included. */
  readonly line: number;
  /** Largest literal that is kept in memory, in bytes. */
  readonly literal: number;
  /** Most bytes of one command that are kept in memory. */
  readonly command: number;
  /** Most bytes of a refused literal that are read and thrown away before the connection is given up. */
  readonly discard: number;
  /** Largest literal that is taken without having been asked for: 4096 with LITERAL- (RFC 7888 section 5). */
  readonly unasked?: number;
  /** Whether the message literals of APPEND and REPLACE are handed over in pieces. */
  readonly streamAppend: boolean;
}

export const LIMITS_BEFORE_AUTHENTICATION: ReaderLimits = {
  line: 64 * 1024,
  literal: 8 * 1024,
  command: 64 * 1024 + 16 * 1024,
  discard: 64 * 1024,
  streamAppend: false,
};

export const LIMITS_AFTER_AUTHENTICATION: ReaderLimits = {
  line: 64 * 1024,
  literal: 1024 * 1024,
  command: 1024 * 1024,
  discard: 256 * 1024 * 1024,
  streamAppend: true,
};

export type ReaderEvent =
  /** A whole command. A streamed literal ended before it. */
  | { readonly type: "command"; readonly command: RawCommand }
  /** The client waits for a command continuation request before it sends a literal. */
  | { readonly type: "continue" }
  /**
   * A message, or a piece of one, of an APPEND or REPLACE is announced: `acceptLiteral` or `refuseLiteral` must be called
   * before `next`. The segments of the command grow while it arrives; the literal announced is the last of them.
   */
  | {
      readonly type: "append-literal";
      readonly command: RawCommand;
      readonly size: number;
      readonly synchronizing: boolean;
      readonly binary: boolean;
    }
  | { readonly type: "literal-data"; readonly data: Buffer }
  /** A line asked for by `expectLine`. */
  | { readonly type: "line"; readonly line: string }
  /** A command that was refused and skipped; the next one can be read. */
  | { readonly type: "bad"; readonly tag: string | null; readonly text: string; readonly tooBig: boolean }
  /** Nothing more can be read from this connection: the last event. */
  | { readonly type: "fatal"; readonly text: string };

type State =
  | "line"
  | "literal"
  | "literal-undecided"
  | "literal-stream"
  | "skip-literal"
  | "skip-line"
  | "dying"
  | "dead";

const LF = 0x0a;
const LITERAL_AT_END = /(~?)\{(\d+)(\+?)\}$/;
/** RFC 9051: tag = 1*<any ASTRING-CHAR except "+">. */
const TAG = /^[!#$&',\-./0-9:;<=>?@A-Z[\]^_`a-z|}~]{1,128}(?= |$)/;
const VERB = /^ ((?:UID +)?[A-Za-z0-9]+)(?= |$)/i;

interface Pending {
  tag: string;
  verb: string;
  segments: Segment[];
  /** Bytes of the command kept so far. */
  kept: number;
}

/**
 * Frames an IMAP client's bytes into commands (RFC 9051 section 2.2.1, literals of RFC 7888 and RFC 3516), whatever
 * the cuts between chunks. Push what arrives, then pull events until there are none: nothing is read ahead of
 * what was pulled, so that a change of limits, of TLS or of mode applies to the very next byte.
 */
export class CommandReader {
  #limits: ReaderLimits;
  #state: State = "line";
  #chunks: Buffer[] = [];
  #gathered = new ByteAccumulator();
  #pending: Pending | null = null;
  #remaining = 0;
  #skipped = 0;
  #binary = false;
  #synchronizing = false;
  #expectLine = false;

  constructor(limits: ReaderLimits = LIMITS_BEFORE_AUTHENTICATION) {
    this.#limits = limits;
  }

  setLimits(limits: ReaderLimits): void {
    this.#limits = limits;
  }

  /** True when a command was begun and not finished. */
  get midCommand(): boolean {
    return this.#state !== "line" || this.#pending !== null || this.#gathered.length > 0;
  }

  get #isDead(): boolean {
    return this.#state === "dying" || this.#state === "dead";
  }

  push(chunk: Buffer): void {
    if (chunk.length > 0 && !this.#isDead) this.#chunks.push(chunk);
  }

  /** The next line is not a command: the DONE of IDLE, or an answer to a SASL challenge. */
  expectLine(): void {
    this.#expectLine = true;
  }

  /** Forgets what was received and not pulled. Needed by STARTTLS: what came in clear must never be obeyed. */
  discardBuffered(): number {
    const bytes = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0) + this.#gathered.length;
    this.#chunks = [];
    this.#gathered.take();
    return bytes;
  }

  /** Takes the literal announced by `append-literal`: it follows as `literal-data`. */
  acceptLiteral(): void {
    if (this.#state !== "literal-undecided") throw new Error("no literal waits for a decision");
    this.#state = "literal-stream";
  }

  /** Refuses the literal announced by `append-literal`; the caller has answered, or answers, the command. */
  refuseLiteral(): void {
    if (this.#state !== "literal-undecided") throw new Error("no literal waits for a decision");
    this.#skipLiteral(this.#synchronizing);
  }

  /** Throws away the rest of the command being received. The caller answers the command. */
  abandonCommand(): void {
    if (this.#state === "literal-stream") this.#skipLiteral(false);
    else if (this.#pending !== null) {
      this.#pending = null;
      this.#state = "skip-line";
    }
  }

  /** The next event, or null when more bytes are needed. */
  next(): ReaderEvent | null {
    for (;;) {
      switch (this.#state) {
        case "dying":
          this.#state = "dead";
          return { type: "fatal", text: "Too much was sent." };
        case "dead":
        case "literal-undecided":
          return null;
        case "literal-stream": {
          if (this.#remaining === 0) {
            this.#state = "line";
            continue;
          }
          const data = this.#shift(this.#remaining);
          if (data === null) return null;
          this.#remaining -= data.length;
          return { type: "literal-data", data };
        }
        case "literal": {
          if (!this.#readLiteral()) return null;
          continue;
        }
        case "skip-literal": {
          if (this.#remaining === 0) {
            this.#state = "skip-line";
            continue;
          }
          const data = this.#shift(this.#remaining);
          if (data === null) return null;
          this.#remaining -= data.length;
          continue;
        }
        case "skip-line": {
          if (!this.#skipLine()) return null;
          continue;
        }
        case "line": {
          const line = this.#readLine();
          if (line === null) return null;
          const event = typeof line === "string" ? this.#takeLine(line) : line;
          if (event !== null) return event;
        }
      }
    }
  }

  /** At most `most` bytes of the first chunk, without copying. */
  #shift(most: number): Buffer | null {
    const first = this.#chunks[0];
    if (first === undefined) return null;
    if (first.length <= most) {
      this.#chunks.shift();
      return first;
    }
    this.#chunks[0] = first.subarray(most);
    return first.subarray(0, most);
  }

  #readLiteral(): boolean {
    while (this.#remaining > 0) {
      const data = this.#shift(this.#remaining);
      if (data === null) return false;
      this.#gathered.append(data);
      this.#remaining -= data.length;
    }
    this.#pending?.segments.push({ kind: "literal", bytes: this.#gathered.take(), binary: this.#binary });
    this.#state = "line";
    return true;
  }

  #readLine(): string | ReaderEvent | null {
    for (;;) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) return null;
      const end = chunk.indexOf(LF);
      const length = end === -1 ? chunk.length : end + 1;
      if (this.#gathered.length + length > this.#limits.line) {
        return this.#bad("The line is too long.", true, "skip-line");
      }
      const piece = this.#shift(length) as Buffer;
      if (end === -1) {
        this.#gathered.append(piece);
        continue;
      }
      let bytes = piece;
      if (this.#gathered.length > 0) {
        this.#gathered.append(piece);
        bytes = this.#gathered.take();
      }
      return decodeLine(bytes) ?? this.#bad("The line holds a NUL or is not UTF-8.", false, "line");
    }
  }

  #takeLine(line: string): ReaderEvent | null {
    if (this.#expectLine) {
      this.#expectLine = false;
      return { type: "line", line };
    }
    const literal = LITERAL_AT_END.exec(line);
    const text = literal === null ? line : line.slice(0, literal.index);
    if (this.#pending === null) {
      // An empty line is what some clients send after a refused literal.
      if (line === "") return null;
      const failure = this.#begin(text);
      if (failure !== null) {
        if (literal === null) return failure;
        this.#announce(literal);
        return this.#refused(failure);
      }
    } else {
      this.#pending.segments.push({ kind: "text", text });
      this.#pending.kept += text.length;
    }
    if (literal !== null) return this.#beginLiteral(literal);
    const { tag, verb, segments } = this.#pending as Pending;
    this.#pending = null;
    return { type: "command", command: { tag, verb, segments } };
  }

  /** Starts a command from its first line; returns what is wrong with it, if anything. */
  #begin(text: string): ReaderEvent | null {
    const tag = TAG.exec(text)?.[0];
    if (tag === undefined) {
      return { type: "bad", tag: null, text: "A command starts with a tag.", tooBig: false };
    }
    const verb = VERB.exec(text.slice(tag.length));
    if (verb === null) return { type: "bad", tag, text: "The tag is not followed by a command.", tooBig: false };
    const rest = text.slice(tag.length + verb[0].length);
    const name = (verb[1] as string).toUpperCase().replace(/ +/, " ");
    this.#pending = { tag, verb: name, segments: [{ kind: "text", text: rest }], kept: text.length };
    return null;
  }

  #announce(literal: RegExpExecArray): void {
    const digits = literal[2] as string;
    this.#remaining = digits.length > 15 ? Number.MAX_SAFE_INTEGER : Number(digits);
    this.#binary = literal[1] === "~";
    this.#synchronizing = literal[3] !== "+";
  }

  #beginLiteral(literal: RegExpExecArray): ReaderEvent | null {
    this.#announce(literal);
    const pending = this.#pending as Pending;
    const size = this.#remaining;
    if (!this.#synchronizing && size > (this.#limits.unasked ?? Number.MAX_SAFE_INTEGER)) {
      return this.#refused({ type: "bad", tag: pending.tag, text: "The literal has to be asked for.", tooBig: true });
    }
    if (this.#limits.streamAppend && isMessageOfAppend(pending)) {
      this.#state = "literal-undecided";
      pending.segments.push({ kind: "streamed", size, binary: this.#binary });
      const { tag, verb, segments } = pending;
      const command = { tag, verb, segments };
      return { type: "append-literal", command, size, synchronizing: this.#synchronizing, binary: this.#binary };
    }
    if (size > this.#limits.literal || pending.kept + size > this.#limits.command) {
      return this.#refused({ type: "bad", tag: pending.tag, text: "The literal is too big.", tooBig: true });
    }
    pending.kept += size;
    this.#state = "literal";
    return this.#synchronizing ? { type: "continue" } : null;
  }

  /** Refuses an announced literal, with the answer that the caller has to give. */
  #refused(answer: ReaderEvent): ReaderEvent {
    this.#skipLiteral(this.#synchronizing);
    return answer;
  }

  /** A client that waits for our continuation will not send the literal; another one already does. */
  #skipLiteral(neverSent: boolean): void {
    this.#pending = null;
    if (neverSent) {
      this.#remaining = 0;
      this.#state = "line";
    } else if (this.#remaining > this.#limits.discard) this.#die();
    else {
      this.#skipped = 0;
      this.#state = "skip-literal";
    }
  }

  /** Returns false when more bytes are needed. */
  #skipLine(): boolean {
    for (;;) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) return false;
      const end = chunk.indexOf(LF);
      const piece = this.#shift(end === -1 ? chunk.length : end + 1) as Buffer;
      this.#skipped += piece.length;
      if (this.#skipped > this.#limits.command) {
        this.#die();
        return true;
      }
      // Only the end of the line matters: it may announce a literal that is already on its way.
      const tail = Buffer.concat([this.#gathered.take(), piece]).subarray(-32);
      if (end === -1) {
        this.#gathered.append(tail);
        continue;
      }
      const literal = LITERAL_AT_END.exec(tail.toString("latin1").replace(/\r?\n$/, ""));
      if (literal?.[3] !== "+") {
        this.#skipped = 0;
        this.#state = "line";
        return true;
      }
      this.#announce(literal);
      if (this.#remaining > this.#limits.discard) this.#die();
      else this.#state = "skip-literal";
      return true;
    }
  }

  #bad(text: string, tooBig: boolean, state: State): ReaderEvent {
    let tag = this.#pending?.tag ?? null;
    const begun = this.#gathered.length > 0 ? this.#gathered.take() : this.#chunks[0];
    if (this.#pending === null && tooBig && !this.#expectLine) {
      tag = TAG.exec(begun?.toString("latin1", 0, 130) ?? "")?.[0] ?? null;
    }
    this.#pending = null;
    this.#expectLine = false;
    this.#skipped = 0;
    this.#state = state;
    return { type: "bad", tag, text, tooBig };
  }

  #die(): void {
    this.#state = "dying";
    this.#chunks = [];
    this.#gathered.take();
    this.#pending = null;
  }
}

/** The line without its break; null when it is not text. A bare LF is accepted, as other servers do. */
function decodeLine(bytes: Buffer): string | null {
  let end = bytes.length - 1;
  if (end > 0 && bytes[end - 1] === 0x0d) end -= 1;
  const line = bytes.subarray(0, end);
  if (line.includes(0)) return null;
  const text = line.toString("utf8");
  // An invalid byte was decoded to U+FFFD: the length betrays it unless the client really sent that character.
  return text.includes("\ufffd") && Buffer.compare(Buffer.from(text), line) !== 0 ? null : text;
}

/**
 * Whether the literal that follows is bytes of a message: not a mailbox name, which is the first literal unless a name was
 * written before it, and not the URL of a CATENATE (RFC 4469). Two names stand before the message of REPLACE (RFC 8508).
 */
function isMessageOfAppend({ verb, segments }: Pending): boolean {
  const words = verb === "APPEND" ? 1 : verb === "REPLACE" || verb === "UID REPLACE" ? 2 : 0;
  if (words === 0) return false;
  if (segments.length === 1) {
    const before = segments[0]?.kind === "text" ? segments[0].text : "";
    if ((before.match(/"(?:[^"\\]|\\.)*"|[^ "]+/g) ?? []).length < words) return false;
  }
  const last = segments.at(-1);
  return last?.kind === "text" && !/[( ]URL $/i.test(last.text);
}
