import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunningProgram } from "../server/test/harness/run-program.ts";

/** Processes and everything beneath them. */
export async function descendants(pids: readonly number[]): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const status = await readFile(`/proc/${entry}/status`, "utf8").catch(() => "");
    const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const found = new Set(pids);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** The first process of the embedded PostgreSQL on a data directory. */
export async function postmasterOf(data: string): Promise<number> {
  return Number((await readFile(join(data, "postgres-18/cluster/postmaster.pid"), "utf8")).split("\n")[0]);
}

export interface ProcessorTime {
  /** Seconds. */
  readonly node: number;
  readonly postgres: number;
}

/** What the program and its PostgreSQL have computed so far, with what they started and what has ended. */
export async function processorTimeOf(program: RunningProgram): Promise<ProcessorTime> {
  const postmaster = await postmasterOf(program.directory);
  const database = new Set(await descendants([postmaster]));
  const own = (await descendants([program.process.pid!])).filter((pid) => !database.has(pid));
  return { node: await secondsOf(own), postgres: await secondsOf([...database]) };
}

export function since(before: ProcessorTime, now: ProcessorTime): ProcessorTime {
  return { node: now.node - before.node, postgres: now.postgres - before.postgres };
}

/** `/proc/<pid>/stat` counts in hundredths of a second. */
async function secondsOf(pids: readonly number[]): Promise<number> {
  let ticks = 0;
  for (const pid of pids) {
    const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    // After the name, which may hold anything: state is field 3; utime, stime and those of ended children are 14 to 17.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    for (const field of fields.slice(11, 15)) ticks += Number(field);
  }
  return ticks / 100;
}
