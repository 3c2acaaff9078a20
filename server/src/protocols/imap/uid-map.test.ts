import assert from "node:assert/strict";
import { test } from "node:test";
import { UidMap } from "./uid-map.ts";

test("Sequence numbers and UIDs lead to each other", () => {
  const map = new UidMap([3, 7, 9]);
  assert.deepEqual(
    [1, 2, 3].map((sequence) => map.uidOf(sequence)),
    [3, 7, 9],
  );
  assert.deepEqual(
    [3, 7, 9, 1, 8, 10].map((uid) => map.sequenceOf(uid)),
    [1, 2, 3, 0, 0, 0],
  );
  assert.equal(map.uidOf(0) + map.uidOf(4), 0);
});

test("Removed messages are named by the number they have after those before them are gone", () => {
  const map = new UidMap([1, 2, 3, 4, 5]);
  assert.deepEqual(map.remove([2, 3, 5, 99]), [2, 2, 3]);
  assert.deepEqual([...map], [1, 4]);
  assert.deepEqual(map.remove([99]), []);
});

test("Messages are appended in order and never twice", () => {
  const map = new UidMap([5]);
  assert.equal(map.append(5), false);
  for (let uid = 6; uid < 300; uid += 1) assert.equal(map.append(uid), true);
  assert.equal(map.size, 295);
  assert.equal(map.lastUid, 299);
  map.remove([299]);
  assert.equal(map.append(300), true);
  assert.equal(map.uidOf(295), 300);
});

test("Ranges that reach far beyond the mailbox cost nothing", () => {
  const map = new UidMap([3, 7, 9]);
  assert.deepEqual([...map.uidsOfUids([{ from: 4, to: 4294967295 }])], [7, 9]);
  assert.deepEqual([...map.uidsOfSequences([{ from: 2, to: 4294967295 }])], [7, 9]);
});

test("UIDs are collected from ranges of either kind, as far as they exist", () => {
  const map = new UidMap([2, 5, 6, 9]);
  map.append(12);
  assert.deepEqual(
    [
      ...map.collect(
        [
          { from: 1, to: 2 },
          { from: 4, to: 9 },
        ],
        false,
      ),
    ],
    [2, 5, 9, 12],
  );
  assert.deepEqual(
    [
      ...map.collect(
        [
          { from: 1, to: 5 },
          { from: 7, to: 8 },
          { from: 12, to: 4_294_967_295 },
        ],
        true,
      ),
    ],
    [2, 5, 12],
  );
  assert.deepEqual([...map.collect([{ from: 6, to: 9 }], false)], []);
  assert.deepEqual([...new UidMap().collect([{ from: 1, to: 1 }], true)], []);
});
