import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouteMatcher } from "./match-route.ts";

const match = createRouteMatcher([
  { method: "GET", path: "/things" },
  { method: "POST", path: "/things" },
  { method: "GET", path: "/things/{id}" },
  { method: "GET", path: "/things/all" },
  { method: "DELETE", path: "/things/{id}" },
  { method: "GET", path: "/things/{id}/parts/{part}" },
]);
const found = (method: string, path: string) => {
  const result = match(method, path);
  return typeof result === "object" && "route" in result ? [result.route.path, result.path] : result;
};

test("an exact path wins over one with names, whose segments are decoded", () => {
  assert.deepEqual(found("GET", "/things/all"), ["/things/all", {}]);
  assert.deepEqual(found("GET", "/things/caf%C3%A9"), ["/things/{id}", { id: "café" }]);
  assert.deepEqual(found("GET", "/things/a%2Fb/parts/c"), ["/things/{id}/parts/{part}", { id: "a/b", part: "c" }]);
});

test("HEAD is GET, and a slash at the end does not matter", () => {
  assert.deepEqual(found("HEAD", "/things/"), ["/things", {}]);
});

test("a method that a known path has not is told those that it has", () => {
  assert.deepEqual(found("PUT", "/things"), { allow: ["GET", "POST"] });
  assert.deepEqual(found("DELETE", "/things/all"), ["/things/{id}", { id: "all" }]);
});

test("what leads nowhere, and what is broken", () => {
  for (const path of ["", "/", "/thing", "/things//parts/x", "/things/a/b", "/things/a/parts/b/c"]) {
    assert.equal(found("GET", path), "nothing", path);
  }
  for (const path of ["/things/%", "/things/%ff", "/things/a%00b"]) assert.equal(found("GET", path), "malformed", path);
});
