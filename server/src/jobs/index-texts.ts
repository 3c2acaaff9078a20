import type { MailDeps } from "../domain/mail/model.ts";
import { indexTexts } from "../domain/mail/search/index-texts.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { RunningJob } from "./job.ts";

/** Messages indexed at once. */
const batch = 50;
/** After a batch, this many times what it took belongs to those who wait for an answer. */
const restFactor = 2;

/**
 * Indexes what was delivered, behind the deliveries: nothing waits for it, because what is not indexed yet is searched as it is.
 * @param options.pollMs look this often when there was nothing to do; 2 s by default
 */
export function startIndexing(options: {
  readonly mail: MailDeps;
  readonly log: Logger;
  readonly pollMs?: number;
}): RunningJob {
  const { mail, log, pollMs = 2_000 } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isStopping = false;
  let isBroken = false;

  async function work(): Promise<void> {
    const began = performance.now();
    let pause = pollMs;
    try {
      const done = await indexTexts(mail, batch);
      if (done > 0) pause = Math.min(pollMs, (performance.now() - began) * restFactor);
      isBroken = false;
    } catch (error) {
      if (!isBroken && !isStopping) log.warn({ error }, "messages cannot be indexed: searching them takes longer");
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
