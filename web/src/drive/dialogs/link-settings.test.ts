import assert from "node:assert/strict";
import { test } from "node:test";
import { dayOf, endOf, later, suggestPassword } from "./link-settings.ts";

test("A link ends with its last day, and the field shows that day again", () => {
  const instant = endOf("2026-12-15");
  assert.ok(instant);
  assert.equal(dayOf(instant), "2026-12-15");
  assert.equal(new Date(instant).getHours(), 23);
});

test("What is not a day is no end", () => {
  for (const wrong of ["", "15/12/2026", "2026-12", "2026-12-15T00:00"]) assert.equal(endOf(wrong), null);
});

test("A month after the 31st is the last day of a short month", () => {
  assert.equal(later(new Date(2027, 0, 31), { months: 1 }), "2027-02-28");
  assert.equal(later(new Date(2026, 10, 30), { months: 3 }), "2027-02-28");
  assert.equal(later(new Date(2026, 11, 28), { days: 7 }), "2027-01-04");
});

test("A suggested password has sixteen signs that are not mistaken for one another, and is never the same", () => {
  const some = Array.from({ length: 50 }, suggestPassword);
  for (const password of some) assert.match(password, /^[a-km-np-z2-9]{4}(-[a-km-np-z2-9]{4}){3}$/);
  assert.equal(new Set(some).size, 50);
});
