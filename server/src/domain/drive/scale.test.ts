import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { sql } from "kysely";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import { collectBlobs } from "../../store/blobs/collect-blobs.ts";
import type { Right } from "../access/account-access.ts";
import { grantAccount } from "../access/grant-account.ts";
import { DomainError } from "../errors.ts";
import { createFolder } from "./create-folder.ts";
import { deleteFromTrash, emptyOldTrash, emptyTrash } from "./delete-from-trash.ts";
import { resolvePlace, walkPlaces } from "./drive-place.ts";
import { readUsage } from "./list-spaces.ts";
import { listTrash } from "./list-trash.ts";
import { moveNode } from "./move-node.ts";
import { openDrive } from "./open-drive.ts";
import { purgeDeleted } from "./purge-deleted.ts";
import { readNode } from "./read-node.ts";
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

const folder = (name: string, parentId = anne.rootId) => createFolder(world.deps, anne.access, { parentId, name });

/** Rows of any table that speak of a node, a version or a blob that is no more. */
async function orphans(): Promise<string[]> {
  const noNode = (table: string, organization = "organization_id", node = "node_id", condition = "true") =>
    sql`SELECT ${table}::text AS name FROM ${sql.table(table)} t WHERE ${sql.raw(condition)} AND NOT EXISTS
      (SELECT FROM drive_node n WHERE n.organization_id = t.${sql.ref(organization)} AND n.id = t.${sql.ref(node)})`;
  const { rows } = await sql<{ name: string }>`
    ${noNode("file_version")} UNION ALL ${noNode("share_link")} UNION ALL ${noNode("node_lock")} UNION ALL ${noNode("node_property")}
    UNION ALL ${noNode("node_favorite", "node_organization_id")} UNION ALL ${noNode("node_tagging")}
    UNION ALL ${noNode("node_comment")} UNION ALL ${noNode("drive_mount", "target_organization_id", "target_node_id")}
    UNION ALL ${noNode("grant_given", "organization_id", "collection_id", "collection_kind = 'node'")}
    UNION ALL ${noNode("grant_received", "account_organization_id", "collection_id", "collection_kind = 'node'")}
    UNION ALL SELECT 'blob_reference' FROM blob_reference r WHERE r.kind = 'file_version'
      AND NOT EXISTS (SELECT FROM file_version v WHERE v.id = r.owner_id)
    UNION ALL SELECT 'file_segment' FROM file_segment s WHERE NOT EXISTS (SELECT FROM file_version v WHERE v.id = s.version_id)
    UNION ALL SELECT 'beneath nothing' FROM drive_node n WHERE n.parent_id IS NULL AND n.state = 'live'
      AND NOT EXISTS (SELECT FROM account a WHERE a.id = n.account_id)`.execute(world.store.read);
  return rows.map((row) => row.name);
}

const treeFiles = 10_000;

/** As many files in 100 folders, made by one statement: they are nobody's act, and have no history. */
async function makeLargeTree(): Promise<string> {
  const top = await folder("top");
  await world.store.transact(async (tx) => {
    await sql`
      WITH folders AS (
        INSERT INTO drive_node (organization_id, account_id, parent_id, name, kind, content_type, created_modseq, modseq, tree_modseq, tree_files)
        SELECT ${organizationId}::uuid, ${anne.access.accountId}::uuid, ${top.id}::uuid, 'd' || i, 'folder', '', 1, 1, 1, ${treeFiles / 100}
        FROM generate_series(1, 100) i RETURNING id
      ), files AS (
        INSERT INTO drive_node (organization_id, account_id, parent_id, name, kind, created_modseq, modseq, tree_modseq, tree_files, version_id)
        SELECT ${organizationId}::uuid, ${anne.access.accountId}::uuid, folders.id, 'f' || i, 'file', 1, 1, 1, 1, uuidv7()
        FROM folders, generate_series(1, ${treeFiles / 100}) i RETURNING id, version_id
      )
      INSERT INTO file_version (organization_id, id, account_id, node_id, size, modified_at)
      SELECT ${organizationId}::uuid, version_id, ${anne.access.accountId}::uuid, id, 0, now() FROM files`.execute(tx);
    await sql`UPDATE drive_node SET tree_files = ${treeFiles} WHERE id IN (${top.id}, ${anne.rootId})`.execute(tx);
  });
  return top.id;
}

async function changedSince(modseq: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM drive_node WHERE account_id = ${anne.access.accountId} AND (modseq > ${modseq} OR tree_modseq > ${modseq})`.execute(
    world.store.read,
  );
  return rows[0]!.count;
}

async function modseqOf(): Promise<number> {
  const row = await world.store.read
    .selectFrom("feed")
    .select("modseq")
    .where("account_id", "=", anne.access.accountId)
    .where("area", "=", "files")
    .executeTakeFirstOrThrow();
  return row.modseq;
}

test("a tree of ten thousand files is moved, put in the trash and brought back as one row and those above it", async () => {
  const top = await makeLargeTree();
  const [a, b] = [await folder("a"), await folder("b")];
  const inner = await folder("inner", a.id);
  const rowsOf = async (change: () => Promise<unknown>): Promise<number> => {
    const before = await modseqOf();
    await change();
    assert.equal(await modseqOf(), before + 1);
    return changedSince(before);
  };
  // The tree, the folders it came to, and the root.
  assert.equal(await rowsOf(() => moveNode(world.deps, anne.access, top, anne.access, { parentId: inner.id })), 4);
  await world.checkBooks(anne);
  assert.equal(await rowsOf(() => trashNode(world.deps, anne.access, top)), 4);
  assert.equal(await rowsOf(() => restoreNode(world.deps, anne.access, top)), 4);
  await world.checkBooks(anne);
  await moveNode(world.deps, anne.access, a.id, anne.access, { parentId: b.id });
  const drive = await openDrive(world.deps, anne.viewer);
  const place = await resolvePlace(world.store.read, drive, ["b", "a", "inner", "top"]);
  assert.equal(place.node.tree_files, treeFiles);
  let walked = 0;
  for await (const { names } of walkPlaces(world.store.read, drive, place)) walked += names.length === 6 ? 1 : 0;
  assert.equal(walked, treeFiles);
});

test("to another account it goes whole, and comes back; two moves at once leave it in one place", async () => {
  const top = await makeLargeTree();
  const rights: readonly Right[] = ["read", "write", "create", "delete"];
  const teams = [
    await world.teamFolder(organizationId, `Nord ${count}`, [anne], rights),
    await world.teamFolder(organizationId, `Sud ${count}`, [anne], rights),
  ];
  const outcomes = await Promise.allSettled(
    teams.map((team) => moveNode(world.deps, anne.access, top, team.access, { parentId: team.rootId })),
  );
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  for (const each of [anne, ...teams]) await world.checkBooks(each);
  const holder = teams[outcomes.findIndex(({ status }) => status === "fulfilled")]!;
  await moveNode(world.deps, holder.access, top, anne.access, { parentId: anne.rootId });
  for (const each of [anne, ...teams]) await world.checkBooks(each);
});

test("of many who write one name at once, one makes the file and the others say so; none is lost when they take numbers", async () => {
  const writers = Array.from({ length: 12 }, (_, index) => `writer ${index}`);
  const outcomes = await Promise.allSettled(writers.map((text) => world.put(anne, "note.txt", text)));
  const refusals = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  assert.equal(refusals.length, writers.length - 1);
  for (const error of refusals) {
    assert.ok(error instanceof DomainError);
    assert.equal(error.code, "already_exists");
  }
  await Promise.all(writers.map((text) => world.put(anne, "Note.txt", text, { onConflict: "rename" })));
  await Promise.all(writers.map((text) => world.put(anne, "note.txt", text, { onConflict: "replace" })));
  const { rows } = await sql<{ name: string; versions: number }>`
    SELECT n.name, (SELECT count(*) FROM file_version v WHERE v.node_id = n.id) AS versions FROM drive_node n
    WHERE n.account_id = ${anne.access.accountId} AND n.kind = 'file' ORDER BY n.name`.execute(world.store.read);
  assert.equal(rows.length, 1 + writers.length);
  assert.deepEqual(rows.find(({ name }) => name === "note.txt")?.versions, 1 + writers.length);
  await world.checkBooks(anne);
});

test("whatever happens to a tree by several hands at once, its books agree", async () => {
  const team = await world.teamFolder(organizationId, `Tous ${count}`, [anne], ["read", "write", "create", "delete"]);
  // A fixed sequence of pseudo-random choices.
  let state = 11;
  const pick = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  const spaces = [anne, team];
  let done = 0;
  const hand = async (): Promise<void> => {
    for (let step = 0; step < 60; step++) {
      const [from, to] = [spaces[pick(2)]!, spaces[pick(2)]!];
      const { rows } = await sql<{ id: string; kind: string }>`
        SELECT id, kind FROM drive_node WHERE account_id = ${from.access.accountId} ORDER BY id`.execute(
        world.store.read,
      );
      const { rows: folders } = await sql<{ id: string }>`
        SELECT id FROM drive_node WHERE account_id = ${to.access.accountId} AND kind = 'folder' ORDER BY id`.execute(
        world.store.read,
      );
      const [node, parent] = [rows[pick(rows.length)]!, folders[pick(folders.length)]!];
      const onConflict = (["fail", "replace", "rename"] as const)[pick(3)]!;
      const name = `n${pick(6)}`;
      const act = [
        () => createFolder(world.deps, to.access, { parentId: parent.id, name, onConflict }),
        () => world.put(to, name, "x".repeat(pick(100)), { folderId: parent.id, onConflict }),
        () => moveNode(world.deps, from.access, node.id, to.access, { parentId: parent.id, onConflict }),
        () => trashNode(world.deps, from.access, node.id),
        () => restoreNode(world.deps, from.access, node.id),
        () => deleteFromTrash(world.deps, from.access, node.id),
      ][Math.min(5, pick(9))]!;
      await act().then(
        () => done++,
        (error: unknown) => {
          if (!(error instanceof DomainError) || error.code === "unavailable") throw error;
        },
      );
    }
  };
  await Promise.all(Array.from({ length: 4 }, hand));
  // Of 240 most are refused, how many depends on who comes first.
  assert.ok(done > 15, String(done));
  for (const each of spaces) await world.checkBooks(each);
});

test("what the purge ends leaves nothing behind: shares, places, locks, links, likes, versions, and blobs to the collector", async () => {
  const paul = await world.person(organizationId, `paul${count}`);
  const zoe = await world.person(await world.organization("Val-Perdu"), `zoe${count}`);
  const a = await folder("a");
  const f = await world.put(anne, "f", "1".repeat(70_000), { folderId: a.id });
  await world.put(anne, "f", "2".repeat(70_000), { folderId: a.id, onConflict: "replace" });
  for (const node of [a, f]) {
    const target = { organizationId, accountId: anne.access.accountId, nodeId: node.id };
    for (const { viewer } of [paul, zoe]) {
      await world.store.transact((tx) => grantAccount(tx, target, viewer, ["read"], { note: "voilà" }));
      await openDrive(world.deps, viewer);
    }
  }
  const holder = { organization_id: organizationId, node_id: f.id };
  const by = { principal_organization_id: organizationId, principal_id: anne.viewer.principalId };
  await world.store.transact(async (tx) => {
    await tx
      .insertInto("node_property")
      .values({ ...holder, namespace: "x:", name: "p", value: "<p/>" })
      .execute();
    await tx
      .insertInto("node_lock")
      .values({
        ...{ ...holder, ...by, account_id: anne.access.accountId },
        ...{ token: `urn:${f.id}`, kind: "user", scope: "exclusive", is_deep: false },
      })
      .execute();
    await tx
      .insertInto("node_favorite")
      .values({
        ...{ organization_id: zoe.viewer.organizationId, principal_id: zoe.viewer.principalId },
        ...{ node_organization_id: organizationId, node_id: f.id },
      })
      .execute();
    const comment = { author_organization_id: organizationId, author_id: anne.viewer.principalId, text: "oui" };
    await tx
      .insertInto("node_comment")
      .values({ ...holder, ...comment })
      .execute();
  });
  await trashNode(world.deps, anne.access, a.id);
  await deleteFromTrash(world.deps, anne.access, a.id);
  assert.equal((await openDrive(world.deps, zoe.viewer)).mounts.length, 0);
  await purgeDeleted(world.deps, new Date(Date.now() + 1_000));
  assert.deepEqual(await orphans(), []);
  await collectBlobs(world.store, world.deps.blobs, new Date(Date.now() + 1_000));
  const { rows } = await sql`
    SELECT FROM blob b WHERE NOT EXISTS (SELECT FROM blob_reference r WHERE r.blob_id = b.id)`.execute(
    world.store.read,
  );
  assert.equal(rows.length, 0);
});

test("a tree of ten thousand files and thousands of single folders are purged whole, with what is theirs", async () => {
  const [tree, single] = [await makeLargeTree(), await folder("single")];
  const restored = await world.put(anne, "restored", "1", { folderId: tree });
  await trashNode(world.deps, anne.access, restored.id);
  for (const id of [tree, single.id]) await trashNode(world.deps, anne.access, id);
  const { rows } = await sql<{ count: number }>`
    WITH made AS (
      INSERT INTO drive_node (organization_id, account_id, name, kind, created_modseq, modseq, tree_modseq, state, removed_at)
      SELECT ${organizationId}::uuid, ${anne.access.accountId}::uuid, 's' || i, 'folder', 1, 1, 1, 'trashed', now() FROM generate_series(1, 4100) i
      RETURNING id
    ) SELECT count(*) AS count FROM made`.execute(world.store.read);
  await deleteFromTrash(world.deps, anne.access, tree);
  await restoreNode(world.deps, anne.access, restored.id);
  // More than one transaction takes.
  assert.equal(await emptyTrash(world.deps, anne.access), rows[0]!.count + 1);
  const purged = await purgeDeleted(world.deps, new Date(Date.now() + 1_000));
  assert.equal(purged.nodes, treeFiles + 100 + 1 + rows[0]!.count + 1);
  const left = await world.store.read
    .selectFrom("drive_node")
    .select("name")
    .where("account_id", "=", anne.access.accountId)
    .where("parent_id", "is not", null)
    .execute();
  assert.deepEqual(left, [{ name: "restored" }]);
  assert.deepEqual(await orphans(), []);
});

test("the trash empties itself of what is old, gives back its room, and keeps it recoverable", async () => {
  const [old, young] = [await world.put(anne, "old", "12345"), await world.put(anne, "young", "123")];
  for (const { id } of [old, young]) await trashNode(world.deps, anne.access, id);
  await world.store.transact((tx) =>
    tx
      .updateTable("drive_node")
      .set({ removed_at: new Date(Date.now() - 31 * 86_400_000) })
      .where("id", "=", old.id)
      .execute(),
  );
  assert.equal(await emptyOldTrash(world.deps, new Date(Date.now() - 30 * 86_400_000)), 1);
  const inTrash = async (state: "trashed" | "deleted") =>
    (await listTrash(world.store.read, anne.access, state)).map(({ node }) => node.name);
  assert.deepEqual([await inTrash("trashed"), await inTrash("deleted")], [["young"], ["old"]]);
  assert.equal((await readUsage(world.store.read, anne.access)).used, 3);
  await purgeDeleted(world.deps, new Date(Date.now() - 14 * 86_400_000));
  await restoreNode(world.deps, anne.access, old.id);
  assert.equal((await readNode(world.store.read, anne.access, old.id)).node.name, "old");
  await world.checkBooks(anne);
});
