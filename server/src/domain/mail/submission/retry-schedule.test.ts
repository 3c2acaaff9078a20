import assert from "node:assert/strict";
import { test } from "node:test";
import { retryDelayMs } from "./retry-schedule.ts";

test("pauses double from five minutes up to four hours", () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 50].map((attempts) => retryDelayMs(attempts, () => 0) / 60_000);
  assert.deepEqual(minutes, [5, 10, 20, 40, 80, 160, 240, 240]);
});

test("up to a tenth is added so that messages spread", () => {
  assert.equal(
    retryDelayMs(1, () => 1),
    5.5 * 60_000,
  );
});
