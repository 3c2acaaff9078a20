const LF = 10;
const CR = 13;
const DOT = 46;

/**
 * Writes the bytes of a message as a multi-line answer has them: lines end by CRLF, a dot that begins one is doubled, and a lone dot
 * ends it all (RFC 1939 section 3).
 */
export class DotStuffer {
  #atLineStart = true;
  #lastWasCr = false;
  /** Lines of the body still to be sent; undefined: all of them (RETR). */
  #bodyLinesLeft: number | undefined;
  #inBody = false;

  /** @param bodyLines lines after the empty one, for TOP */
  constructor(bodyLines?: number) {
    this.#bodyLinesLeft = bodyLines;
  }

  /** True when TOP has all its lines. */
  get isDone(): boolean {
    return this.#inBody && this.#bodyLinesLeft === 0;
  }

  push(chunk: Buffer): Buffer {
    // The worst is a chunk of LFs alone.
    const out = Buffer.allocUnsafe(chunk.length * 2 + 2);
    let length = 0;
    for (const byte of chunk) {
      if (this.isDone) break;
      const isEmptyLine = this.#atLineStart || (this.#lastWasCr && this.#crAtLineStart);
      if (byte === LF) {
        if (!this.#lastWasCr) out[length++] = CR;
        out[length++] = LF;
        this.#endLine(isEmptyLine);
        continue;
      }
      this.#crAtLineStart = byte === CR && this.#atLineStart;
      if (this.#atLineStart && byte === DOT) out[length++] = DOT;
      out[length++] = byte;
      this.#atLineStart = false;
      this.#lastWasCr = byte === CR;
    }
    return out.subarray(0, length);
  }

  /** What ends the answer. */
  end(): string {
    if (this.#atLineStart) return ".\r\n";
    return this.#lastWasCr ? "\n.\r\n" : "\r\n.\r\n";
  }

  #crAtLineStart = false;

  #endLine(wasEmpty: boolean): void {
    this.#atLineStart = true;
    this.#lastWasCr = false;
    this.#crAtLineStart = false;
    if (this.#inBody) {
      if (this.#bodyLinesLeft !== undefined) this.#bodyLinesLeft--;
    } else if (wasEmpty) this.#inBody = true;
  }
}
