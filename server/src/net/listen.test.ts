import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { createLogger } from "../telemetry/logger.ts";
import { listen } from "./listen.ts";

test("a connection that cannot be accepted is logged and does not end the program", async (t) => {
  const lines: string[] = [];
  const log = createLogger({ level: "warn", format: "json" }, { write: (line) => lines.push(line) });
  const server = createServer();
  await listen(server, "The test server", { host: "127.0.0.1", port: 0 }, log);
  t.after(() => server.close());
  server.emit("error", Object.assign(new Error("accept ENFILE"), { code: "ENFILE" }));
  assert.match(lines.join(""), /could not be accepted/);
  assert.equal(server.listening, true);
});
