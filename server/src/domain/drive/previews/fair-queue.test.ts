import assert from "node:assert/strict";
import { test } from "node:test";
import { createFairQueue, QueueFull } from "./fair-queue.ts";

/** Work that ends when the test says so. */
function work(log: string[], name: string, isSlow = false, signal = new AbortController().signal) {
  const { promise, resolve } = Promise.withResolvers<string>();
  return {
    isSlow,
    signal,
    end: () => resolve(name),
    run: () => {
      log.push(name);
      return promise;
    },
  };
}

const turnOver = () => new Promise((resolve) => setImmediate(resolve));

test("names take turns, however much one of them asks", async () => {
  const queue = createFairQueue({ places: 1, mostWaiting: 100 });
  const log: string[] = [];
  const all = ["a1", "a2", "a3", "b1"].map((name) => {
    const each = work(log, name);
    each.end();
    return queue.run(name[0]!, each);
  });
  assert.deepEqual(await Promise.all(all), ["a1", "a2", "a3", "b1"]);
  assert.deepEqual(log.indexOf("b1") < log.indexOf("a3"), true);
});

test("what is slow leaves a place to what is quick", async () => {
  const queue = createFairQueue({ places: 2, mostWaiting: 100 });
  const log: string[] = [];
  const [slow1, slow2, quick] = [work(log, "slow1", true), work(log, "slow2", true), work(log, "quick")];
  const all = [queue.run("a", slow1), queue.run("a", slow2), queue.run("a", quick)];
  await turnOver();
  assert.deepEqual(log, ["slow1", "quick"]);
  for (const each of [slow1, slow2, quick]) each.end();
  await Promise.all(all);
  assert.deepEqual(log, ["slow1", "quick", "slow2"]);
});

test("what nobody waits for any more never begins", async () => {
  const queue = createFairQueue({ places: 1, mostWaiting: 100 });
  const log: string[] = [];
  const first = work(log, "first");
  const running = queue.run("a", first);
  const leaving = new AbortController();
  const given = queue.run("a", work(log, "given up", false, leaving.signal));
  leaving.abort(new Error("gone"));
  await assert.rejects(given, /gone/);
  first.end();
  await running;
  await turnOver();
  assert.deepEqual(log, ["first"]);
});

test("one name has so much waiting and no more, and what fails makes room", async () => {
  const queue = createFairQueue({ places: 1, mostWaiting: 1 });
  const log: string[] = [];
  const { signal } = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const failing = queue.run("a", { isSlow: false, signal, run: () => promise });
  const second = work(log, "second");
  const waiting = queue.run("a", second);
  await assert.rejects(queue.run("a", work(log, "third")), QueueFull);
  reject(new Error("it failed"));
  await assert.rejects(failing, /it failed/);
  second.end();
  assert.equal(await waiting, "second");
});
