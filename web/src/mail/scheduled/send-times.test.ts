import assert from "node:assert/strict";
import { test } from "node:test";
import { sendTimes } from "./send-times.ts";

const paris = "Europe/Paris";
const offered = (now: string) =>
  sendTimes(new Date(now), paris).map(({ id, at }) => `${id} ${at.toISOString().slice(0, 16)}`);

test("Evening, tomorrow and Monday are offered by the clock of the person", () => {
  assert.deepEqual(offered("2026-11-25T09:00:00Z"), [
    "tonight 2026-11-25T17:00",
    "tomorrow 2026-11-26T07:00",
    "monday 2026-11-30T07:00",
  ]);
});

test("In the evening there is no evening left; on Sunday Monday is tomorrow; on Monday it is in a week", () => {
  assert.deepEqual(offered("2026-11-25T18:00:00Z"), ["tomorrow 2026-11-26T07:00", "monday 2026-11-30T07:00"]);
  assert.deepEqual(offered("2026-11-29T09:00:00Z"), ["tonight 2026-11-29T17:00", "tomorrow 2026-11-30T07:00"]);
  assert.deepEqual(offered("2026-11-30T09:00:00Z").at(-1), "monday 2026-12-07T07:00");
  // Past midnight in Paris it is Monday, while it is still Sunday in UTC.
  assert.deepEqual(offered("2026-11-29T23:30:00Z")[0], "tonight 2026-11-30T17:00");
});
