import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldTexts, headerTexts } from "./header-texts.ts";

const bytes = (...lines: string[]): Buffer => Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");

test("a folded field is looked at as it stands, without the ends of its lines, and with one space for each fold", () => {
  const block = bytes("X-Odd: un ", "\tdeux", "  trois");
  assert.deepEqual(fieldTexts(block, "x-odd"), [
    [" un \r\n\tdeux\r\n  trois\r\n", " un \tdeux  trois", " un deux trois"],
  ]);
  assert.equal([...headerTexts(block)][0], block.toString("latin1"));
});

test("encoded words are decoded in any field, also split over a fold in the middle of a character", () => {
  const block = bytes("X-Odd: =?utf-8?q?d=C3?=", " =?utf-8?q?=A9j=C3=A0_vu?= (x)");
  assert.equal(fieldTexts(block, "x-odd")[0]?.at(-1), " déjà vu (x)");
  assert.ok([...headerTexts(block)].includes("X-Odd: déjà vu (x)"));
});

test("raw characters are read as UTF-8 where they are, else as windows-1252, field by field", () => {
  const block = Buffer.concat([
    Buffer.from("X-A: d\u00e9j\u00e0\r\n"),
    Buffer.from("X-B: d\u00e9j\u00e0\r\n\r\n", "latin1"),
  ]);
  assert.deepEqual(fieldTexts(block, "x-a"), [[" déjà\r\n"]]);
  assert.deepEqual(fieldTexts(block, "x-b"), [[" déjà\r\n"]]);
});

test("addresses and file names are also looked at as they are shown", () => {
  const from = fieldTexts(bytes('From: "Ménard, Hélène" <h.menard@x.example>, b@y.example'), "from")[0]!;
  assert.deepEqual(from.slice(1), [" Ménard, Hélène <h.menard@x.example>, b@y.example"]);
  assert.equal(fieldTexts(bytes('From: a@b.example (\\"A\\")'), "from")[0]?.at(-1), ' a@b.example ("A")');
  const type = [...headerTexts(bytes("Content-Disposition: attachment; filename*=utf-8''d%C3%A9lib.pdf"))];
  assert.ok(type.includes("délib.pdf"));
});

test("each field of a name counts, whatever the case, white space before the colon included", () => {
  const block = bytes("X-A: 1", "x-a : 2", "no field", " X-A: 3", "X-A:", "X-AB: 5");
  assert.deepEqual(
    fieldTexts(block, "x-a").map((forms) => forms[0]),
    [" 1\r\n", " 2\r\n", "\r\n"],
  );
});

test("hostile headers take time in proportion to their length", { timeout: 20_000 }, () => {
  for (const block of [
    Buffer.from(`${"x\r\n".repeat(300_000)}\r\n`),
    Buffer.from(`X: ${" ".repeat(1_000_000)}\r\n\r\n`),
    Buffer.from(`X: a${"\r\n ".repeat(300_000)}\r\n\r\n`),
    Buffer.from(`Subject: ${"=?utf-8?q?".repeat(100_000)}\r\n\r\n`),
    Buffer.from(`${"A: =?x?b?\xff\r\n".repeat(100_000)}\r\n`, "latin1"),
    Buffer.alloc(1_000_000, 0),
    Buffer.alloc(0),
  ]) {
    assert.ok([...headerTexts(block)].join("").length <= block.length * 8 + 16);
  }
});
