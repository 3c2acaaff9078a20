import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { createTestDatabase } from "../../test/harness/test-database.ts";
import { silentLogger } from "../telemetry/logger.ts";
import { purgeExpiredJob } from "./purge-expired.ts";
import { startTimedJobs, type TimedJob } from "./start-jobs.ts";

test("the timetable runs a job that is due, once, with two copies of the program", async () => {
  const database = await createTestDatabase();
  const ran = Promise.withResolvers<void>();
  let runs = 0;
  const job: TimedJob = {
    name: "test-job",
    schedule: "0 0 1 1 *",
    run: async () => {
      runs++;
      ran.resolve();
      return { done: 1 };
    },
  };
  const options = { connectionString: database.connectionString, jobs: [job], log: silentLogger };
  const first = await startTimedJobs(options);
  const second = await startTimedJobs(options);
  try {
    const client = new pg.Client({ connectionString: database.connectionString });
    await client.connect();
    const { rows } = await client.query("SELECT identifier FROM graphile_worker._private_known_crontabs");
    assert.deepEqual(rows, [{ identifier: "test-job" }]);
    // What the timetable does when the minute has come.
    await client.query("SELECT graphile_worker.add_job('test-job', job_key := 'test-job')");
    await client.end();
    await ran.promise;
  } finally {
    await first.stop(1_000);
    await second.stop(1_000);
    await database.drop();
  }
  assert.equal(runs, 1);
});

test("an area whose purge fails does not keep the others, and the job fails so that it is tried again", async () => {
  const seen: number[] = [];
  const job = purgeExpiredJob(
    [
      { name: "broken", run: () => Promise.reject(new Error("no")) },
      {
        name: "messages",
        run: async (before) => {
          seen.push(Math.round((Date.now() - before.getTime()) / 86_400_000));
          return 3;
        },
      },
    ],
    14,
  );
  await assert.rejects(job.run(new AbortController().signal), AggregateError);
  assert.deepEqual(seen, [14]);
});
