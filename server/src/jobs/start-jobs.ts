import { EventEmitter, once } from "node:events";
import {
  type CronItem,
  parseCronItems,
  type Runner,
  run,
  type TaskList,
  type WorkerEvents,
  Logger as WorkerLogger,
} from "graphile-worker";
import pg from "pg";
import type { Logger } from "../telemetry/logger.ts";
import type { RunningJob } from "./job.ts";

/** A job of the timetable. */
export interface TimedJob {
  /** Kebab-case; also the name under which it is known in the database. */
  readonly name: string;
  /** As crontab writes it, in UTC. */
  readonly schedule: string;
  run(signal: AbortSignal): Promise<object | undefined>;
}

/**
 * Runs the timetable, each job once however many copies there are; a job that fails is tried again with growing pauses, one
 * that was missed while the program was down is not made up for. graphile-worker keeps its tables in a schema of its own.
 */
export async function startTimedJobs(options: {
  readonly connectionString: string;
  readonly jobs: readonly TimedJob[];
  readonly log: Logger;
}): Promise<RunningJob> {
  const { jobs, log } = options;
  const interrupted = new AbortController();
  // A pool of ours: its connections are closed when a stop returns, and one that breaks at any moment ends nothing.
  const pool = new pg.Pool({ connectionString: options.connectionString, max: 3, application_name: "bouquet jobs" });
  const broken = (error: Error) => log.debug({ error }, "a connection of the timetable broke");
  pool.on("error", broken);
  pool.on("connect", (client) => client.on("error", broken));
  const taskList: TaskList = Object.fromEntries(
    jobs.map((job) => [
      job.name,
      async () => {
        const started = performance.now();
        const result = await job.run(interrupted.signal);
        // Some wake every minute, mostly for nothing.
        const isIdle = Object.values(result ?? {}).every((value) => !value);
        log[isIdle ? "debug" : "info"](
          { job: job.name, seconds: Math.round((performance.now() - started) / 100) / 10, ...result },
          "a job ran",
        );
      },
    ]),
  );
  const items: CronItem[] = jobs.map((job) => ({
    task: job.name,
    match: job.schedule,
    identifier: job.name,
    // One at a time: two of them may want the same rows.
    options: { queueName: "timetable", maxAttempts: 5, backfillPeriod: 0, jobKey: job.name },
  }));
  const events: WorkerEvents = new EventEmitter();
  const started = once(events, "cron:started", { signal: interrupted.signal });
  started.catch(() => {});
  const runner: Runner = await run({
    events,
    pgPool: pool,
    taskList,
    parsedCronItems: parseCronItems(items),
    concurrency: 1,
    noHandleSignals: true,
    pollInterval: 30_000,
    logger: workerLogger(log),
  });
  runner.promise.catch((error: unknown) => log.error({ error }, "the timetable stopped"));
  // The timetable is in the database by then. A runner that ends before has failed.
  await Promise.race([started, runner.promise]);
  return {
    async stop(deadlineMs) {
      const cut = setTimeout(() => interrupted.abort(new Error("The program stops")), deadlineMs);
      await runner.stop();
      await pool.end();
      clearTimeout(cut);
    },
  };
}

function workerLogger(log: Logger): WorkerLogger {
  return new WorkerLogger(() => (level, message, meta) => {
    if (level === "error") log.error({ error: meta?.error, detail: message }, "the timetable reports an error");
    else if (level === "warning") log.warn({ detail: message }, "the timetable reports a warning");
    else log.trace({ detail: message }, "the timetable reports");
  });
}
