import { type DocumentDeps, readDocuments } from "../domain/mail/search/read-documents.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { RunningJob } from "./job.ts";
import { workBehind } from "./work-behind.ts";

/** Reads attached documents for the search, behind the deliveries. @param close ends the reader */
export function startReadingDocuments(options: {
  readonly deps: DocumentDeps;
  readonly log: Logger;
  close(): Promise<void>;
}): RunningJob {
  const job = workBehind({
    step: () => readDocuments(options.deps),
    trouble: "attached documents cannot be read: their words are not found",
    log: options.log,
  });
  return {
    async stop(deadlineMs) {
      // First, so that a document of many seconds does not hold up the stop.
      await options.close();
      await job.stop(deadlineMs);
    },
  };
}
