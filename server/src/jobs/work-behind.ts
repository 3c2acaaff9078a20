import { performance } from "node:perf_hooks";
import type { Logger } from "../telemetry/logger.ts";
import type { RunningJob } from "./job.ts";

/** After some work, this many times what it took belongs to those who wait for an answer. */
const restFactor = 2;
/** The same while the program is at work most of the time: then people do wait. */
const busyRestFactor = 10;
const busyUtilization = 0.5;

/**
 * Does work that nobody waits for, a little at a time, behind what people wait for.
 * @param options.step does some of it; false when there is nothing to do
 * @param options.trouble what to tell the operator, once, when it fails
 * @param options.pollMs looks this often when there was nothing to do; 2 s by default
 */
export function workBehind(options: {
  readonly step: () => Promise<boolean>;
  readonly trouble: string;
  readonly log: Logger;
  readonly pollMs?: number;
}): RunningJob {
  const { step, trouble, log, pollMs = 2_000 } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isStopping = false;
  let isBroken = false;

  let measured = performance.eventLoopUtilization();
  function restFor(took: number): number {
    const { utilization } = performance.eventLoopUtilization(measured);
    measured = performance.eventLoopUtilization();
    return took * (utilization > busyUtilization ? busyRestFactor : restFactor);
  }

  async function work(): Promise<void> {
    const began = performance.now();
    let pause = pollMs;
    try {
      if (await step()) pause = Math.min(pollMs, restFor(performance.now() - began));
      isBroken = false;
    } catch (error) {
      if (!isBroken && !isStopping) log.warn({ error }, trouble);
      isBroken = true;
    }
    if (!isStopping) wait(pause);
  }
  function wait(pause: number): void {
    timer = setTimeout(() => {
      running = work();
    }, pause);
  }

  wait(pollMs);
  return {
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      await running;
    },
  };
}
