import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBlobId, toBlobId } from "./blob-id.ts";
import { isKeyword, toFlag, toKeywords } from "./keywords.ts";

test("system keywords are IMAP's system flags, whatever their case; others are themselves", () => {
  assert.deepEqual(["$seen", "$Flagged", "$ANSWERED", "$draft", "$forwarded", "Urgent"].map(toFlag), [
    "\\Seen",
    "\\Flagged",
    "\\Answered",
    "\\Draft",
    "$forwarded",
    "urgent",
  ]);
});

test("a flag without keyword is not shown", () => {
  assert.deepEqual(toKeywords(["\\Seen", "\\Deleted", "\\Recent", "$forwarded"]), { $seen: true, $forwarded: true });
});

test("what no IMAP atom holds is no keyword", () => {
  for (const text of ["", "a b", "a(b", "a\\b", 'a"b', "é", "a%b", "a*b", "a]b", "a{b", "x".repeat(101)]) {
    assert.equal(isKeyword(text), false, text);
  }
  assert.equal(isKeyword("$MDNSent"), true);
});

test("a blob id of a part is an Id, and leads back to the part", () => {
  const uuid = "019b0000-0000-7000-8000-000000000001";
  assert.equal(toBlobId(uuid), uuid);
  assert.match(toBlobId(uuid, "1.2.3"), /^[A-Za-z0-9_-]+$/);
  assert.equal(fromBlobId(toBlobId(uuid, "1.2.3")), `${uuid}.1.2.3`);
});
