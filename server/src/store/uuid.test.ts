import assert from "node:assert/strict";
import { test } from "node:test";
import { isUuid, uuidv7 } from "./uuid.ts";

test("Ids are in the order in which they are made, of the time, version 7, and their random parts differ", () => {
  const before = Date.now();
  const made = Array.from({ length: 20_000 }, uuidv7);
  assert.deepEqual([...made].sort(), made);
  assert.ok(made.every(isUuid));
  assert.ok(made.every((id) => /^.{14}7.{4}[89ab]/.test(id)));
  assert.equal(new Set(made.map((id) => id.slice(19))).size, made.length);
  const time = Number.parseInt(made[0]!.replace("-", "").slice(0, 12), 16);
  // As many within a millisecond as its counter holds not, they borrow from those to come.
  assert.ok(time >= before && time <= Date.now() + 100, String(time - before));
});
