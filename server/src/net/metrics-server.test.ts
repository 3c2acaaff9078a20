import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "../telemetry/logger.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { startMetricsServer } from "./metrics-server.ts";

test("metrics are served on loopback, at their path only", async (t) => {
  const metrics = createMetrics();
  metrics.counter({ name: "mails_total", help: "Mails." }).increase();
  const server = await startMetricsServer({
    port: 0,
    contentType: metrics.contentType,
    expose: metrics.expose,
    log: silentLogger,
  });
  t.after(() => server.close(0));
  const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  assert.match(await answer.text(), /bouquet_mails_total 1/);
  assert.equal((await fetch(`http://127.0.0.1:${server.port}/`)).status, 404);
});
