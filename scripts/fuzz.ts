import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { corpusDirectory, readCorpus } from "../server/test/fuzz/corpus-files.ts";
import { fuzzTarget } from "../server/test/fuzz/fuzz-target.ts";
import { allTargets } from "../server/test/fuzz/targets/all-targets.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string", multiple: true },
    cases: { type: "string", default: "1000000" },
    seed: { type: "string" },
    minutes: { type: "string" },
  },
});
const names = values.target ?? allTargets.map((target) => target.name);
const seed = values.seed === undefined ? Date.now() >>> 0 : Number(values.seed);
const cases = Number(values.cases);
const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(cases) || Number.isNaN(minutes)) {
  console.error("Usage: npm run fuzz -- [--target name]… [--cases 1000000] [--seed 1] [--minutes 10]");
  process.exit(2);
}

/** Each target in turn; what fails is kept in the corpus, where `npm test` runs it again. */
for (const name of names) {
  const target = allTargets.find((each) => each.name === name);
  if (!target) {
    console.error(`There is no target ${name}; there are ${allTargets.map((each) => each.name).join(", ")}.`);
    process.exit(2);
  }
  const began = performance.now();
  const report = await fuzzTarget(target, {
    seed,
    cases,
    corpus: readCorpus(name).map((each) => each.input),
    ...(minutes !== undefined && { until: began + minutes * 60_000 }),
  });
  const seconds = (performance.now() - began) / 1_000;
  console.log(
    `${name}: ${report.cases} cases in ${seconds.toFixed(0)} s, ${report.kinds} kinds of outcome, seed ${seed}`,
  );
  if (!report.finding) continue;
  const { input, problem } = report.finding;
  const file = join(corpusDirectory, name, createHash("sha256").update(input).digest("hex").slice(0, 16));
  mkdirSync(join(corpusDirectory, name), { recursive: true });
  writeFileSync(file, input);
  console.error(`${problem}\nThe input is in ${file}`);
  process.exitCode = 1;
}
