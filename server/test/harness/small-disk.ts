import { execFile } from "node:child_process";
import { mkdtemp, open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const chunk = Buffer.alloc(2 ** 20);

/** A disk of its own, which a test may fill to the last block. */
export interface SmallDisk {
  readonly path: string;
  /** Leaves so many bytes free. */
  fill(leaving: number): Promise<void>;
  /** Gives back what `fill` took. */
  makeRoom(): Promise<void>;
  free(): Promise<number>;
  close(): Promise<void>;
}

/** @returns undefined where this process may not mount */
export async function openSmallDisk(size: number): Promise<SmallDisk | undefined> {
  const path = await mkdtemp(join(tmpdir(), "bouquet-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${size},mode=755`, "tmpfs", path]);
  } catch {
    await rm(path, { recursive: true });
    return undefined;
  }
  const filler = join(path, "filler");
  const free = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  };
  return {
    path,
    free,
    async fill(leaving) {
      const file = await open(filler, "a");
      try {
        for (let left = (await free()) - leaving; left > 0; left = (await free()) - leaving) {
          await file.write(chunk, 0, Math.min(left, chunk.length));
        }
      } catch (error) {
        if ((error as { code?: unknown }).code !== "ENOSPC") throw error;
      } finally {
        await file.close();
      }
    },
    makeRoom: () => rm(filler, { force: true }),
    async close() {
      await run("umount", ["--lazy", path]);
      await rm(path, { recursive: true });
    },
  };
}
