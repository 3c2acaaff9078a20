import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openTestStore, type TestStore } from "../../test/harness/test-database.ts";
import { enqueue } from "../store/outbox/outbox.ts";
import { uuidv7 } from "../store/uuid.ts";
import { silentLogger } from "../telemetry/logger.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { startOutbox } from "./run-outbox.ts";

let database: TestStore;

before(async () => {
  database = await openTestStore();
});
after(() => database.close());

test("rows written before and after the start are done, each once, by two copies", async () => {
  const { store } = database;
  const done: unknown[] = [];
  const all = Promise.withResolvers<void>();
  const put = (n: number) =>
    store.transact((tx) => enqueue(tx, { topic: "test", organizationId: uuidv7(), payload: { n } }));
  await put(0);
  const jobs = [1, 2].map(() =>
    startOutbox({
      store,
      log: silentLogger,
      metrics: createMetrics(),
      pollMs: 600_000,
      handlers: {
        test: async (_tx, row) => {
          done.push((row.payload as { n: number }).n);
          if (done.length === 10) all.resolve();
        },
      },
    }),
  );
  for (let n = 1; n < 10; n++) await put(n);
  await all.promise;
  await Promise.all(jobs.map((job) => job.stop(1_000)));
  assert.deepEqual(
    (done as number[]).toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.deepEqual(await store.read.selectFrom("outbox").select("id").execute(), []);
});

test("a row that fails is kept with its error and a later time, and the next one is done", async () => {
  const { store } = database;
  const done = Promise.withResolvers<void>();
  await store.transact(async (tx) => {
    await enqueue(tx, { topic: "bad", organizationId: uuidv7(), payload: {} });
    await enqueue(tx, { topic: "good", organizationId: uuidv7(), payload: {} });
  });
  const job = startOutbox({
    store,
    log: silentLogger,
    metrics: createMetrics(),
    concurrency: 1,
    handlers: {
      bad: async () => {
        throw new Error("not now");
      },
      good: async () => done.resolve(),
    },
  });
  await done.promise;
  await job.stop(1_000);
  const rows = await store.read
    .selectFrom("outbox")
    .select(["topic", "attempts", "last_error", "available_at"])
    .execute();
  assert.deepEqual(
    rows.map((row) => [row.topic, row.attempts, row.last_error, row.available_at > new Date()]),
    [["bad", 1, "not now", true]],
  );
});
