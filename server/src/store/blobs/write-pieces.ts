import { givePiece, pieceSize, takePiece } from "./piece-pool.ts";

/** After so many bytes the disk is set to work, so that the last sync finds little left to do. */
const syncStep = 64 * 1024 * 1024;

/** What is used of a FileHandle. */
export interface WritableFile {
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  datasync(): Promise<void>;
  sync(): Promise<void>;
}

/** Syncs ahead of time take a thread each, of the few that everything else waits for: one at a time. */
export interface EarlySyncs {
  running: number;
}

export interface WriteOptions {
  /** Asked before each write. @throws ENOSPC */
  ensureRoom(): Promise<void>;
  /** Of all that write to this disk. */
  readonly early: EarlySyncs;
}

/**
 * Writes what comes, a piece being written while the next one fills, and syncs it. The source's memory is done with when the next is asked
 * for. When this has ended, however it did, nothing uses the handle any more.
 * @throws errors of the source and of the file system
 */
export async function writePieces(
  handle: WritableFile,
  source: AsyncIterable<Uint8Array>,
  { ensureRoom, early }: WriteOptions,
): Promise<void> {
  let filling = takePiece();
  let other = takePiece();
  let filled = 0;
  let unsynced = 0;
  let writing: Promise<void> = Promise.resolve();
  let syncing: Promise<void> | undefined;
  const write = async (bytes: Uint8Array): Promise<void> => {
    await ensureRoom();
    for (let at = 0; at < bytes.byteLength; ) {
      at += (await handle.write(bytes, at, bytes.byteLength - at)).bytesWritten;
    }
  };
  const flush = async (): Promise<void> => {
    await writing;
    writing = write(filling.subarray(0, filled));
    // Its error is thrown where it is awaited.
    writing.catch(() => undefined);
    [filling, other] = [other, filling];
    unsynced += filled;
    filled = 0;
  };
  const syncNow = async (): Promise<void> => {
    early.running++;
    try {
      await handle.datasync();
    } finally {
      early.running--;
    }
  };
  try {
    for await (const bytes of source) {
      for (let at = 0; at < bytes.byteLength; ) {
        const part = bytes.subarray(at, at + pieceSize - filled);
        filling.set(part, filled);
        filled += part.byteLength;
        at += part.byteLength;
        if (filled === pieceSize) await flush();
      }
      if (unsynced >= syncStep && early.running === 0) {
        await syncing;
        syncing = syncNow();
        syncing.catch(() => undefined);
        unsynced = 0;
      }
    }
    await flush();
    await writing;
    // Its error is told once by the kernel: the last sync would not say it again.
    await syncing;
    await handle.sync();
  } finally {
    await Promise.allSettled([writing, syncing]);
  }
  givePiece(filling);
  givePiece(other);
}
