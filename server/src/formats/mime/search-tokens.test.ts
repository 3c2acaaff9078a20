import assert from "node:assert/strict";
import { test } from "node:test";
import { collectTokens, hasPlainCase, isTokenText, longestToken } from "./search-tokens.ts";

function tokensOf(text: string): string[] {
  const tokens = new Set<string>();
  for (const _ of collectTokens(text, tokens));
  return [...tokens];
}

test("tokens are the runs of letters, digits and marks, each once", () => {
  assert.deepEqual(tokensOf("l'école, l’école d'été 2026/11 – été_a\u0301b"), [
    "l",
    "école",
    "d",
    "été",
    "2026",
    "11",
    "a\u0301b",
  ]);
  assert.deepEqual(tokensOf(" \r\n,;"), []);
  assert.deepEqual(tokensOf("😀𝒳y"), ["𝒳y"]);
});

test("a text is found in its tokens exactly where it is found in the text", () => {
  const text = `${"x".repeat(64 * 1024 - 3)}abcdef ${"word ".repeat(20_000)}${"é".repeat(70_000)}z fin`;
  const tokens = tokensOf(text).join(" ");
  for (const sought of ["abcdef", "xabc", "ordw", "word", "éz", "zf", "fin", "d"]) {
    assert.equal(tokens.includes(sought), text.includes(sought), sought);
  }
});

test("what tokens can decide alone, and what they narrow", () => {
  assert.ok(isTokenText("Été2026"));
  for (const text of ["", "a b", "a-b", "a_b", "%", "l’été"]) assert.ok(!isTokenText(text), text);
  assert.equal(longestToken("du conseil municipal!"), "municipal");
  assert.equal(longestToken("--- %"), "");
  assert.ok(hasPlainCase("ÉCOLE") && !hasPlainCase("İstanbul") && !hasPlainCase("λόγος"));
});
