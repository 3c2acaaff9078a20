import { createReadStream } from "node:fs";
import { mkdir, open, opendir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import type { BlobStorage } from "./blob-storage.ts";
import { guardFreeSpace } from "./free-space.ts";
import { lendFile } from "./lend-file.ts";
import { writePieces } from "./write-pieces.ts";

const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const shardPattern = /^[0-9a-f]{2}$/;

/**
 * `<directory>/<2 hex>/<2 hex>/<id>`, sharded by the random tail of the id (a UUIDv7 starts with the time). Bytes go to
 * `<directory>/tmp` first, are synced, renamed, and the directory synced: a file under its final name is whole.
 */
export async function openFilesystemBlobs(location: string): Promise<BlobStorage> {
  const directory = resolve(location);
  const temporary = join(directory, "tmp");
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  await syncDirectory(directory);
  await syncDirectory(dirname(directory));

  const ensureRoom = guardFreeSpace(directory);
  const early = { running: 0 };

  const pathOf = (id: string): string => {
    if (!idPattern.test(id)) throw new Error("Not a blob id");
    return join(directory, id.slice(-2), id.slice(-4, -2), id);
  };

  // Shards whose place in their parents is on disk. That a directory exists does not say so: whoever made it, another copy of the
  // program maybe, may not have synced it yet.
  const synced = new Set<string>();
  async function makeShard(path: string): Promise<void> {
    if (synced.has(path)) return;
    await mkdir(path, { recursive: true, mode: 0o700 });
    await syncDirectory(dirname(path));
    await syncDirectory(directory);
    synced.add(path);
  }

  async function writeSynced(partial: string, source: AsyncIterable<Uint8Array>): Promise<void> {
    const handle = await open(partial, "wx", 0o600);
    try {
      await writePieces(handle, source, { ensureRoom, early });
    } catch (error) {
      await handle.close();
      await rm(partial, { force: true });
      throw error;
    }
    await handle.close();
  }

  return {
    ensureRoom,

    async write(id, source) {
      const final = pathOf(id);
      const partial = join(temporary, id);
      await writeSynced(partial, source);
      try {
        await makeShard(dirname(final));
        await rename(partial, final);
        await syncDirectory(dirname(final));
      } catch (error) {
        await rm(partial, { force: true });
        await rm(final, { force: true });
        throw error;
      }
    },

    read(id, range) {
      // The `end` of createReadStream is inclusive: it has no empty range.
      if (range && range.start >= range.end) return Readable.from([]);
      return createReadStream(pathOf(id), {
        highWaterMark: 256 * 1024,
        ...(range && { start: range.start, end: range.end - 1 }),
      });
    },

    lend(id, range = { start: 0, end: Number.POSITIVE_INFINITY }) {
      return lendFile(pathOf(id), range);
    },

    async remove(id) {
      await rm(pathOf(id), { force: true });
    },

    async *list() {
      // Shard by shard: a recursive opendir reads its subdirectories synchronously.
      for (const first of await shards(directory)) {
        for (const second of await shards(join(directory, first))) {
          const shard = join(directory, first, second);
          for await (const entry of await opendir(shard)) {
            if (!entry.isFile() || !idPattern.test(entry.name)) continue;
            const found = await stat(join(shard, entry.name)).catch(() => undefined);
            if (found) yield { id: entry.name, writtenAt: found.mtime };
          }
        }
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

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function shards(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && shardPattern.test(entry.name)).map((entry) => entry.name);
}
