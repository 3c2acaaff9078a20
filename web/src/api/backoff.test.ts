import assert from "node:assert/strict";
import { test } from "node:test";
import { reconnectDelay } from "./backoff.ts";

test("The wait doubles from one second and stops growing at thirty", () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 20].map((failures) => reconnectDelay(failures, 0.5)),
    [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
  );
});

test("The wait is spread by a quarter on each side", () => {
  assert.equal(reconnectDelay(1, 0), 750);
  assert.equal(reconnectDelay(1, 1), 1250);
});
