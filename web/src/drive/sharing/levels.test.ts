import assert from "node:assert/strict";
import { test } from "node:test";
import { levelOf, levelsWithin, linkLevelOf, linkLevelsWithin, rightsOfLevel, settingsOfLinkLevel } from "./levels.ts";

test("each level in words is told again from its rights, for folders and files", () => {
  for (const kind of ["folder", "file"] as const) {
    const all = ["read", "write", "create", "delete", "share"] as const;
    for (const level of levelsWithin(kind, all)) assert.equal(levelOf(rightsOfLevel(level, kind), kind), level);
    for (const level of linkLevelsWithin(kind, all)) {
      const { rights = [], mayDownload = true } = settingsOfLinkLevel(level, kind);
      assert.equal(linkLevelOf({ rights, mayDownload }), level);
    }
  }
  assert.equal(levelOf(["read", "delete"], "folder"), "other");
});

test("nobody is offered to give more than they have", () => {
  assert.deepEqual(levelsWithin("folder", ["read", "share"]), ["read"]);
  assert.deepEqual(levelsWithin("file", ["read", "write", "share"]), ["read", "edit", "full"]);
  assert.deepEqual(linkLevelsWithin("folder", ["read", "share"]), ["view", "look"]);
  assert.deepEqual(linkLevelsWithin("file", ["read"]), ["view", "look"]);
});
