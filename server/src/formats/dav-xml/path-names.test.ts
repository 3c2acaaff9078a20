import assert from "node:assert/strict";
import { test } from "node:test";
import { readPathNames, writePathNames } from "./path-names.ts";

test("names are decoded once, and written back the same", () => {
  for (const [path, names] of [
    ["/", []],
    ["/a/b/", ["a", "b"]],
    ["//a///b", ["a", "b"]],
    ["/a%20b/%C3%A9t%C3%A9.txt", ["a b", "été.txt"]],
    ["/100%25/a%2520b", ["100%", "a%20b"]],
    ["/a+b&c=d;e,f", ["a+b&c=d;e,f"]],
    ["/...", ["..."]],
    ["/%F0%9F%A6%8A", ["🦊"]],
    ["/a%5Cb", ["a\\b"]],
  ] as const) {
    assert.deepEqual(readPathNames(path), names, path);
    assert.deepEqual(readPathNames(writePathNames(names)), names, path);
  }
});

test("no name leaves its folder or hides in another one, however it is written", () => {
  for (const path of [
    "/a/../b",
    "/a/./b",
    "/%2e%2e/etc/passwd",
    "/.%2E/x",
    "/%2e",
    "/a%2Fb",
    "/a%2f..%2fb",
    "/a%00.txt",
    "/a%0D%0AX:1",
    "/a%7F",
    "/%c0%ae%c0%ae/", // overlong dots
    "/%e0%80%af",
    "/%ed%a0%80", // a surrogate
    "/%",
    "/%zz",
    "/a%f",
    "/%FF",
  ]) {
    assert.equal(readPathNames(path), undefined, path);
  }
});

test("a path whose UTF-8 was not escaped is read all the same", () => {
  const raw = Buffer.from("/été 2%C3%A9").toString("latin1");
  assert.deepEqual(readPathNames(raw), ["été 2é"]);
  assert.equal(readPathNames("/\xff\xfe"), undefined);
});

test("what is written is an href that needs no other escape", () => {
  assert.equal(writePathNames(["a b", "c'(d)*!", "é&<>"]), "/a%20b/c%27%28d%29%2A%21/%C3%A9%26%3C%3E");
});
