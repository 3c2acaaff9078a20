import { type DkimDeps, tendDkimKeys } from "../domain/mail/submission/dkim-keys.ts";
import type { TimedJob } from "./start-jobs.ts";

/** Every hour: keys that DNS shows begin to sign, old ones are replaced, those replaced long enough ago are retired. */
export function tendDkimKeysJob(deps: DkimDeps, rotationDays: number): TimedJob {
  return {
    name: "tend-dkim-keys",
    schedule: "17 * * * *",
    run: () => tendDkimKeys(deps, rotationDays),
  };
}
