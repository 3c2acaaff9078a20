import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRanges } from "./byte-ranges.ts";

const spans = (header: string | undefined, size = 10_000) => {
  const parsed = parseRanges(header, size);
  return Array.isArray(parsed) ? parsed.map(({ start, end }) => [start, end]) : parsed;
};

test("the examples of RFC 9110 section 14.1.2 are read", () => {
  assert.deepEqual(spans("bytes=0-499"), [[0, 500]]);
  assert.deepEqual(spans("bytes=-500"), [[9_500, 10_000]]);
  assert.deepEqual(spans("bytes=9500-"), [[9_500, 10_000]]);
  assert.deepEqual(spans("bytes=0-0,-1"), [
    [0, 1],
    [9_999, 10_000],
  ]);
  assert.deepEqual(spans("bytes= 0-999, 4500-5499, -1000"), [
    [0, 1_000],
    [4_500, 5_500],
    [9_000, 10_000],
  ]);
  assert.deepEqual(spans("bytes=500-700,601-999"), [[500, 1_000]]);
});

test("what lies outside is left out, and is 416 when nothing else is asked", () => {
  assert.deepEqual(spans("bytes=0-1,20000-", 5), [[0, 2]]);
  assert.deepEqual(spans("bytes=3-99999999", 5), [[3, 5]]);
  assert.deepEqual(spans("bytes=-99999999", 5), [[0, 5]]);
  for (const header of ["bytes=5-", "bytes=-0", "bytes=10-20"]) assert.equal(spans(header, 5), "unsatisfiable", header);
  assert.equal(spans("bytes=0-0", 0), "unsatisfiable");
});

test("what makes no sense asks for the whole", () => {
  for (const header of [
    undefined,
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "bytes=5-2",
    "bytes=0-1;2-3",
    "items=0-1",
    "bytes=0-1000000000000000000000",
    "bytes=0x1-2",
  ]) {
    assert.equal(spans(header), undefined, String(header));
  }
});

test("many ranges, or ranges over each other, do not multiply what is sent", () => {
  const overlapping = `bytes=${Array.from({ length: 50 }, (_, index) => `${index}-`).join(",")}`;
  assert.deepEqual(spans(overlapping), [[0, 10_000]]);
  assert.equal(
    spans(`bytes=${Array.from({ length: 51 }, (_, index) => `${index * 3}-${index * 3}`).join(",")}`),
    undefined,
  );
  assert.equal(spans(`bytes=${"0-0,".repeat(1_000)}`), undefined);
});
