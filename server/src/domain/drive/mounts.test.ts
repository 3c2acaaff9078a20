import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import type { Transactor } from "../../store/database.ts";
import type { Right } from "../access/account-access.ts";
import { grantAccount } from "../access/grant-account.ts";
import { DomainError } from "../errors.ts";
import { addGroupMembers } from "../identity/add-group-members.ts";
import { createPrincipal } from "../identity/create-principal.ts";
import { createFolder } from "./create-folder.ts";
import { placeEtag } from "./drive-etag.ts";
import { findPlace, findPlaceByFileId, listPlaces, type Place, resolvePlace, walkPlaces } from "./drive-place.ts";
import { leaveMount } from "./leave-mount.ts";
import { listFolder } from "./list-folder.ts";
import { readUsage } from "./list-spaces.ts";
import { listTrash } from "./list-trash.ts";
import type { DriveNode } from "./model.ts";
import { moveMount } from "./move-mount.ts";
import { moveNode } from "./move-node.ts";
import { type OpenedDrive, openDrive } from "./open-drive.ts";
import { openFile } from "./open-file.ts";
import { placeRights } from "./place-rights.ts";
import { renameNode } from "./rename-node.ts";
import { restoreNode } from "./restore-node.ts";
import { trashNode } from "./trash-node.ts";
import { uploadFile } from "./upload-file.ts";

let world: DriveWorld;
let organizationId: string;
let anne: Person;
let paul: Person;
let count = 0;

before(async () => {
  world = await openDriveWorld();
  organizationId = await world.organization("Bourg-Fleuri");
});
after(() => world.close());
beforeEach(async () => {
  count++;
  anne = await world.person(organizationId, `anne${count}`);
  paul = await world.person(organizationId, `paul${count}`);
});

const refused = (code: string, reason?: string) => (error: unknown) => {
  assert.ok(error instanceof DomainError, String(error));
  assert.equal(error.code, code);
  if (reason !== undefined) assert.equal(error.data?.reason, reason);
  return true;
};
const keyOf = ({ viewer }: Person) => ({ organizationId: viewer.organizationId, principalId: viewer.principalId });
const folder = (owner: Person, name: string, parentId = owner.rootId): Promise<DriveNode> =>
  createFolder(world.deps, owner.access, { parentId, name });
const share = (
  owner: Person,
  node: Pick<DriveNode, "id">,
  grantee: { organizationId: string; principalId: string },
  rights: readonly Right[],
  expiresAt: Date | null = null,
) => {
  const target = { organizationId: owner.access.organizationId, accountId: owner.access.accountId, nodeId: node.id };
  return world.store.transact((tx) => grantAccount(tx, target, grantee, rights, { expiresAt }));
};
const open = (person: Person): Promise<OpenedDrive> => openDrive(world.deps, person.viewer);
const at = async (person: Person, ...names: string[]): Promise<Place> =>
  resolvePlace(world.store.read, await open(person), names);
const seen = async (person: Person, ...names: string[]): Promise<string[]> => {
  const drive = await open(person);
  const found = await listPlaces(world.store.read, drive, await resolvePlace(world.store.read, drive, names));
  return found.map((place) => place.names.at(-1)!);
};
const etags = async (person: Person, ...paths: string[][]): Promise<string[]> => {
  const drive = await open(person);
  return Promise.all(paths.map(async (names) => placeEtag(drive, await resolvePlace(world.store.read, drive, names))));
};
/** As time does: nobody is told. */
const endBy = (tx: Transactor, nodeId: string) =>
  tx
    .updateTable("grant_received")
    .set({ expires_at: new Date(Date.now() - 1) })
    .where("collection_id", "=", nodeId)
    .execute();
const group = async (name: string, ...members: Person[]) => {
  const made = await world.store.transact(async (tx) => {
    const created = await createPrincipal(tx, organizationId, {
      kind: "group",
      displayName: name,
      quotas: { mail: 0, files: 0 },
    });
    await addGroupMembers(
      tx,
      created,
      members.map((each) => each.viewer.principalId),
    );
    return created;
  });
  return { organizationId, principalId: made.principalId };
};

const readers: readonly Right[] = ["read"];
const editors: readonly Right[] = ["read", "write", "create", "delete"];

describe("what is shared", () => {
  test("stands in the root of who receives it, with all beneath, and nothing beside it", async () => {
    const a = await folder(anne, "a");
    const b = await folder(anne, "b", a.id);
    await world.put(anne, "f.txt", "12345", { folderId: b.id });
    await world.put(anne, "secret.txt", "x", { folderId: a.id });
    await share(anne, b, keyOf(paul), readers);
    assert.deepEqual(await seen(paul), ["b"]);
    assert.deepEqual(await seen(paul, "b"), ["f.txt"]);
    const drive = await open(paul);
    for (const names of [["a"], ["b", ".."], ["b", "secret.txt"], ["b", "f.txt", "x"], ["b\0"], ["\ud800"]]) {
      assert.equal(await findPlace(world.store.read, drive, names), undefined, names.join("/"));
    }
    const file = await at(paul, "b", "f.txt");
    assert.equal(file.isMountPoint, false);
    assert.equal(file.mount?.owner.uid, anne.viewer.uid);
    assert.ok(file.mount.shareNumber !== null);
    assert.equal((await findPlaceByFileId(world.store.read, drive, file.node.file_id))?.names.join("/"), "b/f.txt");
    assert.equal(await findPlaceByFileId(world.store.read, drive, a.fileId), undefined);
    await assert.rejects(createFolder(world.deps, file.access, { parentId: a.id, name: "x" }), refused("forbidden"));
  });

  test("is nobody's own: what it is called and where it stands is each viewer's, and the owner's is the owner's", async () => {
    const a = await folder(anne, "a");
    await share(anne, a, keyOf(paul), editors);
    const { access } = await at(paul, "a");
    for (const attempt of [
      () => renameNode(world.deps, access, a.id, "z"),
      () => trashNode(world.deps, access, a.id),
      () => moveNode(world.deps, access, a.id, paul.access, { parentId: paul.rootId, name: "stolen" }),
    ]) {
      await assert.rejects(attempt, refused("forbidden", "is_root"));
    }
    await renameNode(world.deps, anne.access, a.id, "renamed by its owner");
    assert.deepEqual(await seen(paul), ["a"]);
  });

  test("reaches members of groups in groups, once, with the rights of all its grants together", async () => {
    const a = await folder(anne, "a");
    const inner = await group("Accueil", paul);
    const outer = await group("Services");
    await world.store.transact((tx) => addGroupMembers(tx, outer, [inner.principalId]));
    await share(anne, a, outer, readers);
    assert.deepEqual(await seen(paul), ["a"]);
    assert.deepEqual([...(await at(paul, "a")).access.rights], ["read"]);
    await share(anne, a, keyOf(paul), ["read", "create"]);
    assert.deepEqual([...(await at(paul, "a")).access.rights].sort(), ["create", "read"]);
    assert.equal((await open(paul)).mounts.length, 1);
  });

  test("with a group of the owner's own is not mounted in the owner's drive", async () => {
    const a = await folder(anne, "a");
    await share(anne, a, await group("Tous", anne, paul), readers);
    assert.deepEqual(await seen(anne), ["a"]);
    assert.equal((await open(anne)).mounts.length, 0);
  });

  test("is gone when the share is taken back, is over, or what was shared is in the trash, itself or with a folder above", async () => {
    const [above, other] = [await folder(anne, "above"), await folder(anne, "other")];
    const a = await folder(anne, "a", above.id);
    await share(anne, a, keyOf(paul), readers);
    await share(anne, other, keyOf(paul), readers, new Date(Date.now() + 60_000));
    assert.deepEqual(await seen(paul), ["a", "other"]);
    const { grantsEpoch } = await open(paul);
    await world.store.transact((tx) => endBy(tx, other.id));
    assert.deepEqual(await seen(paul), ["a"]);
    assert.notEqual((await open(paul)).grantsEpoch, grantsEpoch);
    await share(anne, other, keyOf(paul), readers, null);
    assert.deepEqual(await seen(paul), ["a", "other"]);
    await share(anne, other, keyOf(paul), readers, new Date(Date.now() - 1));
    assert.deepEqual(await seen(paul), ["a"]);
    await trashNode(world.deps, anne.access, above.id);
    assert.deepEqual(await seen(paul), []);
    await restoreNode(world.deps, anne.access, above.id);
    assert.deepEqual(await seen(paul), ["a"]);
    const { access } = await at(paul, "a");
    await share(anne, a, keyOf(paul), []);
    assert.deepEqual(await seen(paul), []);
    assert.equal(access.subtreeId, a.id);
  });

  test("crosses organizations", async () => {
    const elsewhere = await world.organization("Val-Perdu");
    const zoe = await world.person(elsewhere, `zoe${count}`);
    const a = await folder(anne, "a");
    await share(anne, a, keyOf(zoe), editors);
    const place = await at(zoe, "a");
    const file = { folderId: a.id, name: "from zoe.txt" };
    await uploadFile(world.deps, place.access, file, Buffer.from("x"));
    assert.deepEqual(await seen(anne, "a"), ["from zoe.txt"]);
    await world.checkBooks(anne);
    await world.checkBooks(zoe);
  });
});

describe("a mount", () => {
  test("takes a name that is free, among files and other mounts, and keeps it from others", async () => {
    await world.put(paul, "Photos", "mine");
    const [one, two] = [await folder(anne, "Photos"), await folder(anne, "x")];
    const again = await folder(anne, "Photos", two.id);
    await share(anne, one, keyOf(paul), readers);
    await share(anne, again, keyOf(paul), readers);
    assert.deepEqual(await seen(paul), ["Photos", "Photos (2)", "Photos (3)"]);
    const taken = { parentId: paul.rootId, name: "Photos (2)" };
    await assert.rejects(createFolder(world.deps, paul.access, taken), refused("already_exists", "name_taken"));
    await assert.rejects(world.put(paul, "Photos (3)", "x"), refused("already_exists"));
    const replacing = { onConflict: "replace" } as const;
    await assert.rejects(world.put(paul, "Photos (3)", "x", replacing), refused("already_exists"));
    const mine = await folder(paul, "mine");
    await assert.rejects(renameNode(world.deps, paul.access, mine.id, "Photos (2)"), refused("already_exists"));
    assert.equal(
      (await createFolder(world.deps, paul.access, { ...taken, onConflict: "rename" })).name,
      "Photos (2) (2)",
    );
  });

  test("that was taken back keeps no name; when it returns it takes another", async () => {
    const a = await folder(anne, "a");
    await share(anne, a, keyOf(paul), readers);
    assert.deepEqual(await seen(paul), ["a"]);
    await share(anne, a, keyOf(paul), []);
    const mine = await folder(paul, "a");
    await share(anne, a, keyOf(paul), readers);
    assert.deepEqual(await seen(paul), ["a", "a (2)"]);
    assert.equal((await at(paul, "a")).node.id, mine.id);
  });

  test("is placed once by openings that race", async () => {
    for (let index = 0; index < 5; index++) await share(anne, await folder(anne, `d${index}`), keyOf(paul), readers);
    const drives = await Promise.all(Array.from({ length: 6 }, () => open(paul)));
    for (const drive of drives) {
      assert.deepEqual(
        drive.mounts.map((mount) => mount.name),
        ["d0", "d1", "d2", "d3", "d4"],
      );
    }
  });

  test("is moved and named by its viewer, in their own drive only, and falls to the root when its folder goes", async () => {
    const a = await folder(anne, "a");
    await share(anne, a, keyOf(paul), editors);
    const [deep, file] = [await folder(paul, "deep"), await world.put(paul, "f", "x")];
    const mountOf = async () => (await open(paul)).mounts.find((mount) => mount.kind === "share")!;
    const move = async (parentId: string, name: string) =>
      moveMount(world.deps, await open(paul), await mountOf(), { parentId, name });
    const epoch = (await open(paul)).grantsEpoch;
    await move(deep.id, "d\u0065\u0301place");
    assert.ok((await open(paul)).grantsEpoch > epoch);
    assert.deepEqual((await mountOf()).names, ["deep", "d\u00e9place"]);
    assert.deepEqual(await seen(paul, "deep"), ["d\u00e9place"]);
    assert.deepEqual(await seen(paul), ["deep", "f"]);
    await assert.rejects(move(paul.rootId, "f"), refused("already_exists"));
    await assert.rejects(move(file.id, "x"), refused("conflict", "not_a_folder"));
    await assert.rejects(move(a.id, "x"), refused("not_found"));
    await assert.rejects(move(paul.rootId, "../x"), refused("invalid"));
    await renameNode(world.deps, paul.access, deep.id, "deeper");
    assert.deepEqual((await mountOf()).names, ["deeper", "d\u00e9place"]);
    await trashNode(world.deps, paul.access, deep.id);
    assert.deepEqual(await seen(paul), ["d\u00e9place", "f"]);
    const team = await world.teamFolder(organizationId, `Equipe${count}`, [paul], editors);
    const given = await folder(paul, "given");
    await move(given.id, "a");
    await moveNode(world.deps, paul.access, given.id, team.access, { parentId: team.rootId });
    assert.deepEqual(await seen(paul), [`Equipe${count}`, "a", "f"]);
    assert.deepEqual(await seen(paul, `Equipe${count}`, "given"), []);
    await world.checkBooks(paul);
  });

  test("that is left is gone for its viewer alone; of a group's share it stays hidden until it is shared with them", async () => {
    const marc = await world.person(organizationId, `marc${count}`);
    const [a, b] = [await folder(anne, "a"), await folder(anne, "b")];
    await share(anne, a, keyOf(paul), editors);
    await share(anne, a, keyOf(marc), editors);
    await share(anne, b, await group("Duo", paul, marc), readers);
    for (const name of ["a", "b"]) await leaveMount(world.deps, await open(paul), (await at(paul, name)).mount!);
    assert.deepEqual(await seen(paul), []);
    assert.deepEqual(await seen(marc), ["a", "b"]);
    assert.deepEqual(await seen(anne), ["a", "b"]);
    await share(anne, b, keyOf(paul), readers);
    assert.deepEqual(await seen(paul), ["b"]);
    await share(anne, a, keyOf(paul), readers);
    assert.deepEqual(await seen(paul), ["a", "b"]);
  });

  test("of a team folder opens all of it, cannot be left, and a right on a person's whole account mounts nothing", async () => {
    const team = await world.teamFolder(organizationId, `Voirie/été ${count}`, [paul], editors);
    await world.put(team, "plan.pdf", "x");
    await world.store.transact((tx) => grantAccount(tx, anne.access, keyOf(paul), ["read", "write"]));
    const name = `Voirie-été ${count}`;
    assert.deepEqual(await seen(paul), [name]);
    const { mount } = await at(paul, name);
    assert.deepEqual([mount?.kind, mount?.shareNumber, mount?.access.subtreeId], ["team_folder", null, undefined]);
    await assert.rejects(leaveMount(world.deps, await open(paul), mount!), refused("forbidden"));
  });
});

test("what somebody takes out of a share or a team folder into their own drive stays recoverable where it was", async () => {
  const team = await world.teamFolder(organizationId, `Equipe${count}`, [paul], editors);
  const shared = await folder(anne, "shared");
  await share(anne, shared, keyOf(paul), editors);
  for (const [owner, name, parentId] of [
    [anne, "shared", shared.id],
    [team, `Equipe${count}`, team.rootId],
  ] as const) {
    const tree = await createFolder(world.deps, owner.access, { parentId, name: "tree" });
    await world.put(owner, "f", "precious", { folderId: tree.id });
    const { access, node } = await at(paul, name, "tree");
    const used = (await readUsage(world.store.read, owner.access)).used;
    await moveNode(world.deps, access, node.id, paul.access, { parentId: paul.rootId, name: `from ${name}` });
    assert.deepEqual(await seen(paul, name), []);
    assert.deepEqual(await seen(paul, `from ${name}`), ["f"]);
    assert.equal((await at(paul, `from ${name}`)).node.file_id, node.file_id);
    assert.equal((await readUsage(world.store.read, owner.access)).used, used - "precious".length);
    assert.equal((await listTrash(world.store.read, owner.access)).length, 0);
    const [left] = await listTrash(world.store.read, owner.access, "deleted");
    const back = await restoreNode(world.deps, owner.access, left!.node.id);
    assert.equal(back.parentId, parentId);
    const [f] = (await listFolder(world.store.read, owner.access, back.id))!.nodes;
    assert.equal(
      (await (await openFile(world.deps, owner.access, f!.id)).source.open().toArray()).join(""),
      "precious",
    );
    await world.checkBooks(owner);
  }
  await world.checkBooks(paul);
  await moveNode(world.deps, anne.access, shared.id, team.access, { parentId: team.rootId });
  assert.equal((await listTrash(world.store.read, anne.access, "deleted")).length, 0);
});

test("a walk meets all that a viewer sees once, folders before what they hold", async () => {
  const shared = await folder(anne, "shared");
  for (let index = 0; index < 30; index++) {
    const each = await folder(anne, `d${index}`, shared.id);
    await world.put(anne, "f", "", { folderId: each.id });
  }
  await share(anne, shared, keyOf(paul), readers);
  const deep = await folder(paul, "deep");
  await open(paul);
  await moveMount(world.deps, await open(paul), (await open(paul)).mounts[0]!, { parentId: deep.id, name: "in" });
  await world.put(paul, "own", "");
  const drive = await open(paul);
  const met = new Set<string>();
  for await (const { names } of walkPlaces(world.store.read, drive, await resolvePlace(world.store.read, drive, []))) {
    const path = names.join("/");
    assert.ok(!met.has(path), path);
    assert.ok(names.length === 1 || met.has(names.slice(0, -1).join("/")), path);
    met.add(path);
  }
  assert.equal(met.size, 3 + 60);
  assert.ok(met.has("deep/in/d7/f"));
});

describe("an ETag", () => {
  test("climbs to the root of every viewer when anything beneath changes, however they came to it, and only there", async () => {
    const a = await folder(anne, "a");
    await folder(anne, "aside");
    const inner = await folder(anne, "inner", a.id);
    const deepest = await folder(anne, "deepest", inner.id);
    const member = await world.person(organizationId, `lea${count}`);
    const stranger = await world.person(organizationId, `marc${count}`);
    await share(anne, a, keyOf(paul), readers);
    await share(anne, inner, await group("Membres", member), readers);
    const home = await folder(member, "home");
    await folder(member, "aside");
    await moveMount(world.deps, await open(member), (await at(member, "inner")).mount!, {
      parentId: home.id,
      name: "i",
    });
    const read = async () => ({
      anne: await etags(anne, [], ["a"], ["a", "inner"], ["a", "inner", "deepest"]),
      paul: await etags(paul, [], ["a"], ["a", "inner"], ["a", "inner", "deepest"]),
      member: await etags(member, [], ["home"], ["home", "i"], ["home", "i", "deepest"]),
      still: [...(await etags(anne, ["aside"])), ...(await etags(member, ["aside"])), ...(await etags(stranger, []))],
    });
    const before = await read();
    await world.put(anne, "f", "x", { folderId: deepest.id });
    const next = await read();
    for (const who of ["anne", "paul", "member"] as const) {
      for (const [index, etag] of next[who].entries()) assert.notEqual(etag, before[who][index], `${who} ${index}`);
    }
    assert.deepEqual(next.still, before.still);
    assert.deepEqual(await read(), next);
    for (const etag of Object.values(next).flat()) assert.match(etag, /^[0-9a-f]{32}$/);
  });

  test("of a folder moves when a share comes, goes, or may do something else; of a file only with its bytes", async () => {
    const a = await folder(anne, "a");
    const f = await world.put(anne, "f", "x", { folderId: a.id });
    await folder(anne, "sub", a.id);
    const roots = [await etags(paul, [])];
    await share(anne, a, keyOf(paul), readers);
    roots.push(await etags(paul, []));
    const [beneath, file] = await etags(paul, ["a", "sub"], ["a", "f"]);
    await share(anne, a, keyOf(paul), editors);
    roots.push(await etags(paul, []));
    assert.notEqual((await etags(paul, ["a", "sub"]))[0], beneath);
    assert.equal((await etags(paul, ["a", "f"]))[0], file);
    await renameNode(world.deps, anne.access, f.id, "g");
    assert.equal((await etags(paul, ["a", "g"]))[0], file);
    await world.put(anne, "g", "y", { folderId: a.id, onConflict: "replace" });
    assert.notEqual((await etags(paul, ["a", "g"]))[0], file);
    await share(anne, a, keyOf(paul), []);
    roots.push(await etags(paul, []));
    assert.equal(new Set(roots.slice(0, 3).flat()).size, 3);
    assert.notEqual(roots[3]![0], roots[2]![0]);
  });
});

test("rights where a viewer sees a node follow from the share, and a mount point is its viewer's to name and to leave", async () => {
  const a = await folder(anne, "a");
  await world.put(anne, "f", "x", { folderId: a.id });
  const letters = async (...names: string[]) => {
    const drive = await open(paul);
    const place = await resolvePlace(world.store.read, drive, names);
    const { rights, isShared, isMounted, ...may } = placeRights(place);
    return [
      ...(isShared ? ["shared"] : []),
      ...(isMounted ? ["mounted"] : []),
      ...Object.entries(may).flatMap(([name, is]) => (is ? [name.slice(3).toLowerCase()] : [])),
      ...(rights.has("write") ? ["write"] : []),
      ...(rights.has("create") ? ["create"] : []),
    ].join(" ");
  };
  assert.equal(await letters(), "write create");
  await folder(paul, "own");
  assert.equal(await letters("own"), "rename move delete reshare write create");
  await share(anne, a, keyOf(paul), readers);
  assert.equal(await letters("a"), "shared rename move delete");
  assert.equal(await letters("a", "f"), "shared");
  await share(anne, a, keyOf(paul), ["read", "write"]);
  assert.equal(await letters("a", "f"), "shared rename write");
  await share(anne, a, keyOf(paul), [...editors, "share"]);
  assert.equal(await letters("a", "f"), "shared rename move delete reshare write create");
  const team = await world.teamFolder(organizationId, `Equipe${count}`, [paul], ["read", "create"]);
  await world.put(team, "g", "x");
  assert.equal(await letters(`Equipe${count}`), "mounted rename move create");
  assert.equal(await letters(`Equipe${count}`, "g"), "mounted create");
});
