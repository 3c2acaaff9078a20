import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { sql } from "kysely";
import { type DriveWorld, openDriveWorld, type Person } from "../../../../test/harness/drive-world.ts";
import { uuidv7 } from "../../../store/uuid.ts";
import { DomainError } from "../../errors.ts";
import { listNotifications } from "../../notifications/list-notifications.ts";
import { addComment } from "../comments/write-comments.ts";
import { createFolder } from "../create-folder.ts";
import { findPlaceByFileId } from "../drive-place.ts";
import { setFavorite } from "../favorites/set-favorite.ts";
import { acquireLock } from "../locks/acquire-lock.ts";
import { lockByHand, unlockByHand } from "../locks/lock-by-hand.ts";
import type { DriveAccess, DriveNode } from "../model.ts";
import { moveNode } from "../move-node.ts";
import { openDrive } from "../open-drive.ts";
import { openFile } from "../open-file.ts";
import { createTag } from "../tags/manage-tags.ts";
import { setTagged } from "../tags/tag-nodes.ts";
import { trashNode } from "../trash-node.ts";
import { uploadFile } from "../upload-file.ts";
import { isTooMuch } from "./brake-limits.ts";
import { allowDevice } from "./decide-pause.ts";

let world: DriveWorld;
let organizationId: string;
let anne: Person;
let count = 0;
// Small, so that a test is short: more than 3 files and more than 30 %.
const brake = { files: 3, percent: 30, minutes: 10 };
let deps: DriveWorld["deps"];

before(async () => {
  world = await openDriveWorld();
  deps = { ...world.deps, brake };
  organizationId = await world.organization("Bourg");
});
after(() => world.close());
beforeEach(async () => {
  anne = await world.person(organizationId, `anne${++count}`);
});

function deviceOf(person: Person, name = "PC-MAIRIE"): DriveAccess {
  return { ...person.access, actor: { device: { organizationId, id: uuidv7(), name } } };
}

async function files(howMany: number, folderId = anne.rootId): Promise<DriveNode[]> {
  const nodes: DriveNode[] = [];
  for (let index = 0; index < howMany; index++) {
    nodes.push(await world.put(anne, `f${index}.txt`, `content ${index}`, { folderId }));
  }
  return nodes;
}

const paused = (error: unknown) =>
  error instanceof DomainError && error.code === "paused" && error.retryAfterSeconds! > 0;
const live = async () =>
  (
    await world.store.read
      .selectFrom("drive_node")
      .select("name")
      .where("account_id", "=", anne.access.accountId)
      .where("state", "=", "live")
      .where("kind", "=", "file")
      .orderBy("name")
      .execute()
  ).map((row) => row.name);
const pauses = () =>
  world.store.read.selectFrom("device_pause").selectAll().where("account_id", "=", anne.access.accountId).execute();

test("both limits must be passed", () => {
  const limits = { files: 200, percent: 30 };
  assert.equal(isTooMuch(limits, 200, 201), false);
  assert.equal(isTooMuch(limits, 201, 201), true);
  assert.equal(isTooMuch(limits, 600, 2_000), false);
  assert.equal(isTooMuch(limits, 601, 2_000), true);
  assert.equal(isTooMuch({ files: 1, percent: 100 }, 50, 50), false);
});

describe("a device", () => {
  test("that deletes one file after the other is paused at the one that is too many, which stays", async () => {
    const nodes = await files(20);
    const device = deviceOf(anne);
    for (const node of nodes.slice(0, 6)) await trashNode(deps, device, node.id);
    await assert.rejects(trashNode(deps, device, nodes[6]!.id), paused);
    assert.equal((await live()).length, 14);
    const [pause, ...others] = await pauses();
    assert.deepEqual(others, []);
    assert.deepEqual([pause!.files_changed, pause!.files_total], [7, 20]);
    assert.ok(pause!.since_modseq! > nodes.at(-1)!.modseq);
    await world.checkBooks(anne);
  });

  test("that deletes a folder which holds everything loses nothing of it", async () => {
    const folder = await createFolder(deps, anne.access, { parentId: anne.rootId, name: "Tout" });
    await files(10, folder.id);
    const device = deviceOf(anne);
    await assert.rejects(trashNode(deps, device, folder.id), paused);
    assert.equal((await live()).length, 10);
    const [pause] = await pauses();
    assert.equal(pause!.since_modseq, null);
    assert.equal(pause!.files_changed, 10);
  });

  test("that renames or replaces many is paused too; a folder that is renamed is one thing", async () => {
    const folder = await createFolder(deps, anne.access, { parentId: anne.rootId, name: "Tout" });
    const nodes = await files(10, folder.id);
    const device = deviceOf(anne);
    await moveNode(deps, device, folder.id, device, { parentId: anne.rootId, name: "Tout cela" });
    await moveNode(deps, device, nodes[0]!.id, device, { parentId: folder.id, name: "f0.txt.locked" });
    const upload = { folderId: folder.id, name: "f1.txt", onConflict: "replace" } as const;
    await uploadFile(deps, device, upload, Buffer.from("locked"));
    await assert.rejects(uploadFile(deps, device, { ...upload, name: "f2.txt" }, Buffer.from("locked")), paused);
    const opened = await openFile(deps, device, nodes[2]!.id);
    assert.equal(String(Buffer.concat(await opened.source.open().toArray())), "content 2");
  });

  test("may save one file again and again", async () => {
    await files(4);
    const device = deviceOf(anne);
    for (let index = 0; index < 12; index++) {
      await uploadFile(
        deps,
        device,
        { folderId: anne.rootId, name: "f1.txt", onConflict: "replace" },
        Buffer.from(`${index}`),
      );
    }
    assert.deepEqual(await pauses(), []);
  });

  test("reads while it is paused, writes nothing, and others go on", async () => {
    const nodes = await files(10);
    const device = deviceOf(anne);
    for (const node of nodes.slice(0, 3)) await trashNode(deps, device, node.id);
    await assert.rejects(trashNode(deps, device, nodes[3]!.id), paused);
    await assert.rejects(trashNode(deps, device, nodes[4]!.id), paused);
    await assert.rejects(uploadFile(deps, device, { folderId: anne.rootId, name: "new" }, Buffer.from("x")), paused);
    await assert.rejects(createFolder(deps, device, { parentId: anne.rootId, name: "new" }), paused);
    assert.ok(await openFile(deps, device, nodes[5]!.id));
    await trashNode(deps, deviceOf(anne, "Another"), nodes[3]!.id);
    await trashNode(deps, anne.access, nodes[4]!.id);
    assert.equal((await pauses()).length, 1);
  });

  test("locks and tags nothing while it is paused; it unlocks, marks and says what it likes", async () => {
    const nodes = await files(10);
    const device = deviceOf(anne);
    const drive = await openDrive(deps, anne.viewer, device.actor!.device);
    const place = (await findPlaceByFileId(world.store.read, drive, nodes[8]!.fileId))!;
    const { number } = await createTag(world.store, anne.viewer, `Voirie ${count}`);
    await lockByHand(deps, place.access, nodes[9]!.id);
    for (const node of nodes.slice(0, 3)) await trashNode(deps, device, node.id);
    await assert.rejects(trashNode(deps, device, nodes[3]!.id), paused);
    const lock = { kind: "dav", scope: "exclusive", isDeep: true } as const;
    await assert.rejects(acquireLock(deps, device, anne.rootId, lock), paused);
    await assert.rejects(lockByHand(deps, place.access, nodes[8]!.id), paused);
    await assert.rejects(setTagged(deps, anne.viewer, place, number, true), paused);
    await unlockByHand(deps, place.access, nodes[9]!.id);
    await setFavorite(deps, anne.viewer, place, true);
    await addComment(deps, anne.viewer, place, "Qu’est-il arrivé ?");
    // Somebody else, or the same person in a browser, does.
    await acquireLock(deps, anne.access, nodes[8]!.id, lock);
  });

  test("is paused for the account in which it did so, not elsewhere", async () => {
    const team = await world.teamFolder(organizationId, "Urbanisme", [anne], ["read", "write", "create", "delete"]);
    const nodes = await files(10);
    const device = deviceOf(anne);
    for (const node of nodes.slice(0, 3)) await trashNode(deps, device, node.id);
    await assert.rejects(trashNode(deps, device, nodes[3]!.id), paused);
    const inTeam: DriveAccess = { ...team.access, actor: device.actor };
    await uploadFile(deps, inTeam, { folderId: team.rootId, name: "plan" }, Buffer.from("x"));
  });

  test("is not blamed for what was done longer ago", async () => {
    const nodes = await files(10);
    const device = deviceOf(anne);
    for (const node of nodes.slice(0, 3)) await trashNode(deps, device, node.id);
    await sql`UPDATE device_change_count SET bucket = bucket - interval '11 minutes' WHERE account_id = ${anne.access.accountId}`.execute(
      world.store.read,
    );
    for (const node of nodes.slice(3, 5)) await trashNode(deps, device, node.id);
    assert.deepEqual(await pauses(), []);
  });
});

test("an allowed device goes on for an hour from its next change, then counts anew", async () => {
  const nodes = await files(20);
  const device = deviceOf(anne);
  const lost = nodes.slice(0, 7);
  await Promise.allSettled(lost.map((node) => trashNode(deps, device, node.id)));
  const { id } = device.actor!.device!;
  await allowDevice(deps, anne.viewer, { accountId: anne.access.accountId, deviceId: id });
  await sql`UPDATE device_pause SET decided_at = now() - interval '20 hours' WHERE device_id = ${id}`.execute(
    world.store.read,
  );
  for (const node of nodes.slice(7, 15)) await trashNode(deps, device, node.id);
  assert.equal((await live()).length, 6);
  await sql`UPDATE device_pause SET used_at = now() - interval '61 minutes' WHERE device_id = ${id}`.execute(
    world.store.read,
  );
  await sql`UPDATE device_change_count SET bucket = bucket - interval '62 minutes' WHERE device_id = ${id}`.execute(
    world.store.read,
  );
  for (const node of nodes.slice(15, 18)) await trashNode(deps, device, node.id);
  await assert.rejects(trashNode(deps, device, nodes[18]!.id), paused);
});

test("a browser is not paused", async () => {
  for (const node of await files(10)) await trashNode(deps, anne.access, node.id);
  assert.deepEqual(await pauses(), []);
});

test("the person and the administrators are told once, by a notification and a mail", async () => {
  const boss = await world.person(organizationId, `boss${count}`);
  await world.store.transact((tx) =>
    tx
      .insertInto("principal_role")
      .values({ organization_id: organizationId, principal_id: boss.viewer.principalId, role: "member_administrator" })
      .execute(),
  );
  const nodes = await files(10);
  const device = deviceOf(anne);
  const outcomes = await Promise.allSettled(nodes.map((node) => trashNode(deps, device, node.id)));
  assert.equal(outcomes.filter((outcome) => outcome.status === "fulfilled").length, 3);
  const [mine, ...others] = await listNotifications(world.store.read, anne.viewer);
  assert.deepEqual(others, []);
  assert.deepEqual([mine!.topic, mine!.data], ["device_paused", { device: "PC-MAIRIE", changed: 4, total: 10 }]);
  const [hers] = await listNotifications(world.store.read, boss.viewer);
  assert.deepEqual(hers!.data, { device: "PC-MAIRIE", changed: 4, total: 10, person: anne.viewer.displayName });
  const mails = await sql<{ n: number }>`SELECT count(*) AS n FROM outbox WHERE topic = 'drive.device-paused'
    AND payload->>'accountId' = ${anne.access.accountId}`.execute(world.store.read);
  assert.equal(mails.rows[0]!.n, 1);
});
