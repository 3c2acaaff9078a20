import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { DevicePauses, Rollback, Weight } from "@bouquet/contract/drive-recovery.ts";
import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { type DriveSuite, openDriveSuite } from "../../../../test/harness/drive-suite.ts";
import type { Person } from "../../../../test/harness/drive-world.ts";
import { createFolder } from "../../../domain/drive/create-folder.ts";
import type { DriveAccess, DriveNode } from "../../../domain/drive/model.ts";
import { trashNode } from "../../../domain/drive/trash-node.ts";
import { DomainError } from "../../../domain/errors.ts";
import { listNotifications } from "../../../domain/notifications/list-notifications.ts";
import { uuidv7 } from "../../../store/uuid.ts";

let suite: DriveSuite;
let organizationId: string;
let anne: Person;
let mine: Record<string, string>;
let count = 0;
const brake = { files: 3, percent: 30, minutes: 10 };

before(async () => {
  suite = await openDriveSuite();
  organizationId = await suite.world.organization("Bourg-Fleuri");
});
after(() => suite.close());
beforeEach(async () => {
  anne = await suite.world.person(organizationId, `anne${++count}`);
  mine = await suite.signIn(anne);
});

async function ask<T extends TSchema>(
  schema: T,
  method: string,
  path: string,
  body?: unknown,
  headers = mine,
): Promise<Static<T>> {
  const response = await suite.call(method, `/api/drive/${path}`, headers, body);
  const answer: unknown = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  const [error] = Value.Errors(schema, answer);
  assert.ok(!error, JSON.stringify(error));
  return answer as Static<T>;
}
const statusOf = async (path: string, body: unknown, headers = mine): Promise<number> =>
  (await suite.call("POST", `/api/drive/${path}`, headers, body)).status;

/** Ten files, of which a device deletes as many as it can. */
async function pausedDevice(): Promise<{ device: DriveAccess; id: string; nodes: string[] }> {
  const nodes: string[] = [];
  for (let index = 0; index < 10; index++) nodes.push((await suite.world.put(anne, `f${index}`, "x")).id);
  const id = uuidv7();
  const device: DriveAccess = { ...anne.access, actor: { device: { organizationId, id, name: "PC-MAIRIE" } } };
  const deps = { ...suite.world.deps, brake };
  for (const node of nodes.slice(0, 3)) await trashNode(deps, device, node);
  await assert.rejects(trashNode(deps, device, nodes[3]!), (error) => error instanceof DomainError);
  return { device, id, nodes };
}

test("a paused device is shown with its figures, and goes on when it is allowed", async () => {
  const { device, id, nodes } = await pausedDevice();
  const { pauses } = await ask(DevicePauses, "GET", "pauses");
  const [pause] = pauses;
  assert.equal(pauses.length, 1);
  assert.deepEqual(
    [pause!.deviceName, pause!.changed, pause!.total, pause!.deleted, pause!.renamed, pause!.replaced],
    ["PC-MAIRIE", 4, 10, 3, 0, 0],
  );
  assert.deepEqual([pause!.isMine, pause!.isMySpace, pause!.canRollBack], [true, true, true]);
  const key = { accountId: anne.access.accountId, deviceId: id };
  assert.equal(await statusOf("pauses/allow", key), 204);
  assert.deepEqual((await ask(DevicePauses, "GET", "pauses")).pauses, []);
  assert.deepEqual(await listNotifications(suite.world.store.read, anne.viewer), []);
  for (const node of nodes.slice(3)) await trashNode({ ...suite.world.deps, brake }, device, node);
  assert.equal(await statusOf("pauses/allow", key), 404);
});

test("the space is rolled back to before the device; it stays paused until it is allowed", async () => {
  const { device, id, nodes } = await pausedDevice();
  const key = { accountId: anne.access.accountId, deviceId: id };
  const preview = await ask(Rollback, "POST", "pauses/rollback/preview", key);
  assert.deepEqual(preview.counts.restored, { items: 3, files: 3 });
  assert.deepEqual(preview.items.map((item) => item.to).sort(), [["f0"], ["f1"], ["f2"]]);
  assert.equal(await statusOf("pauses/rollback", { ...key, state: preview.state - 1 }), 409);
  const done = await ask(Rollback, "POST", "pauses/rollback", { ...key, state: preview.state });
  assert.deepEqual(done.counts, preview.counts);
  const { pauses } = await ask(DevicePauses, "GET", "pauses");
  assert.ok(pauses[0]!.rolledBackAt);
  assert.equal(pauses[0]!.canRollBack, false);
  await assert.rejects(trashNode(suite.world.deps, device, nodes[4]!), /paused/);
  assert.equal(await statusOf("pauses/rollback", { ...key, state: preview.state }), 403);
  await suite.world.checkBooks(anne);
});

test("an administrator decides without reading; nobody else hears of it", async () => {
  const { id } = await pausedDevice();
  const key = { accountId: anne.access.accountId, deviceId: id };
  const boss = await suite.world.person(organizationId, `boss${count}`);
  await suite.world.store.transact((tx) =>
    tx
      .insertInto("principal_role")
      .values({ organization_id: organizationId, principal_id: boss.viewer.principalId, role: "member_administrator" })
      .execute(),
  );
  const other = await suite.signIn(await suite.world.person(organizationId, `paul${count}`));
  assert.deepEqual((await ask(DevicePauses, "GET", "pauses", undefined, other)).pauses, []);
  for (const path of ["pauses/allow", "pauses/rollback/preview"]) assert.equal(await statusOf(path, key, other), 404);
  const theirs = await suite.signIn(boss);
  const { pauses } = await ask(DevicePauses, "GET", "pauses", undefined, theirs);
  assert.deepEqual([pauses.at(0)!.isMine, pauses.at(0)!.personName], [false, anne.viewer.displayName]);
  const preview = await ask(Rollback, "POST", "pauses/rollback/preview", key, theirs);
  assert.deepEqual([preview.items, preview.counts.restored.files], [[], 3]);
  await ask(Rollback, "POST", "pauses/rollback", { ...key, state: preview.state }, theirs);
});

test("a folder goes back to a moment; what cannot be is refused with its reason", async () => {
  const folder = await createFolder(suite.world.deps, anne.access, { parentId: anne.rootId, name: "Conseil" });
  const file = await suite.world.put(anne, "f", "one", { folderId: folder.id });
  const at = new Date().toISOString();
  await trashNode(suite.world.deps, anne.access, file.id);
  const path = `folders/${folder.id}/rollback`;
  const preview = await ask(Rollback, "POST", `${path}/preview`, { at });
  assert.deepEqual(preview.items[0]!.to, ["Conseil", "f"]);
  await ask(Rollback, "POST", path, { at, state: preview.state });
  const reason = async (moment: string) =>
    (
      (await (await suite.call("POST", `/api/drive/${path}/preview`, mine, { at: moment })).json()) as {
        reason: string;
      }
    ).reason;
  assert.equal(await reason("2020-01-01T00:00:00Z"), "too_long_ago");
  assert.equal(await reason("2100-01-01T00:00:00Z"), "in_future");
  assert.equal(await reason(new Date(Date.now() - 3_600_000).toISOString()), "not_there");
  const other = await suite.signIn(await suite.world.person(organizationId, `paul${count}`));
  assert.equal(await statusOf(`${path}/preview`, { at }, other), 404);
});

test("much at once is weighed before a person is asked", async () => {
  const folder = await createFolder(suite.world.deps, anne.access, { parentId: anne.rootId, name: "Tout" });
  const nodes: DriveNode[] = [];
  for (let index = 0; index < 201; index++) {
    nodes.push(await suite.world.put(anne, `f${index}`, "", { folderId: folder.id }));
  }
  const weight = await ask(Weight, "POST", "nodes/weigh", { ids: [folder.id], act: "trash" });
  assert.deepEqual(weight, { files: 201, total: 201, isMuch: true });
  const one = await ask(Weight, "POST", "nodes/weigh", { ids: [nodes[0]!.id], act: "trash" });
  assert.equal(one.isMuch, false);
  const moved = await ask(Weight, "POST", "nodes/weigh", { ids: [folder.id], act: "move" });
  assert.equal(moved.isMuch, false);
});

test("an upload that would replace much is weighed by the names that are taken", async () => {
  const { deps } = suite.world;
  const folder = await createFolder(deps, anne.access, { parentId: anne.rootId, name: "Été" });
  const inner = await createFolder(deps, anne.access, { parentId: folder.id, name: "dedans" });
  for (let index = 0; index < 101; index++) {
    await suite.world.put(anne, `f${index}`, "", { folderId: folder.id });
    await suite.world.put(anne, `f${index}`, "", { folderId: inner.id });
  }
  const names = Array.from({ length: 120 }, (_, index) => `f${index}`);
  // Where a folder has the name nothing is replaced, nor beneath a file, nor twice.
  const others = ["Été", "Été/dedans", "Été/f0/x", "ailleurs/f0", "Été/f1"];
  const paths = [
    ...names.map((name) => `E\u0301te\u0301/${name}`),
    ...names.map((name) => `Été/dedans/${name}`),
    ...others,
  ];
  const weight = await ask(Weight, "POST", `folders/${anne.rootId}/weigh`, { paths });
  assert.deepEqual(weight, { files: 202, total: 202, isMuch: true });
  const few = await ask(Weight, "POST", `folders/${inner.id}/weigh`, { paths: ["f0", "f1", "new"] });
  assert.deepEqual(few, { files: 2, total: 202, isMuch: false });
  assert.equal(await statusOf(`folders/${anne.rootId}/weigh`, { paths: [] }), 400);
  const other = await suite.signIn(await suite.world.person(organizationId, `luc${count}`));
  assert.equal(await statusOf(`folders/${folder.id}/weigh`, { paths: ["f0"] }, other), 404);
});
