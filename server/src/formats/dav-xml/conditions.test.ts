import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConditionalHeaders, evaluateConditions, mayUseRange } from "./conditions.ts";

const modifiedAt = new Date("2026-11-23T06:11:56.700Z");
const at = { etag: '"abc"', modifiedAt };
const same = "Mon, 23 Nov 2026 06:11:56 GMT";
const earlier = "Mon, 23 Nov 2026 06:11:55 GMT";

const on = (method: string, headers: ConditionalHeaders, current: typeof at | undefined = at) =>
  evaluateConditions(headers, current, method);

test("If-Match wants one of its tags, compared strongly, or anything at all", () => {
  assert.equal(on("PUT", { "if-match": '"x", "abc"' }), "proceed");
  assert.equal(on("PUT", { "if-match": "*" }), "proceed");
  assert.equal(on("PUT", { "if-match": '"bogus"' }), "if-match");
  assert.equal(on("PUT", { "if-match": 'W/"abc"' }), "if-match");
  assert.equal(on("PUT", { "if-match": "abc" }), "proceed"); // some clients lose the quotes
  assert.equal(evaluateConditions({ "if-match": "*" }, undefined, "PUT"), "if-match");
});

test("If-None-Match stops a write, and answers a read that it knows all", () => {
  assert.equal(on("PUT", { "if-none-match": "*" }), "if-none-match");
  assert.equal(evaluateConditions({ "if-none-match": "*" }, undefined, "PUT"), "proceed");
  assert.equal(on("GET", { "if-none-match": 'W/"abc"' }), "not_modified");
  assert.equal(on("HEAD", { "if-none-match": '"x,y", "abc"' }), "not_modified");
  assert.equal(on("GET", { "if-none-match": '"other"', "if-modified-since": same }), "proceed");
});

test("dates count by whole seconds, and only where no tag is given", () => {
  assert.equal(on("GET", { "if-modified-since": same }), "not_modified");
  assert.equal(on("GET", { "if-modified-since": earlier }), "proceed");
  assert.equal(on("PUT", { "if-modified-since": same }), "proceed");
  assert.equal(on("PUT", { "if-unmodified-since": earlier }), "if-unmodified-since");
  assert.equal(on("PUT", { "if-unmodified-since": same }), "proceed");
  assert.equal(on("PUT", { "if-match": '"abc"', "if-unmodified-since": earlier }), "proceed");
  assert.equal(on("PUT", { "if-unmodified-since": "yesterday" }), "proceed");
});

test("If-Range needs the strong tag or the exact date", () => {
  assert.deepEqual(
    [undefined, '"abc"', 'W/"abc"', '"abd"', same, earlier, "nonsense"].map((header) => mayUseRange(header, at)),
    [true, true, false, false, true, false, false],
  );
});
