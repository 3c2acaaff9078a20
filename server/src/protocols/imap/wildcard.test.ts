import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesPattern } from "./wildcard.ts";

test("A star crosses levels and a percent does not", () => {
  const names = ["INBOX", "a", "a/b", "a/b/c", "ab"];
  const matching = (pattern: string) => names.filter((name) => matchesPattern(name, pattern));
  assert.deepEqual(matching("*"), names);
  assert.deepEqual(matching("%"), ["INBOX", "a", "ab"]);
  assert.deepEqual(matching("a/%"), ["a/b"]);
  assert.deepEqual(matching("a*"), ["a", "a/b", "a/b/c", "ab"]);
  assert.deepEqual(matching("%/%/%"), ["a/b/c"]);
  assert.deepEqual(matching("*b"), ["a/b", "ab"]);
  assert.deepEqual(matching("a/*%c"), ["a/b/c"]);
  assert.deepEqual(matching(""), []);
  assert.equal(matchesPattern("🌷/x", "🌷/%"), true);
});

test("A pattern made to backtrack is answered at once", () => {
  const started = performance.now();
  assert.equal(matchesPattern("a".repeat(2000), `${"*a".repeat(1000)}b`), false);
  assert.ok(performance.now() - started < 10_000);
});
