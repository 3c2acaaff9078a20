import type { Readable } from "node:stream";
import { ZipFile } from "yazl";

export interface ZipEntry {
  /** Relative, with slashes; a folder's ends with one. */
  path: string;
  modifiedAt: Date;
  /** Absent for a folder. */
  file?: {
    /** Bytes: decides whether the entry needs ZIP64. */
    size: number;
    /** False for what is compressed already. */
    compress: boolean;
    open(): Readable | Promise<Readable>;
  };
}

// What both of the entry's time fields can hold (APPNOTE 4.4.6; Info-ZIP's is a signed 32-bit number of seconds).
const earliest = Date.UTC(1980, 0, 2);
const latest = 2 ** 31 * 1_000 - 1_000;

/**
 * A ZIP archive as a stream, ZIP64 where needed: an entry is opened when the one before has gone out, at the pace of the reader.
 * An error of an entry or of `entries` destroys the stream, so that no archive looks whole when it is not.
 */
export function writeZip(entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  let current: Readable | undefined;
  const fail = (error: unknown): void => {
    current?.destroy();
    output.destroy(error instanceof Error ? error : new Error(String(error)));
  };
  zip.on("error", fail);

  const addFile = (entry: ZipEntry, file: NonNullable<ZipEntry["file"]>): Promise<void> =>
    new Promise((resolve, reject) => {
      const options = { mtime: clamp(entry.modifiedAt), compress: file.compress, size: file.size, mode: 0o100644 };
      zip.addReadStreamLazy(entry.path, options, (give) => {
        Promise.try(() => file.open()).then((stream) => {
          current = stream;
          stream.once("error", reject);
          stream.once("close", resolve);
          if (output.destroyed) stream.destroy();
          else give(null, stream);
        }, reject);
      });
    });

  async function addAll(): Promise<void> {
    for await (const entry of entries) {
      if (output.destroyed) return;
      if (entry.file) await addFile(entry, entry.file);
      else zip.addEmptyDirectory(entry.path, { mtime: clamp(entry.modifiedAt), mode: 0o40755 });
      current = undefined;
    }
    if (!output.destroyed) zip.end();
  }
  output.once("close", () => current?.destroy());
  addAll().catch(fail);
  return output;
}

function clamp(date: Date): Date {
  return new Date(Math.min(latest, Math.max(earliest, date.getTime() || earliest)));
}
