import { createReadStream } from "node:fs";
import { mkdir, open, opendir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BlobStorage } from "./blob-storage.ts";
import { guardFreeSpace } from "./free-space.ts";

const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * `<directory>/<2 hex>/<2 hex>/<id>`, sharded by the random tail of the id (a UUIDv7 starts with the time). Bytes go to
 * `<directory>/tmp` first, are synced, renamed, and the directory synced: a file under its final name is whole.
 */
export async function openFilesystemBlobs(directory: string): Promise<BlobStorage> {
  const temporary = join(directory, "tmp");
  await mkdir(temporary, { recursive: true, mode: 0o700 });

  const ensureRoom = guardFreeSpace(directory);

  const pathOf = (id: string): string => {
    if (!idPattern.test(id)) throw new Error("Not a blob id");
    return join(directory, id.slice(-2), id.slice(-4, -2), id);
  };

  async function syncDirectory(path: string): Promise<void> {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async function makeShard(path: string): Promise<void> {
    const made = await mkdir(path, { recursive: true, mode: 0o700 });
    // A new directory survives a power cut only when its parents are synced too.
    if (made) for (let at = dirname(path); at.length >= directory.length; at = dirname(at)) await syncDirectory(at);
  }

  return {
    ensureRoom,

    async write(id, source) {
      const final = pathOf(id);
      const partial = join(temporary, id);
      try {
        const handle = await open(partial, "wx", 0o600);
        try {
          for await (const chunk of source) {
            await ensureRoom();
            for (let written = 0; written < chunk.byteLength; ) {
              written += (await handle.write(chunk, written, chunk.byteLength - written)).bytesWritten;
            }
          }
          await handle.sync();
        } finally {
          await handle.close();
        }
        await makeShard(dirname(final));
        await rename(partial, final);
        await syncDirectory(dirname(final));
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },

    read(id, range) {
      return createReadStream(pathOf(id), {
        highWaterMark: 256 * 1024,
        ...(range && { start: range.start, end: range.end - 1 }),
      });
    },

    async remove(id) {
      await rm(pathOf(id), { force: true });
    },

    async *list() {
      for await (const entry of await opendir(directory, { recursive: true })) {
        if (!entry.isFile() || entry.parentPath === temporary || !idPattern.test(entry.name)) continue;
        const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
        if (found) yield { id: entry.name, writtenAt: found.mtime };
      }
    },

    async sweepTemporary(before) {
      let swept = 0;
      for await (const entry of await opendir(temporary)) {
        const path = join(temporary, entry.name);
        const found = await stat(path).catch(() => undefined);
        if (found && found.mtime < before) {
          await rm(path, { force: true });
          swept++;
        }
      }
      return swept;
    },
  };
}
