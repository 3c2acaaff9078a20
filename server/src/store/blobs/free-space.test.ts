import assert from "node:assert/strict";
import { test } from "node:test";
import { guardFreeSpace } from "./free-space.ts";

const gigabyte = 1e9;

function disk(total: number, free: number) {
  let looks = 0;
  const measure = async () => {
    looks++;
    return { total, free };
  };
  return { measure, looks: () => looks };
}

test("content is refused as on a full disk while too little room is left", async () => {
  await assert.rejects(guardFreeSpace("/data", disk(100 * gigabyte, 0.2 * gigabyte).measure)(), { code: "ENOSPC" });
  await assert.rejects(guardFreeSpace("/data", disk(0.2 * gigabyte, 0.04 * gigabyte).measure)(), { code: "ENOSPC" });
});

test("a large disk is not thought full at a twentieth, nor a small one at 256 MiB", async () => {
  await guardFreeSpace("/data", disk(10_000 * gigabyte, 0.3 * gigabyte).measure)();
  await guardFreeSpace("/data", disk(gigabyte, 0.1 * gigabyte).measure)();
});

test("many writes at once look at the disk once", async () => {
  const { measure, looks } = disk(100 * gigabyte, 50 * gigabyte);
  const guard = guardFreeSpace("/data", measure);
  await Promise.all(Array.from({ length: 100 }, guard));
  assert.equal(looks(), 1);
});

test("a real disk can be measured", async () => {
  await assert.doesNotReject(guardFreeSpace(import.meta.dirname));
});
