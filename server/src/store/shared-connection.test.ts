import assert from "node:assert/strict";
import { test } from "node:test";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import { shareConnection } from "./shared-connection.ts";

class Answer extends Error {}
const isAnswer = (error: unknown): boolean => error instanceof Answer;

/** A pool whose statements are answered by the test. */
function fakePool() {
  const asked: { client: number; text: string; outcome: PromiseWithResolvers<{ rows: unknown[] }> }[] = [];
  const released: { client: number; isBroken: boolean }[] = [];
  let taken = 0;
  const refusals: Error[] = [];
  const pool = {
    async connect() {
      const refusal = refusals.shift();
      if (refusal) throw refusal;
      const client = ++taken;
      return {
        query: (text: string) => {
          const outcome = Promise.withResolvers<{ rows: unknown[] }>();
          asked.push({ client, text, outcome });
          return outcome.promise;
        },
        release: (isBroken = false) => void released.push({ client, isBroken }),
      } as unknown as PostgresPoolClient;
    },
  } as unknown as PostgresPool;
  return { send: shareConnection(pool, isAnswer), asked, released, refusals };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("Statements that are under way together share a connection, which goes back when the last is answered", async () => {
  const { send, asked, released } = fakePool();
  const first = send("1", []);
  const second = send("2", []);
  await settled();
  assert.deepEqual(
    asked.map(({ client, text }) => [client, text]),
    [
      [1, "1"],
      [1, "2"],
    ],
  );
  asked[0]!.outcome.resolve({ rows: ["one"] });
  assert.deepEqual(await first, { rows: ["one"] });
  await settled();
  assert.deepEqual(released, []);
  asked[1]!.outcome.resolve({ rows: ["two"] });
  assert.deepEqual(await second, { rows: ["two"] });
  await settled();
  assert.deepEqual(released, [{ client: 1, isBroken: false }]);
});

test("A statement that PostgreSQL refuses fails alone", async () => {
  const { send, asked, released } = fakePool();
  const refused = send("1", []);
  const good = send("2", []);
  await settled();
  asked[0]!.outcome.reject(new Answer("no"));
  await assert.rejects(refused, /no/);
  asked[1]!.outcome.resolve({ rows: [] });
  await good;
  await settled();
  assert.deepEqual(released, [{ client: 1, isBroken: false }]);
});

test("A connection that broke is given back as such, and what comes after takes another", async () => {
  const { send, asked, released } = fakePool();
  const lost = send("1", []);
  const lostToo = send("2", []);
  await settled();
  asked[0]!.outcome.reject(new Error("reset"));
  await assert.rejects(lost, /reset/);
  const next = send("3", []);
  await settled();
  assert.deepEqual([asked[2]!.client, asked[2]!.text], [2, "3"]);
  asked[1]!.outcome.reject(new Error("reset"));
  await assert.rejects(lostToo, /reset/);
  asked[2]!.outcome.resolve({ rows: [] });
  await next;
  await settled();
  assert.deepEqual(released, [
    { client: 1, isBroken: true },
    { client: 2, isBroken: false },
  ]);
});

test("When there is no connection all who wait are told, and the next one is tried", async () => {
  const { send, asked, released, refusals } = fakePool();
  refusals.push(new Error("too many"));
  const outcomes = await Promise.allSettled([send("1", []), send("2", [])]);
  assert.ok(outcomes.every((each) => each.status === "rejected" && /too many/.test(String(each.reason))));
  const next = send("3", []);
  await settled();
  asked[0]!.outcome.resolve({ rows: [3] });
  assert.deepEqual(await next, { rows: [3] });
  await settled();
  assert.deepEqual(released, [{ client: 1, isBroken: false }]);
});

test("A connection that is never idle is given up for another in time", async (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const { send, asked, released } = fakePool();
  const long = send("1", []);
  await settled();
  now = 6_000;
  const other = send("2", []);
  await settled();
  assert.deepEqual(
    asked.map(({ client }) => client),
    [1, 2],
  );
  asked[0]!.outcome.resolve({ rows: [] });
  asked[1]!.outcome.resolve({ rows: [] });
  await Promise.all([long, other]);
  await settled();
  assert.deepEqual(released.map(({ client }) => client).sort(), [1, 2]);
});
