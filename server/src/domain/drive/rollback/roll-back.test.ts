import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type DriveWorld, openDriveWorld, type Person } from "../../../../test/harness/drive-world.ts";
import { DomainError } from "../../errors.ts";
import { copyNode } from "../copy-node.ts";
import { createFolder } from "../create-folder.ts";
import { deleteFromTrash, emptyTrash } from "../delete-from-trash.ts";
import { moveNode } from "../move-node.ts";
import { openFile } from "../open-file.ts";
import { restoreNode } from "../restore-node.ts";
import { trashNode } from "../trash-node.ts";
import { previewRollback, rollBack } from "./roll-back.ts";
import type { Rollback } from "./summarize-rollback.ts";

let world: DriveWorld;
let organizationId: string;
let anne: Person;
let count = 0;

before(async () => {
  world = await openDriveWorld();
  organizationId = await world.organization("Bourg");
});
after(() => world.close());
beforeEach(async () => {
  anne = await world.person(organizationId, `anne${++count}`);
});

const folder = (name: string, parentId = anne.rootId) =>
  createFolder(world.deps, anne.access, { parentId, name, onConflict: "rename" });
const put = (name: string, content: string, folderId = anne.rootId) =>
  world.put(anne, name, content, { folderId, onConflict: "replace" });
const move = (id: string, parentId: string, name?: string) =>
  moveNode(world.deps, anne.access, id, anne.access, { parentId, name });
const trash = (id: string) => trashNode(world.deps, anne.access, id);
/** The moment after all that was done. */
async function moment(): Promise<{ beforeModseq: number }> {
  const feed = await world.store.read
    .selectFrom("feed")
    .select("modseq")
    .where("account_id", "=", anne.access.accountId)
    .where("area", "=", "files")
    .executeTakeFirstOrThrow();
  return { beforeModseq: feed.modseq + 1 };
}
const back = (point: { beforeModseq: number }, folderId = anne.rootId) =>
  rollBack(world.deps, anne.access, folderId, point);

interface LiveRow {
  id: string;
  parent_id: string | null;
  name: string;
  kind: string;
  version_id: string | null;
}

/** Every path that can be reached, with what is read there. */
async function tree(person = anne): Promise<Record<string, string>> {
  const rows: LiveRow[] = await world.store.read
    .selectFrom("drive_node")
    .select(["id", "parent_id", "name", "kind", "version_id"])
    .where("account_id", "=", person.access.accountId)
    .where("state", "=", "live")
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  const pathOf = (row: LiveRow): string | undefined => {
    if (row.id === person.rootId) return "";
    const parent = byId.get(row.parent_id ?? "");
    const above = parent && pathOf(parent);
    return above === undefined ? undefined : `${above}/${row.name}`;
  };
  const found: Record<string, string> = {};
  for (const row of rows.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = pathOf(row);
    if (path === undefined) continue;
    found[path] =
      row.kind === "folder"
        ? "folder"
        : Buffer.concat(await (await openFile(world.deps, person.access, row.id)).source.open().toArray()).toString();
  }
  return found;
}

const figures = ({ counts }: Rollback) =>
  Object.fromEntries(Object.entries(counts).map(([kind, { items, files }]) => [kind, [items, files]]));
const refusal = (code: string, reason: string) => (error: unknown) =>
  error instanceof DomainError && error.code === code && error.data?.reason === reason;

describe("a space goes back", () => {
  test("with what was deleted, moved, renamed, replaced and added since", async () => {
    const a = await folder("A");
    const b = await folder("B");
    const deleted = await put("deleted", "1", a.id);
    const moved = await put("moved", "22", a.id);
    const renamed = await put("renamed", "333", b.id);
    await put("replaced", "4444", b.id);
    const inB = await folder("C", b.id);
    await put("deep", "55555", inB.id);
    const before = await tree();
    const point = await moment();
    await trash(deleted.id);
    await move(moved.id, b.id);
    await move(renamed.id, b.id, "other");
    await put("replaced", "changed", b.id);
    await put("replaced", "changed again", b.id);
    await put("new", "new", a.id);
    await trash(b.id);
    const preview = await previewRollback(world.deps, anne.access, anne.rootId, point);
    const expected = { restored: [4, 4 + 1], moved: [0, 0], replaced: [1, 1], trashed: [1, 1], left: [0, 0] };
    assert.deepEqual({ ...figures(preview), restored: figures(preview).restored![0] }, { ...expected, restored: 4 });
    const done = await back(point);
    assert.deepEqual(done.counts, preview.counts);
    assert.deepEqual(await tree(), before);
    await world.checkBooks(anne);
  });

  test("where two took each other's names, and folders each other's places", async () => {
    const a = await folder("A");
    const b = await folder("B", a.id);
    const one = await put("one", "1");
    const two = await put("two", "2");
    const before = await tree();
    const point = await moment();
    await move(one.id, anne.rootId, "three");
    await move(two.id, anne.rootId, "one");
    await move(one.id, anne.rootId, "two");
    await move(b.id, anne.rootId);
    await move(a.id, b.id);
    await back(point);
    assert.deepEqual(await tree(), before);
    await world.checkBooks(anne);
  });

  test("with what left the trash for good, and quota for it", async () => {
    const a = await folder("A");
    const file = await put("file", "x".repeat(600_000), a.id);
    const before = await tree();
    const point = await moment();
    await trash(a.id);
    await emptyTrash(world.deps, anne.access);
    await put("big", "y".repeat(900_000));
    await assert.rejects(back(point), (error: unknown) => error instanceof DomainError && error.code === "over_quota");
    assert.deepEqual(Object.keys(await tree()).sort(), ["", "/big"]);
    const [big] = (await previewRollback(world.deps, anne.access, anne.rootId, point)).items.filter(
      (item) => item.kind === "trashed",
    );
    await trash(big!.nodeId);
    await deleteFromTrash(world.deps, anne.access, big!.nodeId);
    await back(point);
    assert.deepEqual(await tree(), before);
    assert.equal((await openFile(world.deps, anne.access, file.id)).name, "file");
    await world.checkBooks(anne);
  });

  test("and forth again: it is history itself", async () => {
    const a = await folder("A");
    const one = await put("one", "1", a.id);
    await put("two", "2", a.id);
    const point = await moment();
    await trash(one.id);
    await put("two", "changed", a.id);
    await put("three", "3");
    await move(a.id, anne.rootId, "AA");
    const changed = await tree();
    const later = await moment();
    await back(point);
    await back(later);
    assert.deepEqual(await tree(), changed);
    await world.checkBooks(anne);
  });

  test("with names that went from one to the next, in one folder", async () => {
    const [a, b, c] = [await put("a", "1"), await put("b", "2"), await put("c", "3")];
    const before = await tree();
    const point = await moment();
    for (const [node, name] of [
      [c, "d"],
      [b, "c"],
      [a, "b"],
    ] as const)
      await move(node.id, anne.rootId, name);
    await back(point);
    assert.deepEqual(await tree(), before);
    await world.checkBooks(anne);
  });

  test("with what was changed after it was planned and before it was done", async () => {
    await put("one", "1");
    const before = await tree();
    const point = await moment();
    await put("one", "changed");
    let isLate = true;
    const store = {
      ...world.store,
      transact: async <T>(work: Parameters<typeof world.store.transact<T>>[0]): Promise<T> => {
        if (isLate) {
          isLate = false;
          await put("two", "2");
        }
        return world.store.transact(work);
      },
    };
    const done = await rollBack({ ...world.deps, store }, anne.access, anne.rootId, point);
    assert.deepEqual(done.counts.trashed, { items: 1, files: 1 });
    assert.deepEqual(await tree(), before);
    await world.checkBooks(anne);
  });

  test("whatever was done in between, and forth again", async () => {
    let seed = 20_261_123;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    const folders = [anne.rootId];
    const nodes: string[] = [];
    const pick = <T>(some: readonly T[]): T => some[random(some.length)]!;
    const act = async (): Promise<void> => {
      const kind = random(8);
      if (kind === 0) {
        const made = await folder(`folder ${random(6)}`, pick(folders));
        folders.push(made.id);
        nodes.push(made.id);
      } else if (kind <= 2) nodes.push((await put(`file ${random(8)}`, `${random(1e6)}`, pick(folders))).id);
      else if (nodes.length === 0) return;
      else if (kind === 3) await trash(pick(nodes));
      else if (kind === 4) await restoreNode(world.deps, anne.access, pick(nodes));
      else if (kind === 5) await deleteFromTrash(world.deps, anne.access, pick(nodes));
      else if (kind === 6) {
        const to = { parentId: pick(folders), onConflict: "rename" as const };
        nodes.push((await copyNode(world.deps, anne.access, pick(nodes), anne.access, to)).id);
      } else await move(pick(nodes), pick(folders), `file ${random(8)}`);
    };
    const acts = async (howMany: number): Promise<void> => {
      for (let index = 0; index < howMany; index++) {
        await act().catch((error: unknown) => {
          if (!(error instanceof DomainError)) throw error;
        });
      }
    };
    const seen: { point: { beforeModseq: number }; there: Record<string, string> }[] = [];
    for (let round = 0; round < 4; round++) {
      await acts(40);
      const before = await tree();
      const point = await moment();
      seen.push({ point, there: before });
      await acts(60);
      const changed = await tree();
      const later = await moment();
      const preview = await previewRollback(world.deps, anne.access, anne.rootId, point);
      assert.deepEqual((await back(point)).counts, preview.counts);
      assert.deepEqual(await tree(), before, `round ${round}`);
      await world.checkBooks(anne);
      await back(later);
      assert.deepEqual(await tree(), changed, `forth in round ${round}`);
      await world.checkBooks(anne);
    }
    for (const { point, there } of [seen[2]!, seen[0]!, seen[3]!, seen[1]!]) {
      await back(point);
      assert.deepEqual(await tree(), there);
    }
    await world.checkBooks(anne);
  });
});

describe("a folder goes back alone", () => {
  test("what left it comes back, what came to it leaves, and nothing else changes", async () => {
    const a = await folder("A");
    const b = await folder("B");
    const leaving = await put("leaving", "1", a.id);
    const coming = await put("coming", "2", b.id);
    const other = await put("other", "3", b.id);
    const point = await moment();
    await move(leaving.id, b.id, "left");
    await move(coming.id, a.id, "came");
    await put("made", "4", a.id);
    await trash(other.id);
    await back(point, a.id);
    assert.deepEqual(await tree(), {
      "": "folder",
      "/A": "folder",
      "/A/leaving": "1",
      "/B": "folder",
      "/B/coming": "2",
    });
    await world.checkBooks(anne);
  });

  test("what came to it gets another name where its own was taken, and the top when its folder is gone", async () => {
    const a = await folder("A");
    const b = await folder("B");
    const c = await folder("C");
    const fromB = await put("x", "from b", b.id);
    const fromC = await put("y", "from c", c.id);
    const point = await moment();
    await move(fromB.id, a.id);
    await move(fromC.id, a.id);
    await put("x", "another", b.id);
    await trash(c.id);
    await back(point, a.id);
    const { "/B/x": x, "/B/x (2)": x2, "/A/y": y } = await tree();
    assert.deepEqual([x, x2, y], ["another", "from b", "from c"]);
    await world.checkBooks(anne);
  });

  test("a folder that it is in now stays above it", async () => {
    const a = await folder("A");
    const b = await folder("B", a.id);
    const point = await moment();
    await move(b.id, anne.rootId);
    await move(a.id, b.id);
    const { counts, items } = await back(point, a.id);
    assert.equal(counts.left.items, 1);
    assert.equal(items[0]!.reason, "holds_this");
    assert.deepEqual(Object.keys(await tree()).sort(), ["", "/B", "/B/A"]);
  });

  test("one that was not there then is refused", async () => {
    const point = await moment();
    const a = await folder("A");
    await assert.rejects(back(point, a.id), refusal("invalid", "not_there"));
  });
});

test("what went to another space is said, and stays there", async () => {
  const team = await world.teamFolder(organizationId, "Urbanisme", [anne], ["read", "write", "create", "delete"]);
  const a = await folder("A");
  const file = await put("plan", "1", a.id);
  const note = await put("note", "2", a.id);
  const point = await moment();
  await trash(note.id);
  await moveNode(world.deps, anne.access, a.id, team.access, { parentId: team.rootId });
  const { counts, items } = await back(point);
  assert.deepEqual([counts.left.items, counts.restored.items], [1, 1]);
  assert.equal(items.find((item) => item.kind === "left")!.reason, "moved_away");
  assert.deepEqual(await tree(), { "": "folder", "/note": "2" });
  assert.equal((await openFile(world.deps, team.access, file.id)).name, "plan");
  await world.checkBooks(anne);
});

test("a moment before what is kept, or to come, is refused; what changes nothing says so", async () => {
  await put("a", "1");
  const ask = (at: Date) => previewRollback(world.deps, anne.access, anne.rootId, { at });
  await assert.rejects(ask(new Date(Date.now() - 15 * 86_400_000)), refusal("invalid", "too_long_ago"));
  await assert.rejects(ask(new Date(Date.now() + 60_000)), refusal("invalid", "in_future"));
  assert.deepEqual((await ask(new Date())).items, []);
  const before = await ask(new Date(Date.now() - 3_600_000));
  assert.deepEqual(before.counts.trashed, { items: 1, files: 1 });
});

test("who agreed to something else is asked again", async () => {
  const file = await put("a", "1");
  const point = await moment();
  await trash(file.id);
  const { state } = await previewRollback(world.deps, anne.access, anne.rootId, point);
  await put("b", "2");
  await assert.rejects(
    rollBack(world.deps, anne.access, anne.rootId, point, { state }),
    refusal("state_mismatch", "changed"),
  );
});

test("who may not do all of it by hand may not do it so", async () => {
  const team = await world.teamFolder(organizationId, "Voirie", [anne], ["read", "write"]);
  const ask = previewRollback(world.deps, team.access, team.rootId, { at: new Date() });
  await assert.rejects(ask, (error: unknown) => error instanceof DomainError && error.code === "forbidden");
  const a = await folder("A");
  const shared = { ...anne.access, subtreeId: a.id };
  await assert.rejects(previewRollback(world.deps, shared, a.id, { at: new Date() }), /no such/);
});

test("clients that synchronize learn what went and what came", async () => {
  const a = await folder("A");
  const file = await put("file", "1", a.id);
  const point = await moment();
  await trash(file.id);
  const added = await put("new", "2", a.id);
  const token = await moment();
  await back(point);
  const row = await world.store.read
    .selectFrom("drive_node")
    .select(["created_modseq", "modseq"])
    .where("id", "=", file.id)
    .executeTakeFirstOrThrow();
  assert.ok(row.created_modseq >= token.beforeModseq && row.modseq === row.created_modseq);
  const departures = await world.store.read
    .selectFrom("changes")
    .select("object_id")
    .where("account_id", "=", anne.access.accountId)
    .where("modseq", ">=", token.beforeModseq)
    .execute();
  assert.deepEqual(
    departures.map((each) => each.object_id),
    [added.id],
  );
});
