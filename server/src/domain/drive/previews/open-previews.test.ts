import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { type DriveWorld, openDriveWorld, type Person } from "../../../../test/harness/drive-world.ts";
import { silentLogger } from "../../../telemetry/logger.ts";
import { DomainError } from "../../errors.ts";
import { deleteFromTrash } from "../delete-from-trash.ts";
import { openFile } from "../open-file.ts";
import { purgeDeleted } from "../purge-deleted.ts";
import { trashNode } from "../trash-node.ts";
import { openPreviews, type PreviewedVersion, type Previews } from "./open-previews.ts";
import { type PreviewOrder, previewVariants, type Rendering } from "./preview-renderer.ts";

let world: DriveWorld;
let person: Person;

before(async () => {
  world = await openDriveWorld();
  person = await world.person(await world.organization("Bourg-Fleuri"), "Jeanne", 50_000_000);
});
after(() => world?.close());

const drawn: Rendering = {
  previews: previewVariants.map((variant) => ({
    variant,
    contentType: "image/jpeg" as const,
    // One that is a row, others that are files.
    bytes: Buffer.alloc(variant === "small" ? 10 : 100_000, variant),
  })),
};

function withRenderer(render: (order: PreviewOrder) => Promise<Rendering>): Previews {
  const renderer = { draws: () => true, render };
  return openPreviews(world.deps, { renderer, places: 2, log: silentLogger });
}

async function version(name: string): Promise<PreviewedVersion> {
  const { id } = await world.put(person, name, `content of ${name}`);
  const { organizationId, accountId } = person.access;
  return { organizationId, accountId, ...(await openFile(world.deps, person.access, id)) };
}

const patient = () => new AbortController().signal;

async function refused(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DomainError, String(error));
  return error.code;
}

test("a version is drawn once, whoever asks in whatever process", async () => {
  let count = 0;
  const render = async (): Promise<Rendering> => {
    count++;
    await new Promise((resolve) => setImmediate(resolve));
    return drawn;
  };
  const processes = [withRenderer(render), withRenderer(render)];
  const file = await version("once.jpg");
  const asked = previewVariants.flatMap((variant) =>
    processes.map(async (each) => {
      const { source, contentType } = await each.open(file, variant, patient());
      return [source.size, contentType];
    }),
  );
  assert.deepEqual((await Promise.all(asked)).slice(0, 2), [
    [10, "image/jpeg"],
    [10, "image/jpeg"],
  ]);
  assert.equal(count, 1);
});

test("what failed is tried again an hour after, a day after, and then never", async () => {
  let count = 0;
  const previews = withRenderer(async () => {
    count++;
    return { failure: "crashed", detail: "" };
  });
  const file = await version("fails.jpg");
  const ask = () => refused(previews.open(file, "small", patient()));
  const later = (hours: number) =>
    sql`UPDATE preview_attempt SET began_at = began_at - make_interval(hours => ${hours}) WHERE version_id = ${file.versionId}`.execute(
      world.store.read as never,
    );
  assert.deepEqual([await ask(), await ask(), count], ["not_found", "not_found", 1]);
  await later(2);
  assert.deepEqual([await ask(), await ask(), count], ["not_found", "not_found", 2]);
  await later(2);
  await ask();
  assert.equal(count, 2);
  await later(24);
  await ask();
  assert.equal(count, 3);
  await later(100_000);
  await ask();
  assert.equal(count, 3);
});

test("what was no fault of the file is tried again at once", async () => {
  let count = 0;
  const previews = withRenderer(async () => {
    if (count++ === 0) throw new Error("the disk is full");
    return drawn;
  });
  const file = await version("unlucky.jpg");
  assert.equal(await refused(previews.open(file, "small", patient())), "not_found");
  assert.equal((await previews.open(file, "small", patient())).source.size, 10);
});

test("what a process that died had begun is taken over", async () => {
  const file = await version("orphan.jpg");
  await world.store.transact((tx) =>
    sql`INSERT INTO preview_attempt (organization_id, version_id, began_at)
      VALUES (${file.organizationId}, ${file.versionId}, now() - interval '10 minutes')`.execute(tx),
  );
  const previews = withRenderer(async () => drawn);
  assert.equal((await previews.open(file, "small", patient())).source.size, 10);
});

test("what nobody waits for any more is not drawn", async () => {
  const began = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const order: string[] = [];
  const renderer = {
    draws: () => true,
    render: async ({ contentType }: PreviewOrder): Promise<Rendering> => {
      order.push(contentType);
      began.resolve();
      await goOn.promise;
      return drawn;
    },
  };
  const previews = openPreviews(world.deps, { renderer, places: 1, log: silentLogger });
  const first = previews.open(await version("first.jpg"), "small", patient());
  await began.promise;
  const leaving = new AbortController();
  const second = previews.open(await version("second.png"), "small", leaving.signal);
  const left = refused(second);
  await new Promise((resolve) => setImmediate(resolve));
  leaving.abort();
  assert.equal(await left, "unavailable");
  goOn.resolve();
  await first;
  assert.deepEqual(order, ["image/jpeg"]);
});

test("pictures count in no quota, and go with the version that they show", async () => {
  const previews = withRenderer(async () => drawn);
  const before = await usage();
  const file = await version("gone.jpg");
  await previews.open(file, "large", patient());
  assert.equal((await usage()) - before, "content of gone.jpg".length);
  const count = async () => {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) AS count FROM blob_reference WHERE kind = 'file_preview' AND owner_id = ${file.versionId}`.execute(
      world.store.read,
    );
    return rows[0]!.count;
  };
  assert.equal(await count(), 4);
  const { id } = await world.deps.store.read
    .selectFrom("file_version")
    .select("node_id as id")
    .where("id", "=", file.versionId)
    .executeTakeFirstOrThrow();
  await trashNode(world.deps, person.access, id);
  await deleteFromTrash(world.deps, person.access, id);
  assert.equal(await count(), 4);
  await purgeDeleted({ store: world.store }, new Date(Date.now() + 60_000));
  assert.equal(await count(), 0);
  assert.equal(await refused(previews.open(file, "large", patient())), "not_found");
  const blobs = await sql<{ count: number }>`
    SELECT count(*) AS count FROM file_preview p WHERE NOT EXISTS
      (SELECT FROM blob_reference r WHERE r.blob_id = p.blob_id AND r.kind = 'file_preview')`.execute(world.store.read);
  assert.equal(blobs.rows[0]!.count, 0);
  await world.checkBooks(person);
});

async function usage(): Promise<number> {
  const row = await world.store.read
    .selectFrom("quota")
    .select("used_bytes")
    .where("account_id", "=", person.access.accountId)
    .where("area", "=", "files")
    .executeTakeFirstOrThrow();
  return row.used_bytes;
}
