import type { Store } from "../../../store/database.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import type { CounterMetric, Metrics } from "../../../telemetry/metrics.ts";
import type { MailDeps } from "../model.ts";
import type { Resolver } from "../resolver.ts";
import type { SpamFilter, VirusScanner } from "./scanners.ts";

/** What the configuration gives screening; without any of it, a message is authenticated and classified. */
export interface ScreeningOptions {
  /** Domains whose ARC seals are believed, for every organization. */
  readonly trustedSealers?: readonly string[];
  /** Zones of DNS lists of bad addresses; none is asked unless configured. */
  readonly dnsLists?: readonly string[];
  readonly spamFilter?: SpamFilter;
  readonly virusScanner?: VirusScanner;
  readonly log?: Logger;
  readonly scans?: ScanCounter;
}

export type ScanCounter = CounterMetric<"scanner" | "outcome">;

/** Messages handed to scanners, by outcome: `unavailable` is an outage. */
export function createScanCounter(metrics: Metrics): ScanCounter {
  return metrics.counter({
    name: "mail_scans_total",
    help: "Messages and files handed to the spam filter and the virus scanner, by outcome.",
    labels: ["scanner", "outcome"],
  });
}

/** For what is scanned on its way out. */
export interface ScanningDeps extends Pick<ScreeningOptions, "virusScanner" | "log" | "scans"> {
  readonly store: Store;
}

/** What screening works with. */
export interface ScreeningDeps extends MailDeps, ScreeningOptions {
  readonly resolver: Resolver;
  /** Our name in Authentication-Results (RFC 8601 section 2.5). */
  readonly hostName: string;
}
