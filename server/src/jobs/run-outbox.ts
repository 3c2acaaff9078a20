import type { MailDeps } from "../domain/mail/model.ts";
import { consumeNext, type OutboxHandlers } from "../domain/operation/consume-outbox.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { RunningJob } from "./job.ts";

export interface OutboxOptions {
  readonly store: MailDeps["store"];
  /** By topic; a topic without handler here waits for a copy that has one. */
  readonly handlers: OutboxHandlers;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Rows done at once. */
  readonly concurrency?: number;
  /** Look even without a hint after this time. */
  readonly pollMs?: number;
}

/** Does the "to do" rows as they come: fan-out of mail to groups, notifications, what one area leaves for another. */
export function startOutbox(options: OutboxOptions): RunningJob {
  const { store, handlers, log, concurrency = 2, pollMs = 5_000 } = options;
  const done = options.metrics.counter({
    name: "outbox_rows_total",
    help: "Outbox rows consumed, by topic and outcome.",
    labels: ["topic", "outcome"],
  });
  const workers = new Set<Promise<void>>();
  let isStopping = false;
  let woken = false;

  async function work(): Promise<void> {
    while (!isStopping) {
      woken = false;
      const { outcome, topic = "", error } = await consumeNext(store, handlers);
      if (outcome === "empty") {
        // A hint that came while we looked may be about a row that the look did not see.
        if (woken) continue;
        return;
      }
      done.increase({ topic, outcome });
      if (outcome === "failed") log.warn({ topic, error }, "an outbox row failed and will be tried again");
    }
  }
  function wake(): void {
    woken = true;
    if (isStopping || workers.size >= concurrency) return;
    const worker: Promise<void> = work()
      .catch((error: unknown) => log.warn({ error }, "the outbox cannot be read"))
      .finally(() => workers.delete(worker));
    workers.add(worker);
  }

  const unsubscribe = store.hints.subscribe("work", "outbox", wake);
  const timer = setInterval(wake, pollMs);
  wake();
  return {
    async stop() {
      isStopping = true;
      clearInterval(timer);
      unsubscribe();
      await Promise.all(workers);
    },
  };
}
