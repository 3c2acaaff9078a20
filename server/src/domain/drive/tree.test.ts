import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import { DomainError } from "../errors.ts";
import { copyNode } from "./copy-node.ts";
import { createFolder } from "./create-folder.ts";
import { type FolderListing, listFolder } from "./list-folder.ts";
import { readUsage } from "./list-spaces.ts";
import { listTrash } from "./list-trash.ts";
import type { DriveNode } from "./model.ts";
import { moveNode } from "./move-node.ts";
import { openFile } from "./open-file.ts";
import { readNode } from "./read-node.ts";
import { renameNode } from "./rename-node.ts";
import { resolvePath } from "./resolve-path.ts";
import { restoreNode } from "./restore-node.ts";
import { trashNode } from "./trash-node.ts";

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

const refused = (code: string, reason?: string) => (error: unknown) => {
  assert.ok(error instanceof DomainError, String(error));
  assert.equal(error.code, code);
  if (reason !== undefined) assert.equal(error.data?.reason, reason);
  return true;
};

const folder = (name: string, parentId = anne.rootId): Promise<DriveNode> =>
  createFolder(world.deps, anne.access, { parentId, name });
const names = async (folderId = anne.rootId): Promise<string[]> =>
  (await listFolder(world.store.read, anne.access, folderId))!.nodes.map((node) => node.name);
const content = async (nodeId: string, versionId?: string): Promise<string> => {
  const { source } = await openFile(world.deps, anne.access, nodeId, versionId);
  return (await source.open().toArray()).join("");
};

describe("folders", () => {
  test("are listed before files, with names in French order and numbers by value", async () => {
    for (const name of ["zone", "École", "echarpe", "Annexe 10", "annexe 2"]) await folder(name);
    for (const name of ["étude.pdf", "Etat.odt", "b.txt"]) await world.put(anne, name, "x");
    assert.deepEqual(await names(), [
      ...["annexe 2", "Annexe 10", "echarpe", "École", "zone"],
      ...["b.txt", "Etat.odt", "étude.pdf"],
    ]);
  });

  test("are read page by page in each order without losing or repeating a node", async () => {
    for (let index = 0; index < 7; index++) await folder(`d${index}`);
    for (let index = 0; index < 8; index++) await world.put(anne, `f${index}`, "x".repeat(index % 3));
    for (const sort of ["name", "modified", "size"] as const) {
      for (const direction of ["asc", "desc"] as const) {
        const seen: string[] = [];
        let next: string | null = null;
        do {
          const page: FolderListing = (await listFolder(world.store.read, anne.access, anne.rootId, {
            sort,
            direction,
            limit: 4,
            ...(next !== null && { after: next }),
          }))!;
          seen.push(...page.nodes.map((node) => node.name));
          next = page.next;
        } while (next !== null);
        assert.equal(seen.length, 15);
        assert.equal(new Set(seen).size, 15);
        assert.ok(seen.slice(0, 7).every((name) => name.startsWith("d")));
        if (sort === "name") assert.equal(seen[0], direction === "asc" ? "d0" : "d6");
      }
    }
  });

  test("refuse a page mark that was not made here, or for another order", async () => {
    for (let index = 0; index < 3; index++) await folder(`d${index}`);
    const page = (await listFolder(world.store.read, anne.access, anne.rootId, { limit: 1 }))!;
    const mark = (...parts: unknown[]): string => Buffer.from(JSON.stringify(parts)).toString("base64url");
    const id = anne.rootId;
    for (const [after, sort] of [
      [page.next!, "size"],
      ["%%%", "name"],
      ["", "name"],
      [mark("name", "asc", "yes", "a", id), "name"],
      [mark("name", "asc", true, "a\0", id), "name"],
      [mark("size", "asc", true, "1; DROP TABLE x", id), "size"],
      [mark("modified", "asc", true, "99999999999999999999", id), "modified"],
      [mark("name", "asc", true, "a", "not an id"), "name"],
    ] as const) {
      await assert.rejects(
        listFolder(world.store.read, anne.access, anne.rootId, { after, sort }),
        refused("invalid"),
        after,
      );
    }
  });

  test("have a state that moves with everything beneath and above, and spares the reading while it holds", async () => {
    const a = await folder("a");
    const b = await folder("b", a.id);
    const state = async (id: string): Promise<string> => (await listFolder(world.store.read, anne.access, id))!.state;
    let [stateA, stateB] = [await state(a.id), await state(b.id)];
    assert.equal(await listFolder(world.store.read, anne.access, a.id, { unless: stateA }), undefined);
    const file = await world.put(anne, "f", "1", { folderId: b.id });
    assert.notEqual(await state(a.id), stateA);
    assert.notEqual(await state(b.id), stateB);
    [stateA, stateB] = [await state(a.id), await state(b.id)];
    await renameNode(world.deps, anne.access, a.id, "aa");
    assert.notEqual(await state(b.id), stateB, "its path changed");
    stateA = await state(a.id);
    await world.put(anne, "f", "22", { folderId: b.id, onConflict: "replace" });
    assert.notEqual(await state(a.id), stateA);
    stateA = await state(a.id);
    await trashNode(world.deps, anne.access, file.id);
    assert.notEqual(await state(a.id), stateA);
    const after = await state(a.id);
    await folder("elsewhere");
    assert.equal(await state(a.id), after, "what happens elsewhere does not matter");
  });

  test("know their size and how many nodes they hold", async () => {
    const a = await folder("a");
    const b = await folder("b", a.id);
    await world.put(anne, "f", "12345", { folderId: b.id });
    await world.put(anne, "g", "123", { folderId: a.id });
    const { node } = await readNode(world.store.read, anne.access, a.id);
    assert.equal(node.size, 8);
    assert.equal(node.childCount, 2);
    await world.checkBooks(anne);
  });

  test("are not made deeper than 128 levels, by any way", async () => {
    let parentId = anne.rootId;
    for (let level = 1; level <= 128; level++) parentId = (await folder("d", parentId)).id;
    await assert.rejects(folder("d", parentId), refused("invalid", "too_deep"));
    await assert.rejects(world.put(anne, "f", "x", { folderId: parentId }), refused("invalid", "too_deep"));
    const small = await folder("small");
    await folder("child", small.id);
    const { path } = await readNode(world.store.read, anne.access, parentId);
    const almost = path.at(-2)!.id;
    await assert.rejects(
      moveNode(world.deps, anne.access, small.id, anne.access, { parentId: almost }),
      refused("invalid", "too_deep"),
    );
    await assert.rejects(
      copyNode(world.deps, anne.access, small.id, anne.access, { parentId: almost }),
      refused("invalid", "too_deep"),
    );
  });
});

describe("a taken name", () => {
  test("is refused, replaced or numbered, for each kind and each operation", async () => {
    const table: [
      kind: "file" | "folder",
      mode: "fail" | "replace" | "rename",
      existing: "file" | "folder",
      expected: string,
    ][] = [
      ["file", "fail", "file", "already_exists"],
      ["file", "fail", "folder", "already_exists"],
      ["file", "replace", "file", "x.pdf"],
      ["file", "replace", "folder", "conflict"],
      ["file", "rename", "file", "x (2).pdf"],
      ["file", "rename", "folder", "x (2).pdf"],
      ["folder", "fail", "file", "already_exists"],
      ["folder", "fail", "folder", "already_exists"],
      ["folder", "replace", "folder", "x.pdf"],
      ["folder", "replace", "file", "conflict"],
      ["folder", "rename", "folder", "x.pdf (2)"],
    ];
    for (const [kind, onConflict, existing, expected] of table) {
      const place = (await folder(`${kind} ${onConflict} ${existing}`)).id;
      if (existing === "file") await world.put(anne, "x.pdf", "old", { folderId: place });
      else await folder("x.pdf", place);
      const make = (): Promise<DriveNode> =>
        kind === "file"
          ? world.put(anne, "x.pdf", "new", { folderId: place, onConflict })
          : createFolder(world.deps, anne.access, { parentId: place, name: "x.pdf", onConflict });
      if (expected.includes(".")) assert.equal((await make()).name, expected, `${kind} ${onConflict} ${existing}`);
      else await assert.rejects(make(), refused(expected), `${kind} ${onConflict} ${existing}`);
    }
    await world.checkBooks(anne);
  });

  test("is taken in any normalization form", async () => {
    await world.put(anne, "e\u0301tat.pdf", "1");
    await assert.rejects(world.put(anne, "\u00e9tat.pdf", "2"), refused("already_exists", "name_taken"));
    assert.deepEqual(await names(), ["\u00e9tat.pdf"]);
    const { node } = await resolvePath(world.store.read, anne.access, anne.rootId, ["e\u0301tat.pdf"]);
    assert.equal(node.name, "\u00e9tat.pdf");
  });

  test("is replaced in a move by putting what had it in the trash, recoverable", async () => {
    const a = await folder("a");
    const old = await world.put(anne, "f", "old", { folderId: a.id });
    const next = await world.put(anne, "f", "newer");
    await moveNode(world.deps, anne.access, next.id, anne.access, { parentId: a.id, onConflict: "replace" });
    assert.deepEqual(await names(a.id), ["f"]);
    assert.deepEqual(
      (await listTrash(world.store.read, anne.access)).map((each) => each.node.id),
      [old.id],
    );
    const restored = await restoreNode(world.deps, anne.access, old.id);
    assert.equal(restored.name, "f (2)");
    await world.checkBooks(anne);
  });

  test("is not replaced by what it holds", async () => {
    const a = await folder("a");
    const inner = await folder("a", a.id);
    await assert.rejects(
      moveNode(world.deps, anne.access, inner.id, anne.access, { parentId: anne.rootId, onConflict: "replace" }),
      refused("conflict", "into_itself"),
    );
    await world.checkBooks(anne);
  });
});

describe("moving", () => {
  test("a folder into itself or beneath itself is refused", async () => {
    const a = await folder("a");
    const b = await folder("b", a.id);
    for (const target of [a.id, b.id]) {
      await assert.rejects(
        moveNode(world.deps, anne.access, a.id, anne.access, { parentId: target }),
        refused("conflict", "into_itself"),
      );
    }
  });

  test("two folders into each other at once never makes a circle", async () => {
    for (let round = 0; round < 5; round++) {
      const a = await folder(`a${round}`);
      const b = await folder(`b${round}`);
      const results = await Promise.allSettled([
        moveNode(world.deps, anne.access, a.id, anne.access, { parentId: b.id }),
        moveNode(world.deps, anne.access, b.id, anne.access, { parentId: a.id }),
      ]);
      assert.deepEqual(results.map((result) => result.status).sort(), ["fulfilled", "rejected"]);
    }
    await world.checkBooks(anne);
  });

  test("and trashing at once leaves the node in one place", async () => {
    for (let round = 0; round < 5; round++) {
      const a = await folder(`a${round}`);
      const f = await world.put(anne, `f${round}`, "abc");
      await Promise.allSettled([
        moveNode(world.deps, anne.access, f.id, anne.access, { parentId: a.id }),
        trashNode(world.deps, anne.access, a.id),
      ]);
      await world.checkBooks(anne);
    }
  });

  test("the root of a space is refused", async () => {
    const a = await folder("a");
    for (const act of [
      () => moveNode(world.deps, anne.access, anne.rootId, anne.access, { parentId: a.id }),
      () => renameNode(world.deps, anne.access, anne.rootId, "x"),
      () => trashNode(world.deps, anne.access, anne.rootId),
      () => copyNode(world.deps, anne.access, anne.rootId, anne.access, { parentId: a.id }),
    ]) {
      await assert.rejects(act(), refused("forbidden", "is_root"));
    }
  });

  test("to a shared space takes the tree, its bytes and its quota there", async () => {
    const team = await world.teamFolder(
      organizationId,
      `Travaux ${count}`,
      [anne],
      ["read", "write", "create", "delete"],
    );
    const a = await folder("a");
    const f = await world.put(anne, "f", "12345", { folderId: a.id });
    await moveNode(world.deps, anne.access, a.id, team.access, { parentId: team.rootId });
    await assert.rejects(readNode(world.store.read, anne.access, f.id), refused("not_found"));
    assert.equal((await readNode(world.store.read, team.access, f.id)).node.size, 5);
    assert.equal((await readUsage(world.store.read, anne.access)).used, 0);
    assert.equal((await readUsage(world.store.read, team.access)).used, 5);
    await world.checkBooks(anne);
    await world.checkBooks(team);
  });

  test("to where the name is free in another case keeps both", async () => {
    await world.put(anne, "a", "1");
    await world.put(anne, "A", "2");
    assert.deepEqual((await names()).sort(), ["A", "a"]);
  });
});

describe("copying", () => {
  test("a tree copies no byte, counts it again, and is independent", async () => {
    const a = await folder("a");
    const f = await world.put(anne, "f", "1".repeat(70_000), { folderId: a.id });
    await folder("empty", a.id);
    const copied = await copyNode(world.deps, anne.access, a.id, anne.access, {
      parentId: anne.rootId,
      onConflict: "rename",
    });
    assert.equal(copied.name, "a (2)");
    assert.deepEqual(await names(copied.id), ["empty", "f"]);
    const { total } = await world.store.read
      .selectFrom("file_segment")
      .innerJoin("file_version", "file_version.id", "file_segment.version_id")
      .select((eb) => eb.fn.count<number>("blob_id").distinct().as("total"))
      .where("file_version.account_id", "=", anne.access.accountId)
      .executeTakeFirstOrThrow();
    assert.equal(total, 1);
    assert.equal((await readUsage(world.store.read, anne.access)).used, 140_000);
    await world.put(anne, "f", "other", { folderId: a.id, onConflict: "replace" });
    const inCopy = await resolvePath(world.store.read, anne.access, copied.id, ["f"]);
    assert.equal((await content(inCopy.node.id)).length, 70_000);
    assert.notEqual(inCopy.node.id, f.id);
    await world.checkBooks(anne);
  });

  test("beyond the quota is refused whole", async () => {
    const a = await folder("a");
    await world.put(anne, "f", "1".repeat(600_000), { folderId: a.id });
    await assert.rejects(
      copyNode(world.deps, anne.access, a.id, anne.access, { parentId: anne.rootId, name: "b" }),
      refused("over_quota"),
    );
    assert.deepEqual(await names(), ["a"]);
    await world.checkBooks(anne);
  });
});
