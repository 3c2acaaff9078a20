import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import { copyNode } from "../drive/copy-node.ts";
import { createFolder } from "../drive/create-folder.ts";
import { listFolder } from "../drive/list-folder.ts";
import { listTrash } from "../drive/list-trash.ts";
import { listVersions } from "../drive/list-versions.ts";
import { moveNode } from "../drive/move-node.ts";
import { openFile } from "../drive/open-file.ts";
import { readNode } from "../drive/read-node.ts";
import { renameNode } from "../drive/rename-node.ts";
import { resolvePath } from "../drive/resolve-path.ts";
import { restoreNode } from "../drive/restore-node.ts";
import { trashNode } from "../drive/trash-node.ts";
import { uploadFile } from "../drive/upload-file.ts";
import { DomainError } from "../errors.ts";
import { createServerSecrets } from "../identity/server-secrets.ts";
import { createShareLink } from "./create-share-link.ts";
import { countOpening } from "./link-visits.ts";
import { listMyShareLinks, listShareLinks } from "./list-share-links.ts";
import type { SharingDeps } from "./model.ts";
import { requireOpenedLink, resolveShareLink, unlockShareLink } from "./resolve-share-link.ts";
import { revokeShareLink, updateShareLink } from "./update-share-link.ts";

let world: DriveWorld;
let deps: SharingDeps;
let organizationId: string;
let anne: Person;
let remoteAddress: string;
let count = 0;

before(async () => {
  world = await openDriveWorld();
  deps = { store: world.store, secrets: createServerSecrets(randomBytes(32), [], []) };
  organizationId = await world.organization("Bourg-Fleuri");
});
after(() => world.close());
beforeEach(async () => {
  anne = await world.person(organizationId, `anne${++count}`);
  remoteAddress = `10.0.${count}.1`;
});

const refused = (code: string, reason?: string) => (error: unknown) => {
  assert.ok(error instanceof DomainError, String(error));
  assert.equal(error.code, code);
  if (reason !== undefined) assert.equal(error.data?.reason, reason);
  assert.ok(!JSON.stringify([error.message, error.data]).includes("secret"), "no name is told");
  return true;
};
const visit = (token: string, proof?: string) => ({ token, proof, remoteAddress });
const inOneHour = (): Date => new Date(Date.now() + 3_600_000);

async function sharedFolder() {
  const shared = await createFolder(world.deps, anne.access, { parentId: anne.rootId, name: "secret shared" });
  const inner = await createFolder(world.deps, anne.access, { parentId: shared.id, name: "inner" });
  const file = await world.put(anne, "plan.pdf", "plan", { folderId: inner.id });
  const outside = await world.put(anne, "outside.txt", "private");
  const link = await createShareLink(deps, anne.access, shared.id);
  return { shared, inner, file, outside, link, token: link.token! };
}

test("a link opens the file for anybody, tells who shared it, and counts its openings", async () => {
  const file = await world.put(anne, "secret.txt", "hello");
  const link = await createShareLink(deps, anne.access, file.id, { label: " Pour Agathe ", expiresAt: inOneHour() });
  assert.match(link.token!, /^[A-Za-z0-9_-]{27}$/);
  const opened = await resolveShareLink(deps, visit(link.token!));
  assert.equal(opened.organization, "Bourg-Fleuri");
  assert.equal(opened.sharedBy, anne.viewer.displayName);
  const { source } = await openFile(world.deps, opened.opened!.access, file.id);
  assert.equal((await source.open().toArray()).join(""), "hello");
  await countOpening(deps, opened.opened!);
  const [listed] = await listShareLinks(deps, anne.access, file.id);
  assert.equal(listed!.openedCount, 1);
  assert.equal(listed!.label, "Pour Agathe");
  assert.equal(listed!.token, link.token, "it can be copied again");
  assert.equal((await readNode(world.store.read, anne.access, file.id)).node.linkCount, 1);
});

test("the database holds neither the token nor the password", async () => {
  const file = await world.put(anne, "f", "x");
  const link = await createShareLink(deps, anne.access, file.id, { password: "bocage-2026" });
  const row = await world.store.read.selectFrom("share_link").selectAll().where("id", "=", link.id).executeTakeFirst();
  const text = JSON.stringify(row, (_, value) =>
    value?.type === "Buffer" ? Buffer.from(value.data).toString("latin1") : value,
  );
  assert.ok(!text.includes(link.token!) && !text.includes("bocage-2026"));
});

test("a folder's state moves when a link comes and goes", async () => {
  const file = await world.put(anne, "f", "x");
  const state = async () => (await listFolder(world.store.read, anne.access, anne.rootId))!.state;
  const first = await state();
  const link = await createShareLink(deps, anne.access, file.id);
  const second = await state();
  await revokeShareLink(deps, anne.viewer, link.id);
  assert.equal(new Set([first, second, await state()]).size, 3);
});

describe("what a link to a folder gives", () => {
  test("is the folder and all beneath, by id and by path", async () => {
    const { shared, inner, file, token } = await sharedFolder();
    const { access } = await requireOpenedLink(deps, visit(token));
    const listing = (await listFolder(world.store.read, access, shared.id))!;
    assert.deepEqual(
      listing.nodes.map((node) => node.name),
      ["inner"],
    );
    const deeper = (await listFolder(world.store.read, access, inner.id))!;
    assert.deepEqual(
      deeper.path.map((crumb) => crumb.id),
      [shared.id, inner.id],
      "the path begins at what is shared",
    );
    const { node } = await resolvePath(world.store.read, access, shared.id, ["inner", "plan.pdf"]);
    assert.equal(node.id, file.id);
  });

  test("is nothing above, beside, or of another account", async () => {
    const { shared, outside, token } = await sharedFolder();
    const other = await world.person(organizationId, `paul${count}`);
    const theirs = await world.put(other, "theirs", "x");
    const { access } = await requireOpenedLink(deps, visit(token));
    const read = world.store.read;
    for (const attempt of [
      () => listFolder(read, access, anne.rootId),
      () => readNode(read, access, outside.id),
      () => openFile(world.deps, access, outside.id),
      () => openFile(world.deps, access, theirs.id),
      () => listFolder(read, access, other.rootId),
      () => resolvePath(read, access, shared.id, [".."]),
      () => resolvePath(read, access, shared.id, ["..", "outside.txt"]),
      () => resolvePath(read, access, shared.id, ["inner", "..", "..", "outside.txt"]),
      () => resolvePath(read, access, shared.id, ["../outside.txt"]),
      () => resolvePath(read, access, anne.rootId, ["outside.txt"]),
      () => listTrash(read, access),
      () => listVersions(read, access, shared.id),
    ]) {
      await assert.rejects(attempt() as Promise<unknown>, refused("not_found"), attempt.toString());
    }
  });

  test("is never a right to write", async () => {
    const { shared, file, token } = await sharedFolder();
    const { access } = await requireOpenedLink(deps, visit(token));
    for (const attempt of [
      () => uploadFile(world.deps, access, { folderId: shared.id, name: "x" }, Buffer.from("x")),
      () => createFolder(world.deps, access, { parentId: shared.id, name: "x" }),
      () => renameNode(world.deps, access, file.id, "x"),
      () => trashNode(world.deps, access, file.id),
      () => copyNode(world.deps, access, file.id, access, { parentId: shared.id, name: "x" }),
      () => restoreNode(world.deps, access, file.id),
    ]) {
      await assert.rejects(attempt() as Promise<unknown>, refused("forbidden"), attempt.toString());
    }
  });

  test("follows the folder when it is renamed or moved, and ends for what is moved out of it", async () => {
    const { shared, file, token } = await sharedFolder();
    const elsewhere = await createFolder(world.deps, anne.access, { parentId: anne.rootId, name: "elsewhere" });
    await moveNode(world.deps, anne.access, shared.id, anne.access, { parentId: elsewhere.id, name: "renamed" });
    const { access, node } = await requireOpenedLink(deps, visit(token));
    assert.equal(node.name, "renamed");
    await moveNode(world.deps, anne.access, file.id, anne.access, { parentId: elsewhere.id });
    await assert.rejects(openFile(world.deps, access, file.id), refused("not_found"));
  });
});

describe("a link that leads nowhere says why and nothing else", () => {
  test("when it never was or was tampered with", async () => {
    const { token } = await sharedFolder();
    const changed = (token[0] === "A" ? "B" : "A") + token.slice(1);
    for (const wrong of [
      "",
      "x",
      "../etc/passwd",
      `${token}A`,
      token.slice(0, -1),
      changed,
      "A".repeat(27),
      `${token}\0`,
    ]) {
      await assert.rejects(resolveShareLink(deps, visit(wrong)), refused("not_found"));
    }
  });

  test("when it is over, revoked, or its file is in the trash, with or without a password", async () => {
    for (const password of [null, "bocage-2026"]) {
      const file = await world.put(anne, `secret ${password}`, "x");
      const link = await createShareLink(deps, anne.access, file.id, { password });
      await trashNode(world.deps, anne.access, file.id);
      await assert.rejects(resolveShareLink(deps, visit(link.token!)), refused("expired", "removed"));
      assert.equal((await listMyShareLinks(deps, anne.viewer)).find((each) => each.id === link.id)!.state, "removed");
      await restoreNode(world.deps, anne.access, file.id);
      await resolveShareLink(deps, visit(link.token!));
      await world.store.transact((tx) =>
        tx
          .updateTable("share_link")
          .set({ expires_at: new Date(Date.now() - 1) })
          .where("id", "=", link.id)
          .execute(),
      );
      await assert.rejects(resolveShareLink(deps, visit(link.token!)), refused("expired", "expired"));
      await assert.rejects(unlockShareLink(deps, visit(link.token!), "x"), refused("expired", "expired"));
      await revokeShareLink(deps, anne.viewer, link.id);
      await assert.rejects(resolveShareLink(deps, visit(link.token!)), refused("expired", "revoked"));
      await assert.rejects(updateShareLink(deps, anne.viewer, link.id, { expiresAt: null }), refused("not_found"));
    }
  });

  test("when the folder went to another space, or its owner left", async () => {
    const { shared, token } = await sharedFolder();
    const team = await world.teamFolder(organizationId, `Travaux ${count}`, [anne], ["read", "write", "create"]);
    await moveNode(world.deps, anne.access, shared.id, team.access, { parentId: team.rootId });
    await assert.rejects(resolveShareLink(deps, visit(token)), refused("expired", "removed"));
    const file = await world.put(anne, "g", "x");
    const other = await createShareLink(deps, anne.access, file.id);
    await world.store.transact((tx) =>
      tx.updateTable("principal").set({ state: "suspended" }).where("id", "=", anne.viewer.principalId).execute(),
    );
    await assert.rejects(resolveShareLink(deps, visit(other.token!)), refused("expired", "removed"));
  });
});

describe("a password", () => {
  test("keeps everything until it is given, and its proof is good for this link and this password only", async () => {
    const file = await world.put(anne, "secret", "x");
    const link = await createShareLink(deps, anne.access, file.id, { password: "bocage-2026" });
    const token = link.token!;
    const locked = await resolveShareLink(deps, visit(token));
    assert.equal(locked.opened, undefined);
    await assert.rejects(requireOpenedLink(deps, visit(token)), refused("unauthenticated"));
    await assert.rejects(unlockShareLink(deps, visit(token), "bocage"), refused("wrong_credentials"));
    const { proof } = await unlockShareLink(deps, visit(token), "bocage-2026");
    assert.equal((await requireOpenedLink(deps, visit(token, proof))).node.id, file.id);
    const second = await createShareLink(deps, anne.access, file.id, { password: "bocage-2026" });
    const [until, signature] = proof.split(".") as [string, string];
    for (const [of, wrong] of [
      [second.token!, proof],
      [token, `${Number(until) + 1}.${signature}`],
      [token, `1.${signature}`],
      [token, `${until}.${"A".repeat(43)}`],
      [token, until],
      [token, ""],
      [token, `${until}.${signature}x`],
    ] as const) {
      assert.equal((await resolveShareLink(deps, visit(of, wrong))).opened, undefined, wrong);
    }
    await updateShareLink(deps, anne.viewer, link.id, { password: "another one" });
    assert.equal((await resolveShareLink(deps, visit(token, proof))).opened, undefined);
    await updateShareLink(deps, anne.viewer, link.id, { password: null });
    assert.ok((await resolveShareLink(deps, visit(token))).opened);
  });

  test("is not tried without end from one network, and others still open the link", async () => {
    const file = await world.put(anne, "secret", "x");
    const { token } = await createShareLink(deps, anne.access, file.id, { password: "bocage-2026" });
    const codes: string[] = [];
    for (let attempt = 0; attempt < 7; attempt++) {
      await unlockShareLink(deps, visit(token!), "wrong").catch((error: DomainError) => codes.push(error.code));
    }
    assert.deepEqual(codes, [...Array(5).fill("wrong_credentials"), "throttled", "throttled"]);
    await assert.rejects(unlockShareLink(deps, visit(token!), "bocage-2026"), refused("throttled"));
    await unlockShareLink(deps, { token: token!, remoteAddress: "192.0.2.1" }, "bocage-2026");
  });

  test("of a few letters, a date that is over, a label without end are refused", async () => {
    const file = await world.put(anne, "f", "x");
    for (const [settings, field] of [
      [{ password: "short" }, "/password"],
      [{ password: "" }, "/password"],
      [{ password: "x".repeat(201) }, "/password"],
      [{ expiresAt: new Date(Date.now() - 1) }, "/expiresAt"],
      [{ expiresAt: new Date(Number.NaN) }, "/expiresAt"],
      [{ label: "x".repeat(201) }, "/label"],
    ] as const) {
      await assert.rejects(createShareLink(deps, anne.access, file.id, settings), (error: DomainError) => {
        assert.equal(error.data?.field, field);
        return error.code === "invalid";
      });
    }
  });
});

test("wrong tokens are counted for their network, and right ones still work there", async () => {
  const { token } = await sharedFolder();
  let throttled = 0;
  for (let attempt = 0; attempt < 52; attempt++) {
    await resolveShareLink(deps, visit(randomBytes(20).toString("base64url"))).catch((error: DomainError) => {
      if (error.code === "throttled") throttled++;
    });
  }
  assert.equal(throttled, 2);
  assert.ok((await resolveShareLink(deps, visit(token))).opened);
});

test("links are managed by those who may share there, and by nobody else", async () => {
  const { shared, link } = await sharedFolder();
  const stranger = await world.person(organizationId, `luc${count}`);
  await assert.rejects(revokeShareLink(deps, stranger.viewer, link.id), refused("not_found"));
  await assert.rejects(updateShareLink(deps, stranger.viewer, link.id, { label: "x" }), refused("not_found"));
  await assert.rejects(listShareLinks(deps, stranger.access, shared.id), refused("not_found"));
  await assert.rejects(createShareLink(deps, stranger.access, shared.id), refused("not_found"));
  assert.deepEqual(await listMyShareLinks(deps, stranger.viewer), []);
  const team = await world.teamFolder(organizationId, `Lecteurs ${count}`, [anne], ["read"]);
  await assert.rejects(createShareLink(deps, team.access, team.rootId), refused("forbidden"));
  await assert.rejects(createShareLink(deps, anne.access, anne.rootId), refused("forbidden", "is_root"));
  for (const id of ["", "x", shared.id])
    await assert.rejects(revokeShareLink(deps, anne.viewer, id), refused("not_found"));
});
