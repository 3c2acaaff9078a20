import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { startEmbeddedPostgres } from "../server/src/supervisor/embedded-postgres.ts";
import { silentLogger } from "../server/src/telemetry/logger.ts";
import { forgoSyncing } from "../server/test/harness/forgo-syncing.ts";
import { installTestPackages } from "./install-test-packages.ts";

const root = resolve(import.meta.dirname, "..");

/** For everything together; a test that hangs must not hang the machine that runs it. */
const timeLimitMinutes = 60;

function findTests(folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "node_modules" || entry.name === "dist" ? [] : findTests(path);
      return entry.name.endsWith(".test.ts") ? [path] : [];
    })
    .sort();
}

const total = { tests: 0, passed: 0, cancelled: 0, skipped: 0, todo: 0 };
const secondsOf = new Map<string, number>();
const hanging = new Set<string>();
const giveUp = new AbortController();

async function runTests(files: readonly string[], concurrency: number): Promise<void> {
  if (files.length === 0) return;
  const stream = run({ files: files.map((file) => join(root, file)), concurrency, signal: giveUp.signal, cwd: root });
  stream.on("test:dequeue", ({ file, nesting }) => {
    if (file && nesting === 0) hanging.add(file);
  });
  stream.on("test:complete", ({ file, nesting }) => {
    if (file && nesting === 0) hanging.delete(file);
  });
  stream.on("test:summary", ({ file, counts, duration_ms }) => {
    if (file !== undefined) {
      secondsOf.set(relative(root, file), duration_ms / 1000);
      return;
    }
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += counts[name];
  });
  await pipeline(stream, new spec(), process.stdout, { end: false });
}

/** Settings of the person who runs the tests must not reach them. */
function forgetSettings(): void {
  for (const name of Object.keys(process.env)) {
    if (/^(BOUQUET_|PG[A-Z]|DATABASE_URL$)/.test(name)) delete process.env[name];
  }
}

function step(name: string, args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  console.error(`${name} failed.`);
  process.exit(1);
}

const sentence = installTestPackages();
if (sentence !== undefined) {
  console.error(sentence);
  process.exit(1);
}
forgetSettings();
step("npm run check", ["scripts/check.ts"]);

// One PostgreSQL for all test files: each clones a database of its own in it.
const databaseDirectory = await mkdtemp(join(tmpdir(), "bouquet-tests-"));
const postgres = await startEmbeddedPostgres({ directory: databaseDirectory, log: silentLogger, maxConnections: 200 });
await forgoSyncing(postgres.connectionString);
process.env.BOUQUET_TEST_DATABASE_URL = postgres.connectionString;

async function stopPostgres(): Promise<void> {
  await postgres.stop();
  await rm(databaseDirectory, { recursive: true, force: true });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    giveUp.abort();
    void stopPostgres().finally(() => process.exit(1));
  });
}

const timer = setTimeout(() => {
  console.error(`The tests did not end within ${timeLimitMinutes} minutes. Still running: ${[...hanging].join(", ")}`);
  giveUp.abort();
  setTimeout(() => void stopPostgres().finally(() => process.exit(1)), 5_000);
}, timeLimitMinutes * 60_000);

// Whole programs, real clients, browsers and servers of their own take longest: they come first, so that no core is idle at the
// end. More at once than there are cores would be shorter, and slow enough for programs to give up on each other.
const cores = availableParallelism();
const long = ["server/test/scenarios", "server/test/conformance", "web/test", "server/src/supervisor"].flatMap(
  findTests,
);
const others = ["contract", "server", "web"].flatMap(findTests).filter((file) => !long.includes(file));
await runTests([...long, ...others], Math.min(cores, 6));
await runTests(findTests("e2e"), Math.max(1, Math.min(cores - 1, 4)));
clearTimeout(timer);
await stopPostgres();

console.log("The slowest files");
for (const [file, seconds] of [...secondsOf].sort(([, a], [, b]) => b - a).slice(0, 20))
  console.log(`ℹ ${seconds.toFixed(1).padStart(6)} s ${file}`);
const { tests, passed, cancelled, skipped, todo } = total;
const failed = tests - passed - cancelled - skipped - todo;
console.log(
  `All together\nℹ tests ${tests}\nℹ pass ${passed}\nℹ fail ${failed}\nℹ cancelled ${cancelled}\nℹ skipped ${skipped}\nℹ todo ${todo}`,
);
if (tests === 0 || passed !== tests) {
  console.error(tests === 0 ? "No test ran." : "Some tests failed or were skipped.");
  process.exit(1);
}
process.exit(0);
