import assert from "node:assert/strict";
import { test } from "node:test";
import { groupByDay } from "./group-by-day.ts";

test("Days are those of the reader's clock, not of UTC", () => {
  const now = new Date("2026-11-23T08:00:00Z");
  const instants = ["2026-11-23T07:00:00Z", "2026-11-22T23:30:00Z", "2026-11-22T22:30:00Z", "2026-11-01T10:00:00Z"];
  const groups = groupByDay(instants, (each) => each, { language: "fr", timeZone: "Europe/Paris", now });
  assert.deepEqual(
    groups.map(({ key, ago, day, items }) => [key, ago, day, items.length]),
    [
      ["2026-11-23", 0, "lundi 23 novembre", 2],
      ["2026-11-22", 1, "dimanche 22 novembre", 1],
      ["2026-11-01", 22, "dimanche 1 novembre", 1],
    ],
  );
});
