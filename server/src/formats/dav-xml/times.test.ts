import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSeconds, parseTime } from "./times.ts";

test("seconds are whole, before 1970 too, and a fraction is cut", () => {
  assert.deepEqual(parseSeconds("1700000000"), new Date(1_700_000_000_000));
  assert.deepEqual(parseSeconds("1700000000.987654321"), new Date(1_700_000_000_000));
  assert.deepEqual(parseSeconds("-86400"), new Date(-86_400_000));
  for (const text of ["", "hier", "1e9", "0x10", "17000000000000000", "1.2.3"])
    assert.equal(parseSeconds(text), undefined);
});

test("a time is seconds, a date of HTTP or one of ISO 8601", () => {
  const expected = new Date(1_700_000_000_000);
  for (const text of ["1700000000", "Tue, 14 Nov 2023 22:13:20 GMT", "2023-11-14T22:13:20Z"]) {
    assert.deepEqual(parseTime(text), expected, text);
  }
  assert.equal(parseTime("nimporte quoi"), undefined);
});

test("what no date can say, or no database keep, is no time", () => {
  for (const text of ["-999999999999", "999999999999", "-17000000000000000", "1.2.3"]) {
    assert.equal(parseTime(text), undefined, text);
  }
  assert.equal(parseTime("+010000-01-01T00:00:00Z"), undefined);
  assert.deepEqual(parseTime("9999-12-31T23:59:59Z"), new Date("9999-12-31T23:59:59Z"));
});
