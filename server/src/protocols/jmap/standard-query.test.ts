import assert from "node:assert/strict";
import { test } from "node:test";
import { type Filter, matchesFilter } from "./filter.ts";
import { MethodFailure } from "./jmap-errors.ts";
import { type Window, windowOf } from "./standard-query.ts";

const all = ["a", "b", "c", "d", "e"];
const none: Window = {
  position: undefined,
  anchor: undefined,
  anchorOffset: undefined,
  limit: undefined,
  calculateTotal: undefined,
};
const idsOf = (window: Partial<Window>, most = 100) => windowOf(all, { ...none, ...window }, most).ids.join("");

test("a position counts from the beginning, or from the end when negative", () => {
  assert.equal(idsOf({}), "abcde");
  assert.equal(idsOf({ position: 2, limit: 2 }), "cd");
  assert.equal(idsOf({ position: -2 }), "de");
  assert.equal(idsOf({ position: -20, limit: 1 }), "a");
  assert.equal(idsOf({ position: 9 }), "");
  assert.equal(idsOf({ limit: 0 }), "");
});

test("an anchor is found, and its offset stays inside", () => {
  assert.equal(idsOf({ anchor: "c", anchorOffset: -1, limit: 2 }), "bc");
  assert.equal(idsOf({ anchor: "c", anchorOffset: 1, position: 4 }), "de");
  assert.equal(idsOf({ anchor: "b", anchorOffset: -7, limit: 1 }), "a");
  assert.throws(() => idsOf({ anchor: "z" }), MethodFailure);
});

test("the limit is told when it is lower than the one asked for, the total when it is asked for", () => {
  assert.deepEqual(windowOf(all, { ...none, limit: 10, calculateTotal: true }, 2), {
    position: 0,
    ids: ["a", "b"],
    total: 5,
    limit: 2,
  });
  assert.equal("total" in windowOf(all, none, 100), false);
});

test("AND, OR and NOT combine as RFC 8620 says, also when empty", () => {
  const is = (condition: string): Filter<string> => ({ condition });
  const test = (filter: Filter<string>) => matchesFilter(filter, (condition) => condition === "yes");
  assert.equal(test({ operator: "AND", conditions: [is("yes"), is("no")] }), false);
  assert.equal(test({ operator: "OR", conditions: [is("yes"), is("no")] }), true);
  assert.equal(test({ operator: "NOT", conditions: [is("no"), is("no")] }), true);
  assert.equal(test({ operator: "NOT", conditions: [is("no"), is("yes")] }), false);
  assert.equal(test({ operator: "AND", conditions: [] }), true);
  assert.equal(test({ operator: "OR", conditions: [] }), false);
  assert.equal(test({ operator: "NOT", conditions: [{ operator: "OR", conditions: [is("no")] }] }), true);
});
