import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { analyzeMessage } from "../formats/mime/analyze-message.ts";
import { inlineBytes, openWorkerPool, WorkerFailure } from "./worker-pool.ts";

const message = (size: number): Buffer =>
  Buffer.from(`Subject: Budget\r\nFrom: a@b.example\r\n\r\n${"Une ligne du budget.\r\n".repeat(Math.ceil(size / 22))}`);
const big = message(inlineBytes * 2);

/** A thread whose script is given: it is what a thread under attack would do. */
const script = (text: string): URL => new URL(`data:text/javascript,${encodeURIComponent(text)}`);
const failsWith = (reason: string) => (error: unknown) => error instanceof WorkerFailure && error.reason === reason;

test("a small message is read where it is asked, without a thread", async () => {
  const pool = openWorkerPool();
  const small = message(1_000);
  assert.deepEqual(await pool.analyze(small), analyzeMessage(small));
  assert.equal(pool.threads, 0);
  await pool.close();
});

test("large inputs are worked on by at most two threads, and the caller keeps its bytes", async () => {
  const pool = openWorkerPool();
  const results = await Promise.all(Array.from({ length: 6 }, () => pool.analyze(big)));
  assert.equal(pool.threads, 2);
  for (const result of results) assert.deepEqual(result, analyzeMessage(big));
  const hashes = await pool.hash(big, ["sha256", "md5"]);
  assert.deepEqual(hashes, {
    sha256: createHash("sha256").update(big).digest("hex"),
    md5: createHash("md5").update(big).digest("hex"),
  });
  await pool.close();
  assert.equal(pool.threads, 0);
});

test("a task that takes too long fails alone, and the next one gets a new thread", async () => {
  const entry = script(`import { parentPort } from "node:worker_threads";
    parentPort.on("message", ({ id, task }) => { if (task === "analyze") for (;;); parentPort.postMessage({ id, result: "done" }); });`);
  const pool = openWorkerPool({ entry, timeoutMs: 4_000, maxThreads: 1 });
  const [slow, next] = await Promise.allSettled([pool.analyze(big), pool.hash(big, ["md5"])]);
  assert.ok(slow.status === "rejected" && failsWith("timeout")(slow.reason));
  assert.deepEqual(next, { status: "fulfilled", value: "done" });
  await pool.close();
});

test("a thread that runs out of memory fails its task and not the program", async () => {
  const entry = script(`import { parentPort } from "node:worker_threads";
    parentPort.on("message", () => { const kept = []; for (;;) kept.push(new Array(1000).fill(Math.random())); });`);
  const pool = openWorkerPool({ entry, maxHeapMb: 16 });
  await assert.rejects(pool.analyze(big), failsWith("crashed"));
  assert.equal(pool.threads, 0);
  await pool.close();
});

test("a thread that ends, and a task that throws, are clear errors", async () => {
  const ending = openWorkerPool({
    entry: script(`import { parentPort } from "node:worker_threads"; parentPort.on("message", () => process.exit(3));`),
  });
  await assert.rejects(ending.analyze(big), /code 3/);
  await ending.close();
  const throwing = openWorkerPool();
  await assert.rejects(throwing.hash(big, ["none" as "md5"]), failsWith("crashed"));
  assert.equal((await throwing.analyze(big)).subject, "Budget");
  await throwing.close();
});

test("an idle thread ends by itself", async () => {
  const pool = openWorkerPool({ idleMs: 1 });
  await pool.analyze(big);
  while (pool.threads > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await pool.analyze(big)).subject, "Budget");
  await pool.close();
});

test("too many waiting tasks are refused at once, and closing fails what waits", async () => {
  const entry = script(
    `import { parentPort } from "node:worker_threads"; parentPort.on("message", () => { for (;;); });`,
  );
  const pool = openWorkerPool({ entry, maxThreads: 1, maxWaiting: 1 });
  const running = assert.rejects(pool.analyze(big), failsWith("closed"));
  const waits = assert.rejects(pool.analyze(big), failsWith("closed"));
  await assert.rejects(pool.analyze(big), failsWith("busy"));
  await pool.close();
  await Promise.all([running, waits]);
  await assert.rejects(pool.analyze(big), failsWith("closed"));
});
