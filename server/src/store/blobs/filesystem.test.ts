import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { uuidv7 } from "../uuid.ts";
import { testBlobStorage } from "./blob-storage.contract.ts";
import { openFilesystemBlobs } from "./filesystem.ts";

testBlobStorage("file system", async () => {
  const directory = await mkdtemp(join(tmpdir(), "bouquet-blobs-"));
  return {
    storage: await openFilesystemBlobs(directory),
    close: () => rm(directory, { recursive: true, force: true }),
  };
});

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "bouquet-blobs-"));
});
after(() => rm(directory, { recursive: true, force: true }));

async function* one(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

test("files are found by the random tail of their id, and only their owner may read them", async () => {
  const storage = await openFilesystemBlobs(`${directory}/`);
  const id = "01a2b3c4-0000-7000-8000-0000000012ef";
  await storage.write(id, one("x"));
  const { mode } = await stat(join(directory, "ef", "12", id));
  assert.equal(mode & 0o777, 0o600);
});

test("what an interrupted write left is swept by age, and strange files are neither listed nor touched", async () => {
  const storage = await openFilesystemBlobs(directory);
  const leftover = join(directory, "tmp", uuidv7());
  await writeFile(leftover, "half");
  await mkdir(join(directory, "lost+found"));
  await mkdir(join(directory, "ab", "cd"), { recursive: true });
  await writeFile(join(directory, "ab", "cd", "README"), "not ours");
  assert.equal(await storage.sweepTemporary(new Date(Date.now() - 60_000)), 0);
  await utimes(leftover, 1, 1);
  const listed: string[] = [];
  for await (const { id } of storage.list()) listed.push(id);
  assert.ok(listed.every((id) => /^[0-9a-f-]{36}$/.test(id)));
  assert.equal(await storage.sweepTemporary(new Date(Date.now() - 60_000)), 1);
  assert.deepEqual(await readdir(join(directory, "ab", "cd")), ["README"]);
});

test("a shard that is no directory fails the write and leaves nothing", async () => {
  const storage = await openFilesystemBlobs(directory);
  await writeFile(join(directory, "77"), "in the way");
  await assert.rejects(storage.write("01a2b3c4-0000-7000-8000-000000001177", one("x")));
  assert.deepEqual(await readdir(join(directory, "tmp")), []);
});
