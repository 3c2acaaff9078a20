import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import { DomainError } from "../errors.ts";
import { copyNode } from "./copy-node.ts";
import { listFolder } from "./list-folder.ts";
import { listVersions, restoreVersion } from "./list-versions.ts";
import type { FileScanner } from "./require-clean.ts";
import { uploadFile } from "./upload-file.ts";

let world: DriveWorld;
let anne: Person;

before(async () => {
  world = await openDriveWorld();
  anne = await world.person(await world.organization("Bourg-Fleuri"), "anne");
});
after(() => world.close());

const scanner: FileScanner = {
  async scan(file) {
    const text = Buffer.concat(await file.open().toArray()).toString();
    assert.equal(Buffer.byteLength(text), file.size);
    if (file.size > 300_000) return { outcome: "too_large" };
    if (text.includes("broken")) throw new Error("no answer");
    return text.includes("virus") ? { outcome: "infected", virus: "Test" } : { outcome: "clean" };
  },
};
const upload = (name: string, content: string) =>
  uploadFile(
    { ...world.deps, scanner } as typeof world.deps,
    anne.access,
    { folderId: anne.rootId, name, onConflict: "replace" },
    Buffer.from(content),
  );

test("what holds a virus is refused, small or large, and leaves nothing; what is clean is kept", async () => {
  for (const content of ["a virus", `${"x".repeat(200_000)} virus`]) {
    await assert.rejects(upload("a", content), (error: DomainError) => error.data?.["reason"] === "infected");
  }
  await upload("clean.txt", "nothing");
  await upload("large.txt", "y".repeat(200_000));
  const { nodes } = (await listFolder(world.store.read, anne.access, anne.rootId))!;
  assert.deepEqual(
    nodes.map((node) => node.name),
    ["clean.txt", "large.txt"],
  );
  await world.checkBooks(anne);
});

test("while the scanner does not answer, nothing is taken that was not scanned", async () => {
  await assert.rejects(upload("b", "broken"), (error) => error instanceof DomainError && error.code === "unavailable");
});

test("what is more than the scanner takes is kept and says so, in its copies too, until other bytes take its place", async () => {
  const { node } = await upload("film.mp4", "z".repeat(300_001));
  assert.deepEqual(await unscanned(anne, node.id), [true]);
  const copy = await copyNode(world.deps, anne.access, node.id, anne.access, { parentId: anne.rootId, name: "b.mp4" });
  assert.deepEqual(await unscanned(anne, copy.id), [true]);
  const paul = await world.person(await world.organization("Ailleurs"), "paul");
  const abroad = await copyNode(world.deps, anne.access, node.id, paul.access, { parentId: paul.rootId });
  assert.deepEqual(await unscanned(paul, abroad.id), [true]);
  await upload("film.mp4", "short");
  const [short, long] = await listVersions(world.store.read, anne.access, node.id);
  assert.deepEqual([short!.isUnscanned, long!.isUnscanned], [false, true]);
  await restoreVersion(world.deps, anne.access, node.id, long!.id);
  assert.deepEqual(await unscanned(anne, node.id), [true, false, true]);
  await world.checkBooks(anne);
});

async function unscanned(person: Person, id: string): Promise<boolean[]> {
  return (await listVersions(world.store.read, person.access, id)).map((version) => version.isUnscanned);
}
