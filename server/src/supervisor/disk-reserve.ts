import { open, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";

const chunk = 2 ** 20;

/** Bytes kept aside: enough for the recovery of a small WAL, little beside the disk. */
function reserveSize(total: number): number {
  return Math.min(64 * chunk, Math.max(32 * chunk, Math.floor(total / 20 / chunk) * chunk));
}

async function measureDisk(directory: string): Promise<{ readonly total: number; readonly free: number }> {
  const { blocks, bavail, bsize } = await statfs(directory);
  return { total: blocks * bsize, free: bavail * bsize };
}

/**
 * On a disk that is full to the last block PostgreSQL cannot even start: recovery ends with a checkpoint, which writes.
 * So a file of zeros is kept in the data directory, and given up when a start finds less than its size free.
 */
export async function giveUpReserve(directory: string, measure = measureDisk): Promise<"kept" | "given up"> {
  const path = join(directory, "reserve");
  const { total, free } = await measure(directory);
  if (free >= reserveSize(total)) return "kept";
  const found = await stat(path).catch(() => undefined);
  if (!found) return "kept";
  await rm(path, { force: true });
  return "given up";
}

/** Makes the reserve when there is none and the disk has four times its size free; never fails for want of space. */
export async function layInReserve(directory: string, measure = measureDisk): Promise<void> {
  const path = join(directory, "reserve");
  const { total, free } = await measure(directory);
  const size = reserveSize(total);
  if (free < 4 * size || (await stat(path).catch(() => undefined))) return;
  const draft = `${path}.new`;
  const zeros = Buffer.alloc(chunk);
  try {
    // Written, not truncated to size: a hole takes no room.
    const file = await open(draft, "w", 0o600);
    try {
      for (let written = 0; written < size; written += chunk) await file.write(zeros);
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch {
    await rm(draft, { force: true });
  }
}

/** The most that WAL may take before a checkpoint: a twentieth of the disk, between 128 MiB and 1 GiB, in bytes. */
export async function walLimit(directory: string, measure = measureDisk): Promise<number> {
  const { total } = await measure(directory);
  return Math.min(2 ** 30, Math.max(2 ** 27, Math.floor(total / 20)));
}
