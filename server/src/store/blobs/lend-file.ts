import { type FileHandle, open } from "node:fs/promises";
import type { ByteRange } from "./byte-source.ts";
import { givePiece, pieceSize, takePiece } from "./piece-pool.ts";

/**
 * The bytes of a file from `start` to `end` or to its end, in pieces that are the reader's until it asks for the next; that one is
 * read meanwhile.
 * @throws errors of the file system, ENOENT
 */
export async function* lendFile(path: string, { start, end }: ByteRange): AsyncGenerator<Buffer> {
  if (start >= end) return;
  const handle = await open(path, "r");
  let reading: Promise<Buffer> | undefined;
  try {
    let at = start;
    reading = readPiece(handle, takePiece(), at, end);
    for (;;) {
      const lent: Buffer = await reading;
      reading = undefined;
      if (lent.length === 0) return;
      at += lent.length;
      if (at < end) reading = readPiece(handle, takePiece(), at, end);
      yield lent;
      // Not after a reader that stopped early: its socket may still hold what it was lent.
      givePiece(Buffer.from(lent.buffer));
      if (!reading) return;
    }
  } finally {
    await reading?.catch(() => undefined);
    await handle.close();
  }
}

async function readPiece(handle: FileHandle, piece: Buffer, at: number, end: number): Promise<Buffer> {
  const { bytesRead } = await handle.read(piece, 0, Math.min(pieceSize, end - at), at);
  return piece.subarray(0, bytesRead);
}
