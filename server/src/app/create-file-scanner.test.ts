import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { type DriveWorld, openDriveWorld } from "../../test/harness/drive-world.ts";
import { createScanCounter } from "../domain/mail/screening/screening-deps.ts";
import { silentLogger } from "../telemetry/logger.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { createFileScanner } from "./create-file-scanner.ts";

let world: DriveWorld;
before(async () => {
  world = await openDriveWorld();
});
after(() => world.close());

test("a file that is too large for the scanner is told to the operator, in the log and in the metrics", async () => {
  const metrics = createMetrics();
  const warnings: unknown[] = [];
  const scanner = createFileScanner({
    store: world.store,
    scans: createScanCounter(metrics),
    log: { ...silentLogger, warn: (...words: unknown[]) => void warnings.push(words) },
    virusScanner: { scan: async () => ({ outcome: "too_large" }) },
  });
  assert.deepEqual(await scanner!.scan({ size: 5e9, open: () => Readable.from([]) }), { outcome: "too_large" });
  assert.deepEqual(warnings, [[{ size: 5e9 }, "a message or a file is too large for the virus scanner: not scanned"]]);
  assert.match(await metrics.expose(), /bouquet_mail_scans_total\{scanner="antivirus",outcome="too_large"\} 1/);
  metrics.close();
});
