import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import type { Page } from "playwright-core";
import { listFolder } from "../server/src/domain/drive/list-folder.ts";
import { bytesOf, type DriveWorld, downloadBy, type OpenedDrive, row, startDriveWorld } from "./drive-world.ts";

let world: DriveWorld;
let drive: OpenedDrive;
let page: Page;

before(async () => {
  world = await startDriveWorld();
  drive = await world.open();
  page = drive.page;
});
after(() => world?.close());
afterEach(() => {
  assert.deepEqual(drive.complaints(), []);
  assert.deepEqual([...drive.strangers], []);
});

let folderId: string;
/** Each test in a folder of its own. */
let at = 0;
beforeEach(async () => {
  const folder = await world.folder(`Essai ${++at}`);
  folderId = folder.id;
});
const openFolder = async (id = folderId) => {
  await page.goto(`${world.suite.origins.drive}/folder/${id}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
};
const namesIn = async (id: string) =>
  (await listFolder(world.suite.domain.store.read, world.lea.access, id))?.nodes.map((node) => node.name).sort();
const toast = (text: string | RegExp) => page.getByRole("alertdialog").filter({ hasText: text });
const menuOf = async (name: string, action: string) => {
  await page.getByRole("button", { name: `Actions sur ${name}` }).click();
  await page.getByRole("menuitem", { name: action, exact: true }).click();
};

interface Dropped {
  readonly name: string;
  readonly text: string;
}

/** Drops files on what is there, as a computer's desktop does. */
async function drop(selector: string, files: readonly Dropped[]): Promise<void> {
  const data = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const { name, text } of list) transfer.items.add(new File([text], name, { type: "text/plain" }));
    return transfer;
  }, files);
  for (const type of ["dragenter", "dragover", "drop"])
    await page.dispatchEvent(selector, type, { dataTransfer: data });
}

test("Several files dropped on the list arrive, and one dropped on a folder's row arrives in it", async () => {
  const inner = await world.folder("Dedans", folderId);
  await openFolder();
  await row(page, "Dedans").waitFor();
  await drop(".ds-main", [
    { name: "été.txt", text: "un" },
    { name: "b & c #1?.txt", text: "deux" },
    { name: "vide.txt", text: "" },
  ]);
  await row(page, "vide.txt").waitFor();
  await page.getByText("3\u00a0fichiers envoyés").first().waitFor();
  assert.deepEqual(await namesIn(folderId), ["Dedans", "b & c #1?.txt", "vide.txt", "été.txt"]);
  await drop(`[data-key="${inner.id}"]`, [{ name: "profond.txt", text: "trois" }]);
  await page.getByRole("heading", { name: "1\u00a0fichier envoyé", exact: true }).waitFor();
  assert.deepEqual(await namesIn(inner.id), ["profond.txt"]);
});

test("A whole folder is sent with the folders in it", async () => {
  const directory = await mkdtemp(join(tmpdir(), "bouquet-folder-"));
  try {
    await mkdir(join(directory, "Plans", "2026"), { recursive: true });
    await writeFile(join(directory, "Plans", "a.txt"), "a");
    await writeFile(join(directory, "Plans", "2026", "b.txt"), "b");
    await writeFile(join(directory, "Plans", ".DS_Store"), "litter");
    await openFolder();
    await page.getByRole("button", { name: "Nouveau", exact: true }).click();
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByRole("menuitem", { name: "Déposer un dossier" }).click(),
    ]);
    await chooser.setFiles(join(directory, "Plans"));
    await page.getByText("2\u00a0fichiers envoyés").first().waitFor();
    await page.getByRole("link", { name: "Plans" }).click();
    await row(page, "a.txt").waitFor();
    await page.getByRole("link", { name: "2026" }).click();
    await row(page, "b.txt").waitFor();
    await page.getByRole("navigation", { name: "Chemin" }).getByRole("link", { name: "Plans" }).click();
    await row(page, "a.txt").waitFor();
    assert.equal(await row(page, ".DS_Store").count(), 0);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("A name that is taken asks: replace, keep both, or skip, once for all", async () => {
  for (const name of ["a.txt", "b.txt", "c.txt"]) await world.put(name, "avant", folderId);
  await openFolder();
  await row(page, "a.txt").waitFor();
  await drop(".ds-main", [
    { name: "a.txt", text: "après" },
    { name: "b.txt", text: "après" },
    { name: "c.txt", text: "après" },
  ]);
  await page.getByRole("button", { name: "Passer c.txt" }).waitFor();
  await page.getByRole("button", { name: "Remplacer a.txt" }).click();
  await row(page, "a.txt").waitFor();
  await page
    .getByLabel(/Faire de même/)
    .first()
    .check();
  await page.getByRole("button", { name: "Garder les deux b.txt" }).click();
  await row(page, "c (2).txt").waitFor();
  await page.getByRole("heading", { name: "3\u00a0fichiers envoyés", exact: true }).waitFor();
  assert.deepEqual(await namesIn(folderId), ["a.txt", "b (2).txt", "b.txt", "c (2).txt", "c.txt"]);
  const read = async (name: string) => {
    const id = await row(page, name).getAttribute("data-key");
    return page.evaluate(async (file) => (await fetch(`/api/drive/files/${file}/content`)).text(), id);
  };
  assert.equal(await read("a.txt"), "après");
  assert.equal(await read("b.txt"), "avant");
});

test("What is too big for the space is refused in words, stays in the list, and goes once there is room", async () => {
  const heavy = await world.put("lourd.bin", Buffer.alloc(15e6), folderId);
  await openFolder();
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Déposer des fichiers" }).first().click(),
  ]);
  await chooser.setFiles({ name: "trop.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(8e6) });
  await page.getByText("Il n’y a plus assez de place dans cet espace. Videz la corbeille, puis réessayez.").waitFor();
  assert.deepEqual(await namesIn(folderId), ["lourd.bin"]);
  const call = (path: string) =>
    page.evaluate(
      async ([to, id]) => {
        const { csrf } = (await (await fetch("/api/session")).json()) as { csrf: string };
        await fetch(`/api/drive/${to}`, {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-Bouquet-CSRF": csrf },
          body: JSON.stringify({ ids: [id] }),
        });
      },
      [path, heavy.id] as const,
    );
  await call("nodes/trash");
  await call("trash/delete");
  await page.getByRole("button", { name: "Réessayer l’envoi de trop.bin" }).click();
  await row(page, "trop.bin").waitFor();
  const listed = await listFolder(world.suite.domain.store.read, world.lea.access, folderId);
  assert.deepEqual(
    listed?.nodes.map(({ name, size }) => [name, size]),
    [["trop.bin", 8e6]],
  );
  await row(page, "trop.bin").locator("td").nth(3).click();
  await page.keyboard.press("Delete");
  await toast(/est à la corbeille/).waitFor();
});

test("An upload that is cut says so, and goes when it is retried", async () => {
  await openFolder();
  await page.getByText("Ce dossier est vide").waitFor();
  await page.route("**/files/**", (route) => route.abort());
  await drop(".ds-main", [{ name: "coupé.txt", text: "entier" }]);
  await page.getByText("L’envoi s’est interrompu. Le fichier est resté sur votre ordinateur.").waitFor();
  await page.unroute("**/files/**");
  await page.getByRole("button", { name: "Réessayer l’envoi de coupé.txt" }).click();
  await row(page, "coupé.txt").waitFor();
  drive.errors.length = 0;
});

test("A folder is made, a taken name is refused beside its field, F2 renames, and another copy of the page follows", async () => {
  await openFolder();
  const other = await drive.context.newPage();
  await other.goto(page.url());
  await other.getByText("Ce dossier est vide").waitFor();
  await page.getByRole("button", { name: "Nouveau dossier" }).click();
  await page.getByLabel("Nom du dossier").fill("Conseil");
  await page.keyboard.press("Enter");
  await row(page, "Conseil").waitFor();
  await row(other, "Conseil").waitFor();
  await other.close();

  await page.getByRole("button", { name: "Nouveau dossier" }).click();
  await page.getByLabel("Nom du dossier").fill("Conseil");
  await page.keyboard.press("Enter");
  await page.getByText("Ce nom existe déjà dans ce dossier.").waitFor();
  assert.equal(await page.getByLabel("Nom du dossier").inputValue(), "Conseil");
  await page.keyboard.press("Escape");

  await row(page, "Conseil").locator("td").nth(3).click();
  await page.keyboard.press("F2");
  await page.getByLabel("Nom", { exact: true }).fill("Conseil municipal");
  await page.keyboard.press("Enter");
  await row(page, "Conseil municipal").waitFor();
  assert.deepEqual(await namesIn(folderId), ["Conseil municipal"]);
});

test("Files move by the dialog and by dragging, and come back when it is undone", async () => {
  const target = await world.folder("Cible", folderId);
  await world.put("un.txt", "1", folderId);
  await world.put("deux.txt", "2", folderId);
  await openFolder();
  await row(page, "un.txt").getByRole("link").dragTo(row(page, "Cible"));
  await row(page, "un.txt").waitFor({ state: "detached" });
  assert.deepEqual(await namesIn(target.id), ["un.txt"]);
  await toast("déplacé dans").getByRole("button", { name: "Annuler" }).click();
  await row(page, "un.txt").waitFor();

  await menuOf("deux.txt", "Déplacer");
  const dialog = page.getByRole("dialog", { name: /Déplacer/ });
  await dialog
    .getByRole("row", { name: `Essai ${at}` })
    .getByRole("button")
    .click();
  await dialog.getByRole("row", { name: "Cible" }).click();
  await dialog.getByRole("button", { name: "Déplacer dans «\u00a0Cible\u00a0»" }).click();
  await row(page, "deux.txt").waitFor({ state: "detached" });
  assert.deepEqual(await namesIn(target.id), ["deux.txt"]);
});

test("Ctrl+A and Delete put all in the trash; it is undone, then restored from the trash, then deleted for good", async () => {
  await world.put("un.txt", "1", folderId);
  await world.put("deux.txt", "2", folderId);
  await openFolder();
  await row(page, "un.txt").locator("td").nth(3).click();
  await page.keyboard.press("Control+a");
  await page.getByText("2\u00a0éléments choisis").waitFor();
  await page.keyboard.press("Delete");
  await page.getByText("Ce dossier est vide").waitFor();
  await toast("à la corbeille").getByRole("button", { name: "Annuler" }).last().click();
  await row(page, "un.txt").waitFor();
  await row(page, "deux.txt").waitFor();

  await menuOf("un.txt", "Supprimer");
  await row(page, "un.txt").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Corbeille" }).click();
  await page.getByRole("button", { name: "Restaurer un.txt" }).click();
  await page.getByRole("button", { name: "Restaurer un.txt" }).waitFor({ state: "detached" });
  assert.deepEqual(await namesIn(folderId), ["deux.txt", "un.txt"]);

  await openFolder();
  await menuOf("deux.txt", "Supprimer");
  await row(page, "deux.txt").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Corbeille" }).click();
  await page.getByLabel("deux.txt", { exact: true }).check();
  await page.getByRole("button", { name: "Supprimer définitivement" }).click();
  const ask = page.getByRole("alertdialog", { name: /Supprimer définitivement/ });
  await ask.getByRole("button", { name: "Supprimer définitivement" }).click();
  await page.getByLabel("deux.txt", { exact: true }).waitFor({ state: "detached" });
});

test("Bytes come back equal: one file, a folder as a ZIP, a part of a file in the viewer", async () => {
  const bytes = randomBytes(300_000);
  await world.put("données.bin", bytes, folderId);
  await world.put("lettre.txt", "Chère Madame,\nà bientôt.", folderId);
  await openFolder();
  await page.getByRole("button", { name: "Actions sur données.bin" }).click();
  const file = await downloadBy(page, page.getByRole("menuitem", { name: "Télécharger" }));
  assert.ok(file.equals(bytes));
  await page.goto(`${world.suite.origins.drive}/`);
  await page.getByRole("button", { name: `Actions sur Essai ${at}`, exact: true }).click();
  const [zip] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Télécharger en ZIP" }).click(),
  ]);
  assert.equal(zip.suggestedFilename(), `Essai ${at}.zip`);
  const archive = await bytesOf(zip);
  assert.equal(archive.subarray(0, 4).toString("latin1"), "PK\u0003\u0004");
  assert.ok(archive.includes(Buffer.from("données.bin")) && archive.includes(Buffer.from("lettre.txt")));

  await openFolder();
  await page.getByRole("link", { name: "lettre.txt" }).click();
  await page.getByText("Chère Madame,").waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.getByText("Pas d’aperçu pour ce type de fichier").waitFor();
  await page.keyboard.press("Escape");
  await row(page, "lettre.txt").waitFor();
});

test("A hostile HTML or SVG file is never a page of the suite", async () => {
  await world.put("piège.html", "<script>document.title='pwned'</script>", folderId);
  await world.put("piège.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='document.title=1'/>", folderId);
  await openFolder();
  for (const name of ["piège.html", "piège.svg"]) {
    await page.getByRole("link", { name }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    assert.notEqual(await page.title(), "pwned");
    assert.equal(await page.locator("iframe, object, embed").count(), 0);
    await page.keyboard.press("Escape");
    await row(page, name).waitFor();
  }
});

test("A PDF is read in a tab of its own, from bytes that can only be a PDF", async () => {
  await world.put("plan.pdf", "<script>document.title='pwned'</script>", folderId);
  await openFolder();
  await page.getByRole("link", { name: "plan.pdf" }).click();
  const [tab] = await Promise.all([
    drive.context.waitForEvent("page"),
    page.getByRole("button", { name: "Lire dans un nouvel onglet" }).click(),
  ]);
  assert.match(tab.url(), /^(about:blank|blob:http:)/);
  assert.notEqual(await tab.title().catch(() => ""), "pwned");
  await tab.close();
});
