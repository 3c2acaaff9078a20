import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import { DomainError } from "../errors.ts";
import { copyNode } from "./copy-node.ts";
import { createFolder } from "./create-folder.ts";
import { deleteFromTrash, emptyTrash } from "./delete-from-trash.ts";
import { listFolder } from "./list-folder.ts";
import { readUsage } from "./list-spaces.ts";
import { listTrash } from "./list-trash.ts";
import { listVersions, restoreVersion } from "./list-versions.ts";
import type { DriveNode } from "./model.ts";
import { moveNode } from "./move-node.ts";
import { openFile } from "./open-file.ts";
import { openNodeAccount } from "./open-node-account.ts";
import { purgeDeleted } from "./purge-deleted.ts";
import { readNode } from "./read-node.ts";
import { renameNode } from "./rename-node.ts";
import { resolvePath } from "./resolve-path.ts";
import { restoreNode } from "./restore-node.ts";
import { previewRollback, rollBack } from "./rollback/roll-back.ts";
import { recentFiles, searchFiles } from "./search-files.ts";
import { trashNode } from "./trash-node.ts";
import { uploadFile } from "./upload-file.ts";
import { thinVersions } from "./versions/thin-versions.ts";

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
const content = async (nodeId: string, versionId?: string): Promise<string> => {
  const { source } = await openFile(world.deps, anne.access, nodeId, versionId);
  return (await source.open().toArray()).join("");
};

describe("the trash", () => {
  test("hides what is beneath, by id, by path and in searches, and still counts", async () => {
    const a = await folder("dossier");
    const f = await world.put(anne, "budget.ods", "12345", { folderId: a.id });
    await trashNode(world.deps, anne.access, a.id);
    const read = world.store.read;
    for (const attempt of [
      () => readNode(read, anne.access, a.id),
      () => readNode(read, anne.access, f.id),
      () => listFolder(read, anne.access, a.id),
      () => openFile(world.deps, anne.access, f.id),
      () => renameNode(world.deps, anne.access, f.id, "x"),
      () => trashNode(world.deps, anne.access, f.id),
      () => trashNode(world.deps, anne.access, a.id),
      () => moveNode(world.deps, anne.access, f.id, anne.access, { parentId: anne.rootId }),
      () => copyNode(world.deps, anne.access, f.id, anne.access, { parentId: anne.rootId }),
      () => world.put(anne, "g", "1", { folderId: a.id }),
      () => folder("sub", a.id),
      () => resolvePath(read, anne.access, anne.rootId, ["dossier"]),
    ]) {
      await assert.rejects(attempt() as Promise<unknown>, refused("not_found"), attempt.toString());
    }
    assert.deepEqual(await searchFiles(read, [anne.access], "budget"), []);
    assert.deepEqual(await recentFiles(read, [anne.access]), []);
    assert.deepEqual(await readUsage(read, anne.access), { used: 5, limit: 1_000_000, trash: 5 });
    await world.checkBooks(anne);
  });

  test("gives back to the same place, with a new modseq", async () => {
    const a = await folder("a");
    const f = await world.put(anne, "f", "123", { folderId: a.id });
    await trashNode(world.deps, anne.access, f.id);
    assert.deepEqual((await listTrash(world.store.read, anne.access))[0]!.from, ["a"]);
    const restored = await restoreNode(world.deps, anne.access, f.id);
    assert.equal(restored.parentId, a.id);
    assert.ok(restored.createdModseq > f.createdModseq);
    assert.equal(await content(f.id), "123");
    await world.checkBooks(anne);
  });

  test("gives back to the root when the folder is gone, or in the trash, with another name when it is taken", async () => {
    const a = await folder("a");
    const f = await world.put(anne, "f.txt", "123", { folderId: a.id });
    await world.put(anne, "f.txt", "other");
    await trashNode(world.deps, anne.access, f.id);
    await trashNode(world.deps, anne.access, a.id);
    assert.deepEqual((await listTrash(world.store.read, anne.access)).find((each) => each.node.id === f.id)!.from, []);
    const restored = await restoreNode(world.deps, anne.access, f.id);
    assert.equal(restored.parentId, anne.rootId);
    assert.equal(restored.name, "f (2).txt");
    await world.checkBooks(anne);
  });

  test("gives back one thing of a folder, to where that folder was; the folder holds the rest", async () => {
    const above = await folder("au-dessus");
    const a = await folder("a", above.id);
    const sub = await folder("sous", a.id);
    const f = await world.put(anne, "f.txt", "123", { folderId: sub.id });
    const g = await world.put(anne, "g.txt", "45", { folderId: sub.id });
    await trashNode(world.deps, anne.access, a.id);
    const restored = await restoreNode(world.deps, anne.access, f.id);
    assert.deepEqual([restored.parentId, restored.name], [above.id, "f.txt"]);
    assert.equal(await content(f.id), "123");
    assert.deepEqual(await readUsage(world.store.read, anne.access), { used: 5, limit: 1_000_000, trash: 2 });
    await world.checkBooks(anne);
    // Whose folder is gone meanwhile goes to the top.
    await trashNode(world.deps, anne.access, above.id);
    assert.equal((await restoreNode(world.deps, anne.access, sub.id)).parentId, anne.rootId);
    assert.equal(await content(g.id), "45");
    await world.checkBooks(anne);
    // A roll-back knows where all of it was.
    const point = { beforeModseq: g.modseq + 1 };
    const { state } = await previewRollback(world.deps, anne.access, anne.rootId, point);
    await rollBack(world.deps, anne.access, anne.rootId, point, { state });
    for (const path of ["au-dessus/a/sous/f.txt", "au-dessus/a/sous/g.txt"]) {
      assert.ok(await resolvePath(world.store.read, anne.access, anne.rootId, path.split("/")), path);
    }
    await world.checkBooks(anne);
  });

  test("lets go of one thing of a folder, which stays recoverable by itself", async () => {
    const a = await folder("a");
    const f = await world.put(anne, "f.txt", "123", { folderId: a.id });
    const g = await world.put(anne, "g.txt", "45", { folderId: a.id });
    await trashNode(world.deps, anne.access, a.id);
    await deleteFromTrash(world.deps, anne.access, f.id);
    assert.deepEqual(await readUsage(world.store.read, anne.access), { used: 2, limit: 1_000_000, trash: 2 });
    await world.checkBooks(anne);
    await assert.rejects(deleteFromTrash(world.deps, anne.access, f.id), refused("not_found"));
    await restoreNode(world.deps, anne.access, a.id);
    assert.equal(await content(g.id), "45");
    const back = await restoreNode(world.deps, anne.access, f.id);
    assert.equal(back.parentId, a.id);
    await world.checkBooks(anne);
    // What lies beneath something that left the trash, or is live, is neither restored nor deleted alone.
    await assert.rejects(restoreNode(world.deps, anne.access, g.id), refused("not_found"));
    await trashNode(world.deps, anne.access, a.id);
    await deleteFromTrash(world.deps, anne.access, a.id);
    await assert.rejects(restoreNode(world.deps, anne.access, g.id), refused("not_found"));
    await assert.rejects(deleteFromTrash(world.deps, anne.access, g.id), refused("not_found"));
  });

  test("when emptied leaves the quota, and stays recoverable until it is purged", async () => {
    const f = await world.put(anne, "f", "1".repeat(80_000));
    const g = await world.put(anne, "g", "22");
    await trashNode(world.deps, anne.access, f.id);
    await trashNode(world.deps, anne.access, g.id);
    assert.equal(await emptyTrash(world.deps, anne.access), 2);
    assert.deepEqual(await readUsage(world.store.read, anne.access), { used: 0, limit: 1_000_000, trash: 0 });
    assert.equal((await listTrash(world.store.read, anne.access, "deleted")).length, 2);
    await restoreNode(world.deps, anne.access, f.id);
    assert.equal((await content(f.id)).length, 80_000);
    assert.equal((await readUsage(world.store.read, anne.access)).used, 80_000);
    await world.checkBooks(anne);
    await purgeDeleted(world.deps, new Date(Date.now() + 1_000));
    await assert.rejects(restoreNode(world.deps, anne.access, g.id), refused("not_found"));
    assert.equal((await content(f.id)).length, 80_000);
  });

  test("is not given back beyond the quota once it left it", async () => {
    const f = await world.put(anne, "f", "1".repeat(900_000));
    await trashNode(world.deps, anne.access, f.id);
    await deleteFromTrash(world.deps, anne.access, f.id);
    await world.put(anne, "g", "1".repeat(900_000));
    await assert.rejects(restoreNode(world.deps, anne.access, f.id), refused("over_quota"));
    await world.checkBooks(anne);
  });

  test("when purged takes a whole tree with its versions, and what was trashed out of it before stays", async () => {
    const a = await folder("a");
    const b = await folder("b", a.id);
    await world.put(anne, "f", "1", { folderId: b.id });
    await world.put(anne, "f", "2", { folderId: b.id, onConflict: "replace" });
    const kept = await world.put(anne, "kept", "3", { folderId: b.id });
    await trashNode(world.deps, anne.access, kept.id);
    await trashNode(world.deps, anne.access, a.id);
    await deleteFromTrash(world.deps, anne.access, a.id);
    await purgeDeleted(world.deps, new Date(Date.now() + 1_000));
    const left = await world.store.read
      .selectFrom("drive_node")
      .select("id")
      .where("account_id", "=", anne.access.accountId)
      .execute();
    assert.deepEqual(left.map((row) => row.id).sort(), [anne.rootId, kept.id].sort());
    const restored = await restoreNode(world.deps, anne.access, kept.id);
    assert.equal(restored.parentId, anne.rootId);
    assert.equal(await content(kept.id), "3");
    await world.checkBooks(anne);
  });
});

describe("versions", () => {
  test("are kept when a file is replaced, outside the quota, and come back", async () => {
    const f = await world.put(anne, "f", "first");
    await world.put(anne, "f", "second one", { onConflict: "replace" });
    assert.equal((await readUsage(world.store.read, anne.access)).used, 10);
    const versions = await listVersions(world.store.read, anne.access, f.id);
    assert.deepEqual(
      versions.map((version) => [version.size, version.isCurrent]),
      [
        [10, true],
        [5, false],
      ],
    );
    assert.equal(await content(f.id, versions[1]!.id), "first");
    await restoreVersion(world.deps, anne.access, f.id, versions[1]!.id);
    assert.equal(await content(f.id), "first");
    assert.equal((await listVersions(world.store.read, anne.access, f.id)).length, 3);
    await world.checkBooks(anne);
    const before = new Date(Date.now() + 1_000);
    assert.equal(await thinVersions(world.deps, before), 2);
    assert.equal(await content(f.id), "first");
  });

  test("of another file are not opened through this one", async () => {
    const f = await world.put(anne, "f", "first");
    const g = await world.put(anne, "g", "second");
    await assert.rejects(openFile(world.deps, anne.access, f.id, g.versionId!), refused("not_found"));
    await assert.rejects(restoreVersion(world.deps, anne.access, f.id, g.versionId!), refused("not_found"));
    await assert.rejects(openFile(world.deps, anne.access, f.id, "../x"), refused("not_found"));
  });
});

describe("searching", () => {
  test("finds every word whatever the accents and the case, and takes wildcards for what they are", async () => {
    const a = await folder("Écoles");
    await world.put(anne, "Règlement_intérieur 100%.pdf", "1", { folderId: a.id });
    const search = async (query: string): Promise<string[]> =>
      (await searchFiles(world.store.read, [anne.access], query)).map((each) => each.node.name);
    assert.deepEqual(await search("ecole"), ["Écoles"]);
    assert.deepEqual(await search("INTERIEUR regl"), ["Règlement_intérieur 100%.pdf"]);
    assert.deepEqual(await search("t_i"), ["Règlement_intérieur 100%.pdf"]);
    assert.deepEqual(await search("0%.p"), ["Règlement_intérieur 100%.pdf"]);
    for (const query of ["e%e", "r_g", "\\", "'", "  ", "\0", "nothing"])
      assert.deepEqual(await search(query), [], query);
    const [found] = await searchFiles(world.store.read, [anne.access], "règlement");
    assert.deepEqual(found!.path, ["Écoles"]);
  });
});

describe("another organization", () => {
  test("gets nothing by any id, whatever it does", async () => {
    const other = await world.person(
      await world.organization(`Voisine ${String.fromCharCode(97 + (count % 26)).repeat(count)}`),
      `paul${count}`,
    );
    const colleague = await world.person(organizationId, `marc${count}`);
    const a = await folder("a");
    const f = await world.put(anne, "f", "secret");
    const gone = await world.put(anne, "gone", "secret");
    await trashNode(world.deps, anne.access, gone.id);
    for (const stranger of [other, colleague]) {
      const { access } = stranger;
      const mine = await world.put(stranger, "mine", "x");
      for (const attempt of [
        () => openNodeAccount(world.store.read, stranger.viewer, f.id),
        () => readNode(world.store.read, access, f.id),
        () => listFolder(world.store.read, access, a.id),
        () => openFile(world.deps, access, f.id),
        () => openFile(world.deps, access, mine.id, f.versionId!),
        () => listVersions(world.store.read, access, f.id),
        () => restoreVersion(world.deps, access, mine.id, f.versionId!),
        () => createFolder(world.deps, access, { parentId: a.id, name: "x" }),
        () => world.put({ access, rootId: a.id }, "x", "y"),
        () => renameNode(world.deps, access, f.id, "x"),
        () => moveNode(world.deps, access, f.id, access, { parentId: stranger.rootId }),
        () => moveNode(world.deps, access, mine.id, access, { parentId: a.id }),
        () => copyNode(world.deps, access, f.id, access, { parentId: stranger.rootId }),
        () => copyNode(world.deps, access, mine.id, access, { parentId: a.id }),
        () => trashNode(world.deps, access, f.id),
        () => restoreNode(world.deps, access, gone.id),
        () => deleteFromTrash(world.deps, access, gone.id),
      ]) {
        await assert.rejects(attempt() as Promise<unknown>, refused("not_found"), attempt.toString());
      }
      assert.deepEqual(await searchFiles(world.store.read, [access], "f"), []);
    }
  });

  test("gets nothing with an access whose organization and account do not belong together", async () => {
    const other = await world.person(organizationId, `luc${count}`);
    const f = await world.put(anne, "f", "secret");
    await assert.rejects(readNode(world.store.read, other.access, f.id), refused("not_found"));
    for (const id of ["", "x", "'", `${f.id} `, f.id.toUpperCase(), "\0"]) {
      await assert.rejects(readNode(world.store.read, anne.access, id), refused("not_found"));
    }
  });
});

describe("rights", () => {
  test("to read allow nothing else", async () => {
    const team = await world.teamFolder(organizationId, `Lecture ${count}`, [anne], ["read"]);
    const f = await world.put(anne, "f", "x");
    await assert.rejects(world.put(team, "x", "y"), refused("forbidden"));
    await assert.rejects(
      createFolder(world.deps, team.access, { parentId: team.rootId, name: "x" }),
      refused("forbidden"),
    );
    await assert.rejects(
      moveNode(world.deps, anne.access, f.id, team.access, { parentId: team.rootId }),
      refused("forbidden"),
    );
    await assert.rejects(emptyTrash(world.deps, team.access), refused("forbidden"));
    assert.ok(await listFolder(world.store.read, team.access, team.rootId));
  });

  test("to write without deleting do not replace by a move", async () => {
    const team = await world.teamFolder(organizationId, `Écriture ${count}`, [anne], ["read", "write", "create"]);
    await world.put(team, "f", "old");
    const g = await world.put(team, "g", "new");
    await assert.rejects(
      moveNode(world.deps, team.access, g.id, team.access, { parentId: team.rootId, name: "f", onConflict: "replace" }),
      refused("forbidden"),
    );
    await assert.rejects(trashNode(world.deps, team.access, g.id), refused("forbidden"));
    const { isNew } = await uploadFile(
      world.deps,
      team.access,
      { folderId: team.rootId, name: "f", onConflict: "replace" },
      Buffer.from("new version"),
    );
    assert.equal(isNew, false);
  });
});
