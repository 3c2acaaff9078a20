import type { CounterMetric, Metrics } from "../../telemetry/metrics.ts";

export interface ManageSieveMetrics {
  readonly logins: CounterMetric<"result">;
  /** Connections being served now. */
  connections: number;
}

/** Declares what the ManageSieve server counts. Once per program. */
export function createManageSieveMetrics(metrics: Metrics): ManageSieveMetrics {
  const counted: ManageSieveMetrics = {
    logins: metrics.counter({
      name: "managesieve_logins_total",
      help: "ManageSieve sign-ins tried",
      labels: ["result"],
    }),
    connections: 0,
  };
  metrics.gauge({
    name: "managesieve_connections",
    help: "Open ManageSieve connections",
    collect: (set) => set(counted.connections),
  });
  return counted;
}
