import { BadMultipart } from "./bad-multipart.ts";

const lineEnd = Buffer.from("\r\n");

/** Lines and lengths of a stream of bytes; holds no more than a line, or one piece of the source. */
export class PartReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #pending: Buffer = Buffer.alloc(0);
  /** Of the body that is being read, bytes. */
  #left = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /**
   * A line without its end; undefined at the end of the source, where the last line needs no end.
   * @throws BadMultipart beyond the limit, in bytes, or when it is no UTF-8
   */
  async line(limit: number): Promise<string | undefined> {
    for (;;) {
      const end = this.#pending.indexOf(lineEnd);
      if (end > limit || (end === -1 && this.#pending.length > limit + 1)) throw new BadMultipart("A line is too long");
      if (end !== -1) {
        const line = decode(this.#pending.subarray(0, end));
        this.#pending = this.#pending.subarray(end + lineEnd.length);
        return line;
      }
      if (await this.#more()) continue;
      if (this.#pending.length === 0) return undefined;
      const line = decode(this.#pending);
      this.#pending = Buffer.alloc(0);
      return line;
    }
  }

  /** The next bytes, in pieces. @throws BadMultipart when the source ends before */
  body(length: number): AsyncIterable<Uint8Array> {
    this.#left = length;
    return this.#take();
  }

  async *#take(): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      if (this.#pending.length === 0 && !(await this.#more())) throw new BadMultipart("The body ends within a part");
      const piece = this.#pending.subarray(0, this.#left);
      this.#pending = this.#pending.subarray(piece.length);
      this.#left -= piece.length;
      yield piece;
    }
  }

  /** Skips what nobody has read of the body. @throws BadMultipart */
  async finish(): Promise<void> {
    for await (const _piece of this.#take());
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done) return false;
    const { buffer, byteOffset, byteLength } = next.value;
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    return true;
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BadMultipart("A header is not UTF-8");
  }
}
