import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "./image-turns.ts";

test("as many load at once as there are places, the others in the order in which they came", () => {
  const turns = new Turns(2);
  const begun: string[] = [];
  const leave = ["a", "b", "c", "d"].map((name) => turns.take(() => begun.push(name)));
  assert.deepEqual(begun, ["a", "b"]);
  leave[1]!();
  assert.deepEqual(begun, ["a", "b", "c"]);
  leave[1]!();
  assert.deepEqual(begun, ["a", "b", "c"]);
  leave[0]!();
  assert.deepEqual(begun, ["a", "b", "c", "d"]);
});

test("what is scrolled away before its turn gives it to the next", () => {
  const turns = new Turns(1);
  const begun: string[] = [];
  const leave = ["a", "b", "c"].map((name) => turns.take(() => begun.push(name)));
  leave[1]!();
  leave[0]!();
  assert.deepEqual(begun, ["a", "c"]);
  leave[2]!();
  turns.take(() => begun.push("d"));
  assert.deepEqual(begun, ["a", "c", "d"]);
});
