import assert from "node:assert/strict";
import { test } from "node:test";
import { DomainError } from "../errors.ts";
import { contentTypeOf } from "./content-type-of.ts";
import { checkName, numberedName } from "./node-name.ts";

test("a name is kept as it is, in NFC", () => {
  for (const name of ["a", " a ", "CON", "a.", "...", "-", "\u202Ea", "\u200B", "👩‍🌾", "a\\b", "x".repeat(255)]) {
    assert.equal(checkName(name), name);
  }
  assert.equal(checkName("e\u0301"), "\u00e9");
  // 3 bytes each in NFD, 2 in NFC: what is kept is what is measured.
  assert.equal(checkName("e\u0301".repeat(127)).length, 127);
});

test("what is no name is refused with its reason", () => {
  for (const [name, reason] of [
    ["", "name_empty"],
    ["  ", "name_empty"],
    ["\u00a0", "name_empty"],
    [".", "name_forbidden"],
    ["..", "name_forbidden"],
    ["a/b", "name_forbidden"],
    ["a\0", "name_forbidden"],
    ["a\r\nb", "name_forbidden"],
    ["\u0085a", "name_forbidden"],
    ["a\ud800", "name_forbidden"],
    ["x".repeat(256), "name_too_long"],
    ["é".repeat(128), "name_too_long"],
  ] as const) {
    assert.throws(
      () => checkName(name),
      (error: DomainError) => error instanceof DomainError && error.code === "invalid" && error.data?.reason === reason,
      JSON.stringify(name),
    );
  }
});

test("a number goes before the extension, and the whole stays a name", () => {
  for (const [name, kind, expected] of [
    ["rapport.pdf", "file", "rapport (2).pdf"],
    ["rapport", "file", "rapport (2)"],
    ["a.tar.gz", "file", "a (2).tar.gz"],
    [".htaccess", "file", ".htaccess (2)"],
    ["v1.2 final", "file", "v1.2 final (2)"],
    ["Dossier 1.5", "folder", "Dossier 1.5 (2)"],
    ["rapport (2).pdf", "file", "rapport (2) (2).pdf"],
  ] as const) {
    assert.equal(numberedName(name, 2, kind), expected);
  }
  for (const name of [`${"x".repeat(251)}.pdf`, `${"é".repeat(125)}.pdf`, "👩‍🌾".repeat(23)]) {
    const numbered = numberedName(name, 1_234, "file");
    assert.equal(checkName(numbered), numbered);
    assert.match(numbered, / \(1234\)(\.pdf)?$/);
    assert.ok(!numbered.includes("\u200d ("), "no character is cut in two");
  }
});

test("the name tells the type; the sender's word counts when it does not, if it is one", () => {
  for (const [name, given, expected] of [
    ["a.PDF", "text/html", "application/pdf"],
    ["a", "Image/PNG; q=1", "image/png"],
    ["a.unknown", undefined, "application/octet-stream"],
    ["a.unknown", "nonsense", "application/octet-stream"],
    ["a", "text/html\r\nx: y", "application/octet-stream"],
    ["a.constructor", undefined, "application/octet-stream"],
    ["a", `a/${"b".repeat(200)}`, "application/octet-stream"],
  ] as const) {
    assert.equal(contentTypeOf(name, given), expected);
  }
});
