import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export type Labels<L extends string> = Readonly<Record<L, string | number>>;
type LabelArguments<L extends string> = [L] extends [never] ? [] : [labels: Labels<L>];

export type CounterMetric<L extends string> = {
  increase(...labels: LabelArguments<L>): void;
  add(amount: number, ...labels: LabelArguments<L>): void;
};
export type GaugeMetric<L extends string> = { set(value: number, ...labels: LabelArguments<L>): void };
export type HistogramMetric<L extends string> = {
  observe(value: number, ...labels: LabelArguments<L>): void;
  /** Starts a clock; calling the result observes the seconds since then. */
  start(): (...labels: LabelArguments<L>) => void;
};

type Description<L extends string> = { readonly name: string; readonly help: string; readonly labels?: readonly L[] };

/** The metrics of one copy of the program. Labels must have few values: never an address, an id or a path. */
export type Metrics = {
  counter<const L extends string = never>(description: Description<L>): CounterMetric<L>;
  /** A gauge that is set, or read by `collect` at each scrape; `collect` may be slow but must not throw. */
  gauge<const L extends string = never>(
    description: Description<L> & { readonly collect?: (set: GaugeMetric<L>["set"]) => void | Promise<void> },
  ): GaugeMetric<L>;
  /** Seconds unless `buckets` and the name say otherwise. */
  histogram<const L extends string = never>(
    description: Description<L> & { readonly buckets?: readonly number[] },
  ): HistogramMetric<L>;
  readonly contentType: string;
  /** The Prometheus text exposition of everything. */
  expose(): Promise<string>;
  /** The raw values, for a supervisor that adds up several copies. */
  values(): Promise<object[]>;
  /** Forgets everything and stops the observers of the process; for tests. */
  close(): void;
};

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Makes a registry of metrics, each name prefixed by `bouquet_`; with `process: true` Node's own are in it too. */
export function createMetrics(options: { readonly process?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry });
  const described = <L extends string>(description: Description<L>) => ({
    name: `bouquet_${description.name}`,
    help: description.help,
    labelNames: [...(description.labels ?? [])],
    registers: [registry],
  });
  return {
    counter: (description) => {
      const counter = new Counter<string>(described(description));
      return {
        increase: (...[labels]) => counter.inc({ ...labels }),
        add: (amount, ...[labels]) => counter.inc({ ...labels }, amount),
      };
    },
    gauge: <L extends string>(
      description: Description<L> & { collect?: (set: GaugeMetric<L>["set"]) => void | Promise<void> },
    ) => {
      const set: GaugeMetric<L>["set"] = (value, ...[labels]) => gauge.set({ ...labels }, value);
      const { collect } = description;
      const gauge: Gauge<string> = new Gauge<string>({
        ...described(description),
        ...(collect ? { collect: () => collect(set) } : {}),
      });
      return { set };
    },
    histogram: (description) => {
      const histogram = new Histogram<string>({
        ...described(description),
        buckets: [...(description.buckets ?? secondsBuckets)],
      });
      return {
        observe: (value, ...[labels]) => histogram.observe({ ...labels }, value),
        start: () => {
          const stop = histogram.startTimer();
          return (...[labels]) => void stop({ ...labels });
        },
      };
    },
    contentType: registry.contentType,
    expose: () => registry.metrics(),
    values: () => registry.getMetricsAsJSON(),
    close: () => registry.clear(),
  };
}

/** The Prometheus text of several copies taken together: counters and histograms added up, see Metrics.values. */
export function exposeTogether(valuesOfCopies: readonly object[][]): Promise<string> {
  return AggregatorRegistry.aggregate([...valuesOfCopies]).metrics();
}
