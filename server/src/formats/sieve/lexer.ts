import { type Position, SieveError } from "./sieve-error.ts";

export interface Token {
  readonly kind: "identifier" | "tag" | "number" | "string" | "punctuation" | "end";
  /** Identifiers and tags in lower case; strings decoded. */
  readonly text: string;
  readonly number: number;
  readonly position: Position;
  /** Hash comments since the token before. */
  readonly comments: readonly string[];
}

const quantifiers: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const digits = /[0-9]+/y;
const multiLineStart = /:[ \t]*(?:#[^\n]*)?(?:\r?\n)/y;

/** RFC 5228 section 8.1. Line ends may be LF alone; those inside strings become CRLF. */
export class Lexer {
  readonly #text: string;
  #offset = 0;
  #line = 1;
  #lineStart = 0;
  #comments: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** @throws SieveError */
  next(): Token {
    this.#comments = [];
    this.#skipBlank();
    const position = this.#position();
    const character = this.#text[this.#offset];
    if (character === undefined) return this.#token("end", "", position);
    if ("[](){},;".includes(character)) {
      this.#offset++;
      return this.#token("punctuation", character, position);
    }
    if (character === '"') return this.#token("string", this.#readQuoted(position), position);
    if (character === ":") {
      this.#offset++;
      const name = this.#match(identifier);
      if (name === null) throw new SieveError("A colon must be followed by the name of a tag", position);
      return this.#token("tag", `:${name.toLowerCase()}`, position);
    }
    const number = this.#match(digits);
    if (number !== null) return { ...this.#token("number", number, position), number: this.#scale(number, position) };
    const name = this.#match(identifier);
    if (name === null) throw new SieveError(`“${printable(character)}” is not expected here`, position);
    if (name.toLowerCase() === "text" && this.#text[this.#offset] === ":") {
      const start = this.#match(multiLineStart);
      if (start !== null) {
        this.#newLine();
        return this.#token("string", this.#readMultiLine(position), position);
      }
    }
    return this.#token("identifier", name.toLowerCase(), position);
  }

  #token(kind: Token["kind"], text: string, position: Position): Token {
    return { kind, text, number: 0, position, comments: this.#comments };
  }

  #position(): Position {
    return { line: this.#line, column: this.#offset - this.#lineStart + 1, offset: this.#offset };
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text);
    if (found === null) return null;
    this.#offset += found[0].length;
    return found[0];
  }

  #newLine(): void {
    this.#line++;
    this.#lineStart = this.#offset;
  }

  #skipBlank(): void {
    const text = this.#text;
    for (;;) {
      const character = text[this.#offset];
      if (character === "\n") {
        this.#offset++;
        this.#newLine();
      } else if (character === " " || character === "\t" || character === "\r") {
        this.#offset++;
      } else if (character === "#") {
        const end = text.indexOf("\n", this.#offset);
        const stop = end < 0 ? text.length : end;
        this.#comments.push(text.slice(this.#offset + 1, stop).replace(/\r$/, ""));
        this.#offset = stop;
      } else if (character === "/" && text[this.#offset + 1] === "*") {
        this.#skipBracketComment();
      } else return;
    }
  }

  #skipBracketComment(): void {
    const end = this.#text.indexOf("*/", this.#offset + 2);
    if (end < 0) throw new SieveError("This comment does not end", this.#position());
    for (let at = this.#text.indexOf("\n", this.#offset); at >= 0 && at < end; at = this.#text.indexOf("\n", at + 1)) {
      this.#line++;
      this.#lineStart = at + 1;
    }
    this.#offset = end + 2;
  }

  #scale(digitsOnly: string, position: Position): number {
    const unit = this.#text[this.#offset]?.toLowerCase() ?? "";
    const factor = quantifiers[unit];
    if (factor !== undefined) this.#offset++;
    const following = this.#text[this.#offset] ?? "";
    if (/[A-Za-z0-9_]/.test(following)) throw new SieveError("This is not a number", position);
    const value = Number(digitsOnly) * (factor ?? 1);
    if (!Number.isSafeInteger(value)) throw new SieveError("This number is too large", position);
    return value;
  }

  #readQuoted(position: Position): string {
    const text = this.#text;
    let value = "";
    let from = this.#offset + 1;
    for (let at = from; ; at++) {
      const character = text[at];
      if (character === undefined) throw new SieveError("This string does not end", position);
      if (character === '"') {
        this.#offset = at + 1;
        return withCrlf(value + text.slice(from, at));
      }
      if (character === "\\") {
        value += text.slice(from, at);
        at++;
        from = at;
      }
      if (text[at] === "\n") {
        this.#line++;
        this.#lineStart = at + 1;
      }
    }
  }

  /** Ends at a line that is a dot; a first dot of other lines is doubled. */
  #readMultiLine(position: Position): string {
    const text = this.#text;
    const lines: string[] = [];
    for (;;) {
      if (this.#offset >= text.length)
        throw new SieveError("This text does not end: a line with only “.” is missing", position);
      const end = text.indexOf("\n", this.#offset);
      const stop = end < 0 ? text.length : end;
      const line = text.slice(this.#offset, stop).replace(/\r$/, "");
      this.#offset = end < 0 ? stop : stop + 1;
      if (end >= 0) this.#newLine();
      if (line === ".") return lines.map((each) => `${each}\r\n`).join("");
      lines.push(line.startsWith("..") ? line.slice(1) : line);
    }
  }
}

function withCrlf(text: string): string {
  return text.includes("\n") ? text.replace(/\r?\n/g, "\r\n") : text;
}

function printable(character: string): string {
  const code = character.charCodeAt(0);
  return code < 32 || code === 127 ? `U+${code.toString(16).padStart(4, "0")}` : character;
}
