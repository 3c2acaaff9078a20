import assert from "node:assert/strict";
import { test } from "node:test";
import { compileRegex } from "./compile-regex.ts";
import { matchRegex } from "./match-regex.ts";
import { RegexError } from "./regex-program.ts";

const find = (pattern: string, text: string, ignoresCase = false) =>
  matchRegex(compileRegex(pattern), text, ignoresCase, () => {});

for (const [pattern, text, found] of [
  ["a*", "baaa", [""]],
  ["a+", "baaa", ["aaa"]],
  ["(a|ab)(c|bcd)", "abcd", ["abcd", "a", "bcd"]],
  ["foo|foobar", "a foobar", ["foobar"]],
  ["^b", "ab", null],
  ["b$", "ab", ["b"]],
  ["^$", "", [""]],
  ["a|^", "b", [""]],
  ["(^a|b)c", "xbc", ["bc", "b"]],
  ["x{2,3}", "axxxxb", ["xxx"]],
  ["x{2}", "ax", null],
  ["x{0,1}y", "y", ["y"]],
  ["(a*)*b", "aaac", null],
  ["()|a", "a", ["a", ""]],
  ["[^a-c]+", "abcdef", ["def"]],
  ["[]^-]+", "a]^-b", ["]^-"]],
  ["[[:upper:][:digit:]]+", "abC3d", ["C3"]],
  ["[[.-.][=a=]]+", "b-a", ["-a"]],
  ["\\.\\*\\\\", "a.*\\", [".*\\"]],
  ["\\w+\\s\\W", "é é é !", ["é !"]],
  [".", "😀", ["😀"]],
  ["(.)(.)", "日本", ["日本", "日", "本"]],
] as const) {
  test(`“${pattern}” finds ${JSON.stringify(found)} in “${text}”`, () => assert.deepEqual(find(pattern, text), found));
}

test("case is ignored in characters, ranges and classes when asked", () => {
  assert.deepEqual(find("É[a-c]x", "éBX", true), ["éBX"]);
  assert.equal(find("É", "é"), null);
  assert.equal(find("[^a]", "A", true), null);
  assert.deepEqual(find("straße", "STRAßE", true), ["STRAßE"]);
});

for (const pattern of [
  "(",
  ")",
  "a)",
  "[",
  "[a",
  "[b-a]",
  "*",
  "a|*",
  "a{2",
  "a{3,2}",
  "a{999}",
  "\\",
  "\\d",
  "[[:nothing:]]",
  "[[.ab.]]",
]) {
  test(`“${pattern}” is refused`, () => assert.throws(() => compileRegex(pattern), RegexError));
}

test("what would be too large or too deep is refused", () => {
  assert.throws(() => compileRegex("((a{200}){200}){200}"), RegexError);
  assert.throws(() => compileRegex(`${"(".repeat(5_000)}a${")".repeat(5_000)}`), RegexError);
  assert.throws(() => compileRegex("()".repeat(200)), RegexError);
});

test("the work grows with the length of the text, not faster", () => {
  const workOf = (length: number): number => {
    let work = 0;
    matchRegex(compileRegex("^(a+)+(a|aa)*$"), `${"a".repeat(length)}b`, false, (steps) => {
      work += steps;
    });
    return work;
  };
  const ratio = workOf(4_000) / workOf(400);
  assert.ok(ratio > 9 && ratio < 11, `${ratio}`);
});
