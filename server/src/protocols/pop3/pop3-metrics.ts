import type { CounterMetric, Metrics } from "../../telemetry/metrics.ts";

export interface Pop3Metrics {
  readonly logins: CounterMetric<"result">;
  readonly retrieved: CounterMetric<never>;
  readonly deleted: CounterMetric<never>;
  /** Connections being served now. */
  connections: number;
}

/** Declares what the POP3 server counts. Once per program. */
export function createPop3Metrics(metrics: Metrics): Pop3Metrics {
  const counted: Pop3Metrics = {
    logins: metrics.counter({ name: "pop3_logins_total", help: "POP3 sign-ins tried", labels: ["result"] }),
    retrieved: metrics.counter({ name: "pop3_retrieved_total", help: "Messages read by POP3 clients" }),
    deleted: metrics.counter({ name: "pop3_deleted_total", help: "Messages removed by POP3 clients" }),
    connections: 0,
  };
  metrics.gauge({
    name: "pop3_connections",
    help: "Open POP3 connections",
    collect: (set) => set(counted.connections),
  });
  return counted;
}
