import assert from "node:assert/strict";
import { test } from "node:test";
import { BadSyntax } from "./bad-syntax.ts";
import { parseDate, parseDateTime, writeDateTime } from "./dates.ts";
import { decodeModifiedUtf7, encodeModifiedUtf7 } from "./modified-utf7.ts";
import { includesNumber, parseSequenceSet, resolveRanges, STAR, toRanges, writeRanges } from "./sequence-set.ts";
import { writeEsearch, writeMailbox, writeStatusLine, writeString, writeTagged } from "./write-response.ts";

test("Modified UTF-7 follows the examples of RFC 3501", () => {
  for (const [name, encoded] of [
    ["~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"],
    ["A & B", "A &- B"],
    ["Éléments envoyés", "&AMk-l&AOk-ments envoy&AOk-s"],
    ["🌷", "&2DzfNw-"],
    ["tab\there", "tab&AAk-here"],
  ] as const) {
    assert.equal(encodeModifiedUtf7(name), encoded);
    assert.equal(decodeModifiedUtf7(encoded), name);
  }
});

test("A second spelling of a name, half a pair and broken sequences are refused", () => {
  for (const text of ["&", "&AOk", "&!!!-", "&AGE-", "&2Dw-", "&A-", "&AOkA-", "a&b-"]) {
    assert.throws(() => decodeModifiedUtf7(text), BadSyntax, text);
  }
});

test("A huge range is resolved without being expanded", () => {
  const set = parseSequenceSet("4294967295:1,*,7");
  assert.ok(set.kind === "ranges");
  assert.deepEqual(resolveRanges(set.ranges, 10), [{ from: 1, to: 4294967295 }]);
});

test("Ranges are sorted, merged when they touch, and the star is the largest number", () => {
  const resolve = (text: string, largest: number) => {
    const set = parseSequenceSet(text);
    assert.ok(set.kind === "ranges");
    return writeRanges(resolveRanges(set.ranges, largest));
  };
  assert.equal(resolve("9,3:5,4:6,7", 100), "3:7,9");
  assert.equal(resolve("15:*", 10), "10:15");
  assert.equal(resolve("*", 0), "");
  assert.equal(resolve("*:5", 0), "1:5");
  assert.deepEqual(parseSequenceSet("*"), { kind: "ranges", ranges: [{ from: STAR, to: STAR }] });
});

test("Numbers are found in resolved ranges and gathered into ranges", () => {
  const ranges = toRanges([1, 2, 3, 7, 9, 10]);
  assert.equal(writeRanges(ranges), "1:3,7,9:10");
  assert.deepEqual(
    [0, 1, 3, 4, 7, 8, 10, 11].filter((number) => includesNumber(ranges, number)),
    [1, 3, 7, 10],
  );
});

test("Dates that do not exist are refused", () => {
  assert.equal(parseDate("29-Feb-2028"), "2028-02-29");
  for (const text of ["29-Feb-2026", "32-Jan-2026", "1-Foo-2026", "", "1-Jan-26"]) {
    assert.throws(() => parseDate(text), BadSyntax, text);
  }
});

test("A date-time is read with its zone and written in UTC", () => {
  assert.equal(writeDateTime(parseDateTime("17-Jul-1996 02:44:25 -0700")), '"17-Jul-1996 09:44:25 +0000"');
  assert.equal(writeDateTime(new Date("2026-02-01T00:00:05Z")), '" 1-Feb-2026 00:00:05 +0000"');
  for (const text of ["17-Jul-1996 25:00:00 +0000", "17-Jul-1996 02:44:25", "31-Jun-1996 02:44:25 +0000"]) {
    assert.throws(() => parseDateTime(text), BadSyntax, text);
  }
});

test("Strings are quoted when they can be and literal when they cannot", () => {
  assert.equal(writeString('a "b" \\'), '"a \\"b\\" \\\\"');
  assert.equal(writeString("é"), "{2}\r\né");
  assert.equal(writeString("é", true), '"é"');
  assert.equal(writeString("a\r\nb"), "{4}\r\na\r\nb");
  assert.equal(writeString("a\r\nb", true), "{4}\r\na\r\nb");
  assert.equal(writeString("a\0b"), '"ab"');
  assert.equal(writeString("\ud800"), "{3}\r\n\ufffd");
  assert.equal(writeMailbox("Réunion", false), '"R&AOk-union"');
});

test("Nothing put into a response text or a tag can begin another response", () => {
  assert.equal(writeTagged("a1", "NO", "no\r\n* BYE", "OVERQUOTA"), "a1 NO [OVERQUOTA] no * BYE\r\n");
  assert.equal(writeStatusLine("BYE", ""), "* BYE .\r\n");
  assert.equal(writeEsearch({ tag: 'a"', uid: true, all: [], count: 0 }), '* ESEARCH (TAG "a\\"") UID COUNT 0\r\n');
});
