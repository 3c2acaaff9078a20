import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { sql } from "kysely";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import type { Right } from "../access/account-access.ts";
import { createFolder } from "../drive/create-folder.ts";
import { listFolder } from "../drive/list-folder.ts";
import { moveMount } from "../drive/move-mount.ts";
import { openDrive } from "../drive/open-drive.ts";
import { openNodeAccess } from "../drive/open-node-access.ts";
import { trashNode } from "../drive/trash-node.ts";
import { DomainError } from "../errors.ts";
import { addGroupMembers } from "../identity/add-group-members.ts";
import { createPrincipal } from "../identity/create-principal.ts";
import { removeGroupMembers } from "../identity/remove-group-members.ts";
import { createServerSecrets } from "../identity/server-secrets.ts";
import type { Viewer } from "../identity/viewer.ts";
import { listNotifications } from "../notifications/list-notifications.ts";
import { changeShare, endShare } from "./change-share.ts";
import { createShareLink } from "./create-share-link.ts";
import { findSharee, findSharees } from "./find-sharees.ts";
import { listLeftShares, takeUpShare } from "./left-shares.ts";
import { listMyShareLinks, openShareLink } from "./list-share-links.ts";
import { listInheritedShares, listSharedWithMe, listShares, listSharesByMe } from "./list-shares.ts";
import type { SharingDeps } from "./model.ts";
import { readNodeGrants } from "./node-grant.ts";
import { resolveShareLink } from "./resolve-share-link.ts";
import { restoreShares, sealEnded } from "./restore-shares.ts";
import { shareNode } from "./share-node.ts";
import {
  endOrganizationLink,
  endOrganizationShare,
  listOrganizationSharedOutside,
  listSharedOutside,
} from "./shared-outside.ts";
import { endOverdueShares, warnOfEndingLinks } from "./tend-shares.ts";

let world: DriveWorld;
let deps: SharingDeps;
let bourg: string;
let val: string;
let anne: Person;
let bruno: Person;
let chloe: Person;
let dora: Person;
let count = 0;

before(async () => {
  world = await openDriveWorld();
  deps = {
    store: world.store,
    secrets: createServerSecrets(randomBytes(32), [], []),
    sharing: { acrossOrganizations: "all" },
  };
  bourg = await world.organization("Bourg-Fleuri");
  val = await world.organization("Val-Perdu");
});
after(() => world.close());
beforeEach(async () => {
  const letters = [...String(++count)].map((digit) => "abcdefghij"[Number(digit)]).join("");
  [anne, bruno, chloe] = await Promise.all([
    world.person(bourg, `anne${letters}`),
    world.person(bourg, `bruno${letters}`),
    world.person(bourg, `chloe${letters}`),
  ]);
  dora = await world.person(val, `dora${letters}`);
});

const refused = (code: string, reason?: string) => (error: unknown) => {
  assert.ok(error instanceof DomainError, String(error));
  assert.equal(error.code, code);
  if (reason !== undefined) assert.equal(error.data?.reason, reason);
  return true;
};
const rights = (...given: Right[]) => ({ rights: new Set<Right>(given) });
const full = rights("read", "write", "create", "delete", "share");
const folder = (name = "Dossier") => createFolder(world.deps, anne.access, { parentId: anne.rootId, name });
const sees = async (viewer: Viewer): Promise<string[]> =>
  (await openDrive(world.deps, viewer)).mounts.map((mount) => mount.name);
const administrator = (person: Person): Viewer => ({ ...person.viewer, roles: new Set(["member_administrator"]) });

async function groupOf(...members: Person[]) {
  const group = await world.store.transact((tx) =>
    createPrincipal(tx, bourg, { kind: "group", displayName: `Conseil ${count}`, quotas: { mail: 0, files: 0 } }),
  );
  await world.store.transact((tx) =>
    addGroupMembers(
      tx,
      group,
      members.map(({ viewer }) => viewer.principalId),
    ),
  );
  return group;
}

describe("a share", () => {
  test("shows what it gives to whom it was given, who is told, and nobody else", async () => {
    const shared = await folder();
    const share = await shareNode(deps, anne.access, shared.id, bruno.viewer, {
      ...rights("read"),
      note: " Pour toi ",
    });
    assert.equal(share.note, "Pour toi");
    assert.deepEqual(await sees(bruno.viewer), ["Dossier"]);
    assert.deepEqual(await sees(chloe.viewer), []);
    const [notice] = await listNotifications(world.store.read, bruno.viewer);
    assert.equal(notice!.topic, "share_received");
    const access = await openNodeAccess(deps, bruno.viewer, shared.id);
    assert.deepEqual([...access.rights], ["read"]);
    assert.ok(await listFolder(world.store.read, access, shared.id));
    await assert.rejects(openNodeAccess(deps, bruno.viewer, anne.rootId), refused("not_found"));
    await assert.rejects(openNodeAccess(deps, chloe.viewer, shared.id), refused("not_found"));
    assert.deepEqual(
      (await listSharedWithMe(deps, bruno.viewer)).map(({ share: each, names }) => [each.number, names]),
      [[share.number, ["Dossier"]]],
    );
    assert.deepEqual(
      (await listSharesByMe(deps, anne.viewer)).map((each) => each.number),
      [share.number],
    );
  });

  test("is told of what stands in it, and moves the state of the folder above it", async () => {
    const shared = await folder();
    const inner = await createFolder(world.deps, anne.access, { parentId: shared.id, name: "Dedans" });
    const state = async () => (await listFolder(world.store.read, anne.access, anne.rootId))!.state;
    const first = await state();
    const share = await shareNode(deps, anne.access, shared.id, bruno.viewer, rights("read"));
    const second = await state();
    await endShare(deps, anne.viewer, share.number);
    assert.equal(new Set([first, second, await state()]).size, 3);
    const again = await shareNode(deps, anne.access, shared.id, bruno.viewer, rights("read"));
    assert.deepEqual(
      (await listInheritedShares(deps, anne.access, inner.id)).map((each) => each.number),
      [again.number],
    );
    assert.deepEqual(await listInheritedShares(deps, anne.access, shared.id), []);
  });

  test("of a file has no rights of folders", async () => {
    const file = await world.put(anne, "a.txt", "x");
    const share = await shareNode(deps, anne.access, file.id, bruno.viewer, full);
    assert.deepEqual([...share.rights].sort(), ["read", "share", "write"]);
  });

  test("with a group reaches its members, who may leave it and take it up again", async () => {
    const shared = await folder();
    const group = await groupOf(bruno, chloe);
    const share = await shareNode(deps, anne.access, shared.id, group, rights("read"));
    assert.deepEqual([await sees(bruno.viewer), await sees(chloe.viewer)], [["Dossier"], ["Dossier"]]);
    await endShare(deps, bruno.viewer, share.number);
    assert.deepEqual([await sees(bruno.viewer), await sees(chloe.viewer)], [[], ["Dossier"]]);
    assert.deepEqual(
      (await listLeftShares(deps, bruno.viewer)).map((each) => each.number),
      [share.number],
    );
    await takeUpShare(deps, bruno.viewer, share.number);
    assert.deepEqual(await sees(bruno.viewer), ["Dossier"]);
    await assert.rejects(takeUpShare(deps, bruno.viewer, share.number), refused("not_found"));
  });

  test("is refused to oneself, to its owner, twice, for nothing readable, of a root, and with an end that is over", async () => {
    const shared = await folder();
    const give = (to: Person, terms = rights("read")) => shareNode(deps, anne.access, shared.id, to.viewer, terms);
    await assert.rejects(give(anne), refused("invalid", "own"));
    await assert.rejects(give(bruno, rights("write")), refused("invalid"));
    await assert.rejects(
      shareNode(deps, anne.access, anne.rootId, bruno.viewer, full),
      refused("forbidden", "is_root"),
    );
    await assert.rejects(
      shareNode(deps, anne.access, shared.id, bruno.viewer, { ...full, expiresAt: new Date(Date.now() - 1) }),
      refused("invalid"),
    );
    await give(bruno);
    await assert.rejects(give(bruno), refused("already_exists", "already_shared"));
    await assert.rejects(
      shareNode(deps, anne.access, shared.id, { organizationId: bourg, principalId: randomId() }, full),
      refused("not_found"),
    );
    assert.deepEqual(await sees(bruno.viewer), ["Dossier"]);
  });

  test("ends at its hour, is taken away after it, and may be given again", async () => {
    const shared = await folder();
    const expiresAt = new Date(Date.now() + 3_600_000);
    const share = await shareNode(deps, anne.access, shared.id, bruno.viewer, { ...rights("read"), expiresAt });
    assert.deepEqual(share.expiresAt, expiresAt);
    await world.store.transact(async (tx) => {
      await sql`UPDATE grant_given SET expires_at = now() WHERE id = ${share.grantId}`.execute(tx);
      await sql`UPDATE grant_received SET expires_at = now() WHERE grant_id = ${share.grantId}`.execute(tx);
    });
    assert.deepEqual(await sees(bruno.viewer), []);
    assert.deepEqual(await listShares(deps, anne.access, shared.id), []);
    await endOverdueShares(world.store);
    const left = await sql`SELECT FROM grant_received WHERE grant_id = ${share.grantId}`.execute(world.store.read);
    assert.equal(left.rows.length, 0);
    await shareNode(deps, anne.access, shared.id, bruno.viewer, rights("read"));
    assert.deepEqual(await sees(bruno.viewer), ["Dossier"]);
  });

  test("that was ended comes back as it was: number, end, note, place, and what had been shared on", async () => {
    const shared = await folder("Marchés");
    const until = new Date(Date.now() + 86_400_000);
    const share = await shareNode(deps, anne.access, shared.id, bruno.viewer, {
      ...full,
      expiresAt: until,
      note: "Pour toi",
    });
    const brunos = await openNodeAccess(deps, bruno.viewer, shared.id);
    const on = await shareNode(deps, brunos, shared.id, chloe.viewer, rights("read"));
    const drive = await openDrive(world.deps, bruno.viewer);
    await moveMount(world.deps, drive, drive.mounts[0]!, { parentId: bruno.rootId, name: "Mes marchés" });
    const undo = await endShare(deps, anne.viewer, share.number);
    assert.deepEqual([await sees(bruno.viewer), await sees(chloe.viewer)], [[], []]);
    await assert.rejects(restoreShares(deps, bruno.viewer, undo!), refused("not_found"));
    await assert.rejects(restoreShares(deps, anne.viewer, undo!.slice(4)), refused("not_found"));
    await assert.rejects(restoreShares(deps, anne.viewer, ""), refused("not_found"));
    assert.deepEqual(await restoreShares(deps, anne.viewer, undo!), share);
    assert.deepEqual(await sees(bruno.viewer), ["Mes marchés"]);
    const [again] = await listSharedWithMe(deps, chloe.viewer);
    assert.deepEqual([again?.share.number, again?.share.createdBy], [on.number, on.createdBy]);
    await assert.rejects(restoreShares(deps, anne.viewer, undo!), refused("already_exists"));
  });

  test("that was ended stays ended when its time is over, when it was shared anew, or by who may not share any more", async () => {
    const shared = await folder();
    const share = await shareNode(deps, anne.access, shared.id, bruno.viewer, full);
    const brunos = await openNodeAccess(deps, bruno.viewer, shared.id);
    const on = await shareNode(deps, brunos, shared.id, chloe.viewer, rights("read"));
    const undo = await endShare(deps, bruno.viewer, on.number);
    await changeShare(deps, anne.viewer, share.number, rights("read"));
    await assert.rejects(restoreShares(deps, bruno.viewer, undo!), refused("not_found"));
    const undone = await endShare(deps, anne.viewer, share.number);
    const anew = await shareNode(deps, anne.access, shared.id, bruno.viewer, rights("read"));
    await assert.rejects(restoreShares(deps, anne.viewer, undone!), refused("already_exists"));
    const [grant] = await world.store.transact((tx) =>
      readNodeGrants(tx, anne.access, sql`g.share_number = ${anew.number}`),
    );
    await endShare(deps, anne.viewer, anew.number);
    const over = { ...grant!, expiresAt: new Date(Date.now() - 1_000) };
    const late = sealEnded(deps, anne.viewer, { account: anne.access, grants: [over] });
    await assert.rejects(restoreShares(deps, anne.viewer, late), refused("invalid"));
  });

  test("with another organization comes back when the administrator who ended it says so, and nobody else", async () => {
    const shared = await folder();
    const share = await shareNode(deps, anne.access, shared.id, dora.viewer, rights("read"));
    const undo = await endOrganizationShare(deps, administrator(chloe), share.number);
    await assert.rejects(restoreShares(deps, chloe.viewer, undo), refused("forbidden"));
    await assert.rejects(restoreShares(deps, anne.viewer, undo), refused("not_found"));
    const closed = { ...deps, sharing: { acrossOrganizations: "none" as const } };
    await assert.rejects(restoreShares(closed, administrator(chloe), undo), refused("forbidden", "elsewhere"));
    assert.equal((await restoreShares(deps, administrator(chloe), undo)).number, share.number);
    assert.deepEqual(await sees(dora.viewer), ["Dossier"]);
  });
});

describe("sharing on", () => {
  test("gives nothing beyond one's own rights, and only with the right to share", async () => {
    const shared = await folder();
    await shareNode(deps, anne.access, shared.id, bruno.viewer, rights("read", "create", "share"));
    const access = await openNodeAccess(deps, bruno.viewer, shared.id);
    await assert.rejects(
      shareNode(deps, access, shared.id, chloe.viewer, rights("read", "write")),
      refused("forbidden", "beyond"),
    );
    await assert.rejects(
      createShareLink(deps, access, shared.id, { rights: new Set(["read", "delete"]) }),
      refused("forbidden", "beyond"),
    );
    await shareNode(deps, access, shared.id, chloe.viewer, rights("read", "create"));
    const hers = await openNodeAccess(deps, chloe.viewer, shared.id);
    await assert.rejects(shareNode(deps, hers, shared.id, dora.viewer, rights("read")), refused("forbidden"));
    await assert.rejects(createShareLink(deps, hers, shared.id), refused("forbidden"));
  });

  test("ends, however far it went, with the share that it came from; so do the links", async () => {
    const shared = await folder();
    const first = await shareNode(deps, anne.access, shared.id, bruno.viewer, full);
    const brunos = await openNodeAccess(deps, bruno.viewer, shared.id);
    await shareNode(deps, brunos, shared.id, chloe.viewer, full);
    const chloes = await openNodeAccess(deps, chloe.viewer, shared.id);
    await shareNode(deps, chloes, shared.id, dora.viewer, full);
    const link = await createShareLink(deps, chloes, shared.id, { rights: new Set(["read", "write"]) });
    const visit = { token: link.token!, remoteAddress: "192.0.2.7" };
    assert.deepEqual([...(await resolveShareLink(deps, visit)).opened!.access.rights], ["read", "write"]);

    await changeShare(deps, anne.viewer, first.number, rights("read", "share"));
    for (const person of [chloe, dora]) {
      const { rights: left } = await openNodeAccess(deps, person.viewer, shared.id);
      assert.deepEqual([...left].sort(), ["read", "share"]);
    }
    assert.deepEqual([...(await resolveShareLink(deps, visit)).opened!.access.rights], ["read"]);

    await endShare(deps, anne.viewer, first.number);
    assert.deepEqual(await sees(chloe.viewer), []);
    assert.deepEqual(await sees(dora.viewer), []);
    await assert.rejects(resolveShareLink(deps, visit), refused("expired", "revoked"));
  });

  test("by somebody who left the group ends with the next look", async () => {
    const shared = await folder();
    const group = await groupOf(bruno);
    await shareNode(deps, anne.access, shared.id, group, full);
    await shareNode(deps, await openNodeAccess(deps, bruno.viewer, shared.id), shared.id, chloe.viewer, rights("read"));
    await world.store.transact((tx) => removeGroupMembers(tx, group, [bruno.viewer.principalId]));
    await endOverdueShares(world.store);
    assert.deepEqual(await sees(chloe.viewer), []);
  });

  test("shows each only what they gave; the owner sees and ends all", async () => {
    const shared = await folder();
    await shareNode(deps, anne.access, shared.id, bruno.viewer, full);
    const brunos = await openNodeAccess(deps, bruno.viewer, shared.id);
    const owners = await createShareLink(deps, anne.access, shared.id);
    const given = await shareNode(deps, brunos, shared.id, chloe.viewer, rights("read"));
    const his = await createShareLink(deps, brunos, shared.id);
    assert.deepEqual(
      (await listShares(deps, brunos, shared.id)).map((each) => each.number),
      [given.number],
    );
    assert.equal((await listShares(deps, anne.access, shared.id)).length, 2);
    await assert.rejects(openShareLink(deps, bruno.viewer, owners.id), refused("not_found"));
    assert.deepEqual(
      (await listMyShareLinks(deps, bruno.viewer)).map((link) => link.id),
      [his.id],
    );
    assert.equal((await openShareLink(deps, anne.viewer, his.id)).link.id, his.id);
    await endShare(deps, anne.viewer, given.number);
    assert.deepEqual(await sees(chloe.viewer), []);
  });
});

describe("other organizations", () => {
  test("are out of reach unless the operator allows, for all or for those that own named domains", async () => {
    const shared = await folder();
    const named = ["bourg-fleuri.example", "val-perdu.example"];
    const tries = [
      ["none", false],
      [["bourg-fleuri.example", "ailleurs.example"], false],
      [named, true],
      ["all", true],
    ] as const;
    for (const [acrossOrganizations, isAllowed] of tries) {
      const ruled = { ...deps, sharing: { acrossOrganizations } };
      const found = await findSharees(ruled, anne.viewer, dora.viewer.displayName);
      assert.equal(found.length, isAllowed ? 1 : 0, String(acrossOrganizations));
      const give = shareNode(ruled, anne.access, shared.id, dora.viewer, rights("read"));
      if (!isAllowed) await assert.rejects(give, refused("forbidden", "elsewhere"));
      else {
        await endShare(ruled, anne.viewer, (await give).number);
        assert.ok((await findSharee(ruled, anne.viewer, dora.viewer.address!)).isElsewhere);
      }
    }
  });
});

test("all that is seen from outside is on one page, for its people and for the administrator, who may end it", async () => {
  const shared = await folder("Vu");
  const link = await createShareLink(deps, anne.access, shared.id, { label: "Presse" });
  const across = await shareNode(deps, anne.access, shared.id, dora.viewer, rights("read"));
  await shareNode(deps, anne.access, shared.id, bruno.viewer, rights("read"));
  const mine = await listSharedOutside(deps, anne.viewer);
  assert.deepEqual(
    [mine.links.map((each) => each.token), mine.shares.map((each) => each.number)],
    [[link.token], [across.number]],
  );
  assert.deepEqual((await listSharedOutside(deps, bruno.viewer)).links, []);
  await assert.rejects(listOrganizationSharedOutside(deps, bruno.viewer), refused("forbidden"));
  const seen = await listOrganizationSharedOutside(deps, administrator(bruno));
  const theirs = seen.links.find((each) => each.id === link.id)!;
  assert.equal(theirs.token, null, "an administrator does not open what is not theirs");
  assert.equal(theirs.spaceName, anne.viewer.displayName);
  await assert.rejects(endOrganizationLink(deps, administrator(dora), link.id), refused("not_found"));
  await endOrganizationLink(deps, administrator(bruno), link.id);
  await endOrganizationShare(deps, administrator(bruno), across.number);
  assert.deepEqual(await listSharedOutside(deps, anne.viewer), { links: [], shares: [] });
  assert.deepEqual(await sees(dora.viewer), []);
});

test("what goes to the trash is not shared while it is there", async () => {
  const shared = await folder();
  await shareNode(deps, anne.access, shared.id, bruno.viewer, full);
  await trashNode(world.deps, anne.access, shared.id);
  assert.deepEqual(await sees(bruno.viewer), []);
  assert.deepEqual(await listSharesByMe(deps, anne.viewer), []);
});

test("whoever made a link is warned once, three days before its end, but not of one made for less", async () => {
  const file = await world.put(anne, "a.txt", "x");
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
  const long = await createShareLink(deps, anne.access, file.id, { expiresAt: inDays(30), label: "long" });
  await createShareLink(deps, anne.access, file.id, { expiresAt: inDays(2), label: "short" });
  const warnings = async () =>
    (await listNotifications(world.store.read, anne.viewer)).filter((each) => each.topic === "link_ending").length;
  await warnOfEndingLinks(world.store);
  assert.equal(await warnings(), 0);
  await world.store.transact((tx) =>
    sql`UPDATE share_link SET created_at = now() - interval '28 days', expires_at = now() + interval '2 days' WHERE id = ${long.id}`.execute(
      tx,
    ),
  );
  await warnOfEndingLinks(world.store);
  await warnOfEndingLinks(world.store);
  assert.equal(await warnings(), 1);
  const mails = await world.store.read.selectFrom("outbox").selectAll().where("topic", "=", "sharing.mail").execute();
  assert.deepEqual(
    mails.map((row) => row.payload).filter((payload) => JSON.stringify(payload).includes(long.id)),
    [{ kind: "link_ending", linkId: long.id }],
  );
});

function randomId(): string {
  return "0192f000-0000-7000-8000-000000000000";
}
