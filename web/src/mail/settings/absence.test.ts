import assert from "node:assert/strict";
import { test } from "node:test";
import { absenceState, fromLocalTime, toLocalTime } from "./absence.ts";

const now = Date.parse("2026-11-23T10:00:00Z");
const rule = { isEnabled: true, from: "2026-11-20T08:00:00Z", until: "2026-11-27T17:00:00Z" };

test("An answer is active between its dates, ends excluded, and only when it is on", () => {
  assert.equal(absenceState(rule, now), "active");
  assert.equal(absenceState({ ...rule, from: null, until: null }, now), "active");
  assert.equal(absenceState({ ...rule, from: "2026-11-24T08:00:00Z" }, now), "planned");
  assert.equal(absenceState({ ...rule, until: "2026-11-23T10:00:00Z" }, now), "over");
  assert.equal(absenceState({ ...rule, isEnabled: false }, now), "off");
});

test("A moment goes through the field of a form and comes back the same", () => {
  for (const moment of ["2026-01-05T00:03:00Z", "2026-07-31T22:30:00Z"]) {
    for (const zone of ["Europe/Paris", "America/Cayenne"]) {
      assert.equal(fromLocalTime(toLocalTime(moment, zone), zone), moment);
    }
  }
  assert.equal(toLocalTime("2026-07-31T22:30:00Z", "Indian/Reunion"), "2026-08-01T02:30");
  assert.equal(toLocalTime(null, "Europe/Paris"), "");
  assert.equal(fromLocalTime("", "Europe/Paris"), null);
  assert.equal(fromLocalTime("2026-13-40T99:99", "Europe/Paris"), null);
});
