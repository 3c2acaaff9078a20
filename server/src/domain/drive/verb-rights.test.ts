import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import type { Right } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { copyNode } from "./copy-node.ts";
import { createFolder } from "./create-folder.ts";
import { deleteFromTrash, emptyTrash } from "./delete-from-trash.ts";
import { listVersions, restoreVersion } from "./list-versions.ts";
import type { DriveAccess, DriveNode } from "./model.ts";
import { moveNode } from "./move-node.ts";
import { openFile } from "./open-file.ts";
import { renameNode } from "./rename-node.ts";
import { restoreNode } from "./restore-node.ts";
import { trashNode } from "./trash-node.ts";
import { uploadFile } from "./upload-file.ts";

let world: DriveWorld;
let anne: Person;
let paul: Person;

before(async () => {
  world = await openDriveWorld();
  const organizationId = await world.organization("Bourg-Fleuri");
  anne = await world.person(organizationId, "anne");
  paul = await world.person(organizationId, "paul");
});
after(() => world.close());

interface Scene {
  /** Of Paul in Anne's drive. */
  access: DriveAccess;
  folder: DriveNode;
  other: DriveNode;
  file: DriveNode;
  trashed: DriveNode;
  oldVersion: string;
  name: string;
}

type Needed = Exclude<Right, "send_as" | "send_on_behalf">;

/** Every verb, with all the rights that it takes beside reading. */
const verbs: Record<string, [readonly Needed[], (scene: Scene) => Promise<unknown>]> = {
  "read a file": [[], ({ access, file }) => openFile(world.deps, access, file.id)],
  "list versions": [[], ({ access, file }) => listVersions(world.store.read, access, file.id)],
  "copy out": [
    [],
    ({ access, file, name }) =>
      copyNode(world.deps, access, file.id, paul.access, { parentId: paul.rootId, name: `${name} copied` }),
  ],
  "make a folder": [
    ["create"],
    ({ access, folder, name }) => createFolder(world.deps, access, { parentId: folder.id, name }),
  ],
  "upload a new file": [
    ["create"],
    ({ access, folder, name }) => uploadFile(world.deps, access, { folderId: folder.id, name }, Buffer.from("x")),
  ],
  "upload beside one that has the name": [
    ["create"],
    ({ access, folder }) =>
      uploadFile(world.deps, access, { folderId: folder.id, name: "f", onConflict: "rename" }, Buffer.from("x")),
  ],
  overwrite: [
    ["write"],
    ({ access, folder }) =>
      uploadFile(world.deps, access, { folderId: folder.id, name: "f", onConflict: "replace" }, Buffer.from("x")),
  ],
  rename: [["write"], ({ access, file, name }) => renameNode(world.deps, access, file.id, name)],
  "restore a version": [
    ["write"],
    ({ access, file, oldVersion }) => restoreVersion(world.deps, access, file.id, oldVersion),
  ],
  "move within": [
    ["write", "create", "delete"],
    ({ access, file, other }) => moveNode(world.deps, access, file.id, access, { parentId: other.id }),
  ],
  "move out": [
    ["write", "delete"],
    ({ access, file, name }) => moveNode(world.deps, access, file.id, paul.access, { parentId: paul.rootId, name }),
  ],
  "copy within": [
    ["create"],
    ({ access, file, other }) => copyNode(world.deps, access, file.id, access, { parentId: other.id }),
  ],
  "copy over another": [
    ["create", "delete"],
    ({ access, file, folder }) =>
      copyNode(world.deps, access, file.id, access, { parentId: folder.id, name: "g", onConflict: "replace" }),
  ],
  "move in": [
    ["create"],
    async ({ access, folder, name }) => {
      const mine = await world.put(paul, `${name} in`, "x", { onConflict: "rename" });
      return moveNode(world.deps, paul.access, mine.id, access, { parentId: folder.id });
    },
  ],
  trash: [["delete"], ({ access, file }) => trashNode(world.deps, access, file.id)],
  "restore from the trash": [["create"], ({ access, trashed }) => restoreNode(world.deps, access, trashed.id)],
  "delete from the trash": [["delete"], ({ access, trashed }) => deleteFromTrash(world.deps, access, trashed.id)],
  "empty the trash": [["delete"], ({ access }) => emptyTrash(world.deps, access)],
};

const given: readonly Needed[] = ["write", "create", "delete", "share", "manage"];
let count = 0;

async function makeScene(rights: ReadonlySet<Right>, isShare: boolean): Promise<Scene> {
  const name = `n${++count}`;
  const folder = await createFolder(world.deps, anne.access, { parentId: anne.rootId, name });
  const other = await createFolder(world.deps, anne.access, { parentId: folder.id, name: "other" });
  const file = await world.put(anne, "f", "1", { folderId: folder.id });
  await world.put(anne, "f", "2", { folderId: folder.id, onConflict: "replace" });
  await world.put(anne, "g", "3", { folderId: folder.id });
  const trashed = await world.put(anne, "t", "4", { folderId: folder.id });
  await trashNode(world.deps, anne.access, trashed.id);
  const versions = await listVersions(world.store.read, anne.access, file.id);
  const { organizationId, accountId } = anne.access;
  const access = { organizationId, accountId, rights, viewer: paul.viewer, ...(isShare && { subtreeId: folder.id }) };
  return { access, folder, other, file, trashed, oldVersion: versions.at(-1)!.id, name };
}

/** Who has a part of a space does not have its trash. */
const ofWholeSpaces = new Set(["restore from the trash", "delete from the trash", "empty the trash"]);

test("each verb takes the rights it says and no less, in a team folder and in a share, for every combination of rights", async () => {
  for (let bits = 0; bits < 2 ** given.length; bits++) {
    const rights = new Set<Right>(["read", ...given.filter((_right, index) => bits & (1 << index))]);
    // The last two change nothing here: they are tried with none of the others.
    if (bits >= 8 && bits !== 24) continue;
    for (const isShare of [false, true]) {
      const spelled = `${[...rights].join(" ")}${isShare ? ", of a share" : ""}`;
      let scene = await makeScene(rights, isShare);
      for (const [verb, [needed, act]] of Object.entries(verbs)) {
        const isAllowed = needed.every((right) => rights.has(right)) && !(isShare && ofWholeSpaces.has(verb));
        const outcome = await act(scene).then(
          () => true,
          (error: unknown) => {
            assert.ok(error instanceof DomainError, String(error));
            assert.ok(error.code === "forbidden" || error.code === "not_found", `${verb}: ${error.code}`);
            return false;
          },
        );
        assert.equal(outcome, isAllowed, `${verb} with ${spelled}`);
        if (isAllowed && needed.length > 0) scene = await makeScene(rights, isShare);
      }
    }
  }
  await world.checkBooks(anne);
  await world.checkBooks(paul);
});

test("who may not read does nothing, not even what they have the right to", async () => {
  const scene = await makeScene(new Set(given), true);
  for (const [verb, [, act]] of Object.entries(verbs)) {
    if (verb === "empty the trash") continue;
    await assert.rejects(act(scene), DomainError, verb);
  }
});
