import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { sql } from "kysely";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import { purgeDepartures } from "../../store/feed/purge-departures.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import { copyNode } from "./copy-node.ts";
import { createFolder } from "./create-folder.ts";
import { deleteFromTrash } from "./delete-from-trash.ts";
import { listVersions, restoreVersion } from "./list-versions.ts";
import type { DriveAccess, DriveActor } from "./model.ts";
import { moveNode } from "./move-node.ts";
import { openDrive } from "./open-drive.ts";
import { openFile } from "./open-file.ts";
import { purgeHistory } from "./purge-history.ts";
import { renameNode } from "./rename-node.ts";
import { restoreNode } from "./restore-node.ts";
import { trashNode } from "./trash-node.ts";
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

interface Line {
  action: string;
  name_before: string | null;
  name_after: string | null;
  files: number;
  changes_version: boolean;
  modseq: number;
}

async function history(accountId: string): Promise<Line[]> {
  const { rows } = await sql<Line>`
    SELECT action, name_before, name_after, files, version_before IS DISTINCT FROM version_after AS changes_version, modseq
    FROM drive_history WHERE account_id = ${accountId} ORDER BY id`.execute(world.store.read);
  return rows;
}

const spell = (lines: readonly Line[]): string[] =>
  lines.map(
    ({ action, name_before, name_after, files }) => `${action} ${name_before ?? "-"} > ${name_after ?? "-"} ${files}`,
  );

test("every change is written down with what was before and after, and how many files it concerned", async () => {
  const team = await world.teamFolder(organizationId, `Equipe ${count}`, [anne], ["read", "write", "create", "delete"]);
  const d = await createFolder(world.deps, anne.access, { parentId: anne.rootId, name: "d" });
  const e = await createFolder(world.deps, anne.access, { parentId: anne.rootId, name: "e" });
  const f = await world.put(anne, "f", "1", { folderId: d.id });
  await world.put(anne, "f", "2", { folderId: d.id, onConflict: "replace" });
  await world.put(anne, "f", "3", { folderId: d.id, onConflict: "rename" });
  await renameNode(world.deps, anne.access, f.id, "g");
  await moveNode(world.deps, anne.access, d.id, anne.access, { parentId: e.id, name: "d2" });
  await trashNode(world.deps, anne.access, d.id);
  await restoreNode(world.deps, anne.access, d.id);
  const versions = await listVersions(world.store.read, anne.access, f.id);
  await restoreVersion(world.deps, anne.access, f.id, versions.at(-1)!.id);
  await copyNode(world.deps, anne.access, d.id, anne.access, { parentId: anne.rootId, name: "copy" });
  await moveNode(world.deps, anne.access, e.id, team.access, { parentId: team.rootId });
  const lines = await history(anne.access.accountId);
  assert.deepEqual(spell(lines), [
    "created - > d 0",
    "created - > e 0",
    "created - > f 1",
    "overwritten f > f 1",
    "created - > f (2) 1",
    "renamed f > g 1",
    "moved d > d2 2",
    "trashed d2 > - 2",
    "restored - > d2 2",
    "overwritten g > g 1",
    "created - > copy 2",
    "left e > - 2",
  ]);
  assert.deepEqual(spell(await history(team.access.accountId)), ["arrived - > e 2"]);
  assert.equal(new Set(lines.map((line) => line.modseq)).size, lines.length);
  for (const line of lines) {
    const isOfContent = line.files === 1 && line.action !== "renamed";
    assert.equal(line.changes_version, isOfContent, line.action);
  }
  await world.checkBooks(anne);
  await world.checkBooks(team);
});

test("what a move replaces is put in the trash with the same number", async () => {
  const a = await world.put(anne, "a", "new");
  await world.put(anne, "b", "old");
  await moveNode(world.deps, anne.access, a.id, anne.access, {
    parentId: anne.rootId,
    name: "b",
    onConflict: "replace",
  });
  const [trashed, renamed] = (await history(anne.access.accountId)).slice(-2);
  assert.deepEqual(spell([trashed!, renamed!]), ["trashed b > - 1", "renamed a > b 1"]);
  assert.equal(trashed!.modseq, renamed!.modseq);
});

test("what is refused leaves no line, and a number that nobody took", async () => {
  await world.put(anne, "a", "1");
  const before = await history(anne.access.accountId);
  const attempts = [
    () => world.put(anne, "a", "2"),
    () => world.put(anne, "big", "x".repeat(1_000_001)),
    () => createFolder(world.deps, anne.access, { parentId: anne.rootId, name: ".." }),
    () => createFolder(world.deps, anne.access, { parentId: anne.rootId, name: "a" }),
    () => trashNode(world.deps, anne.access, anne.rootId),
  ];
  for (const attempt of attempts) await assert.rejects(attempt, DomainError);
  assert.deepEqual(await history(anne.access.accountId), before);
});

test("a change tells who made it: the person, their device, or the link and what its visitor is called", async () => {
  const paul = await world.person(organizationId, `paul${count}`);
  const device = { organizationId, id: uuidv7(), name: "Portable de Paul" };
  const link = { id: uuidv7(), visitorName: "Mme Martin" };
  const as = (actor: DriveActor, viewer: DriveAccess["viewer"]): DriveAccess => ({ ...anne.access, viewer, actor });
  const put = (access: DriveAccess, name: string) =>
    uploadFile(world.deps, access, { folderId: anne.rootId, name }, Buffer.from("x"));
  await put(as({ device }, paul.viewer), "by device");
  await put(as({ link }, undefined), "by link");
  const { rows } = await sql<Record<string, unknown>>`
    SELECT actor_id, actor_organization_id, device_id, link_id, actor_name FROM drive_history
    WHERE account_id = ${anne.access.accountId} ORDER BY id`.execute(world.store.read);
  const nobody = { actor_id: null, actor_organization_id: null, device_id: null, link_id: null, actor_name: null };
  assert.deepEqual(rows, [
    { ...nobody, actor_id: paul.viewer.principalId, actor_organization_id: organizationId, device_id: device.id },
    { ...nobody, link_id: link.id, actor_name: "Mme Martin" },
  ]);
});

test("the history goes with its time, and what left a folder no sooner than the tokens that may ask for it", async () => {
  const a = await world.put(anne, "a", "1");
  await world.put(anne, "a", "2", { onConflict: "replace" });
  await renameNode(world.deps, anne.access, a.id, "b");
  await world.store.transact(async (tx) => {
    await sql`UPDATE drive_history SET at = now() - interval '40 days' WHERE account_id = ${anne.access.accountId}`.execute(
      tx,
    );
    await sql`UPDATE changes SET departed_at = now() - interval '40 days' WHERE account_id = ${anne.access.accountId}`.execute(
      tx,
    );
  });
  await world.put(anne, "c", "1");
  const before = new Date(Date.now() - 30 * 86_400_000);
  assert.equal(await purgeHistory(world.deps, before), 2);
  assert.deepEqual(spell(await history(anne.access.accountId)), ["renamed a > b 1", "created - > c 1"]);
  await purgeDepartures(world.store, before);
  assert.equal(await purgeHistory(world.deps, before), 1);
  assert.deepEqual(spell(await history(anne.access.accountId)), ["created - > c 1"]);
});

test("a paused device writes nothing in that account by any verb, and reads on; its owner and other devices write on", async () => {
  const [device, other] = ["Portable", "Téléphone"].map((name) => ({ organizationId, id: uuidv7(), name }));
  const d = await createFolder(world.deps, anne.access, { parentId: anne.rootId, name: "d" });
  const f = await world.put(anne, "f", "1");
  await world.put(anne, "f", "2", { onConflict: "replace" });
  const gone = await world.put(anne, "gone", "1");
  await trashNode(world.deps, anne.access, gone.id);
  const [, old] = await listVersions(world.store.read, anne.access, f.id);
  const paul = await world.person(organizationId, `paul${count}`);
  await world.store.transact((tx) =>
    tx
      .insertInto("device_pause")
      .values({
        ...{ organization_id: organizationId, account_id: anne.access.accountId, device_id: device!.id },
        ...{ device_organization_id: organizationId, principal_id: anne.viewer.principalId, device_name: device!.name },
        ...{ before: new Date(), files_changed: 1_000, files_total: 2_000 },
      })
      .execute(),
  );
  const { own } = await openDrive(world.deps, anne.viewer, device);
  const writes: (() => Promise<unknown>)[] = [
    () => uploadFile(world.deps, own, { folderId: anne.rootId, name: "x" }, Buffer.from("x")),
    () => createFolder(world.deps, own, { parentId: anne.rootId, name: "x" }),
    () => renameNode(world.deps, own, f.id, "x"),
    () => moveNode(world.deps, own, f.id, own, { parentId: d.id }),
    () => moveNode(world.deps, own, f.id, paul.access, { parentId: paul.rootId }),
    () => moveNode(world.deps, paul.access, f.id, own, { parentId: d.id }),
    () => copyNode(world.deps, own, f.id, own, { parentId: d.id }),
    () => trashNode(world.deps, own, f.id),
    () => restoreNode(world.deps, own, gone.id),
    () => deleteFromTrash(world.deps, own, gone.id),
    () => restoreVersion(world.deps, own, f.id, old!.id),
  ];
  for (const write of writes) {
    await assert.rejects(write, (error: unknown) => {
      assert.ok(error instanceof DomainError);
      assert.equal(error.code, "paused");
      assert.ok(error.retryAfterSeconds! > 0);
      return true;
    });
  }
  assert.equal((await (await openFile(world.deps, own, f.id)).source.open().toArray()).join(""), "2");
  await uploadFile(world.deps, { ...own, actor: { device: other } }, { folderId: d.id, name: "x" }, Buffer.from("x"));
  await world.put(anne, "y", "y");
  await world.checkBooks(anne);
});
