import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One side of a comparison. */
export interface Contender {
  readonly name: string;
  /** Does the work once. @returns the figure, in the unit of the row */
  run(round: number): Promise<number>;
}

export interface Row {
  readonly what: string;
  readonly unit: string;
  /** What a larger figure means. */
  readonly better: "more" | "less";
  readonly rounds: number;
  /** Bouquet first; every other one is a peer. */
  readonly contenders: readonly Contender[];
}

/**
 * Runs the contenders in turns, round by round and each round beginning with another one, so that what the machine does meanwhile
 * falls on all of them; prints the medians and, for each peer, how many times better Bouquet is.
 */
export async function compare(row: Row): Promise<void> {
  const figures = new Map<Contender, number[]>(row.contenders.map((each) => [each, []]));
  for (let round = 0; round < row.rounds; round++) {
    const from = round % row.contenders.length;
    for (const each of [...row.contenders.slice(from), ...row.contenders.slice(0, from)]) {
      figures.get(each)!.push(await each.run(round));
    }
  }
  printRow(
    row,
    row.contenders.map((each) => ({ name: each.name, figures: figures.get(each)! })),
  );
}

/** The line of a table in Markdown. */
export function printRow(
  row: Pick<Row, "what" | "unit" | "better">,
  results: readonly { readonly name: string; readonly figures: readonly number[]; readonly isPeer?: boolean }[],
): void {
  const own = median(results[0]!.figures);
  const cells = results.map(({ name, figures, isPeer = true }, index) => {
    const value = median(figures);
    const times = row.better === "more" ? own / value : value / own;
    const range = figures.length > 1 ? ` (${round3(Math.min(...figures))}–${round3(Math.max(...figures))})` : "";
    return `${name} ${round3(value)}${range}${index === 0 || !isPeer ? "" : `, ratio ${times.toFixed(2)}`}`;
  });
  console.log(`| ${row.what}, ${row.unit}, ${row.better} is better | ${cells.join(" | ")} |`);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const round3 = (value: number): string => String(Number(value.toPrecision(3)));

/** Seconds that the work took. */
export async function clock(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

/** Resident memory of one process. */
export async function residentKb(pid: number): Promise<number> {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))![1]);
}

/** Asks every 5 ms, or less often where asking costs. @throws after two minutes, or what is given */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  everyMs = 5,
  patienceMs = 120_000,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Waited for ${patienceMs / 1000} s until ${what}`);
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, everyMs);
    await promise;
  }
}

/** Runs a benchmark in a temporary folder that everybody may pass, and takes down in reverse what it started, also when it fails. */
export async function withFolder(
  work: (directory: string, defer: (undo: () => Promise<unknown>) => void) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "bouquet-bench-"));
  const undo: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const takeDown = async (): Promise<void> => {
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void takeDown().finally(() => process.exit(1)));
  }
  try {
    // Peers run as users of their own.
    await chmod(directory, 0o755);
    await work(directory, (step) => undo.push(step));
  } finally {
    await takeDown();
  }
}
