import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentUids } from "./recent-uids.ts";
import { UidMap } from "./uid-map.ts";

test("Neighboring ranges become one, others stay apart", () => {
  const recent = new RecentUids();
  assert.ok(recent.isEmpty);
  recent.settle(4, { from: 3, to: 4 });
  recent.settle(6, { from: 5, to: 6 });
  recent.settle(8, undefined);
  recent.settle(9, { from: 9, to: 9 });
  assert.deepEqual(recent.ranges, [
    { from: 3, to: 6 },
    { from: 9, to: 9 },
  ]);
  assert.equal(recent.reach, 9);
});

test("What was told as not recent does not become so, whatever is claimed later", () => {
  const recent = new RecentUids();
  recent.settle(10, undefined);
  recent.settle(12, { from: 4, to: 12 });
  recent.settle(12, { from: 1, to: 12 });
  assert.deepEqual(recent.ranges, [{ from: 11, to: 12 }]);
});

test("Only messages that are there are counted", () => {
  const uids = new UidMap([1, 3, 4, 8, 9, 20]);
  assert.equal(uids.countIn([]), 0);
  assert.equal(
    uids.countIn([
      { from: 2, to: 4 },
      { from: 9, to: 19 },
    ]),
    3,
  );
  assert.equal(uids.countIn([{ from: 21, to: 30 }]), 0);
  uids.remove([3, 9]);
  assert.equal(uids.countIn([{ from: 1, to: 4_294_967_295 }]), 4);
});
