import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLastDay } from "./last-day.ts";

const now = new Date("2026-11-23T08:00:00Z");
const fr = { language: "fr", timeZone: "Europe/Paris", now } as const;
const en = { ...fr, language: "en" } as const;

test("A day of this year is told without the year, another with it", () => {
  assert.equal(formatLastDay("2026-12-15T11:00:00Z", fr), "15 décembre");
  assert.equal(formatLastDay("2026-12-15T11:00:00Z", en), "15 December");
  assert.equal(formatLastDay("2027-01-15T11:00:00Z", fr), "15 janvier 2027");
});

test("On the last day, of the reader's own zone, the hour is told", () => {
  assert.equal(formatLastDay("2026-11-23T17:30:00Z", fr), "18:30");
  assert.equal(formatLastDay("2026-11-23T23:30:00Z", fr), "24 novembre");
});
