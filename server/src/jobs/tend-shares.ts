import { endOverdueShares, type TendingDeps, warnOfEndingLinks } from "../domain/sharing/tend-shares.ts";
import type { TimedJob } from "./start-jobs.ts";

/** Every hour: who made a link hears that it ends soon, and shares whose time is over are taken away. */
export function tendSharesJob({ store }: TendingDeps): TimedJob {
  return {
    name: "tend-shares",
    schedule: "7 * * * *",
    async run() {
      const warned = await warnOfEndingLinks(store);
      const ended = await endOverdueShares(store);
      return { warned, ended };
    },
  };
}
