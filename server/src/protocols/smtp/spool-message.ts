import { randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type Inspection, MessageInspector } from "../../formats/mime/inspect-message.ts";

const memoryLimit = 256 * 1024;
const pieceSize = 256 * 1024;

/** A message as it came, kept until it is refused or stored. Nothing survives the program: it has not been acknowledged. */
export interface SpooledMessage {
  readonly size: number;
  /** True: the rest was thrown away. */
  readonly isTooLarge: boolean;
  readonly inspection: Inspection;
  /** The whole message, unless it is too large to be held in memory. */
  readonly bytes: Buffer | undefined;
  open(range?: { start: number; end: number }): Readable;
  /** Frees the memory and the disk; streams must have ended. */
  discard(): Promise<void>;
}

export interface SpoolOptions {
  /** For messages beyond 256 KiB. */
  readonly directory: string;
  /** Bytes. */
  readonly sizeLimit: number;
  /** Called when the client goes on long after the limit: nothing else stops it. */
  readonly onFlood?: () => void;
}

/**
 * Reads the whole DATA: up to 256 KiB in memory, beyond in a file that has no name any more, so that a crash leaves nothing.
 * What comes after the limit is read and dropped, because the answer can only be sent after the end.
 * @throws the error of `source` when the connection breaks off, ENOSPC
 */
export async function spoolMessage(source: AsyncIterable<Buffer>, options: SpoolOptions): Promise<SpooledMessage> {
  const inspector = new MessageInspector();
  let chunks: Buffer[] = [];
  let file: FileHandle | undefined;
  let size = 0;
  let isTooLarge = false;
  let failure: { error: unknown } | undefined;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      if (failure) continue;
      if (size > options.sizeLimit) {
        isTooLarge = true;
        chunks = [];
        if (size > 2 * options.sizeLimit + 1e6) options.onFlood?.();
        continue;
      }
      inspector.push(chunk);
      if (file === undefined && size <= memoryLimit) {
        chunks.push(chunk);
        continue;
      }
      try {
        if (file === undefined) {
          file = await openNameless(options.directory);
          await file.appendFile(Buffer.concat(chunks));
          chunks = [];
        }
        await file.appendFile(chunk);
      } catch (error) {
        failure = { error };
      }
    }
    if (failure) throw failure.error;
  } catch (error) {
    await file?.close();
    throw error;
  }
  const inMemory = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  const spooled = file;
  return {
    size,
    isTooLarge,
    inspection: inspector.end(),
    bytes: spooled || isTooLarge ? undefined : inMemory,
    open: (range = { start: 0, end: size }) => {
      if (range.start >= range.end) return Readable.from([]);
      if (!spooled) return Readable.from([inMemory.subarray(range.start, range.end)], { objectMode: false });
      return Readable.from(readRange(spooled, range.start, Math.min(range.end, size)), { objectMode: false });
    },
    discard: async () => {
      await spooled?.close();
    },
  };
}

async function openNameless(directory: string): Promise<FileHandle> {
  const path = join(directory, `incoming-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  await unlink(path);
  return file;
}

/** Not FileHandle.createReadStream: destroying that stream closes the file, which has no name to be opened by again. */
async function* readRange(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(pieceSize, end - at)), { position: at });
    if (bytesRead === 0) throw new Error("The spooled message is shorter than it was");
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
