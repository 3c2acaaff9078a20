import type { Readable } from "node:stream";
import type { ByteRange } from "./byte-source.ts";

/**
 * Where the bytes of large blobs live: a file system, an object store. Ids are UUIDs that the caller made; an id is written
 * once. `blob-storage.contract.ts` says in tests what every implementation must do.
 */
export interface BlobStorage {
  /**
   * Asked before any content is taken in, small blobs too.
   * @throws ENOSPC while there is so little room left that content must be refused
   */
  ensureRoom(): Promise<void>;
  /**
   * Resolves when the bytes survive a power cut. When `source` fails or the disk is full, nothing is left under the id. A piece of
   * `source` is not touched any more once the next is asked for.
   * @throws the error of `source`; ENOSPC or EDQUOT when full
   */
  write(id: string, source: AsyncIterable<Uint8Array>): Promise<void>;
  /** An empty range is an empty stream. Otherwise the stream fails with code ENOENT when there is no such id. */
  read(id: string, range?: ByteRange): Readable;
  /** What `read` gives, in memory that is used again: a piece is the reader's until it asks for the next. */
  lend(id: string, range?: ByteRange): AsyncIterable<Buffer>;
  /** No error when there is no such id. */
  remove(id: string): Promise<void>;
  /** Every id held, and when it was written, in no order. */
  list(): AsyncIterable<{ id: string; writtenAt: Date }>;
  /** Removes what interrupted writes left, older than a date. */
  sweepTemporary(before: Date): Promise<number>;
}
