// One copy under a supervisor: answers with its process id on the port that it was ordered to share.
import { createHttpServer } from "../../src/net/http-server.ts";
import { receiveOrders } from "../../src/supervisor/copies.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";

const metrics = createMetrics();
const answered = metrics.counter({ name: "answers_total", help: "Answers." });
const copy = await receiveOrders<{ port: number; refuse?: string }>(metrics.values);
if (copy.orders.refuse) {
  await copy.reportFailure(copy.orders.refuse);
  process.exit(1);
}
const server = await createHttpServer({
  listen: { host: "127.0.0.1", port: copy.orders.port },
  log: silentLogger,
  handler: (_request, response) => {
    answered.increase();
    response.setHeader("connection", "close").end(String(process.pid));
  },
});
copy.stop.addEventListener("abort", async () => {
  await server.close(1_000);
  process.exit(0);
});
copy.reportReady();
