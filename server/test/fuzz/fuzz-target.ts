import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import type { FuzzTarget } from "./target.ts";

/** A case may take this long, in milliseconds, at its best of three: the event loop belongs to everybody. */
const slowMs = 250;
const poolLimit = 2_000;
const memoryLimit = 300 * 1024 * 1024;

export interface Finding {
  readonly input: Buffer;
  readonly problem: string;
}

export interface FuzzReport {
  readonly cases: number;
  /** Different outcomes seen. */
  readonly kinds: number;
  readonly finding: Finding | undefined;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly cases: number;
  /** Stops earlier when this time comes (`performance.now()`). */
  readonly until?: number;
  /** Inputs known from before. */
  readonly corpus?: readonly Buffer[];
}

/** Runs one input. @returns the kind of the outcome, or what is wrong */
export async function runCase(target: FuzzTarget, input: Buffer): Promise<{ kind: string } | { problem: string }> {
  let kind = "";
  let fastest = Number.POSITIVE_INFINITY;
  // Only a case that is slow each time is slow: another program may have had the processor.
  for (let attempt = 0; attempt < 3 && fastest > slowMs; attempt++) {
    const began = performance.now();
    try {
      // The copy: a parser that changes its input must not change ours.
      const outcome = target.run(Buffer.from(input));
      kind = typeof outcome === "string" ? outcome : await outcome;
    } catch (error) {
      return { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    fastest = Math.min(fastest, performance.now() - began);
  }
  return fastest > slowMs ? { problem: `It took ${Math.round(fastest)} ms` } : { kind };
}

/** Changes inputs at random and runs them, until one does what none may do. The same seed gives the same cases. */
export async function fuzzTarget(target: FuzzTarget, options: FuzzOptions): Promise<FuzzReport> {
  const random = new Random(options.seed);
  const pool = [...target.seeds.map((seed) => Buffer.from(seed)), ...(options.corpus ?? [])];
  const kinds = new Set<string>();
  const heapBefore = process.memoryUsage().heapUsed;
  let cases = 0;
  const report = (finding?: Finding): FuzzReport => ({ cases, kinds: kinds.size, finding });
  for (; cases < options.cases; cases++) {
    if (cases % 256 === 0 && options.until !== undefined && performance.now() > options.until) break;
    const input = mutate(pool, target.words, random, target.maxBytes ?? 8_192);
    const outcome = await runCase(target, input);
    if ("problem" in outcome) return report({ input, problem: outcome.problem });
    if (!kinds.has(outcome.kind)) {
      kinds.add(outcome.kind);
      if (pool.length < poolLimit) pool.push(input);
    }
    if (cases % 20_000 === 19_999 && process.memoryUsage().heapUsed - heapBefore > memoryLimit) {
      globalThis.gc?.();
      if (process.memoryUsage().heapUsed - heapBefore > memoryLimit)
        return report({ input, problem: "Memory grows without end" });
    }
  }
  return report();
}
