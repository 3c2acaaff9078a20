import { execFile } from "node:child_process";
import { readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { StartError } from "./start-error.ts";

const run = promisify(execFile);

/** What a running server has written about itself in postmaster.pid. */
export type Postmaster = {
  readonly pid: number;
  readonly socketDirectory: string;
  readonly ready: boolean;
};

/** Reads postmaster.pid of the cluster; the process it names may be long gone. */
export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const lines = (await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return { pid, socketDirectory: lines[4] ?? "", ready: lines[7]?.trim() === "ready" };
}

/** The server of this cluster that runs now, whoever started it. */
export async function findPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const found = await readPostmaster(cluster);
  return found && (await servesCluster(found.pid, cluster)) ? found : undefined;
}

/** A process id is used again after a reboot or in a container, so the process must prove that it works in the cluster. */
async function servesCluster(pid: number, cluster: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === "linux") {
    const directory = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    if (directory !== undefined) return directory === cluster;
    // Closed to us where the server holds a capability that we lack, such as the one for ports below 1024 of a service.
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return command.split("\0").includes(cluster);
  }
  const { stdout } = await run("ps", ["-o", "command=", "-p", String(pid)]).catch(() => ({ stdout: "" }));
  return stdout.includes(cluster);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Stops a server that outlived the program that started it. Its clients died with that program, so a fast shutdown
 * loses nothing; the caller holds the lock of the data directory, so it belongs to no other copy.
 * @throws StartError when it does not end.
 */
export async function stopOrphan(cluster: string): Promise<"none" | "stopped"> {
  const orphan = await findPostmaster(cluster);
  if (!orphan) {
    const named = await readPostmaster(cluster);
    // The id now belongs to a stranger: PostgreSQL would believe that its server still runs.
    if (named && isAlive(named.pid)) await rm(join(cluster, "postmaster.pid"), { force: true });
    return "none";
  }
  for (const { signal, patience } of [
    { signal: "SIGINT", patience: 20_000 },
    { signal: "SIGQUIT", patience: 10_000 },
  ] as const) {
    try {
      process.kill(orphan.pid, signal);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ESRCH") return "stopped";
      throw new StartError(
        `A PostgreSQL left by another user (process ${orphan.pid}) still uses ${cluster} (${code}).`,
      );
    }
    for (let waited = 0; waited < patience; waited += 25) {
      // Not merely alive: where nobody reaps it (a container without init) the ended server stays as a zombie.
      if (!(await servesCluster(orphan.pid, cluster))) return "stopped";
      await delay(25);
    }
  }
  throw new StartError(`A PostgreSQL left by an earlier start (process ${orphan.pid}) does not stop.`);
}
