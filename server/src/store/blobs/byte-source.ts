import type { Readable } from "node:stream";

/** Offsets in bytes, `end` exclusive. */
export interface ByteRange {
  start: number;
  end: number;
}

/** How bytes leave the store and the domain: never whole in memory. Each `open` is a new stream that its caller must end or destroy. */
export interface ByteSource {
  readonly size: number;
  /** All of them, when they are few and came at once. */
  readonly bytes?: Buffer | undefined;
  open(range?: ByteRange): Readable;
}

/** Bytes that may be many. Streams leave as much garbage as they carry, which V8 then looks for in all of its memory. */
export interface LendingSource extends ByteSource {
  /** The same in memory that is used again: a piece is the reader's until it asks for the next. */
  lend(range?: ByteRange): AsyncIterable<Buffer>;
}
