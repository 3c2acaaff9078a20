import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { freePort } from "../../test/harness/free-port.ts";
import { createLogger, silentLogger } from "../telemetry/logger.ts";
import { startCopies } from "./copies.ts";
import { StartError } from "./start-error.ts";

const program = resolve(import.meta.dirname, "../../test/programs/copy.ts");

const ask = async (port: number) => Number(await (await fetch(`http://127.0.0.1:${port}/`)).text());

test("two copies share one port, add up their metrics and stop in order", async () => {
  const port = await freePort();
  const copies = await startCopies({ count: 2, orders: { port }, log: silentLogger, program });
  const answers = new Set<number>();
  for (let asked = 0; asked < 8; asked++) answers.add(await ask(port));
  assert.deepEqual([...answers].sort(), [...copies.pids].sort());
  const values = await copies.metrics();
  const counts = values.map((copy) => (copy[0] as { values: { value: number }[] }).values[0]!.value);
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    8,
  );
  await copies.stop(10_000);
  assert.deepEqual(copies.pids, []);
  await assert.rejects(ask(port));
});

test("a copy that is killed is replaced", async () => {
  const port = await freePort();
  const replaced = Promise.withResolvers<void>();
  const log = createLogger(
    { level: "error", format: "json" },
    { write: (line) => void (/is replaced/.test(line) && replaced.resolve()) },
  );
  const copies = await startCopies({ count: 1, orders: { port }, log, program });
  const first = await ask(port);
  process.kill(first, "SIGKILL");
  await replaced.promise;
  let second: number | undefined;
  while (second === undefined) second = await ask(port).catch(() => undefined);
  assert.notEqual(second, first);
  await copies.stop(10_000);
});

test("a copy that cannot start makes the start fail with its sentence, and none is left", async () => {
  const started = startCopies({
    count: 2,
    orders: { port: 0, refuse: "The cellar is flooded." },
    log: silentLogger,
    program,
  });
  await assert.rejects(started, (error) => error instanceof StartError && error.message === "The cellar is flooded.");
});
