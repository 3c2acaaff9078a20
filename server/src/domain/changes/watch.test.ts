import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hint } from "../../store/hints/hint-channel.ts";
import { type Hints, watchAccounts } from "./watch-accounts.ts";
import { watchRevoked } from "./watch-revoked.ts";

function fakeHints() {
  const listeners = new Map<string, Set<(hint: Hint | undefined) => void>>();
  const hints: Hints = {
    publish: (hint) => {
      for (const listener of listeners.get(`${hint.kind} ${hint.id}`) ?? []) listener(hint);
    },
    subscribe(kind, id, listener) {
      const set = listeners.get(`${kind} ${id}`) ?? new Set();
      listeners.set(`${kind} ${id}`, set.add(listener));
      return () => void set.delete(listener);
    },
    close: async () => {},
  };
  const resync = () => {
    for (const set of listeners.values()) for (const listener of set) listener(undefined);
  };
  const count = () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0);
  return { hints, resync, count };
}

test("many hints become one call that names the accounts touched", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { hints } = fakeHints();
  const calls: string[][] = [];
  watchAccounts(hints, ["a", "b", "c"], (ids) => calls.push([...ids].sort()));
  for (let n = 0; n < 50; n++) hints.publish({ kind: "account", id: "a" });
  hints.publish({ kind: "account", id: "c" });
  hints.publish({ kind: "account", id: "elsewhere" });
  assert.deepEqual(calls, []);
  context.mock.timers.tick(20);
  assert.deepEqual(calls, [["a", "c"]]);
  hints.publish({ kind: "account", id: "b" });
  context.mock.timers.tick(20);
  assert.deepEqual(calls, [["a", "c"], ["b"]]);
});

test("after a reconnection and every 30 s all accounts are read again", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { hints, resync } = fakeHints();
  const calls: string[][] = [];
  watchAccounts(hints, ["a", "b"], (ids) => calls.push([...ids].sort()));
  resync();
  context.mock.timers.tick(20);
  assert.deepEqual(calls, [["a", "b"]]);
  context.mock.timers.tick(30_000);
  context.mock.timers.tick(20);
  assert.deepEqual(calls, [
    ["a", "b"],
    ["a", "b"],
  ]);
});

test("nothing is called once watching has stopped, not even what was pending", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { hints, count } = fakeHints();
  let calls = 0;
  const stops = [watchAccounts(hints, ["a"], () => calls++), watchRevoked(hints, ["s"], () => calls++)];
  hints.publish({ kind: "account", id: "a" });
  hints.publish({ kind: "revoked", id: "s" });
  for (const stop of stops) stop();
  context.mock.timers.tick(60_000);
  assert.equal(calls, 0);
  assert.equal(count(), 0);
});

test("a revocation is told once however often it is hinted", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { hints } = fakeHints();
  let calls = 0;
  watchRevoked(hints, ["session", "principal"], () => calls++);
  hints.publish({ kind: "revoked", id: "session" });
  hints.publish({ kind: "revoked", id: "principal" });
  context.mock.timers.tick(1);
  assert.equal(calls, 1);
});
