import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type DriveWorld, openDriveWorld } from "../../../test/harness/drive-world.ts";
import { type MailFixture, openMailFixture } from "../../../test/harness/mail-fixture.ts";
import { createFolder } from "../drive/create-folder.ts";
import { trashNode } from "../drive/trash-node.ts";
import { readDriveFigures, readMailFigures } from "./read-home.ts";
import { watchAreas } from "./watch-areas.ts";

describe("mail on the portal's home", () => {
  let mail: MailFixture;
  before(async () => {
    mail = await openMailFixture();
  });
  after(() => mail.close());

  test("an empty inbox has nothing unread and its quota", async () => {
    const anna = await mail.createPerson("Anna", { quota: 1_000_000 });
    const figures = await readMailFigures(mail.store.read, anna.access.viewer);
    assert.deepEqual(figures, { unread: 0, latest: undefined, usage: { usedBytes: 0, limitBytes: 1_000_000 } });
  });

  test("counts the unread of the inbox and shows the latest of them, with who wrote it", async () => {
    const bea = await mail.createPerson("Bea");
    await mail.append(bea, { subject: "ancien" }, { receivedAt: new Date("2026-01-01T08:00:00Z") });
    await mail.append(bea, { subject: "Permis de construire" }, { receivedAt: new Date("2026-01-03T08:00:00Z") });
    await mail.append(bea, { subject: "lu" }, { flags: ["\\Seen"], receivedAt: new Date("2026-01-04T08:00:00Z") });
    await mail.append(bea, { subject: "ailleurs" }, { mailboxId: bea.mailboxes.archive });
    const { unread, latest, usage } = await readMailFigures(mail.store.read, bea.access.viewer);
    assert.equal(unread, 2);
    assert.deepEqual(latest, {
      from: "Paul Martin",
      subject: "Permis de construire",
      receivedAt: new Date("2026-01-03T08:00:00Z"),
    });
    assert.ok(usage.usedBytes > 0);
  });

  test("shows nothing of anyone else's, of the same organization or another", async () => {
    const carl = await mail.createPerson("Carl");
    await mail.append(carl, { subject: "secret" });
    for (const organizationId of [mail.organizationId, mail.otherOrganizationId]) {
      const other = await mail.createPerson("Dora", { organizationId });
      const { unread, latest } = await readMailFigures(mail.store.read, other.access.viewer);
      assert.deepEqual([unread, latest], [0, undefined]);
    }
  });

  test("whoever watches hears of a delivery, and nothing after having stopped", async () => {
    const emma = await mail.createPerson("Emma");
    const { promise, resolve } = Promise.withResolvers<string[]>();
    let calls = 0;
    const stop = await watchAreas(
      mail.store,
      emma.access.viewer,
      (areas) => {
        calls++;
        resolve(areas);
      },
      assert.ifError,
    );
    await mail.append(emma, { subject: "x" });
    assert.deepEqual(await promise, ["mail"]);
    stop();
    await mail.append(emma, { subject: "y" });
    assert.equal(calls, 1);
  });
});

describe("files on the portal's home", () => {
  let world: DriveWorld;
  let organizationId: string;
  before(async () => {
    world = await openDriveWorld();
    organizationId = await world.organization("Bourg-Fleuri");
  });
  after(() => world.close());

  test("shows the latest files of all readable spaces with their folder, not what lies in the trash", async () => {
    const anne = await world.person(organizationId, "Anne");
    const team = await world.teamFolder(organizationId, "Voirie", [anne], ["read", "write", "create"]);
    const at = (hour: number) => ({ modifiedAt: new Date(Date.UTC(2026, 1, 2, hour)) });
    const plans = await createFolder(world.deps, anne.access, { parentId: anne.rootId, name: "Plans" });
    const old = await createFolder(world.deps, anne.access, { parentId: plans.id, name: "Anciens" });
    await world.put(anne, "budget.ods", "1", at(9));
    await world.put({ ...anne, rootId: plans.id }, "rue.pdf", "22", at(11));
    await world.put({ ...anne, rootId: old.id }, "vieux.pdf", "333", at(12));
    await world.put(team, "chantier.odt", "4444", at(10));
    await trashNode(world.deps, anne.access, old.id);
    const { usage, recent } = await readDriveFigures(world.store.read, anne.viewer);
    assert.deepEqual(
      recent.map(({ name, folder }) => [name, folder]),
      [
        ["rue.pdf", "Plans"],
        ["chantier.odt", ""],
        ["budget.ods", ""],
      ],
    );
    assert.equal(recent[0]!.changedBy, "Anne");
    assert.equal(recent[0]!.parentId, plans.id);
    assert.deepEqual(usage, { usedBytes: 6, limitBytes: 1_000_000 });
  });

  test("shows nothing of people without a grant, of the same organization or another", async () => {
    const paul = await world.person(organizationId, "Paul");
    await world.put(paul, "secret.txt", "x");
    const other = await world.person(await world.organization("Val-Joli"), "Zoe");
    const colleague = await world.person(organizationId, "Louis");
    for (const viewer of [other.viewer, colleague.viewer]) {
      assert.deepEqual((await readDriveFigures(world.store.read, viewer)).recent, []);
    }
  });

  test("shows six at most", async () => {
    const lea = await world.person(organizationId, "Lea");
    for (let index = 0; index < 9; index++) await world.put(lea, `${index}.txt`, "x");
    assert.equal((await readDriveFigures(world.store.read, lea.viewer)).recent.length, 6);
  });
});
