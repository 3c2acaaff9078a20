import type { TimedJob } from "./start-jobs.ts";

/** Removes for good what one area kept for the recovery period; each belongs to its area in the domain. */
export interface Purge {
  /** Such as "messages"; named in the log. */
  readonly name: string;
  /** @param before what was deleted or finished earlier may go @returns how many */
  run(before: Date): Promise<number>;
}

/** Every night: what could be recovered until now goes. One area that fails does not keep the others. */
export function purgeExpiredJob(purges: readonly Purge[], recoveryDays: number): TimedJob {
  return {
    name: "purge-expired",
    schedule: "40 2 * * *",
    async run(signal) {
      const before = new Date(Date.now() - recoveryDays * 86_400_000);
      const purged: Record<string, number> = {};
      const failures: unknown[] = [];
      for (const purge of purges) {
        if (signal.aborted) break;
        try {
          purged[purge.name] = await purge.run(before);
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, "Some of what has expired could not be purged");
      return { purged };
    },
  };
}
