import { type AttemptDeps, attemptDelivery } from "../domain/mail/submission/attempt-delivery.ts";
import { listPausedDestinations } from "../domain/mail/submission/destinations.ts";
import {
  defaultLease,
  type Lease,
  type LeaseOptions,
  leaseNext,
  nextDueIn,
  renewLease,
} from "../domain/mail/submission/lease-next.ts";
import { countQueue } from "../domain/mail/submission/list-queue.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { RunningJob } from "./job.ts";

export interface OutboundMailOptions {
  readonly deps: AttemptDeps;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Messages under way at once in this copy, those apart that take longer than `slowMs`: up to eight times as many. */
  readonly concurrency?: number;
  readonly slowMs?: number;
  /** Look even without a hint after this time. */
  readonly pollMs?: number;
  readonly lease?: LeaseOptions;
}

/** Sends what waits in the outbound queue: wakes on hints, when the next message is due, and every few seconds. */
export function startOutboundMail(options: OutboundMailOptions): RunningJob {
  const { deps, log, concurrency = 32, pollMs = 5_000, lease: leaseOptions = defaultLease } = options;
  const attempts = options.metrics.counter({
    name: "outbound_attempts_total",
    help: "Recipients tried, by outcome.",
    labels: ["outcome"],
  });
  const sentOver = options.metrics.counter({
    name: "outbound_sent_total",
    help: "Recipients sent to other servers, by what TLS proved of these.",
    labels: ["tls"],
  });
  const queue = options.metrics.gauge({
    name: "outbound_queue_recipients",
    help: "Recipients that wait in the outbound queue.",
    labels: ["state"],
    collect: async (set) => {
      const counts = await countQueue(deps.store.read).catch(() => undefined);
      if (!counts) return;
      set(counts.queued, { state: "queued" });
      set(counts.held, { state: "held" });
    },
  });
  void queue;
  const paused = options.metrics.gauge({
    name: "outbound_paused_destinations",
    help: "Destinations that are left alone for now.",
    collect: async (set) => {
      const destinations = await listPausedDestinations(deps.store.read).catch(() => undefined);
      if (destinations) set(destinations.length);
    },
  });
  void paused;
  const running = new Set<Promise<void>>();
  /** Attempts at servers that take their time: they must not keep those at quick ones from their turn. */
  let slow = 0;
  const slowMs = options.slowMs ?? 15_000;
  const isFull = (): boolean => running.size - slow >= concurrency || running.size >= concurrency * 8;
  const interrupted = new AbortController();
  let isStopping = false;
  let isPumping = false;
  let woken = false;
  let timer: NodeJS.Timeout | undefined;

  async function attempt(lease: Lease): Promise<void> {
    let isSlow = false;
    const slowness = setTimeout(() => {
      isSlow = true;
      slow++;
      wake();
    }, slowMs);
    const lost = new AbortController();
    const signal = AbortSignal.any([interrupted.signal, lost.signal]);
    const renewal = setInterval(
      () => {
        renewLease(deps.store, lease, leaseOptions.leaseSeconds).then(
          (held) => held || lost.abort(new Error("The lease was lost")),
          (error: unknown) => log.warn({ error }, "a lease could not be prolonged"),
        );
      },
      (leaseOptions.leaseSeconds * 1_000) / 3,
    );
    try {
      const results = await attemptDelivery(deps, lease, signal);
      for (const { outcome, status, remoteHost, tls } of results) {
        attempts.increase({ outcome });
        if (outcome === "sent" && tls) sentOver.increase({ tls });
        log.info(
          { outbound: lease.outboundId, domain: lease.domain, outcome, status, remoteHost, tls },
          "tried a recipient",
        );
      }
    } catch (error) {
      // The lease ends by itself, and the message is due again.
      log.error({ error, outbound: lease.outboundId }, "an attempt to send failed");
    } finally {
      clearInterval(renewal);
      clearTimeout(slowness);
      if (isSlow) slow--;
    }
  }

  async function pump(): Promise<void> {
    while (!isStopping && !isFull()) {
      woken = false;
      // The second half of the places is for destinations that have few: a mailing to one leaves room for others.
      const isHalfFull = running.size - slow >= concurrency / 2;
      const maxPerDomain = isHalfFull ? Math.min(2, leaseOptions.maxPerDomain) : leaseOptions.maxPerDomain;
      const lease = await leaseNext(deps.store, { ...leaseOptions, maxPerDomain });
      if (!lease) {
        if (woken) continue;
        return;
      }
      const task: Promise<void> = attempt(lease).finally(() => {
        running.delete(task);
        wake();
      });
      running.add(task);
    }
  }
  function wake(): void {
    woken = true;
    if (isPumping || isStopping) return;
    isPumping = true;
    clearTimeout(timer);
    pump()
      .then(() => (isStopping ? pollMs : nextDueIn(deps.store, pollMs)))
      .catch((error: unknown) => {
        log.warn({ error }, "the outbound queue cannot be read");
        return pollMs;
      })
      .then((dueMs) => {
        isPumping = false;
        if (isStopping) return;
        // What is due but may not be sent yet (its domain is busy) must not make a busy loop.
        timer = setTimeout(wake, Math.max(dueMs, 1_000));
        if (woken && !isFull()) setImmediate(wake);
      });
  }

  const unsubscribe = deps.store.hints.subscribe("work", "outbound", wake);
  wake();
  return {
    async stop(deadlineMs) {
      isStopping = true;
      clearTimeout(timer);
      unsubscribe();
      const cut = setTimeout(() => interrupted.abort(new Error("The program stops")), deadlineMs);
      while (running.size > 0) await Promise.all(running);
      clearTimeout(cut);
      deps.transport.close?.();
    },
  };
}
