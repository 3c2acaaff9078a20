import assert from "node:assert/strict";
import { test } from "node:test";
import { readSharePlace, sharePath } from "./share-place.ts";

test("The address of a share and of its folders reads back as it was made", () => {
  assert.deepEqual(readSharePlace(sharePath("abc_-9")), { token: "abc_-9", folderId: undefined });
  assert.deepEqual(readSharePlace(sharePath("abc", "0198-ff")), { token: "abc", folderId: "0198-ff" });
});

test("An address cut short or with more behind it leads to the top of the share", () => {
  for (const path of ["/s/abc/", "/s/abc/folders", "/s/abc/folders/", "/s/abc/other/1"]) {
    assert.deepEqual(readSharePlace(path), { token: "abc", folderId: undefined }, path);
  }
  assert.deepEqual(readSharePlace("/s/"), { token: "", folderId: undefined });
});
