import assert from "node:assert/strict";
import { test } from "node:test";
import { RateCounter } from "./rate-counter.ts";

test("events count for a span and fade over the next", () => {
  const counter = new RateCounter(1_000);
  counter.add("a", 10, 5_000);
  assert.equal(counter.count("a", 5_999), 10);
  assert.equal(counter.count("b", 5_999), 0);
  assert.equal(counter.count("a", 6_500), 5);
  counter.add("a", 1, 6_500);
  assert.equal(counter.count("a", 6_500), 6);
  assert.equal(counter.count("a", 9_000), 0);
});

test("keys without end do not fill the memory, and who counts goes on counting", () => {
  const counter = new RateCounter(60_000, 100);
  for (let index = 0; index < 150; index++) counter.add(`k${index}`, 1, 1);
  counter.add("k149", 1, 1);
  assert.equal(counter.count("k149", 1), 2);
  assert.ok(counter.count("k99", 1) > 0, "of the span that ended early");
});
