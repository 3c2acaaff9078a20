import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { after, before, beforeEach, test } from "node:test";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import { Blobs } from "../../store/blobs/blobs.ts";
import type { Store } from "../../store/database.ts";
import { StoreError } from "../../store/store-error.ts";
import { DomainError } from "../errors.ts";
import { listFolder } from "./list-folder.ts";
import type { DriveDeps } from "./model.ts";
import { openFile } from "./open-file.ts";
import { uploadFile } from "./upload-file.ts";

let world: DriveWorld;
let organizationId: string;
let anne: Person;
let count = 0;

before(async () => {
  world = await openDriveWorld();
  organizationId = await world.organization("Bourg-Fleuri");
});
after(() => world.close());
beforeEach(async () => {
  anne = await world.person(organizationId, `anne${++count}`);
});

const bytes = Buffer.alloc(200_000, "x");
const upload = (deps: DriveDeps, name = "f", options = {}, source: Buffer | AsyncIterable<Uint8Array> = bytes) =>
  uploadFile(deps, anne.access, { folderId: anne.rootId, name, ...options }, source);
const files = async (): Promise<number> =>
  (await readdir(world.blobDirectory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    .length;
const names = async (): Promise<string[]> =>
  (await listFolder(world.store.read, anne.access, anne.rootId))!.nodes.map((node) => node.name);
const refused = (code: string) => (error: unknown) => error instanceof DomainError && error.code === code;
/** The world's store, whose transactions end in another way. */
const storeWith = (transact: Store["transact"]): DriveDeps => ({ ...world.deps, store: { ...world.store, transact } });

async function leavesNothing(act: () => Promise<unknown>, code: string): Promise<void> {
  const [filesBefore, namesBefore] = [await files(), await names()];
  await assert.rejects(act(), refused(code));
  assert.equal(await files(), filesBefore);
  assert.deepEqual(await names(), namesBefore);
  await world.checkBooks(anne);
}

test("a full disk is said so, and leaves nothing", async () => {
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  const storage = Object.assign(Object.create(world.deps.blobs.storage), { write: () => Promise.reject(full) });
  await leavesNothing(() => upload({ ...world.deps, blobs: new Blobs(storage) }), "storage_full");
  await leavesNothing(
    () => upload(storeWith(() => Promise.reject(new StoreError("full", "No space left")))),
    "storage_full",
  );
});

test("a file that is not as long as announced is refused, and leaves nothing", async () => {
  for (const expectedSize of [199_999, 200_001]) {
    await leavesNothing(() => upload(world.deps, "f", { expectedSize }), "invalid");
  }
});

test("a name taken while the bytes came is refused, and the bytes go", async () => {
  const source = async function* () {
    yield bytes;
    await upload(world.deps, "same");
  };
  const [filesBefore] = [await files()];
  await assert.rejects(upload(world.deps, "same", {}, source()), refused("already_exists"));
  assert.equal(await files(), filesBefore + 1, "those of the other upload");
  await world.checkBooks(anne);
});

test("room taken while the bytes came is not taken twice", async () => {
  const large = Buffer.alloc(600_000);
  const source = async function* () {
    yield large;
    await upload(world.deps, "other", {}, large);
  };
  await assert.rejects(upload(world.deps, "same", {}, source()), refused("over_quota"));
  assert.deepEqual(await names(), ["other"]);
  await world.checkBooks(anne);
});

test("when nobody knows whether the commit happened, the bytes stay: they may be a file's", async () => {
  const deps = storeWith(async (work) => {
    await world.store.transact(work);
    throw new StoreError("unavailable", "The connection was lost while committing");
  });
  await assert.rejects(upload(deps), refused("unavailable"));
  const [node] = (await listFolder(world.store.read, anne.access, anne.rootId))!.nodes;
  const { source } = await openFile(world.deps, anne.access, node!.id);
  assert.equal(Buffer.concat(await source.open().toArray()).length, bytes.length);
});

test("a file that replaces another counts the difference, to the byte", async () => {
  await upload(world.deps, "f", {}, Buffer.alloc(900_000));
  await upload(world.deps, "f", { onConflict: "replace", expectedSize: 950_000 }, Buffer.alloc(950_000));
  await leavesNothing(
    () => upload(world.deps, "f", { onConflict: "replace", expectedSize: 1_000_001 }, Buffer.alloc(1_000_001)),
    "over_quota",
  );
  await world.checkBooks(anne);
});
