import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { runSieveSuite } from "../../../test/harness/sieve-dialect.ts";

const directory = resolve(import.meta.dirname, "../../../test/fixtures/sieve");

for (const name of (await readdir(directory)).filter((each) => each.endsWith(".svtest")).sort()) {
  test(`the tests written in Sieve of ${name} pass`, async () => {
    const report = await runSieveSuite(await readFile(join(directory, name), "utf8"));
    assert.deepEqual(report.failed, []);
    assert.ok(report.passed.length > 0);
  });
}

test("a suite tells of a test that fails, with its line, and goes on", async () => {
  const report = await runSieveSuite(
    'require "testsuite";\ntest "a" {\n  if true { test_fail "why"; }\n}\ntest "b" { keep; }\n',
  );
  assert.deepEqual(report, { passed: ["b"], failed: [{ test: "a", reason: "line 3: why" }] });
});
