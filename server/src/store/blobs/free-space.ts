import { statfs } from "node:fs/promises";

const mebibyte = 2 ** 20;
const glanceMs = 500;

/** Bytes of the disk that holds `directory`, all of it and what an ordinary user may still write. */
async function measureDisk(directory: string): Promise<{ readonly total: number; readonly free: number }> {
  const { blocks, bavail, bsize } = await statfs(directory);
  return { total: blocks * bsize, free: bavail * bsize };
}

/**
 * Makes the function that refuses content while the disk of `directory` is nearly full: less than a twentieth of it,
 * between 48 and 256 MiB. What is left is for PostgreSQL, whose WAL must go on when people delete and flag; without any
 * room it stops, and reading with it.
 * @returns throws ENOSPC; looks at the disk at most twice a second
 */
export function guardFreeSpace(directory: string, measure = measureDisk): () => Promise<void> {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let full = false;
  return async () => {
    if (performance.now() - lookedAt > glanceMs) {
      lookedAt = performance.now();
      const { total, free } = await measure(directory);
      full = free < Math.min(256 * mebibyte, Math.max(48 * mebibyte, total / 20));
    }
    if (full) throw Object.assign(new Error(`The disk of ${directory} is nearly full`), { code: "ENOSPC" });
  };
}
