import assert from "node:assert/strict";
import { test } from "node:test";
import { clockOfEnd, endAt, later } from "./end-clock.ts";

const paris = "Europe/Paris";

test("without an hour a share holds to the last second of its day on the clock of the person", () => {
  assert.equal(endAt({ day: "2026-12-15", time: "" }, paris), "2026-12-15T22:59:59.000Z");
  assert.equal(endAt({ day: "2026-07-15", time: "" }, paris), "2026-07-15T21:59:59.000Z");
  assert.equal(endAt({ day: "2026-12-15", time: "" }, "Indian/Reunion"), "2026-12-15T19:59:59.000Z");
});

test("with an hour it holds to that hour, and the form shows the same again", () => {
  const end = endAt({ day: "2026-12-15", time: "17:30" }, paris);
  assert.equal(end, "2026-12-15T16:30:00.000Z");
  for (const clock of [
    { day: "2026-12-15", time: "17:30" },
    { day: "2026-12-15", time: "" },
    { day: "2027-03-28", time: "00:00" },
    { day: "", time: "" },
  ]) {
    assert.deepEqual(clockOfEnd(endAt(clock, paris), paris), clock);
  }
});

test("what is no day is no end", () => {
  for (const day of ["", "15/12/2026", "2026-12", "2026-12-15T00:00"])
    assert.equal(endAt({ day, time: "" }, paris), null);
});

test("a month after the 31st is the last day of a short month", () => {
  assert.equal(later("2027-01-31", { months: 1 }), "2027-02-28");
  assert.equal(later("2026-11-30", { months: 3 }), "2027-02-28");
  assert.equal(later("2026-12-28", { days: 7 }), "2027-01-04");
});
