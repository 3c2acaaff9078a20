import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { sql } from "kysely";
import { openTestStore, type TestStore } from "../../../test/harness/test-database.ts";
import type { Transactor } from "../database.ts";
import { uuidv7 } from "../uuid.ts";
import { consumeOne, enqueue, type OutboxRow } from "./outbox.ts";

let database: TestStore;
const organizationId = uuidv7();

before(async () => {
  database = await openTestStore();
});
after(() => database.close());
beforeEach(() => database.store.transact((tx) => tx.deleteFrom("outbox").execute()));

const add = (payload: object, options: { topic?: string; availableAt?: Date } = {}): Promise<void> =>
  database.store.transact((tx) => enqueue(tx, { topic: "t", organizationId, payload, ...options }));
const rows = () => database.store.read.selectFrom("outbox").selectAll().orderBy("id").execute();
type Handler = (tx: Transactor, row: OutboxRow) => Promise<void>;
const consume = (handler: Handler) => consumeOne(database.store, { t: handler });

test("the oldest due row of a known topic is handled, with what it was given, and goes", async () => {
  await add({ n: 1 }, { topic: "other" });
  await add({ n: 2 }, { availableAt: new Date(Date.now() + 3_600_000) });
  await add({ n: 3 });
  await add({ n: 4 });
  const seen: unknown[] = [];
  const outcome = await consume(async (_tx, row) => {
    seen.push(row.payload, row.organizationId, row.topic, row.attempts);
  });
  assert.deepEqual(seen, [{ n: 3 }, organizationId, "t", 0]);
  assert.deepEqual(outcome, { outcome: "done", topic: "t" });
  assert.equal((await rows()).length, 3);
  await consume(async () => {});
  assert.equal((await consume(async () => assert.fail("nothing is due"))).outcome, "empty");
  assert.equal((await consumeOne(database.store, {})).outcome, "empty");
});

test("what a handler writes commits with the end of its row, or not at all", async () => {
  await add({ n: 1 });
  const write: Handler = async (tx) => {
    await enqueue(tx, { topic: "result", organizationId, payload: {} });
  };
  const failed = await consume(async (tx, row) => {
    await write(tx, row);
    throw new Error("half done");
  });
  assert.equal(failed.outcome, "failed");
  assert.equal((failed.error as Error).message, "half done");
  assert.deepEqual(
    (await rows()).map((row) => row.topic),
    ["t"],
  );
  await database.store.transact((tx) => sql`UPDATE outbox SET available_at = now()`.execute(tx));
  await consume(write);
  assert.deepEqual(
    (await rows()).map((row) => row.topic),
    ["result"],
  );
});

test("a failure is written down and tried again later, each time later, an hour at most", async () => {
  await add({});
  const delays: number[] = [];
  for (let attempt = 0; attempt < 12; attempt++) {
    const { outcome } = await consume(async () => {
      throw new Error(`no ${attempt}\0`);
    });
    assert.equal(outcome, "failed");
    const [row] = await rows();
    assert.equal(row!.attempts, attempt + 1);
    assert.equal(row!.last_error, `no ${attempt}`);
    const delay = await sql<{ seconds: number }>`
      UPDATE outbox SET available_at = now() RETURNING (SELECT extract(epoch FROM o.available_at - now())::float8 FROM outbox o) AS seconds`.execute(
      database.store.read as unknown as Transactor,
    );
    delays.push(Math.round(delay.rows[0]!.seconds / 5) * 5);
  }
  assert.deepEqual(delays, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
});

test("a failing row does not keep those behind it waiting", async () => {
  await add({ n: 1 });
  await add({ n: 2 });
  const seen: unknown[] = [];
  const handler: Handler = async (_tx, row) => {
    if ((row.payload as { n: number }).n === 1) throw new Error("no");
    seen.push(row.payload);
  };
  assert.equal((await consume(handler)).outcome, "failed");
  assert.equal((await consume(handler)).outcome, "done");
  assert.deepEqual(seen, [{ n: 2 }]);
});

test("many consumers at once handle each row once", async () => {
  for (let n = 0; n < 40; n++) await add({ n });
  const seen: number[] = [];
  const consumer = async (): Promise<void> => {
    while ((await consume(async (_tx, row) => void seen.push((row.payload as { n: number }).n))).outcome === "done");
  };
  await Promise.all(Array.from({ length: 5 }, consumer));
  // A handler runs again only after a rollback, and nothing here rolls back.
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    Array.from({ length: 40 }, (_, n) => n),
  );
  assert.deepEqual(await rows(), []);
});

test("a deadlock is tried again at once: it is no failure of the row", async () => {
  await add({});
  let tries = 0;
  const { outcome } = await consume(async () => {
    if (++tries < 3) throw Object.assign(new Error("deadlock detected"), { code: "40P01" });
  });
  assert.equal(outcome, "done");
  assert.equal(tries, 3);
});

test("consumers are told after the commit, and never without one", async () => {
  let told = 0;
  const stop = database.store.hints.subscribe("work", "outbox", () => told++);
  const before = told;
  await assert.rejects(
    database.store.transact(async (tx) => {
      await enqueue(tx, { topic: "t", organizationId, payload: {} });
      throw new Error("rolled back");
    }),
    /rolled back/,
  );
  assert.equal(told, before);
  await add({});
  assert.equal(told, before + 1);
  stop();
});
