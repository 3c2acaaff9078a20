import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import { inlineLimit } from "../../store/blobs/blobs.ts";
import { deepestPath } from "../../store/drive/read-own-path.ts";
import { grantAccount } from "../access/grant-account.ts";
import { createFolder } from "./create-folder.ts";
import { findPlaceInFolder } from "./drive-place.ts";
import { findOwnFile, findOwnPath } from "./find-own-path.ts";
import { openDrive } from "./open-drive.ts";
import { trashNode } from "./trash-node.ts";
import { uploadFile } from "./upload-file.ts";

let world: DriveWorld;
let organizationId: string;
let anne: Person;
let paul: Person;
let count = 0;

before(async () => {
  world = await openDriveWorld();
  organizationId = await world.organization("Bourg-Fleuri");
});
after(() => world.close());
beforeEach(async () => {
  count++;
  anne = await world.person(organizationId, `anne${count}`);
  paul = await world.person(organizationId, `paul${count}`);
});

const put = async (owner: Person, name: string, bytes: Buffer, folderId = owner.rootId) =>
  (await uploadFile(world.deps, owner.access, { folderId, name, onConflict: "replace" }, bytes)).node;
const makeFolder = (owner: Person, name: string, parentId = owner.rootId) =>
  createFolder(world.deps, owner.access, { parentId, name });
const own = (person: Person, ...names: string[]) => findOwnFile(world.deps, person.viewer, undefined, names);
const path = (person: Person, ...names: string[]) => findOwnPath(world.deps, person.viewer, undefined, names);

async function contentOf(person: Person, ...names: string[]): Promise<Buffer> {
  const found = await own(person, ...names);
  assert.ok(found, names.join("/"));
  const opened = await found.open();
  return opened.source.bytes ?? Buffer.concat(await opened.source.open().toArray());
}

async function giveTo(owner: Person, nodeId: string, { viewer }: Person): Promise<void> {
  const target = { organizationId, accountId: owner.access.accountId, nodeId };
  const grantee = { organizationId: viewer.organizationId, principalId: viewer.principalId };
  await world.store.transact((tx) => grantAccount(tx, target, grantee, ["read", "write"], { expiresAt: null }));
}

test("a file of one's own comes with its bytes, however many they are, and is what the whole drive says", async () => {
  const folder = await makeFolder(anne, "Délibérations");
  const sizes = [0, 1, 4_096, inlineLimit, inlineLimit + 1, 200_000];
  for (const size of sizes) {
    const bytes = Buffer.alloc(size, `${size} `);
    await put(anne, `f${size}.bin`, bytes, folder.id);
    assert.ok((await contentOf(anne, "Délibérations".normalize("NFD"), `f${size}.bin`)).equals(bytes), String(size));
    const found = await own(anne, "Délibérations", `f${size}.bin`);
    const drive = await openDrive(world.deps, anne.viewer);
    const { place } = await findPlaceInFolder(world.store.read, drive, ["Délibérations", `f${size}.bin`]);
    assert.deepEqual({ ...place?.node, ...found?.place.node }, place?.node);
    assert.equal(found?.place.node.id, place?.node.id);
    assert.deepEqual(found?.place.names, place?.names);
    assert.deepEqual(found?.place.access, place?.access);
  }
});

test("a new version is read at once, and what is in the trash, a folder, or nothing is not found", async () => {
  const folder = await makeFolder(anne, "Plans");
  const file = await put(anne, "cadastre.txt", Buffer.from("1"), folder.id);
  await put(anne, "cadastre.txt", Buffer.from("22"), folder.id);
  assert.equal(String(await contentOf(anne, "Plans", "cadastre.txt")), "22");
  for (const names of [[], ["Plans"], ["Plans", "rien.txt"], ["cadastre.txt"], ["Plans", "cadastre.txt", "x"]]) {
    assert.equal(await own(anne, ...names), undefined, names.join("/"));
  }
  assert.equal(await own(anne, "Plans", "\ud800"), undefined);
  assert.equal(await own(anne, "Plans", "a\0b"), undefined);
  assert.equal(await own(paul, "Plans", "cadastre.txt"), undefined);
  await trashNode(world.deps, anne.access, file.id);
  assert.equal(await own(anne, "Plans", "cadastre.txt"), undefined);
  await put(anne, "cadastre.txt", Buffer.from("3"), folder.id);
  await trashNode(world.deps, anne.access, folder.id);
  assert.equal(await own(anne, "Plans", "cadastre.txt"), undefined);
});

test("where a file is to be written its folder is found, and nothing where something mounted has the name", async () => {
  const folder = await makeFolder(anne, "Travaux");
  const file = await put(anne, "a.txt", Buffer.from("a"), folder.id);
  const known = await path(anne, "Travaux", "a.txt");
  assert.deepEqual([known?.file?.node.id, known?.folder.node.id], [file.id, folder.id]);
  const missing = await path(anne, "Travaux", "b.txt");
  assert.deepEqual([missing?.file, missing?.folder.node.id], [undefined, folder.id]);
  assert.equal((await path(anne, "haut.txt"))?.folder.node.id, anne.rootId);
  for (const names of [[], ["Travaux"], ["Rien", "b.txt"], ["Travaux", "a.txt", "b.txt"]]) {
    assert.equal(await path(anne, ...names), undefined, names.join("/"));
  }

  const theirs = await put(paul, "partagé.txt", Buffer.from("Paul"));
  const theirFolder = await makeFolder(paul, "Commun");
  await put(paul, "dedans.txt", Buffer.from("Paul"), theirFolder.id);
  await giveTo(paul, theirs.id, anne);
  await giveTo(paul, theirFolder.id, anne);
  const drive = await openDrive(world.deps, anne.viewer);
  assert.deepEqual(
    drive.mounts.map(({ names }) => names.join("/")),
    ["Commun", "partagé.txt"],
  );
  for (const names of [["partagé.txt"], ["Commun"], ["Commun", "dedans.txt"], ["Commun", "neuf.txt"]]) {
    assert.equal(await own(anne, ...names), undefined, names.join("/"));
    assert.equal(await path(anne, ...names), undefined, names.join("/"));
  }
  assert.equal((await path(anne, "Travaux", "partagé.txt"))?.folder.node.id, folder.id);
});

test("beyond the deepest path that is looked up at once the whole drive is asked", async () => {
  const names = Array.from({ length: deepestPath }, (_, index) => `n${index}`);
  let parentId = anne.rootId;
  for (const name of names) parentId = (await makeFolder(anne, name, parentId)).id;
  const above = (await path(anne, ...names))?.folder.node.id;
  assert.equal(above, undefined, "a folder is no file");
  await put(anne, "bas.txt", Buffer.from("x"), parentId);
  assert.equal(await own(anne, ...names, "bas.txt"), undefined);
  assert.equal(await path(anne, ...names, "bas.txt"), undefined);
  const last = await path(anne, ...names.slice(0, -1), "autre.txt");
  assert.equal(last?.folder.node.name, names.at(-2));
  const drive = await openDrive(world.deps, anne.viewer);
  const found = await findPlaceInFolder(world.store.read, drive, [...names, "bas.txt"]);
  assert.equal(found.place?.node.name, "bas.txt");
});
