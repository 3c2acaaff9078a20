import assert from "node:assert/strict";
import { test } from "node:test";
import { readCorpus } from "./corpus-files.ts";
import { fuzzTarget, runCase } from "./fuzz-target.ts";
import type { FuzzTarget } from "./target.ts";
import { allTargets } from "./targets/all-targets.ts";

/** Enough to notice a parser that broke; `npm run fuzz` looks for what is rare. */
const cases = 3_000;

for (const target of allTargets) {
  test(`${target.name} takes its seeds and all that was once wrong`, async () => {
    const known = [
      ...target.seeds.map((seed, index) => ({ name: `seed ${index}`, input: Buffer.from(seed) })),
      ...readCorpus(target.name),
    ];
    for (const { name, input } of known) {
      const outcome = await runCase(target, input);
      assert.ok("kind" in outcome, `${name}: ${"problem" in outcome ? outcome.problem : ""}`);
    }
  });

  test(`${target.name} takes ${cases} changed inputs`, async () => {
    const { finding, kinds } = await fuzzTarget(target, { seed: 20261123, cases });
    assert.equal(
      finding,
      undefined,
      `${finding?.problem}\n${JSON.stringify(finding?.input.toString("latin1").slice(0, 2_000))}`,
    );
    assert.ok(kinds > 5, "the inputs reach more than one place");
  });
}

test("a parser that throws, or takes its time, is found", async () => {
  const base: Omit<FuzzTarget, "run"> = { name: "bad", seeds: ["abc(1)"], words: ["bomb"] };
  const throwing = await fuzzTarget(
    { ...base, run: (input) => (input.includes("bomb") ? JSON.parse("{") : "fine") },
    { seed: 1, cases: 10_000 },
  );
  assert.match(throwing.finding?.problem ?? "", /SyntaxError/);
  assert.ok(throwing.finding?.input.includes("bomb"));
  const slow = await runCase(
    {
      ...base,
      run() {
        const until = performance.now() + 300;
        while (performance.now() < until);
        return "slow";
      },
    },
    Buffer.from("x"),
  );
  assert.ok("problem" in slow && /ms/.test(slow.problem));
});
