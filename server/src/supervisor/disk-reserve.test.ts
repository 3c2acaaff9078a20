import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { giveUpReserve, layInReserve, walLimit } from "./disk-reserve.ts";

const mebibyte = 2 ** 20;
const disk = (total: number, free: number) => async () => ({ total: total * mebibyte, free: free * mebibyte });

async function scratch(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "reserve-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test("the reserve takes real room, and is given up only when less than that is free", async (t) => {
  const directory = await scratch(t);
  await layInReserve(directory, disk(1_000, 500));
  const { size, blocks } = await stat(join(directory, "reserve"));
  assert.equal(size, 50 * mebibyte);
  assert.ok(blocks * 512 >= size);
  assert.equal(await giveUpReserve(directory, disk(1_000, 51)), "kept");
  assert.equal(await giveUpReserve(directory, disk(1_000, 49)), "given up");
  assert.deepEqual(await readdir(directory), []);
});

test("no reserve is laid in on a disk that has little room", async (t) => {
  const directory = await scratch(t);
  await layInReserve(directory, disk(1_000, 199));
  assert.deepEqual(await readdir(directory), []);
  assert.equal(await giveUpReserve(directory, disk(1_000, 0)), "kept");
});

test("WAL takes a twentieth of the disk, within bounds", async () => {
  assert.equal(await walLimit("/data", disk(10_240, 1)), 512 * mebibyte);
  assert.equal(await walLimit("/data", disk(500, 1)), 128 * mebibyte);
  assert.equal(await walLimit("/data", disk(1e6, 1)), 1024 * mebibyte);
});
