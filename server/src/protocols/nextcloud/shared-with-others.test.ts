import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import type { Person } from "../../../test/harness/drive-world.ts";
import {
  type NextcloudDevice,
  type NextcloudSuite,
  openNextcloudSuite,
} from "../../../test/harness/nextcloud-suite.ts";
import type { Right } from "../../domain/access/account-access.ts";
import { grantAccount } from "../../domain/access/grant-account.ts";
import { addComment } from "../../domain/drive/comments/write-comments.ts";
import { createFolder } from "../../domain/drive/create-folder.ts";
import { findPlaceByFileId } from "../../domain/drive/drive-place.ts";
import type { DriveNode } from "../../domain/drive/model.ts";
import { openDrive } from "../../domain/drive/open-drive.ts";
import { createTag } from "../../domain/drive/tags/manage-tags.ts";
import { setTagged } from "../../domain/drive/tags/tag-nodes.ts";
import { trashNode } from "../../domain/drive/trash-node.ts";
import { DomainError } from "../../domain/errors.ts";

describe("the client API and what is shared", () => {
  let suite: NextcloudSuite;
  let lea: Person;
  let reader: Person;
  let abroad: Person;
  let leas: NextcloudDevice;
  let readers: NextcloudDevice;
  let abroads: NextcloudDevice;
  let shared: DriveNode;
  let open: DriveNode;
  let hidden: DriveNode;

  before(async () => {
    suite = await openNextcloudSuite();
    const organization = await suite.world.organization("Bourg-Fleuri");
    lea = await suite.world.person(organization, "Lea");
    reader = await suite.world.person(organization, "Marc");
    abroad = await suite.world.person(await suite.world.organization("Autre-Ville"), "Zoe");
    leas = await suite.addDevice(lea);
    readers = await suite.addDevice(reader);
    abroads = await suite.addDevice(abroad);
    shared = await createFolder(suite.world.deps, lea.access, { parentId: lea.rootId, name: "Partagé" });
    await give(reader, ["read"]);
    await give(abroad, ["read", "write", "create"]);
    open = await suite.world.put(lea, "Vu par tous.txt", "1", { folderId: shared.id });
    hidden = await suite.world.put(lea, "Secret.txt", "2");
  });
  after(() => suite.close());

  const give = (person: Person, rights: readonly Right[]) => {
    const { organizationId, accountId } = lea.access;
    const target = { organizationId, accountId, nodeId: shared.id };
    return suite.world.store.transact((tx) => grantAccount(tx, target, person.viewer, rights));
  };
  const placeOf = async (person: Person, node: DriveNode) => {
    const drive = await openDrive(suite.world.deps, person.viewer);
    const place = await findPlaceByFileId(suite.world.store.read, drive, node.fileId);
    assert.ok(place, `${person.viewer.displayName} sees ${node.name}`);
    return place;
  };
  const refused = (code: string) => (error: unknown) => error instanceof DomainError && error.code === code;

  test("those with whom a folder is shared are told what happened in it, and nothing of the rest", async () => {
    for (const device of [readers, abroads]) {
      const { data } = await suite.ocs("GET", "/apps/activity/api/v2/activity", device);
      const subjects: string[] = data.map((each: { subject: string }) => each.subject);
      assert.ok(subjects.includes("Lea a créé Vu par tous.txt"), subjects.join());
      assert.ok(!subjects.join().includes("Secret"));
      // What it was called and what was done to it before is not theirs to know.
      assert.ok(!subjects.includes("Lea a créé Partagé"), subjects.join());
      assert.ok(data.every((each: { object_name: string }) => each.object_name.startsWith("/Partagé")));
    }
    const { data } = await suite.ocs("GET", "/apps/activity/api/v2/activity/self", leas);
    assert.ok(data.some((each: { subject: string }) => each.subject === "Vous avez créé Secret.txt"));
  });

  test("they find by name what is shared with them only", async () => {
    for (const device of [readers, abroads]) {
      const find = async (term: string) =>
        (await suite.ocs("GET", `/search/providers/files/search?term=${term}`, device)).data.entries;
      assert.equal((await find("tous"))[0].attributes.path, "/Partagé/Vu par tous.txt");
      assert.deepEqual(await find("secret"), []);
    }
  });

  test("calls by the number of a file are refused to who does not see it, or may not write it", async () => {
    for (const [device, seen] of [
      [readers, 403],
      [abroads, 200],
    ] as const) {
      assert.equal((await suite.ocs("PUT", `/apps/files_lock/lock/${open.fileId}`, device)).status, seen);
      assert.equal((await suite.ocs("PUT", `/apps/files_lock/lock/${hidden.fileId}`, device)).status, 404);
      const direct = (node: DriveNode) =>
        suite.ocs("POST", "/apps/dav/api/v1/direct", device, { fileId: String(node.fileId) });
      assert.equal((await direct(open)).status, 200);
      assert.equal((await direct(hidden)).status, 404);
      assert.equal((await direct(shared)).status, 400);
      const activity = (node: DriveNode) =>
        suite.ocs("GET", `/apps/activity/api/v2/activity?object_type=files&object_id=${node.fileId}`, device);
      assert.equal((await activity(open)).status, 200);
      assert.equal((await activity(hidden)).status, 404);
    }
    // Lea meets the lock of the other organization, and may not take it away without managing… which she does.
    const second = await suite.ocs("PUT", `/apps/files_lock/lock/${open.fileId}`, leas);
    assert.deepEqual([second.status, second.data.userId], [423, abroad.viewer.uid]);
    assert.equal((await suite.ocs("DELETE", `/apps/files_lock/lock/${open.fileId}`, leas)).status, 200);
  });

  test("whoever sees a file comments it; its owner is told, and others do not change it", async () => {
    const comment = await addComment(suite.world.deps, reader.viewer, await placeOf(reader, open), "Bien {vu} !");
    const { data } = await suite.ocs("GET", "/apps/notifications/api/v2/notifications", leas);
    assert.equal(data[0].subject, "Marc a commenté Vu par tous.txt");
    assert.equal(data[0].message, "Bien {vu} !");
    assert.equal(comment.author.uid, reader.viewer.uid);
    await assert.rejects(
      addComment(suite.world.deps, reader.viewer, await placeOf(reader, open), "  "),
      refused("invalid"),
    );
    const long = "x".repeat(1_001);
    await assert.rejects(
      addComment(suite.world.deps, reader.viewer, await placeOf(reader, open), long),
      refused("too_large"),
    );
  });

  test("tags are put on by who may write, and those of an organization stay in it", async () => {
    const tag = await createTag(suite.world.store, lea.viewer, "Voirie");
    await assert.rejects(createTag(suite.world.store, reader.viewer, "VOIRIE"), refused("already_exists"));
    const set = async (person: Person, number = tag.number) =>
      setTagged(suite.world.deps, person.viewer, await placeOf(person, open), number, true);
    await set(lea);
    await set(lea);
    await assert.rejects(set(reader), refused("forbidden"));
    await assert.rejects(set(abroad), refused("forbidden"));
    const foreign = await createTag(suite.world.store, abroad.viewer, "Ailleurs");
    await assert.rejects(set(lea, foreign.number), refused("not_found"));
  });

  test("push tells them of the folder, and of nothing else in that drive", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${suite.port}/push/ws`);
    const texts: string[] = [];
    let wake: () => void = () => undefined;
    socket.on("message", (data) => {
      texts.push(String(data));
      wake();
    });
    const said = async (count: number) => {
      const deadline = Date.now() + 20_000;
      while (texts.length < count) {
        assert.ok(Date.now() < deadline, texts.join());
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 500);
        });
      }
    };
    socket.on("open", () => {
      socket.send(reader.viewer.uid);
      socket.send(readers.secret);
      socket.send("listen notify_file_id");
    });
    await said(1);
    await suite.world.put(lea, "Encore secret.txt", "x");
    await suite.world.put(lea, "Nouveau.txt", "x", { folderId: shared.id });
    await said(2);
    assert.match(texts[1]!, /^notify_file/);
    assert.deepEqual(texts.filter((text) => text.startsWith("notify_file")).length, 1);
    socket.terminate();
  });

  test("once it is not shared any more, an address for players opens nothing, and its history is not told", async () => {
    const { data } = await suite.ocs("POST", "/apps/dav/api/v1/direct", abroads, { fileId: String(open.fileId) });
    const path = new URL(data.url).pathname;
    assert.equal((await suite.call("GET", path)).status, 200);
    await give(abroad, []);
    assert.equal((await suite.call("GET", path)).status, 404);
    assert.equal((await suite.ocs("GET", "/apps/activity/api/v2/activity/by", abroads)).status, 304);
    await trashNode(suite.world.deps, lea.access, open.id);
    const after = await suite.ocs("GET", "/apps/activity/api/v2/activity", readers);
    assert.ok(!JSON.stringify(after.data).includes("Vu par tous"));
  });
});
