import type { CounterMetric, HistogramMetric, Metrics } from "../../telemetry/metrics.ts";

export interface ImapMetrics {
  readonly commands: HistogramMetric<"command" | "result">;
  readonly logins: CounterMetric<"result">;
  /** Connections being served now. */
  connections: number;
}

/** Declares what the IMAP server counts. Once per program. */
export function createImapMetrics(metrics: Metrics): ImapMetrics {
  const counted: ImapMetrics = {
    commands: metrics.histogram({
      name: "imap_command_seconds",
      help: "Time from an IMAP command to its tagged response, waiting in IDLE apart",
      labels: ["command", "result"],
    }),
    logins: metrics.counter({
      name: "imap_logins_total",
      help: "IMAP sign-ins tried",
      labels: ["result"],
    }),
    connections: 0,
  };
  metrics.gauge({
    name: "imap_connections",
    help: "Open IMAP connections",
    collect: (set) => set(counted.connections),
  });
  return counted;
}
