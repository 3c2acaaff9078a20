import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { DriveAccess } from "../server/src/domain/drive/model.ts";
import { trashNode } from "../server/src/domain/drive/trash-node.ts";
import { uploadFile } from "../server/src/domain/drive/upload-file.ts";
import { uuidv7 } from "../server/src/store/uuid.ts";
import { findViolations } from "./check-accessibility.ts";
import { type DriveWorld, type OpenedDrive, row, startDriveWorld } from "./drive-world.ts";

let world: DriveWorld;
let drive: OpenedDrive;
let page: Page;
let device: DriveAccess;
const brake = { files: 3, percent: 30, minutes: 10 };

before(async () => {
  world = await startDriveWorld({ settings: { BOUQUET_BRAKE_FILES: "20" } });
  drive = await world.open();
  page = drive.page;
  const { organizationId, accountId } = world.lea;
  const rights = new Set(["read", "write", "create", "delete", "share", "manage"] as const);
  const viewer = world.lea.access.viewer;
  device = {
    ...{ organizationId, accountId, rights, viewer },
    actor: { device: { organizationId, id: uuidv7(), name: "PC-ACCUEIL" } },
  };
});
after(() => world?.close());
afterEach(() => {
  // A moment that is too long ago is refused by the server.
  const complaints = drive.complaints().filter((error) => !/status of 400.*\/rollback\/preview/.test(error));
  assert.deepEqual(complaints, []);
  assert.deepEqual([...drive.strangers], []);
});

const toast = (text: string | RegExp) => page.getByRole("alertdialog").filter({ hasText: text });
const go = (path: string) => page.goto(`${world.suite.origins.drive}${path}`);

describe("A device that deletes too much", () => {
  test("is told of on every page; what it did goes back, and it is allowed again", async () => {
    const folder = await world.folder("Conseil municipal");
    const files = [];
    for (let index = 1; index <= 10; index++) {
      files.push(await world.put(`Délibération ${index}.odt`, `texte ${index}`, folder.id));
    }
    const deps = { ...world.suite.domain, brake };
    for (const file of files.slice(0, 3)) await trashNode(deps, device, file.id);
    await assert.rejects(trashNode(deps, device, files[3]!.id), /paused/);

    const banner = page.getByRole("status").filter({ hasText: "« PC-ACCUEIL » est en pause" });
    await banner.waitFor();
    await banner.getByRole("button", { name: "Voir et décider" }).click();
    await page.getByRole("heading", { level: 1, name: "Appareils en pause" }).waitFor();
    const pause = page.getByRole("article");
    await pause.getByText(/4\s+fichiers sur 10/).waitFor();
    assert.deepEqual(await findViolations(page), []);
    for (const size of [{ width: 390, height: 844 }]) {
      await page.setViewportSize(size);
      assert.deepEqual(await findViolations(page), []);
    }
    await page.setViewportSize({ width: 1440, height: 900 });

    await pause.getByRole("button", { name: "Revenir à avant" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Reviennent de la corbeille").waitFor();
    await dialog.getByText(/^3\s+éléments$/).waitFor();
    await dialog.getByText("Reviennent de la corbeille").click();
    await dialog.getByText("Conseil municipal / Délibération 1.odt").waitFor();
    assert.deepEqual(await findViolations(page), []);
    await dialog.getByRole("button", { name: "Revenir à avant" }).click();
    await toast("Tout est comme à ce moment.").waitFor();
    await pause.getByText("L’espace a été remis comme il était avant").waitFor();
    await go(`/folder/${folder.id}`);
    await row(page, "Délibération 1.odt").waitFor();
    assert.equal(await page.getByRole("row").filter({ hasText: "Délibération" }).count(), 10);

    await page.getByRole("link", { name: "Appareils en pause" }).click();
    await pause.getByRole("button", { name: "Autoriser" }).click();
    const question = page.getByRole("alertdialog").filter({ hasText: "Autoriser « PC-ACCUEIL »" });
    await question.waitFor();
    await question.getByRole("button", { name: "Autoriser" }).click();
    await page.getByText("Aucun appareil en pause").waitFor();
    assert.deepEqual(await findViolations(page), []);
    for (const file of files.slice(4)) await trashNode(deps, device, file.id);
  });
});

describe("A folder goes back to a date", () => {
  test("once what will change was shown, by its menu or by its button", async () => {
    const folder = await world.folder("Budget 2027");
    const file = await world.put("Recettes.ods", "avant", folder.id);
    const gone = await world.put("Dépenses.ods", "dépenses", folder.id);
    const at = new Date(Date.now() - 7_200_000);
    const { store } = world.suite.domain;
    for (const column of ["drive_history"] as const) {
      await store.transact((tx) =>
        tx.updateTable(column).set({ at }).where("account_id", "=", world.lea.accountId).execute(),
      );
    }
    const { access } = world.lea;
    const replaced = { folderId: folder.id, name: "Recettes.ods", onConflict: "replace" } as const;
    await uploadFile(world.suite.domain, access, replaced, Buffer.from("après"));
    await trashNode(world.suite.domain, access, gone.id);
    await world.put("Brouillon.txt", "nouveau", folder.id);

    await go(`/folder/${folder.id}`);
    await page.getByRole("button", { name: "Revenir à une date" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("heading", { name: /Revenir en arrière dans « Budget 2027 »/ }).waitFor();
    assert.deepEqual(await findViolations(page), []);
    await dialog.getByLabel("Jour").fill("2020-01-01");
    await dialog.getByRole("button", { name: "Voir ce qui changera" }).click();
    await dialog.getByText("Ce moment est trop ancien").waitFor();
    await dialog.getByRole("button", { name: "Choisir un autre moment" }).click();
    await dialog.getByRole("button", { name: "Il y a une heure" }).click();
    for (const words of ["Reviennent de la corbeille", "Retrouvent leur contenu d’alors", "Vont à la corbeille"]) {
      await dialog.getByText(words).waitFor();
    }
    assert.deepEqual(await findViolations(page), []);
    await page.setViewportSize({ width: 390, height: 844 });
    assert.deepEqual(await findViolations(page), []);
    await page.setViewportSize({ width: 1440, height: 900 });
    await dialog.getByRole("button", { name: "Revenir à ce moment" }).click();
    await toast("Tout est comme à ce moment.").waitFor();
    await row(page, "Dépenses.ods").waitFor();
    assert.equal(await row(page, "Brouillon.txt").count(), 0);
    await go(`/file/${file.id}`);
    await go("/");
    await page.getByRole("button", { name: "Actions sur Budget 2027" }).click();
    await page.getByRole("menuitem", { name: "Revenir à…" }).click();
    await dialog.getByRole("button", { name: "Annuler" }).click();
  });
});

describe("Versions", () => {
  test("are named, and those in between are folded away", async () => {
    const folder = await world.folder("Versions");
    const file = await world.put("note.txt", "un", folder.id);
    const { access } = world.lea;
    const replace = (text: string) =>
      uploadFile(
        world.suite.domain,
        access,
        { folderId: folder.id, name: "note.txt", onConflict: "replace" },
        Buffer.from(text),
      );
    for (const text of ["deux", "trois", "quatre"]) await replace(text);
    const { store } = world.suite.domain;
    const at = new Date(Date.now() - 3 * 86_400_000);
    await store.transact((tx) =>
      tx
        .updateTable("file_version")
        .set({ created_at: at })
        .where("node_id", "=", file.id)
        .where("superseded_at", "is not", null)
        .execute(),
    );
    await go(`/folder/${folder.id}?node=${file.id}`);
    const panel = page.getByRole("complementary", { name: /Détails de note.txt/ });
    await panel.getByRole("heading", { name: "Versions" }).waitFor();
    assert.equal(await panel.getByRole("button", { name: /^Rétablir la version/ }).count(), 1);
    await panel
      .getByRole("button", { name: /^Nommer la version/ })
      .last()
      .click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Nom de la version").fill("Envoyée au préfet");
    assert.deepEqual(await findViolations(page), []);
    await dialog.getByRole("button", { name: "Enregistrer" }).click();
    await panel.getByText("Envoyée au préfet").waitFor();
    await panel.getByRole("button", { name: /Montrer 2\s+versions intermédiaires/ }).click();
    assert.equal(await panel.getByRole("button", { name: /^Rétablir la version/ }).count(), 3);
    assert.deepEqual(await findViolations(page), []);
  });
});

describe("The trash", () => {
  test("shows what left it too, which comes back as well", async () => {
    const file = await world.put("Ancien règlement.pdf", "x");
    await trashNode(world.suite.domain, world.lea.access, file.id);
    await go("/trash");
    await page.getByRole("checkbox", { name: "Ancien règlement.pdf" }).check();
    await page.getByRole("button", { name: "Supprimer définitivement" }).click();
    const question = page.getByRole("alertdialog").filter({ hasText: "Ancien règlement.pdf" });
    await question.getByRole("button", { name: "Supprimer définitivement" }).click();
    await question.waitFor({ state: "detached" });
    await page.getByRole("radio", { name: "Sortis de la corbeille" }).click();
    await page.getByText("se récupère encore pendant 14 jours").waitFor();
    assert.deepEqual(await findViolations(page), []);
    await page.getByRole("button", { name: "Restaurer Ancien règlement.pdf" }).click();
    await toast("à sa place").waitFor();
    await go("/");
    await row(page, "Ancien règlement.pdf").waitFor();
  });
});

test("Who deletes very much at once is asked, with figures", async () => {
  const folder = await world.folder("Archives");
  for (let index = 0; index < 21; index++) await world.put(`${index}.txt`, "", folder.id);
  await go("/");
  await page.getByRole("button", { name: "Actions sur Archives" }).click();
  await page.getByRole("menuitem", { name: "Supprimer" }).click();
  const question = page.getByRole("alertdialog").filter({ hasText: /Supprimer 21\s+fichiers/ });
  await question.waitFor();
  assert.deepEqual(await findViolations(page), []);
  await question.getByRole("button", { name: "Garder" }).click();
  await row(page, "Archives").waitFor();
  await page.getByRole("button", { name: "Actions sur Archives" }).click();
  await page.getByRole("menuitem", { name: "Supprimer" }).click();
  await question.getByRole("button", { name: "Supprimer" }).click();
  await toast("« Archives » est à la corbeille.").waitFor();
});

test("Who replaces very much at once by an upload is asked once, with figures", async () => {
  const folder = await world.folder("Photos");
  const names = Array.from({ length: 21 }, (_, index) => `f${index}.txt`);
  for (const name of names) await world.put(name, "avant", folder.id);
  await go(`/folder/${folder.id}`);
  await row(page, "f0.txt").waitFor();
  const files = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const name of list) transfer.items.add(new File(["après"], name, { type: "text/plain" }));
    return transfer;
  }, names);
  for (const type of ["dragenter", "dragover", "drop"]) {
    await page.dispatchEvent(".ds-main", type, { dataTransfer: files });
  }
  const first = page.getByRole("listitem").filter({ has: page.getByRole("button", { name: "Remplacer f0.txt" }) });
  await first.getByLabel(/Faire de même/).check();
  const question = page.getByRole("alertdialog").filter({ hasText: /Remplacer 21\s+fichiers/ });
  for (const answer of ["Annuler", "Remplacer"]) {
    await first.getByRole("button", { name: "Remplacer f0.txt" }).click();
    await question.waitFor();
    assert.deepEqual(await findViolations(page), []);
    await question.getByRole("button", { name: answer }).click();
  }
  await page.getByRole("heading", { name: "21\u00a0fichiers envoyés", exact: true }).waitFor({ timeout: 60_000 });
  const id = await row(page, "f0.txt").getAttribute("data-key");
  const read = page.evaluate(async (file) => (await fetch(`/api/drive/files/${file}/content`)).text(), id);
  assert.equal(await read, "après");
});

test("In English nothing is out of place", async () => {
  const english = await world.open({ language: "en" });
  await english.page.goto(`${world.suite.origins.drive}/pauses`);
  await english.page.getByText("No device is paused").waitFor();
  assert.deepEqual(await findViolations(english.page), []);
  await english.page.goto(`${world.suite.origins.drive}/trash`);
  await english.page.getByRole("radio", { name: "Left the trash" }).click();
  assert.deepEqual(await findViolations(english.page), []);
  assert.deepEqual(english.complaints(), []);
});
