/** One word of a command (RFC 5804 section 4). */
export type Word =
  | { readonly kind: "atom"; readonly text: string }
  | { readonly kind: "number"; readonly value: number }
  /** `isTooLong`: a literal beyond the limit, of which nothing was kept. */
  | { readonly kind: "string"; readonly bytes: Buffer; readonly isTooLong: boolean };

export type ReaderEvent =
  | { readonly type: "line"; readonly words: readonly Word[] }
  /** A line that is not ManageSieve; reading goes on after it. */
  | { readonly type: "bad"; readonly text: string }
  /** Nothing after this can be understood. */
  | { readonly type: "fatal"; readonly text: string };

const maxLine = 8 * 1024;
/** What is skipped for a client that sends more than it may; beyond that it is cut. */
const maxSkipped = 16 * 1024 * 1024;
const maxWords = 20;
const maxNumber = 4_294_967_295;

/**
 * Cuts what a client sends into lines of words, literals included. Literals of a client are never waited for with a continuation
 * (RFC 5804 section 2), so a refused one has to be read over.
 */
export class CommandReader {
  /** Octets of a literal that are kept. */
  literalLimit: number;
  #buffer: Buffer = Buffer.alloc(0);
  #words: Word[] = [];
  #lineBytes = 0;
  #literal: { left: number; chunks: Buffer[] | null } | null = null;
  #isBroken = false;

  constructor(literalLimit: number) {
    this.literalLimit = literalLimit;
  }

  push(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
  }

  /** Forgets what was not understood yet, for STARTTLS. @returns how many octets */
  discard(): number {
    const count = this.#buffer.length;
    this.#buffer = Buffer.alloc(0);
    return count;
  }

  /** Null: more is needed. */
  next(): ReaderEvent | null {
    if (this.#isBroken) return null;
    for (;;) {
      if (this.#literal && !this.#takeLiteral(this.#literal)) return null;
      const end = this.#buffer.indexOf(10);
      if (end < 0) return this.#buffer.length + this.#lineBytes > maxLine ? this.#break("The line is too long") : null;
      const isCrlf = end > 0 && this.#buffer[end - 1] === 13;
      const line = this.#buffer.toString("latin1", 0, isCrlf ? end - 1 : end);
      this.#buffer = this.#buffer.subarray(end + 1);
      this.#lineBytes += line.length;
      if (this.#lineBytes > maxLine) return this.#break("The line is too long");
      const problem = this.#readWords(line);
      if (problem === "literal") continue;
      const words = this.#words;
      this.#words = [];
      this.#lineBytes = 0;
      if (problem === "fatal") return this.#break("The literal is too long");
      return problem === null ? { type: "line", words } : { type: "bad", text: problem };
    }
  }

  #break(text: string): ReaderEvent {
    this.#isBroken = true;
    this.#buffer = Buffer.alloc(0);
    return { type: "fatal", text };
  }

  #takeLiteral(literal: { left: number; chunks: Buffer[] | null }): boolean {
    const taken = this.#buffer.subarray(0, literal.left);
    this.#buffer = this.#buffer.subarray(taken.length);
    literal.left -= taken.length;
    literal.chunks?.push(taken);
    if (literal.left > 0) return false;
    this.#literal = null;
    const isTooLong = literal.chunks === null;
    this.#words.push({ kind: "string", bytes: Buffer.concat(literal.chunks ?? []), isTooLong });
    return true;
  }

  /** @returns null for a whole line, `literal` when it goes on after one, `fatal`, or what is wrong */
  #readWords(line: string): string | null {
    let at = 0;
    while (at < line.length) {
      if (line[at] === " ") {
        at++;
        continue;
      }
      if (this.#words.length >= maxWords) return "There are too many arguments";
      const literal = /^\{(\d{1,10})(\+?)\}$/.exec(line.slice(at));
      if (literal) {
        const size = Number(literal[1]);
        if (size > maxSkipped) return "fatal";
        this.#literal = { left: size, chunks: size > this.literalLimit ? null : [] };
        return "literal";
      }
      const rest = line.slice(at);
      const quoted = /^"((?:[^"\\]|\\["\\])*)"(?= |$)/.exec(rest);
      const word = quoted ? null : /^[^\s"{}()\\]+(?= |$)/.exec(rest);
      if (quoted) {
        const bytes = Buffer.from(quoted[1]!.replace(/\\(["\\])/g, "$1"), "latin1");
        this.#words.push({ kind: "string", bytes, isTooLong: false });
      } else if (word) {
        const isNumber = /^\d{1,10}$/.test(word[0]) && Number(word[0]) <= maxNumber;
        this.#words.push(isNumber ? { kind: "number", value: Number(word[0]) } : { kind: "atom", text: word[0] });
      } else return "The arguments are not understood";
      at += (quoted ?? word)![0].length;
    }
    return null;
  }
}
