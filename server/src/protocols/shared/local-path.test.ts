import assert from "node:assert/strict";
import { test } from "node:test";
import { localPath } from "./local-path.ts";

test("a path of ours stays as it is, with its query and fragment", () => {
  for (const path of ["/", "/inbox/42", "/folder/a?node=b&x=%2F%2F", "/a#b", "/%C3%A9t%C3%A9", "/a//b"]) {
    assert.equal(localPath(path), path);
  }
});

test("whatever a browser would take for another place becomes the first page", () => {
  for (const text of [
    undefined,
    "",
    "inbox",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/x/..//evil.example",
    "/%2e%2e//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " /a",
    "https://evil.example",
    "javascript:alert(1)",
    "/é",
    `/${"a".repeat(2_001)}`,
  ]) {
    assert.equal(localPath(text), "/", String(text));
  }
});
