import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { openDriveWorld } from "../../../../test/harness/drive-world.ts";
import { WorkerFailure } from "../../../workers/worker-pool.ts";
import { DomainError } from "../../errors.ts";
import { stageIncoming } from "./stage-incoming.ts";

test("a message that no worker can read now is put off, and leaves nothing behind", async (t) => {
  const world = await openDriveWorld();
  t.after(() => world.close());
  for (const reason of ["busy", "timeout", "crashed", "closed"] as const) {
    const deps = {
      ...world.deps,
      analyze: async () => {
        throw new WorkerFailure(reason, "not now");
      },
    };
    await assert.rejects(
      stageIncoming(
        deps,
        (async function* () {
          yield Buffer.alloc(100_000, "x");
        })(),
      ),
      (error) => error instanceof DomainError && error.code === "unavailable",
    );
  }
  const left = await readdir(world.blobDirectory, { recursive: true, withFileTypes: true });
  assert.deepEqual(
    left.filter((entry) => entry.isFile()),
    [],
  );
});
