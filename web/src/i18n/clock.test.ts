import assert from "node:assert/strict";
import { test } from "node:test";
import { clockAt, instantAt } from "./clock.ts";

const paris = "Europe/Paris";

test("Hours are right on the days when clocks change", () => {
  assert.equal(instantAt({ day: "2026-03-29", time: "08:00" }, paris)?.toISOString(), "2026-03-29T06:00:00.000Z");
  assert.equal(instantAt({ day: "2026-10-25", time: "08:00" }, paris)?.toISOString(), "2026-10-25T07:00:00.000Z");
  assert.equal(instantAt({ day: "2026-10-25", time: "02:30" }, paris)?.toISOString(), "2026-10-25T00:30:00.000Z");
  const skipped = instantAt({ day: "2026-03-29", time: "02:30" }, paris);
  assert.deepEqual(skipped && clockAt(skipped, paris), { day: "2026-03-29", time: "03:30" });
});

test("What is no time is none", () => {
  for (const [day, time] of [
    ["", ""],
    ["2026-11-25", ""],
    ["", "08:00"],
    ["2026-13-40", "08:00"],
    ["2026-11-24", "99:99"],
    ["12026-11-24", "08:00"],
  ] as const) {
    assert.equal(instantAt({ day, time }, paris), undefined, `${day} ${time}`);
  }
});
