import assert from "node:assert/strict";
import { test } from "node:test";
import { levelOf, levelsWithin, rightsOf, sendingOf } from "./rights.ts";

test("A level and a manner of writing become rights and are read back from them", () => {
  for (const level of ["read", "write", "delete", "manage"] as const) {
    for (const sending of ["none", "send_as", "send_on_behalf"] as const) {
      const rights = rightsOf(level, sending);
      assert.deepEqual([levelOf(rights), sendingOf(rights)], [level, sending]);
    }
  }
});

test("Rights that another program gave one by one are told as such and kept when only the writing changes", () => {
  const before = ["read", "share"] as const;
  assert.equal(levelOf(before), "custom");
  assert.deepEqual(rightsOf("custom", "send_as", before), ["read", "share", "send_as"]);
});

test("Only levels are offered for which one may give everything", () => {
  assert.deepEqual(levelsWithin(["read", "share"]), ["read"]);
  assert.deepEqual(levelsWithin(["read", "write", "delete", "share", "manage"]), ["read", "write", "delete", "manage"]);
});
