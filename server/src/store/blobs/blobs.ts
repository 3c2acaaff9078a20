import { createHash, type Hash } from "node:crypto";
import { Readable } from "node:stream";
import type { Reader, Transactor } from "../database.ts";
import { prepare } from "../prepared.ts";
import { uuidv7 } from "../uuid.ts";
import type { BlobStorage } from "./blob-storage.ts";
import type { ByteRange, LendingSource } from "./byte-source.ts";

/** Up to this many bytes a blob is a row, in the same transaction as its reference. */
export const inlineLimit = 64 * 1024;

const insertBlob = prepare<never>(
  "blob_insert",
  "INSERT INTO blob (organization_id, id, size, sha256, data) VALUES ($1::uuid, $2::uuid, $3::bigint, $4::bytea, $5::bytea)",
);

const insertReferences = prepare<never>(
  "blob_references_insert",
  `INSERT INTO blob_reference (organization_id, kind, blob_id, owner_id)
  SELECT $1::uuid, $2, r.* FROM unnest($3::uuid[], $4::uuid[]) r ON CONFLICT DO NOTHING`,
);

/** Bytes that are safe on disk (or small and in memory) but belong to nobody yet. */
export interface StagedBlob {
  readonly id: string;
  readonly size: number;
  readonly sha256: Buffer;
  /** The bytes, when they are few enough to be a row. */
  readonly data: Buffer | null;
}

export class BlobTooLarge extends Error {
  override readonly name = "BlobTooLarge";
}

/** Bytes that are in memory. */
export function bytesOf(bytes: Buffer): LendingSource {
  const part = (range: ByteRange | undefined): Buffer[] => {
    const { start, end } = within(range, bytes.length);
    return start >= end ? [] : [bytes.subarray(start, end)];
  };
  return {
    size: bytes.length,
    bytes,
    open: (range) => Readable.from(part(range), { objectMode: false }),
    async *lend(range) {
      yield* part(range);
    },
  };
}

/** The part of a range that is there. */
export function within(range: ByteRange | undefined, size: number): ByteRange {
  return { start: Math.max(0, range?.start ?? 0), end: Math.min(size, range?.end ?? size) };
}

export class Blobs {
  readonly storage: BlobStorage;

  constructor(storage: BlobStorage) {
    this.storage = storage;
  }

  /**
   * Hashes and, beyond 64 KiB, writes and syncs the bytes: to be done before BEGIN. A staged blob that is never inserted
   * leaves a file that the collector removes; `discard` does it at once. A piece of the source is not touched any more once the
   * next is asked for.
   * @param limit in bytes
   * @throws BlobTooLarge, the source's own error, ENOSPC
   */
  async stage(source: Uint8Array | AsyncIterable<Uint8Array>, options: { limit?: number } = {}): Promise<StagedBlob> {
    await this.storage.ensureRoom();
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    const id = uuidv7();
    const hash = createHash("sha256");
    const pieces = source instanceof Uint8Array ? slices(source) : source;
    const counted = counting(pieces, hash, limit);
    const iterator = counted.bytes[Symbol.asyncIterator]();
    const head: Buffer[] = [];
    let ended = false;
    while (!ended && counted.size() <= inlineLimit) {
      const next = await iterator.next();
      if (next.done) ended = true;
      else head.push(Buffer.from(next.value));
    }
    if (ended && counted.size() <= inlineLimit) {
      const data = head.length === 1 ? head[0]! : Buffer.concat(head);
      return { id, size: data.length, sha256: hash.digest(), data };
    }
    const whole = async function* () {
      yield* head.splice(0);
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    };
    try {
      await this.storage.write(id, whole());
    } finally {
      // Storage that failed, maybe before it read anything, must not leave the source open.
      await iterator.return(undefined);
    }
    return { id, size: counted.size(), sha256: hash.digest(), data: null };
  }

  async discard(staged: StagedBlob): Promise<void> {
    if (staged.data === null) await this.storage.remove(staged.id);
  }

  /** Gives a staged blob to an organization, in a statement that nothing waits for. Without a reference it stays temporary: the collector removes it after a day. */
  async insert(tx: Transactor, organizationId: string, staged: StagedBlob): Promise<void> {
    tx.trail(insertBlob.execute(tx, [organizationId, staged.id, staged.size, staged.sha256, staged.data]));
  }

  /** Makes the blob permanent for as long as the reference lives; idempotent. */
  async addReference(
    tx: Transactor,
    organizationId: string,
    blobId: string,
    kind: string,
    ownerId: string,
  ): Promise<void> {
    await tx
      .insertInto("blob_reference")
      .values({ organization_id: organizationId, blob_id: blobId, kind, owner_id: ownerId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  /** The same of several, in a statement that nothing waits for. Their blobs are new, or locked. */
  addReferences(
    tx: Transactor,
    organizationId: string,
    kind: string,
    references: readonly { blobId: string; ownerId: string }[],
  ): void {
    if (references.length === 0) return;
    const blobIds = references.map((each) => each.blobId);
    const owners = references.map((each) => each.ownerId);
    tx.trail(insertReferences.execute(tx, [organizationId, kind, blobIds, owners]));
  }

  async removeReferences(
    tx: Transactor,
    organizationId: string,
    kind: string,
    ownerIds: readonly string[],
  ): Promise<void> {
    if (ownerIds.length === 0) return;
    await tx
      .deleteFrom("blob_reference")
      .where("organization_id", "=", organizationId)
      .where("kind", "=", kind)
      .where("owner_id", "in", [...ownerIds])
      .execute();
  }

  /**
   * The caller must have reached the blob through something that the reader may read: ids are not secrets.
   * @returns undefined when there is no such blob in the organization
   */
  async open(reader: Reader, organizationId: string, blobId: string): Promise<LendingSource | undefined> {
    const row = await reader
      .selectFrom("blob")
      .select(["size", "data"])
      .where("organization_id", "=", organizationId)
      .where("id", "=", blobId)
      .executeTakeFirst();
    if (!row) return undefined;
    return row.data ? bytesOf(row.data) : this.stored(blobId, row.size);
  }

  /** A blob that is known to be no row: its bytes are where the large ones are. */
  stored(blobId: string, size: number): LendingSource {
    return {
      size,
      open: (range) => this.storage.read(blobId, within(range, size)),
      lend: (range) => this.storage.lend(blobId, within(range, size)),
    };
  }

  /** The whole bytes of something known to be small. @param limit refuse beyond, in bytes */
  async readAll(reader: Reader, organizationId: string, blobId: string, limit: number): Promise<Buffer | undefined> {
    const source = await this.open(reader, organizationId, blobId);
    if (!source) return undefined;
    if (source.size > limit) throw new BlobTooLarge(`Blob of ${source.size} bytes, limit ${limit}`);
    const chunks: Buffer[] = [];
    for await (const chunk of source.open()) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }
}

function* slices(bytes: Uint8Array): Iterable<Uint8Array> {
  const step = 1024 * 1024;
  for (let at = 0; at < bytes.byteLength; at += step) yield bytes.subarray(at, at + step);
}

function counting(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, hash: Hash, limit: number) {
  let size = 0;
  async function* bytes() {
    for await (const chunk of source) {
      size += chunk.byteLength;
      if (size > limit) throw new BlobTooLarge(`More than ${limit} bytes`);
      hash.update(chunk);
      yield chunk;
    }
  }
  return { bytes: bytes(), size: () => size };
}
