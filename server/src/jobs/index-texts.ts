import type { MailDeps } from "../domain/mail/model.ts";
import { indexTexts } from "../domain/mail/search/index-texts.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { RunningJob } from "./job.ts";
import { workBehind } from "./work-behind.ts";

/** Messages indexed at once. */
const batch = 50;

/**
 * Indexes what was delivered, behind the deliveries: nothing waits for it, because what is not indexed yet is searched as it is.
 * @param options.pollMs see `workBehind`
 */
export function startIndexing(options: {
  readonly mail: MailDeps;
  readonly log: Logger;
  readonly pollMs?: number;
}): RunningJob {
  const { mail, ...others } = options;
  return workBehind({
    ...others,
    step: async () => (await indexTexts(mail, batch)) > 0,
    trouble: "messages cannot be indexed: searching them takes longer",
  });
}
