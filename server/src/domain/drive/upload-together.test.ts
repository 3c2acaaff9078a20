import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import type { Store } from "../../store/database.ts";
import { StoreError } from "../../store/store-error.ts";
import { DomainError } from "../errors.ts";
import { readQuota } from "../quota/charge-quota.ts";
import { createFolder } from "./create-folder.ts";
import { listFolder } from "./list-folder.ts";
import { listVersions } from "./list-versions.ts";
import type { DriveDeps } from "./model.ts";
import { openFile } from "./open-file.ts";
import type { FilePlace } from "./place-file.ts";
import { storeFile } from "./upload-file.ts";

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

const store = (name: string, content: string, place: Partial<FilePlace> = {}, deps: DriveDeps = world.deps) =>
  storeFile(deps, anne.access, { folderId: anne.rootId, name, onConflict: "replace", ...place }, Buffer.from(content));
const contentOf = async (id: string): Promise<string> => {
  const { source } = await openFile(world.deps, anne.access, id);
  return Buffer.concat(await source.open().toArray()).toString();
};
const codeOf = (result: PromiseSettledResult<unknown>): string =>
  result.status === "rejected" && result.reason instanceof DomainError ? result.reason.code : result.status;

/** The world's store, with every transaction counted. */
function counting(): { deps: DriveDeps; transactions: () => number } {
  let transactions = 0;
  const transact: Store["transact"] = (work) => {
    transactions++;
    return world.store.transact(work);
  };
  return { deps: { ...world.deps, store: { ...world.store, transact } }, transactions: () => transactions };
}

test("what comes while a transaction runs shares the next one, and each has its own file", async () => {
  const { deps, transactions } = counting();
  const placed = await Promise.all(Array.from({ length: 30 }, (_, index) => store(`f${index}`, `${index}`, {}, deps)));
  // The first goes alone; how many are there when it ends is for the machine to say.
  assert.ok(transactions() <= 10, `${transactions()} transactions`);
  assert.deepEqual(await Promise.all(placed.map(({ id }) => contentOf(id))), [...Array(30).keys()].map(String));
  assert.equal(new Set(placed.map(({ fileId }) => fileId)).size, 30);
  const { nodes } = (await listFolder(world.store.read, anne.access, anne.rootId))!;
  assert.deepEqual(
    nodes.map((node) => [node.id, node.fileId, node.versionId]).sort(),
    placed.map((each) => [each.id, each.fileId, each.versionId]).sort(),
  );
  await world.checkBooks(anne);
});

test("what is refused is refused alone", async () => {
  const { id: folderId } = await createFolder(world.deps, anne.access, { parentId: anne.rootId, name: "folder" });
  await store("first", "first");
  const results = await Promise.allSettled([
    store("first", "second"),
    store("a", "a"),
    store("folder", "not a folder"),
    store("b", "b", { folderId }),
    store("no/name", "c"),
    store("c", "c", { folderId: "00000000-0000-7000-8000-000000000000" }),
    store("d", "d", { replacesVersion: "00000000-0000-7000-8000-000000000000" }),
    store("first", "again", { onConflict: "fail" }),
    store("e", "e"),
  ]);
  const expected = ["fulfilled", "fulfilled", "conflict", "fulfilled", "invalid", "not_found", "state_mismatch"];
  assert.deepEqual(results.map(codeOf), [...expected, "already_exists", "fulfilled"]);
  await world.checkBooks(anne);
});

test("when there is room for some, some are stored and the others leave nothing", async () => {
  const content = "x".repeat(60_000);
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => store(`f${index}`, content)));
  assert.equal(results.filter((each) => each.status === "fulfilled").length, 16);
  assert.deepEqual(new Set(results.map(codeOf)), new Set(["fulfilled", "over_quota"]));
  assert.equal((await readQuota(world.store.read, anne.access, "files")).used, 16 * 60_000);
  await world.checkBooks(anne);
});

test("of the same name, each is a version of one file; one that takes a free name finds it", async () => {
  const placed = await Promise.all(["1", "2", "3", "4"].map((content) => store("same", content)));
  assert.equal(placed.filter(({ isNew }) => isNew).length, 1);
  assert.equal(new Set(placed.map(({ id, fileId }) => `${id} ${fileId}`)).size, 1);
  assert.match(await contentOf(placed[0]!.id), /^[1-4]$/);
  assert.equal((await listVersions(world.store.read, anne.access, placed[0]!.id)).length, 4);
  const renamed = await Promise.all(["5", "6", "7"].map((content) => store("same", content, { onConflict: "rename" })));
  assert.deepEqual(
    renamed.map(({ isNew }) => isNew),
    [true, true, true],
  );
  const { nodes } = (await listFolder(world.store.read, anne.access, anne.rootId))!;
  assert.deepEqual(nodes.map((node) => node.name).sort(), ["same", "same (2)", "same (3)", "same (4)"]);
  await world.checkBooks(anne);
});

test("a database that goes away is told to all who wait, and the next upload begins anew", async () => {
  let isAway = true;
  const transact: Store["transact"] = (work) =>
    isAway ? Promise.reject(new StoreError("unavailable", "gone")) : world.store.transact(work);
  const deps = { ...world.deps, store: { ...world.store, transact } };
  const results = await Promise.allSettled(["a", "b", "c"].map((name) => store(name, name, {}, deps)));
  assert.deepEqual(results.map(codeOf), ["unavailable", "unavailable", "unavailable"]);
  isAway = false;
  assert.equal((await store("a", "a", {}, deps)).isNew, true);
});

test("what nobody foresaw with one of them does not fail the others", async () => {
  let failures = 0;
  const insert: DriveDeps["blobs"]["insert"] = async (tx, organization, staged) => {
    if (staged.data?.toString() !== "bad") return world.deps.blobs.insert(tx, organization, staged);
    failures++;
    throw new Error("a bug");
  };
  const blobs = Object.assign(Object.create(world.deps.blobs), { insert });
  const results = await Promise.allSettled(
    ["first", "a", "bad", "b"].map((content) => store(content, content, {}, { ...world.deps, blobs })),
  );
  assert.deepEqual(
    results.map((each) => each.status),
    ["fulfilled", "fulfilled", "rejected", "fulfilled"],
  );
  assert.ok(failures >= 1);
  await world.checkBooks(anne);
});
