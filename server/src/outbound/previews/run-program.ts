import { spawn } from "node:child_process";
import type { Isolation, Limits, WorkFolder } from "./isolation.ts";
import { PreviewFailure } from "./preview-failure.ts";

export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly limits: Limits;
  /** By the clock; `limits.seconds` are of the processor. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const longestComplaint = 2_000;

/** Runs a program on what is in the folder, and ends it with all that it has started. @throws PreviewFailure, the reason of the signal */
export async function runProgram(isolation: Isolation, folder: WorkFolder, run: ProgramRun): Promise<void> {
  run.signal.throwIfAborted();
  const { command, args } = isolation.confine(folder, run.limits, run.program, run.args);
  const home = isolation.inside(folder);
  const child = spawn(command, args, {
    // A group of its own, so that what it leaves behind ends too.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
      HOME: home,
      TMPDIR: home,
      LANG: "C.UTF-8",
      MALLOC_ARENA_MAX: "2",
      VIPS_CONCURRENCY: "1",
      SAL_USE_VCLPLUGIN: "svp",
    },
  });
  const killGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // Nothing is left of it.
    }
  };
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-longestComplaint);
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    killGroup();
  }, run.timeoutMs);
  run.signal.addEventListener("abort", killGroup);
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number | null; signal: string | null }>();
  child.on("error", reject);
  child.on("exit", (code, signal) => {
    // What still holds the pipe would keep us waiting for its end.
    killGroup();
    resolve({ code, signal });
  });
  try {
    const { code, signal } = await promise;
    run.signal.throwIfAborted();
    if (code === 0) return;
    const name = run.program.split("/").at(-1)!;
    if (isLate) throw new PreviewFailure("timeout", `${name} took more than ${run.timeoutMs} ms`);
    throw new PreviewFailure(
      code === null || code > 128 ? "crashed" : "unsuitable",
      `${name} ended with ${signal ?? code}: ${complaint.trim()}`,
      code ?? undefined,
    );
  } finally {
    clearTimeout(timer);
    run.signal.removeEventListener("abort", killGroup);
    child.stderr.destroy();
  }
}
