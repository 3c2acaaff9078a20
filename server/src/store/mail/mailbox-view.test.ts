import assert from "node:assert/strict";
import { test } from "node:test";
import { MailboxView } from "./mailbox-view.ts";

function contents(view: MailboxView): string[] {
  return Array.from({ length: view.size }, (_, index) => {
    const flags = view.flagsOf(view.flagSetAt(index)).join(" ");
    return `${view.uidAt(index)} ${flags} ${view.modseqAt(index)}`;
  });
}

test("copies arrive, change and leave, few and many at once, in any order", () => {
  const view = new MailboxView();
  view.put([2, 5, 9], [10, 11, 12], ["", "\\Seen", "\\Seen urgent"]);
  view.put([5, 12], [13, 13], ["\\Flagged", ""]);
  view.put([7, 1], [14, 14], ["\\Seen", ""]);
  assert.deepEqual(contents(view), ["1  14", "2  10", "5 \\Flagged 13", "7 \\Seen 14", "9 \\Seen urgent 12", "12  13"]);
  assert.deepEqual([view.indexOf(7), view.indexOf(8), view.lowerBound(8), view.lowerBound(100)], [3, -1, 4, 6]);
  view.remove([2, 3, 12]);
  assert.deepEqual([...view.uids()], [1, 5, 7, 9]);
  view.remove(Array.from({ length: 100 }, (_, index) => index * 2 + 1).filter((uid) => uid !== 7));
  assert.deepEqual(contents(view), ["7 \\Seen 14"]);
  view.put([8], [15], [""]);
  assert.deepEqual([...view.uids()], [7, 8]);
});

test("a view tells its keywords in use and its first unseen message", () => {
  const view = new MailboxView();
  assert.deepEqual(view.summarize(), { keywords: [], firstUnseenUid: null });
  view.put([1, 2, 3], [1, 1, 1], ["\\Seen urgent", "", "\\Seen a urgent"]);
  assert.deepEqual(view.summarize(), { keywords: ["a", "urgent"], firstUnseenUid: 2 });
  view.put([2], [2], ["\\Seen"]);
  view.remove([3]);
  assert.deepEqual(view.summarize(), { keywords: ["urgent"], firstUnseenUid: null });
});

test("a view does at random what a map does", () => {
  const view = new MailboxView();
  const map = new Map<number, string>();
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  for (let modseq = 1; modseq < 2_000; modseq++) {
    const uids = [...new Set(Array.from({ length: random(30) }, () => random(500) + 1))].sort((a, b) => a - b);
    if (random(2) === 0) {
      const flags = uids.map(() => ["", "\\Seen", "a b"][random(3)]!);
      view.put(
        uids,
        uids.map(() => modseq),
        flags,
      );
      for (const [index, uid] of uids.entries()) map.set(uid, `${uid} ${flags[index]} ${modseq}`);
    } else {
      view.remove(uids);
      for (const uid of uids) map.delete(uid);
    }
  }
  assert.deepEqual(
    contents(view),
    [...map].sort(([a], [b]) => a - b).map(([, text]) => text),
  );
});
