import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { sql } from "kysely";
import { type DriveWorld, openDriveWorld, type Person } from "../../../../test/harness/drive-world.ts";
import { deleteVersion, labelVersion } from "../change-version.ts";
import { listVersions, restoreVersion } from "../list-versions.ts";
import type { DriveNode } from "../model.ts";
import { openFile } from "../open-file.ts";
import { limitVersions } from "./limit-versions.ts";
import { thinVersions } from "./thin-versions.ts";
import { pickMilestones } from "./thinning-schedule.ts";

const dayMs = 86_400_000;
let world: DriveWorld;
let organizationId: string;
let anne: Person;
let count = 0;

before(async () => {
  world = await openDriveWorld();
});
after(() => world.close());
beforeEach(async () => {
  organizationId = await world.organization(`Bourg ${String.fromCharCode(97 + count)}`);
  anne = await world.person(organizationId, `anne${++count}`, 1_000);
});

/** Within the day that has so many days more, at noon or earlier. */
const ago = (days: number) => new Date(Math.floor(Date.now() / dayMs) * dayMs + dayMs / 2 - days * dayMs);

/** A file with one version made so many days ago each, each of them superseded by the next; the last is what it holds. */
async function fileOf(daysAgo: readonly number[], size = 10): Promise<DriveNode> {
  let node: DriveNode | undefined;
  for (const [index, days] of daysAgo.entries()) {
    const previous = node?.versionId ?? null;
    node = await world.put(anne, "f", String(index).padEnd(size), { onConflict: "replace" });
    const at = ago(days);
    await sql`UPDATE file_version SET created_at = ${at} WHERE id = ${node.versionId}`.execute(world.store.read);
    await sql`UPDATE file_version SET superseded_at = ${at} WHERE id = ${previous}`.execute(world.store.read);
  }
  return node!;
}
const recoverySince = () => new Date(Date.now() - 14 * dayMs);
const ages = async (node: DriveNode) =>
  (await listVersions(world.store.read, anne.access, node.id)).map(({ createdAt }) =>
    Math.round((ago(0).getTime() - createdAt.getTime()) / dayMs),
  );

test("a list is thinned by the age of what it shows", () => {
  const now = new Date("2026-11-23T12:00:00Z");
  const made = (seconds: number, more: object = {}) => ({
    ...{ id: String(seconds), createdAt: new Date(now.getTime() - seconds * 1000), isCurrent: false, label: null },
    ...more,
  });
  const picked = pickMilestones(
    [
      ...[
        made(0.5, { isCurrent: true }),
        made(1),
        made(1.5),
        made(15),
        made(17),
        made(120.5),
        made(150),
        made(3_601),
        made(5_000),
      ],
      ...[made(2 * 86_400), made(2 * 86_400 + 60), made(2 * 86_400 + 120, { label: "signed" })],
      ...[made(60 * 86_400), made(60 * 86_400 + 3_600)],
    ],
    now,
  );
  assert.deepEqual(
    [...picked].map(Number).sort((a, b) => a - b),
    [0.5, 15, 120.5, 3_601, 2 * 86_400, 2 * 86_400 + 120, 60 * 86_400].sort((a, b) => a - b),
  );
});

test("what is older than the recovery period is thinned to one a day, then one a week; nothing younger goes", async () => {
  const node = await fileOf([60.2, 60.1, 60, 52, 29, 20.1, 20, 13.2, 13.1, 13, 0]);
  const before = await ages(node);
  assert.equal(before.length, 11);
  const removed = await thinVersions(world.deps, recoverySince());
  assert.ok(removed > 0);
  const left = await ages(node);
  assert.equal(left.filter((age) => age === 13).length, 3);
  for (const age of [52, 29]) assert.equal(left.filter((each) => each === age).length, 1, String(age));
  assert.ok(left.filter((age) => age === 60).length <= 2);
  assert.equal(await thinVersions(world.deps, recoverySince()), 0);
  for (const { id } of await listVersions(world.store.read, anne.access, node.id)) {
    await openFile(world.deps, anne.access, node.id, id);
  }
  await world.checkBooks(anne);
});

test("a version with a name stays, one that was taken from the list goes after the recovery period", async () => {
  const node = await fileOf([60.02, 60.01, 60, 45, 0]);
  const [, fourth, third, second, first] = await listVersions(world.store.read, anne.access, node.id);
  await labelVersion(world.deps, anne.access, node.id, first!.id, "Signée");
  await deleteVersion(world.deps, anne.access, node.id, third!.id);
  await thinVersions(world.deps, recoverySince());
  const kept = async () =>
    (await world.store.read.selectFrom("file_version").select("id").where("node_id", "=", node.id).execute()).map(
      (row) => row.id,
    );
  assert.ok((await kept()).includes(third!.id));
  await sql`UPDATE file_version SET removed_at = now() - interval '15 days' WHERE id = ${third!.id}`.execute(
    world.store.read,
  );
  await thinVersions(world.deps, recoverySince());
  assert.deepEqual((await kept()).sort(), [first!.id, second!.id, fourth!.id, node.versionId!].sort());
  await restoreVersion(world.deps, anne.access, node.id, first!.id);
  await world.checkBooks(anne);
});

test("beyond the ceiling of an organization the oldest go first, those with a name last, and nothing of the recovery period", async () => {
  const node = await fileOf([70, 62, 50, 40, 5, 0], 100);
  const versions = await listVersions(world.store.read, anne.access, node.id);
  await labelVersion(world.deps, anne.access, node.id, versions.at(-1)!.id, "Première");
  // 500 bytes are kept beside a quota of 1000.
  await limitVersions(world.deps, 50, recoverySince());
  assert.deepEqual(await ages(node), [0, 5, 40, 50, 62, 70]);
  assert.ok((await limitVersions(world.deps, 35, recoverySince())) >= 2);
  assert.deepEqual(await ages(node), [0, 5, 40, 70]);
  await limitVersions(world.deps, 1, recoverySince());
  // The one of 40 days was superseded five days ago.
  assert.deepEqual(await ages(node), [0, 5, 40]);
  await world.checkBooks(anne);
});
