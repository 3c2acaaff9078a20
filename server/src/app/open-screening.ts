import type { Config } from "../config/config.ts";
import { createScanCounter, type ScreeningOptions } from "../domain/mail/screening/screening-deps.ts";
import { createRspamdFilter } from "../outbound/antispam/create-rspamd-filter.ts";
import { createClamdScanner } from "../outbound/antivirus/create-clamd-scanner.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** The scanners and lists that the configuration names. */
export function openScreening(
  { rspamd, clamd, dnsLists, trustedSealers }: Config["mail"]["screening"],
  log: Logger,
  metrics: Metrics | undefined,
): ScreeningOptions {
  return {
    dnsLists,
    trustedSealers,
    log,
    ...(rspamd && { spamFilter: createRspamdFilter(rspamd) }),
    ...(clamd && { virusScanner: createClamdScanner(clamd) }),
    ...(metrics && { scans: createScanCounter(metrics) }),
  };
}
