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
