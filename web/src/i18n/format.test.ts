import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatBytes,
  formatDateInSentence,
  formatDateTime,
  formatPercent,
  formatShortDate,
  formatTime,
  formatUsage,
} from "./format.ts";
import { formatNumber, plural } from "./language.ts";

const at = (now: string) => ({ language: "fr" as const, timeZone: "Europe/Paris", now: new Date(now) });

test("Sizes are decimal, with a comma and a no-break space in French", () => {
  assert.equal(formatBytes("fr", 2_400_000), "2,4\u00a0Mo");
  assert.equal(formatBytes("fr", 84_000), "84\u00a0Ko");
  assert.equal(formatBytes("fr", 5_000_000_000), "5\u00a0Go");
  assert.equal(formatBytes("en", 2_400_000), "2.4\u00a0MB");
  assert.equal(formatUsage("fr", 3_100_000_000, 10_000_000_000), "3,1\u00a0Go sur 10\u00a0Go");
});

test("A size at the edge of a unit takes the next one", () => {
  assert.equal(formatBytes("fr", 999), "999\u00a0octets");
  assert.equal(formatBytes("fr", 999_999), "1\u00a0Mo");
  assert.equal(formatBytes("fr", 123_456_000), "123\u00a0Mo");
});

test("Nothing, one byte and a negative size are written without nonsense", () => {
  assert.equal(formatBytes("fr", 0), "0\u00a0octet");
  assert.equal(formatBytes("fr", 1), "1\u00a0octet");
  assert.equal(formatBytes("en", 0), "0\u00a0bytes");
  assert.equal(formatBytes("en", -5), "0\u00a0bytes");
});

test("A date is an hour today, a word yesterday, a day this year, and has its year beyond", () => {
  const now = "2026-11-23T15:00:00Z";
  assert.equal(formatShortDate("2026-11-23T13:32:00Z", at(now)), "14:32");
  assert.equal(formatShortDate("2026-11-22T08:00:00Z", at(now)), "hier");
  assert.equal(formatShortDate("2026-11-20T08:00:00Z", at(now)), "ven.\u00a020\u00a0nov.");
  assert.equal(formatShortDate("2025-11-23T08:00:00Z", at(now)), "23\u00a0nov.\u00a02025");
  assert.equal(formatShortDate("2026-11-24T08:00:00Z", at(now)), "demain");
});

test("Days are those of the reader, not of UTC", () => {
  assert.equal(formatShortDate("2026-11-22T23:30:00Z", at("2026-11-23T10:00:00Z")), "0:30");
  assert.equal(formatShortDate("2026-11-22T22:30:00Z", at("2026-11-23T10:00:00Z")), "hier");
});

test("A day of 25 hours is still one day", () => {
  assert.equal(formatShortDate("2026-10-24T22:30:00Z", at("2026-10-25T23:30:00Z")), "hier");
});

test("An invalid date is empty rather than an error on the screen", () => {
  assert.equal(formatShortDate("not a date", at("2026-11-23T10:00:00Z")), "");
});

test("English says the same things in its own way", () => {
  const when = { language: "en" as const, timeZone: "Europe/Paris", now: new Date("2026-11-23T15:00:00Z") };
  assert.equal(formatShortDate("2026-11-22T08:00:00Z", when), "yesterday");
  assert.equal(formatTime("2026-11-23T13:32:00Z", when), "14:32");
  assert.match(formatDateTime("2026-11-23T13:32:00Z", when), /23 November 2026 at\u00a014:32$/);
});

test("French counts zero as singular, English as plural", () => {
  assert.equal(plural("fr", 0, "message", "messages"), "0\u00a0message");
  assert.equal(plural("fr", 1.5, "Go", "Gos"), "1,5\u00a0Go");
  assert.equal(plural("en", 0, "message", "messages"), "0\u00a0messages");
  assert.equal(plural("fr", 2000, "message", "messages"), "2\u00a0000\u00a0messages");
});

test("Figures and percentages follow the language and stay within bounds", () => {
  assert.equal(formatNumber("fr", 1234.56), "1\u00a0234,6");
  assert.equal(formatPercent("fr", 0.64), "64\u00a0%");
  assert.equal(formatPercent("en", 1.7), "100%");
});

test("Inside a sentence a date takes its preposition", () => {
  const when = at("2026-11-23T15:00:00Z");
  assert.equal(formatDateInSentence("2026-11-23T13:32:00Z", when), "à\u00a014:32");
  assert.equal(formatDateInSentence("2026-11-22T13:32:00Z", when), "hier");
  assert.equal(formatDateInSentence("2026-11-20T13:32:00Z", when), "le\u00a0ven.\u00a020\u00a0nov.");
});
