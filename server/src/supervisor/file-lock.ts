import { spawn } from "node:child_process";
import { type FileHandle, open, readFile } from "node:fs/promises";

export type FileLock = { release(): Promise<void> };

/**
 * Takes the file at `path` for this process, or returns undefined when another process holds it. The kernel drops the
 * lock with the process, however it ends. Node has no flock(2), so util-linux's flock locks the descriptor that it
 * inherits: such a lock belongs to the open file, which stays open here. Where there is no flock (macOS), the file
 * holds a process id and is free when no such process runs.
 */
export async function lockFile(path: string): Promise<FileLock | undefined> {
  const file = await open(path, "a+", 0o600);
  try {
    const locked = await flock(file);
    if (locked === false || (locked === undefined && (await holderRuns(path)))) {
      await file.close();
      return undefined;
    }
    await file.truncate(0);
    await file.write(`${process.pid}\n`, 0);
    return {
      release: async () => {
        await file.truncate(0);
        await file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The process id written by the holder of the lock, for a sentence to a person. */
export async function lockHolder(path: string): Promise<number | undefined> {
  const pid = Number((await readFile(path, "utf8").catch(() => "")).trim());
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** True or false as the lock was had; undefined when this system has no flock. */
function flock(file: FileHandle): Promise<boolean | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean | undefined>();
  const child = spawn("flock", ["--nonblock", "--exclusive", "3"], { stdio: ["ignore", "ignore", "pipe", file.fd] });
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  child.once("error", (error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? resolve(undefined) : reject(error)));
  child.once("close", (code) => {
    if (code === 0 || code === 1) resolve(code === 0);
    else reject(new Error(`flock ended with code ${code}: ${said.trim()}`));
  });
  return promise;
}

async function holderRuns(path: string): Promise<boolean> {
  const pid = await lockHolder(path);
  if (pid === undefined || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
