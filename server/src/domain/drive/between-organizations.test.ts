import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { after, before, beforeEach, test } from "node:test";
import { sql } from "kysely";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import { Blobs, type StagedBlob } from "../../store/blobs/blobs.ts";
import { DomainError } from "../errors.ts";
import { copyNode } from "./copy-node.ts";
import { createFolder } from "./create-folder.ts";
import { readUsage } from "./list-spaces.ts";
import { listTrash } from "./list-trash.ts";
import type { DriveDeps } from "./model.ts";
import { moveNode } from "./move-node.ts";
import { openFile } from "./open-file.ts";
import { purgeDeleted } from "./purge-deleted.ts";
import { walkTree } from "./walk-tree.ts";

let world: DriveWorld;
let anne: Person;
let zoe: Person;
let count = 0;

before(async () => {
  world = await openDriveWorld();
});
after(() => world.close());
beforeEach(async () => {
  count++;
  anne = await world.person(await world.organization(`Bourg ${"a".repeat(count)}`), `anne${count}`, 3_000_000);
  zoe = await world.person(await world.organization(`Val ${"z".repeat(count)}`), `zoe${count}`, 3_000_000);
});

const refused = (code: string, reason?: string) => (error: unknown) => {
  assert.ok(error instanceof DomainError, String(error));
  assert.equal(error.code, code);
  if (reason !== undefined) assert.equal(error.data?.reason, reason);
  return true;
};

const big = "0123456789".repeat(10_000);

/** A folder with small, large and empty files and folders; 3 levels. */
async function makeTree(): Promise<string> {
  const top = await createFolder(world.deps, anne.access, { parentId: anne.rootId, name: "top" });
  const inner = await createFolder(world.deps, anne.access, { parentId: top.id, name: "inner" });
  await createFolder(world.deps, anne.access, { parentId: inner.id, name: "empty" });
  await world.put(anne, "small", "é", { folderId: top.id, modifiedAt: new Date("2020-02-03T04:05:06Z") });
  await world.put(anne, "nothing", "", { folderId: inner.id });
  await world.put(anne, "big.txt", "old", { folderId: inner.id });
  await world.put(anne, "big.txt", big, { folderId: inner.id, onConflict: "replace" });
  return top.id;
}

async function contents(person: Person, nodeId: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { node, path } of walkTree(world.store.read, person.access, nodeId)) {
    const opened = node.kind === "file" ? await openFile(world.deps, person.access, node.id) : undefined;
    found[path.join("/")] = opened ? (await opened.source.open().toArray()).join("") : "folder";
  }
  return found;
}

const expected = {
  top: "folder",
  "top/inner": "folder",
  "top/inner/empty": "folder",
  "top/inner/big.txt": big,
  "top/inner/nothing": "",
  "top/small": "é",
};

async function arriving(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM drive_node WHERE state IN ('arriving', 'purged')`.execute(world.store.read);
  return rows[0]!.count;
}

test("a copy has all that was live, in bytes and blobs of its own organization", async () => {
  const top = await makeTree();
  const copy = await copyNode(world.deps, anne.access, top, zoe.access, { parentId: zoe.rootId });
  assert.deepEqual(await contents(zoe, copy.id), expected);
  assert.deepEqual(await contents(anne, top), expected);
  assert.equal(copy.size, 2 + big.length);
  assert.equal((await readUsage(world.store.read, zoe.access)).used, copy.size);
  const { rows } = await sql`
    SELECT FROM file_segment s JOIN blob b ON b.id = s.blob_id AND b.organization_id <> s.organization_id`.execute(
    world.store.read,
  );
  assert.equal(rows.length, 0);
  await world.checkBooks(anne);
  await world.checkBooks(zoe);
});

test("a move leaves the original in the trash of its own account, from where it comes back", async () => {
  const top = await makeTree();
  const moved = await moveNode(world.deps, anne.access, top, zoe.access, { parentId: zoe.rootId, name: "reçu" });
  assert.equal(moved.name, "reçu");
  assert.equal(Object.keys(await contents(zoe, moved.id)).length, 6);
  assert.deepEqual(
    (await listTrash(world.store.read, anne.access)).map(({ node }) => node.id),
    [top],
  );
  await assert.rejects(contents(anne, top), refused("not_found"));
  await world.checkBooks(anne);
  await world.checkBooks(zoe);
});

test("what is refused moves nothing and leaves nothing that is not purged", async () => {
  const top = await makeTree();
  const poor = await world.person(zoe.viewer.organizationId, `poor${count}`, 100);
  await world.put(zoe, "top", "in the way");
  const attempts: [() => Promise<unknown>, string][] = [
    [() => moveNode(world.deps, anne.access, top, zoe.access, { parentId: zoe.rootId }), "already_exists"],
    [() => copyNode(world.deps, anne.access, top, zoe.access, { parentId: zoe.rootId }), "already_exists"],
    [() => moveNode(world.deps, anne.access, top, poor.access, { parentId: poor.rootId }), "over_quota"],
    [() => moveNode(world.deps, anne.access, top, zoe.access, { parentId: anne.rootId }), "not_found"],
    [() => moveNode(world.deps, anne.access, anne.rootId, zoe.access, { parentId: zoe.rootId }), "forbidden"],
  ];
  for (const right of ["delete", "create"] as const) {
    const from = { ...anne.access, rights: anne.access.rights.difference(new Set([right])) };
    const to = { ...zoe.access, rights: zoe.access.rights.difference(new Set([right])) };
    const [source, target] = right === "delete" ? [from, zoe.access] : [anne.access, to];
    attempts.push([() => moveNode(world.deps, source, top, target, { parentId: zoe.rootId, name: "x" }), "forbidden"]);
  }
  for (const [attempt, code] of attempts) await assert.rejects(attempt, refused(code));
  assert.deepEqual(await contents(anne, top), expected);
  await purgeDeleted(world.deps, new Date(0));
  assert.equal(await arriving(), 0);
  for (const person of [anne, zoe, poor]) await world.checkBooks(person);
});

test("what replaces is exchanged for what it replaces at once", async () => {
  const top = await makeTree();
  await world.put(zoe, "top", "in the way");
  const moved = await moveNode(world.deps, anne.access, top, zoe.access, {
    parentId: zoe.rootId,
    onConflict: "replace",
  });
  assert.deepEqual(await contents(zoe, moved.id), expected);
  assert.equal((await listTrash(world.store.read, zoe.access)).length, 1);
  await world.checkBooks(zoe);
});

/** Deps whose blobs do something before the bytes of each file are written. */
function depsThat(act: (written: number) => Promise<void>): DriveDeps {
  let written = 0;
  class Watched extends Blobs {
    override async stage(...args: Parameters<Blobs["stage"]>): Promise<StagedBlob> {
      await act(++written);
      return super.stage(...args);
    }
  }
  return { store: world.store, blobs: new Watched(world.deps.blobs.storage) };
}

test("what is written in the tree while its bytes are copied is moved too", async () => {
  const top = await makeTree();
  const deps = depsThat(async (written) => {
    if (written === 2) await world.put(anne, "late", "came late", { folderId: top });
  });
  const moved = await moveNode(deps, anne.access, top, zoe.access, { parentId: zoe.rootId });
  assert.deepEqual(await contents(zoe, moved.id), { ...expected, "top/late": "came late" });
  await purgeDeleted(world.deps, new Date(0));
  assert.equal(await arriving(), 0);
  await world.checkBooks(anne);
  await world.checkBooks(zoe);
});

test("a tree that changes all the time is refused and stays whole; so does one whose bytes cannot be written", async () => {
  const top = await makeTree();
  const restless = depsThat(async (written) => void (await world.put(anne, `f${written}`, "x", { folderId: top })));
  const to = { parentId: zoe.rootId };
  await assert.rejects(moveNode(restless, anne.access, top, zoe.access, to), refused("conflict", "changed"));
  const broken = depsThat(async (written) => {
    if (written === 2) throw new Error("the disk is gone");
  });
  await assert.rejects(moveNode(broken, anne.access, top, zoe.access, to), /the disk is gone/);
  const left = await contents(anne, top);
  for (const [path, content] of Object.entries(expected)) assert.equal(left[path], content, path);
  assert.deepEqual(await contents(zoe, zoe.rootId), { "": "folder" });
  const files = await readdir(world.blobDirectory, { recursive: true });
  await purgeDeleted(world.deps, new Date(0));
  assert.equal(await arriving(), 0);
  assert.ok(files.length > 0);
  await world.checkBooks(anne);
  await world.checkBooks(zoe);
});

test("a copy whose program died is purged after a day, and not before", async () => {
  const top = await makeTree();
  let reached = (): void => undefined;
  const isCopying = new Promise<void>((resolve) => {
    reached = resolve;
  });
  let release = (): void => undefined;
  const hold = new Promise<void>((resolve) => {
    release = resolve;
  });
  // Enough before it that a part of the tree is in the database already.
  for (let index = 0; index < 220; index++) {
    await createFolder(world.deps, anne.access, { parentId: top, name: `d${index}` });
  }
  const inner = await createFolder(world.deps, anne.access, { parentId: top, name: "zz" });
  await world.put(anne, "last", "x", { folderId: inner.id });
  const deps = depsThat(async () => {
    if ((await arriving()) === 0) return;
    reached();
    await hold;
    throw new Error("dead");
  });
  const copying = assert.rejects(copyNode(deps, anne.access, top, zoe.access, { parentId: zoe.rootId }), /dead/);
  await isCopying;
  await purgeDeleted(world.deps, new Date());
  assert.equal(await arriving(), 1);
  assert.deepEqual(await contents(zoe, zoe.rootId), { "": "folder" });
  await world.store.transact((tx) =>
    sql`UPDATE drive_node SET removed_at = now() - interval '25 hours' WHERE state = 'arriving'`.execute(tx),
  );
  await purgeDeleted(world.deps, new Date(0));
  assert.equal(await arriving(), 0);
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM drive_node WHERE account_id = ${zoe.access.accountId}`.execute(world.store.read);
  assert.equal(rows[0]!.count, 1);
  release();
  await copying;
  await world.checkBooks(zoe);
});
