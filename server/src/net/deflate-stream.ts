import { Duplex } from "node:stream";
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";

/** 64 kB instead of 256: a server has many connections that are silent. */
const DEFLATE = { windowBits: 13, memLevel: 6, chunkSize: 8 * 1024 } as const;
/** A peer may use the largest window. A stream that is cut ends without an error. */
const INFLATE = { windowBits: 15, chunkSize: 8 * 1024, finishFlush: constants.Z_SYNC_FLUSH } as const;

/**
 * A connection whose bytes travel compressed by DEFLATE without any header (RFC 1951), both ways. Each write can be read by the
 * peer at once. Reading is paced: what a few bytes swell to is inflated only as fast as it is consumed.
 */
export class DeflateStream extends Duplex {
  readonly #under: Duplex;
  readonly #deflate = createDeflateRaw(DEFLATE);
  readonly #inflate = createInflateRaw(INFLATE);

  /** @param under in clear or under TLS; not to be used otherwise from now on */
  constructor(under: Duplex) {
    super({ allowHalfOpen: true });
    this.#under = under;
    this.#deflate.on("data", (chunk: Buffer) => under.write(chunk));
    this.#inflate.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) this.#inflate.pause();
    });
    this.#inflate.on("end", () => this.push(null));
    for (const stream of [this.#deflate, this.#inflate, under]) stream.on("error", (error) => this.destroy(error));
    under.on("data", (chunk: Buffer) => {
      if (this.#inflate.write(chunk)) return;
      under.pause();
      this.#inflate.once("drain", () => under.resume());
    });
    under.on("end", () => this.#inflate.end());
    // What came before the end is still being inflated.
    under.on("close", () => {
      if (!under.readableEnded) this.destroy();
      else this.once("end", () => this.destroy());
    });
    under.resume();
  }

  override _read(): void {
    this.#inflate.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#deflate.write(chunk);
    this.#deflate.flush(constants.Z_SYNC_FLUSH, () => {
      if (this.#under.writableNeedDrain) this.#under.once("drain", () => done());
      else done();
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    // What was flushed may not have come out yet.
    this.#deflate.once("end", () => {
      this.#under.end();
      done();
    });
    this.#deflate.end();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#deflate.destroy();
    this.#inflate.destroy();
    this.#under.destroy();
    done(error);
  }
}
