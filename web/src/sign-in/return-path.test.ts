import assert from "node:assert/strict";
import { test } from "node:test";
import { safeReturnPath } from "./return-path.ts";

test("A path of this origin is followed", () => {
  assert.equal(safeReturnPath("/security?tab=sessions"), "/security?tab=sessions");
});

test("What would lead to another host leads home", () => {
  for (const value of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/a\\b",
    "evil",
    "",
    null,
  ]) {
    assert.equal(safeReturnPath(value), "/", String(value));
  }
});

test("Sign-in never leads to itself", () => {
  assert.equal(safeReturnPath("/sign-in?return=/x"), "/");
  assert.equal(safeReturnPath("/sign-in"), "/");
  assert.equal(safeReturnPath("/sign-in-help"), "/sign-in-help");
});
