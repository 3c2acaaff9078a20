import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics, exposeTogether } from "./metrics.ts";

test("a counter counts by its labels", async () => {
  const metrics = createMetrics();
  const received = metrics.counter({ name: "messages_received_total", help: "Messages.", labels: ["result"] });
  received.increase({ result: "delivered" });
  received.add(2, { result: "refused" });
  const text = await metrics.expose();
  assert.match(text, /bouquet_messages_received_total\{result="delivered"\} 1/);
  assert.match(text, /bouquet_messages_received_total\{result="refused"\} 2/);
});

test("a gauge can be read at each scrape", async () => {
  const metrics = createMetrics();
  let waiting = 3;
  metrics.gauge({ name: "queue_waiting", help: "Waiting.", collect: async (set) => set(waiting) });
  assert.match(await metrics.expose(), /bouquet_queue_waiting 3/);
  waiting = 5;
  assert.match(await metrics.expose(), /bouquet_queue_waiting 5/);
});

test("a histogram observes what its clock measured", async () => {
  const metrics = createMetrics();
  const seconds = metrics.histogram({
    name: "request_seconds",
    help: "Requests.",
    labels: ["route"],
    buckets: [0.5, 60],
  });
  seconds.start()({ route: "jmap" });
  seconds.observe(1, { route: "jmap" });
  assert.match(await metrics.expose(), /bouquet_request_seconds_bucket\{le="0\.5",route="jmap"\} 1/);
  assert.match(await metrics.expose(), /bouquet_request_seconds_count\{route="jmap"\} 2/);
});

test("the metrics of Node are there when asked for", async () => {
  const metrics = createMetrics({ process: true });
  assert.match(await metrics.expose(), /process_resident_memory_bytes \d+/);
  metrics.close();
});

test("the counts of two copies are added up", async () => {
  const copies = [createMetrics(), createMetrics()];
  for (const copy of copies) copy.counter({ name: "mails_total", help: "Mails." }).add(2);
  const text = await exposeTogether(await Promise.all(copies.map((copy) => copy.values())));
  assert.match(text, /bouquet_mails_total 4/);
});
