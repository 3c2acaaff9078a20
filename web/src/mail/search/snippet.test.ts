import assert from "node:assert/strict";
import { test } from "node:test";
import { readSnippet } from "./snippet.ts";

test("What was found is told apart from what stands around it", () => {
  assert.deepEqual(readSnippet("le <mark>plan</mark> corrigé"), [
    { text: "le ", isMatch: false },
    { text: "plan", isMatch: true },
    { text: " corrigé", isMatch: false },
  ]);
});

test("Entities become the characters they stand for, once", () => {
  assert.deepEqual(readSnippet("a &lt;b&gt; &amp;amp; &#39;c&#x27;"), [{ text: "a <b> &amp; 'c'", isMatch: false }]);
});

test("Another tag, an unknown entity and an impossible character stay text", () => {
  assert.deepEqual(readSnippet("<img src=x onerror=alert(1)> &nope; &#9999999;"), [
    { text: "<img src=x onerror=alert(1)> &nope; &#9999999;", isMatch: false },
  ]);
});

test("A mark that never closes reaches the end", () => {
  assert.deepEqual(readSnippet("<mark>plan"), [{ text: "plan", isMatch: true }]);
});
