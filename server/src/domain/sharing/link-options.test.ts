import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { type DriveWorld, openDriveWorld, type Person } from "../../../test/harness/drive-world.ts";
import { createFolder } from "../drive/create-folder.ts";
import { listFolder } from "../drive/list-folder.ts";
import { listVersions } from "../drive/list-versions.ts";
import type { DriveDeps } from "../drive/model.ts";
import { readNode } from "../drive/read-node.ts";
import { DomainError } from "../errors.ts";
import { createServerSecrets } from "../identity/server-secrets.ts";
import { listNotifications } from "../notifications/list-notifications.ts";
import { createShareLink } from "./create-share-link.ts";
import { countOpening, listVisits, requireDownload, takeDownload } from "./link-visits.ts";
import type { LinkSettings, SharingDeps } from "./model.ts";
import { createFolderByLink, receiveByLink, renameByLink, trashByLink } from "./receive-by-link.ts";
import { requireOpenedLink } from "./resolve-share-link.ts";
import { revokeShareLink, updateShareLink } from "./update-share-link.ts";
import { watchLink } from "./watch-link.ts";

let world: DriveWorld;
let deps: SharingDeps & DriveDeps;
let organizationId: string;
let anne: Person;
let folderId: string;
let count = 0;

before(async () => {
  world = await openDriveWorld();
  deps = { ...world.deps, secrets: createServerSecrets(randomBytes(32), [], []) };
  organizationId = await world.organization("Bourg-Fleuri");
});
after(() => world.close());
beforeEach(async () => {
  anne = await world.person(organizationId, `anne${++count}`, 10_000);
  folderId = (await createFolder(world.deps, anne.access, { parentId: anne.rootId, name: "Dossier" })).id;
});

const refused = (code: string, reason?: string) => (error: unknown) => {
  assert.ok(error instanceof DomainError, String(error));
  assert.equal(error.code, code);
  if (reason !== undefined) assert.equal(error.data?.reason, reason);
  return true;
};
async function openLink(settings: LinkSettings, nodeId = folderId, visitorName?: string) {
  const made = await createShareLink(deps, anne.access, nodeId, settings);
  const visit = { token: made.token!, remoteAddress: "198.51.100.77", visitorName };
  return { made, visit, open: () => requireOpenedLink(deps, visit) };
}
const bytes = (text: string) => Readable.from([Buffer.from(text)]);
const names = async (id: string) =>
  (await listFolder(world.store.read, anne.access, id))!.nodes.map((node) => node.name);

test("a file request takes files into a folder of the sender's name, shows nothing, and tells the owner who sent what", async () => {
  await world.put(anne, "secret.txt", "x", { folderId });
  const { open, made } = await openLink({ rights: new Set(["create"]) }, folderId, " Paul / Petit ");
  const link = await open();
  await assert.rejects(listFolder(world.store.read, link.access, folderId), refused("not_found"));
  await assert.rejects(readNode(world.store.read, link.access, folderId), refused("not_found"));
  assert.throws(() => requireDownload(link), refused("not_found"));
  for (const content of ["one", "two"]) await receiveByLink(deps, link, { name: "devis.pdf" }, bytes(content));
  const listing = (await listFolder(world.store.read, anne.access, folderId))!;
  const sender = listing.nodes.find((node) => node.kind === "folder")!;
  assert.equal(sender.name, "Paul - Petit");
  assert.deepEqual(await names(sender.id), ["devis (2).pdf", "devis.pdf"]);
  const notices = await listNotifications(world.store.read, anne.viewer);
  assert.deepEqual(
    notices.map((notice) => notice.topic === "file_received" && notice.data.sender),
    ["Paul / Petit", "Paul / Petit"],
  );
  const [visit] = await listVisits(deps, anne.viewer, made.id);
  assert.deepEqual(
    [visit!.action, visit!.visitorName, visit!.network],
    ["uploaded", "Paul / Petit", "198.51.100.0/24"],
  );
  await world.checkBooks(anne);
});

test("what is sent by a file request is scanned: a virus is refused, what is too long for the scanner is kept and marked", async () => {
  const { open } = await openLink({ rights: new Set(["create"]) }, folderId, "Paul");
  const link = await open();
  const found = (outcome: "infected" | "too_large") => {
    const scan = async () => (outcome === "infected" ? { outcome, virus: "Test" } : { outcome });
    return { ...deps, scanner: { scan } };
  };
  await assert.rejects(receiveByLink(found("infected"), link, { name: "v.pdf" }, bytes("x")), refused("forbidden"));
  const { node } = await receiveByLink(found("too_large"), link, { name: "film.mp4" }, bytes("x"));
  const [version] = await listVersions(world.store.read, anne.access, node.id);
  assert.equal(version!.isUnscanned, true);
});

test("a file request without a name, of another folder, or beyond the owner's room takes nothing", async () => {
  const { open } = await openLink({ rights: new Set(["create"]) });
  await assert.rejects(receiveByLink(deps, await open(), { name: "a" }, bytes("x")), refused("invalid"));
  const named = await openLink({ rights: new Set(["create"]) }, folderId, "Paul");
  await receiveByLink(deps, await named.open(), { name: "a", folderId: anne.rootId }, bytes("x"));
  assert.deepEqual(await names(anne.rootId), ["Dossier"], "it goes where the link leads, whatever is asked");
  await assert.rejects(
    receiveByLink(deps, await named.open(), { name: "b" }, bytes("x".repeat(20_000))),
    refused("over_quota"),
  );
  await world.checkBooks(anne);
});

test("a link that lets edit changes, renames and deletes what is in it, and nothing else", async () => {
  const file = await world.put(anne, "a.txt", "x", { folderId });
  const outside = await world.put(anne, "b.txt", "x");
  const { open, made } = await openLink({ rights: new Set(["read", "write", "create", "delete"]) });
  const link = await open();
  const { isNew } = await receiveByLink(deps, link, { name: "a.txt", onConflict: "replace" }, bytes("changed"));
  assert.equal(isNew, false);
  await createFolderByLink(deps, link, { parentId: folderId, name: "Sous" });
  await renameByLink(deps, link, file.id, "c.txt");
  assert.deepEqual(await names(folderId), ["Sous", "c.txt"]);
  await trashByLink(deps, link, file.id);
  assert.deepEqual(await names(folderId), ["Sous"]);
  for (const id of [outside.id, anne.rootId]) await assert.rejects(trashByLink(deps, link, id), refused("not_found"));
  await assert.rejects(trashByLink(deps, link, folderId), refused("forbidden", "is_root"));
  await assert.rejects(
    receiveByLink(deps, link, { name: "x", folderId: anne.rootId }, bytes("x")),
    refused("not_found"),
  );
  assert.ok((await listVisits(deps, anne.viewer, made.id)).some((visit) => visit.action === "changed"));
  await world.checkBooks(anne);
});

test("a file that is shared alone is replaced where it is, whatever name is sent", async () => {
  const file = await world.put(anne, "a.txt", "x", { folderId });
  const { open } = await openLink({ rights: new Set(["read", "write", "create"]) }, file.id);
  const { node, isNew } = await receiveByLink(deps, await open(), { name: "autre.txt" }, bytes("changed"));
  assert.deepEqual([node.id, node.name, isNew], [file.id, "a.txt", false]);
  const view = await openLink({}, file.id);
  await assert.rejects(receiveByLink(deps, await view.open(), { name: "a.txt" }, bytes("x")), refused("forbidden"));
});

test("downloads end with their number, counted exactly when many come at once", async () => {
  const file = await world.put(anne, "a.txt", "x", { folderId });
  const { open, made, visit } = await openLink({ downloadLimit: 3 });
  const link = await open();
  const taken = await Promise.allSettled(Array.from({ length: 10 }, () => takeDownload(deps, link, file.id)));
  assert.equal(taken.filter((each) => each.status === "fulfilled").length, 3);
  await assert.rejects(open(), refused("expired", "used_up"));
  assert.ok(await requireOpenedLink(deps, visit, { isUnderWay: true }), "the last download goes on");
  await updateShareLink(deps, anne.viewer, made.id, { downloadLimit: 4 });
  await takeDownload(deps, await open(), file.id);
});

test("what is only looked at is not downloaded; a password that comes along opens; each opening is counted", async () => {
  const { open, made } = await openLink({ mayDownload: false, password: "haie-vive-long" });
  await assert.rejects(open(), refused("unauthenticated"));
  const visit = { token: made.token!, remoteAddress: "203.0.113.9" };
  await assert.rejects(requireOpenedLink(deps, { ...visit, password: "wrong" }), refused("wrong_credentials"));
  const link = await requireOpenedLink(deps, { ...visit, password: "haie-vive-long" });
  assert.throws(() => requireDownload(link), refused("forbidden", "view_only"));
  await assert.rejects(takeDownload(deps, link, folderId), refused("forbidden", "view_only"));
  await countOpening(deps, link);
  const [opening] = await listVisits(deps, anne.viewer, made.id);
  assert.deepEqual([opening!.action, opening!.network], ["opened", "203.0.113.0/24"]);
});

test("what is under way ends at once when the link is closed or allows less, and not when it is renewed", async () => {
  const { open, made, visit } = await openLink({ rights: new Set(["read", "create"]) });
  const ended = Promise.withResolvers<void>();
  let calls = 0;
  const stop = watchLink(deps, visit, await open(), () => {
    calls++;
    ended.resolve();
  });
  await updateShareLink(deps, anne.viewer, made.id, { expiresAt: new Date(Date.now() + 86_400_000), label: "x" });
  await open();
  assert.equal(calls, 0);
  await revokeShareLink(deps, anne.viewer, made.id);
  await ended.promise;
  stop();
});

test("settings that mean nothing are refused", async () => {
  const wrong: LinkSettings[] = [
    { rights: new Set() },
    { rights: new Set(["write"]) },
    { rights: new Set(["create", "delete"]) },
    { downloadLimit: 0 },
    { downloadLimit: 1.5 },
    { recipient: "nobody" },
    { recipient: "a@b.example, c@d.example" },
    { note: "x".repeat(2_001) },
  ];
  for (const settings of wrong) {
    await assert.rejects(createShareLink(deps, anne.access, folderId, settings), refused("invalid"));
  }
  const file = await world.put(anne, "a.txt", "x");
  await assert.rejects(
    createShareLink(deps, anne.access, file.id, { rights: new Set(["create"]) }),
    refused("invalid"),
  );
});
