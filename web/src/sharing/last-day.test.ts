import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLastDay } from "./last-day.ts";

const now = new Date("2026-11-23T08:00:00Z");
const fr = { language: "fr", timeZone: "Europe/Paris", now } as const;
const en = { ...fr, language: "en" } as const;

test("A day of this year is told without the year, another with it", () => {
  assert.equal(formatLastDay("2026-12-15T22:59:59Z", fr), "15 décembre");
  assert.equal(formatLastDay("2026-12-15T22:59:59Z", en), "15 December");
  assert.equal(formatLastDay("2027-01-15T22:59:59Z", fr), "15 janvier 2027");
});

test("An end within a day is told to the hour", () => {
  assert.equal(formatLastDay("2026-12-15T16:00:00Z", fr), "15 décembre à\u00a017:00");
  assert.equal(formatLastDay("2027-01-15T07:30:00Z", en), "15 January 2027 at\u00a08:30");
});

test("On the last day, of the reader's own zone, the hour is told", () => {
  assert.equal(formatLastDay("2026-11-23T17:30:00Z", fr), "18:30");
  assert.equal(formatLastDay("2026-11-24T22:59:59Z", fr), "24 novembre");
});
