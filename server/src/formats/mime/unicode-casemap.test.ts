import assert from "node:assert/strict";
import { test } from "node:test";
import { casemapPieces, unicodeCasemap } from "./unicode-casemap.ts";

test("texts that differ in case, or in how their characters are composed, are the same", () => {
  for (const [one, other] of [
    ["École", "E\u0301COLE"],
    ["ÇA", "c\u0327a"],
    ["λόγος", "ΛΌΓΟΣ"],
    ["ﬁn", "FIN"],
    ["ǆ", "Dz\u030c"],
    ["ａｂ", "AB"],
    ["10\u00a0000 €", "10 000 €"],
    ["straße", "STRAẞE"],
    ["Å", "\u212b"],
    ["𐐨", "𐐀"],
  ] as const) {
    assert.equal(unicodeCasemap(one), unicodeCasemap(other), one);
  }
  for (const [one, other] of [
    ["école", "ecole"],
    ["straße", "strasse"],
    ["İ", "i"],
    ["œ", "oe"],
    ["a  b", "a b"],
  ] as const) {
    assert.notEqual(unicodeCasemap(one), unicodeCasemap(other), one);
  }
});

test("every character is mapped once for all, and none becomes what PostgreSQL cannot hold", () => {
  for (let code = 0; code < 0x110000; code++) {
    const mapped = unicodeCasemap(String.fromCodePoint(code));
    assert.equal(unicodeCasemap(mapped), mapped, code.toString(16));
    assert.ok(mapped.isWellFormed() && !/[\0\ufffe\uffff]/.test(mapped), code.toString(16));
  }
});

test("a long text is mapped in pieces that cut no character", () => {
  const text = `x${"😀é".repeat(60_000)}`;
  const pieces = [...casemapPieces(text)];
  assert.ok(pieces.length > 1);
  assert.equal(pieces.join(""), unicodeCasemap(text));
});
