import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { type DriveWorld, openDriveWorld, type Person } from "../../../../test/harness/drive-world.ts";
import { purgeExpiredLocks } from "../../../store/drive/remove-locks.ts";
import { DomainError } from "../../errors.ts";
import { createFolder } from "../create-folder.ts";
import type { DriveAccess, DriveNode } from "../model.ts";
import { moveNode } from "../move-node.ts";
import { restoreNode } from "../restore-node.ts";
import { trashNode } from "../trash-node.ts";
import { acquireLock, type NewLock } from "./acquire-lock.ts";
import { listLocks } from "./list-locks.ts";
import { refreshLock, releaseLock } from "./release-lock.ts";

let world: DriveWorld;
let anne: Person;
let paul: Person;
let team: Person;
before(async () => {
  world = await openDriveWorld();
  const organization = await world.organization("Bourg");
  anne = await world.person(organization, "Anne");
  paul = await world.person(organization, "Paul");
  team = await world.teamFolder(organization, "Travaux", [anne, paul], ["read", "write", "create", "delete"]);
});
after(() => world.close());

const exclusive: NewLock = { kind: "dav", scope: "exclusive", isDeep: false };
const refused = (code: string) => (error: unknown) => error instanceof DomainError && error.code === code;
const showing = (access: DriveAccess, ...tokens: string[]): DriveAccess => ({
  ...access,
  actor: { lockTokens: new Set(tokens) },
});
/** The same team folder as somebody else sees it. */
const as = (person: Person): DriveAccess => ({ ...team.access, viewer: person.viewer });

test("a lock on a file stops who does not show it, in whichever tree it is seen, and no other file", async () => {
  const file = await world.put(team, "plan.txt", "un");
  await world.put(team, "autre.txt", "un");
  const lock = await acquireLock(world.deps, as(anne), file.id, exclusive);
  const write = (access: DriveAccess) =>
    world.put({ access: access as Person["access"], rootId: team.rootId }, "plan.txt", "deux", {
      onConflict: "replace",
    });
  await assert.rejects(write(as(anne)), refused("locked"));
  await assert.rejects(write(as(paul)), refused("locked"));
  await assert.rejects(write(showing(as(paul), lock.token)), refused("locked"));
  await write(showing(as(anne), lock.token));
  await world.put(team, "autre.txt", "deux", { onConflict: "replace" });
  await assert.rejects(releaseLock(world.deps, as(paul), file.id, lock.token), refused("forbidden"));
  await assert.rejects(refreshLock(world.deps, as(paul), file.id, lock.token, 60), refused("forbidden"));
  await releaseLock(world.deps, as(anne), file.id, lock.token);
  await write(as(paul));
});

test("what is refused names the numbers of all that is locked", async () => {
  const folder = await createFolder(world.deps, team.access, { parentId: team.rootId, name: "Dossier" });
  const files: DriveNode[] = [];
  for (const name of ["a", "b"]) files.push(await world.put(team, name, "x", { folderId: folder.id }));
  for (const file of files) await acquireLock(world.deps, as(paul), file.id, exclusive);
  await assert.rejects(trashNode(world.deps, as(anne), folder.id), (error: DomainError) => {
    assert.deepEqual(
      error.data?.fileIds,
      files.map((file) => file.fileId),
    );
    return error.code === "locked" && error.data?.reason === "locked";
  });
  const tokens = [
    ...(
      await listLocks(
        world.store.read,
        team.access,
        files.map(({ id }) => id),
      )
    ).values(),
  ].flat();
  await trashNode(world.deps, showing(as(paul), ...tokens.map(({ token }) => token)), folder.id);
  // They went with it: what comes back is free.
  await restoreNode(world.deps, team.access, folder.id);
  await moveNode(world.deps, as(anne), folder.id, as(anne), { parentId: team.rootId, name: "Autrement" });
});

test("a person's own lock lets themselves through and follows the file; a program's does not", async () => {
  const file = await world.put(team, "suivi.txt", "x");
  const byHand = await acquireLock(world.deps, as(anne), file.id, { kind: "user", scope: "exclusive", isDeep: false });
  assert.equal(byHand.expiresAt, null);
  const program = await acquireLock(world.deps, as(anne), file.id, exclusive);
  const folder = await createFolder(world.deps, team.access, { parentId: team.rootId, name: "Ailleurs" });
  await moveNode(world.deps, showing(as(anne), program.token), file.id, as(anne), { parentId: folder.id });
  const left = (await listLocks(world.store.read, team.access, [file.id])).get(file.id) ?? [];
  assert.deepEqual(
    left.map(({ kind, holder }) => [kind, holder.displayName]),
    [["user", "Anne"]],
  );
  await assert.rejects(trashNode(world.deps, as(paul), file.id), refused("locked"));
  await trashNode(world.deps, as(anne), file.id);
});

test("of programs that lock at once one gets the lock", async () => {
  const file = await world.put(team, "course.txt", "x");
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) => acquireLock(world.deps, as(index % 2 ? anne : paul), file.id, exclusive)),
  );
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  for (const result of results) {
    if (result.status === "rejected") assert.ok(refused("locked")(result.reason), String(result.reason));
  }
});

test("time is cut to a day, an expired lock is nobody's, and is forgotten", async () => {
  const file = await world.put(team, "temps.txt", "x");
  const lock = await acquireLock(world.deps, as(anne), file.id, {
    ...exclusive,
    timeoutSeconds: Number.POSITIVE_INFINITY,
  });
  const seconds = (lock.expiresAt!.getTime() - Date.now()) / 1_000;
  assert.ok(seconds > 86_000 && seconds <= 86_400, String(seconds));
  await world.store.transact((tx) =>
    sql`UPDATE node_lock SET expires_at = now() - interval '1 s' WHERE token = ${lock.token}`.execute(tx),
  );
  await assert.rejects(refreshLock(world.deps, as(anne), file.id, lock.token, 60), refused("state_mismatch"));
  await acquireLock(world.deps, as(paul), file.id, exclusive);
  const other = await world.put(team, "oublié.txt", "x");
  const old = await acquireLock(world.deps, as(anne), other.id, exclusive);
  await world.store.transact((tx) =>
    sql`UPDATE node_lock SET expires_at = now() - interval '1 s' WHERE token = ${old.token}`.execute(tx),
  );
  assert.equal(await purgeExpiredLocks(world.store, new Date()), 1);
});

test("nobody locks without the right to write, without a name, or a thousand times", async () => {
  const file = await world.put(team, "droits.txt", "x");
  const reading: DriveAccess = { ...as(paul), rights: new Set(["read"]) };
  await assert.rejects(acquireLock(world.deps, reading, file.id, exclusive), refused("forbidden"));
  await assert.rejects(
    acquireLock(world.deps, { ...as(paul), viewer: undefined }, file.id, exclusive),
    refused("forbidden"),
  );
  await assert.rejects(acquireLock(world.deps, as(paul), crypto.randomUUID(), exclusive), refused("not_found"));
  const shared: NewLock = { ...exclusive, scope: "shared" };
  await world.store.transact((tx) =>
    sql`INSERT INTO node_lock (organization_id, account_id, node_id, token, kind, scope, is_deep, principal_organization_id, principal_id, expires_at)
      SELECT ${team.access.organizationId}::uuid, ${team.access.accountId}::uuid, ${file.id}::uuid, 'urn:' || i, 'dav', 'shared', false,
        ${paul.viewer.organizationId}::uuid, ${paul.viewer.principalId}::uuid, now() + interval '1 h' FROM generate_series(1, 1000) i`.execute(
      tx,
    ),
  );
  await assert.rejects(acquireLock(world.deps, as(paul), file.id, shared), refused("conflict"));
  await acquireLock(world.deps, as(anne), file.id, shared);
});
