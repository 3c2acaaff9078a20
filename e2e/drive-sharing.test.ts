import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { findViolations } from "./check-accessibility.ts";
import { type DriveWorld, type OpenedDrive, row, startDriveWorld } from "./drive-world.ts";
import { type BrowserOptions, openBrowser } from "./open-browser.ts";

let world: DriveWorld;
before(async () => {
  world = await startDriveWorld();
});
after(() => world?.close());

const menuOf = async (page: Page, name: string, action: string) => {
  await page.getByRole("button", { name: `Actions sur ${name}` }).click();
  await page.getByRole("menuitem", { name: action, exact: true }).click();
};

test("A link with a suggested password opens in a browser that was never here, until it is closed", async () => {
  const folder = await world.folder("Lotissement");
  await world.put("plan.txt", "parcelle 203", folder.id);
  const drive: OpenedDrive = await world.open();
  const { page } = drive;
  await drive.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: world.suite.origins.drive });
  await menuOf(page, "Lotissement", "Partager");
  const dialog = page.getByRole("dialog", { name: /Partager/ });
  await dialog.getByRole("button", { name: "Nouveau lien" }).click();
  await dialog.getByLabel("Pour qui\u00a0?").fill("Géomètre");
  await dialog.getByRole("button", { name: "1 semaine" }).click();
  await dialog.getByLabel("Demander un mot de passe").check();
  await dialog.getByRole("button", { name: "Créer le lien" }).click();
  await dialog.getByText("Il faut au moins 8 caractères.").waitFor();
  await dialog.getByRole("button", { name: "En proposer un" }).click();
  const password = await dialog.getByLabel("Mot de passe du lien").inputValue();
  assert.match(password, /^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  await dialog.getByRole("button", { name: "Créer le lien" }).click();
  const url = await dialog.getByLabel("Adresse du lien").inputValue();
  await dialog.getByRole("button", { name: /Copier le lien/ }).click();
  await page.getByText(/^Lien copié\. Il s’ouvrira jusqu’au \d+ \S+ 20\d\d\.$/).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), url);
  await dialog.getByRole("button", { name: "Fermer", exact: true }).click();
  await row(page, "Lotissement").getByText("1\u00a0lien actif").waitFor();

  const stranger = await openBrowser();
  try {
    const outside = stranger.context.pages()[0] ?? (await stranger.context.newPage());
    await outside.goto(url);
    await outside.locator("input[type=password]").fill(password);
    await outside.keyboard.press("Enter");
    await outside.getByText("plan.txt").waitFor();

    await page.getByRole("link", { name: "Partagés" }).click();
    await page.getByRole("tab", { name: /Visible de l’extérieur/ }).click();
    await page.getByText("Géomètre").waitFor();
    await page.getByRole("button", { name: "Fermer le lien «\u00a0Géomètre\u00a0»" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Fermer le lien" }).click();
    await page.getByText("Rien n’est visible de l’extérieur").waitFor();
    // The page that is open hears of it.
    await outside.getByRole("heading", { name: "Ce partage est terminé" }).waitFor();
  } finally {
    await stranger.close();
  }
  assert.deepEqual(drive.complaints(), []);
  assert.deepEqual([...drive.strangers], []);
  await drive.close();
});

test("An address with a node shows it chosen; a folder that is gone says so; search finds in all spaces", async () => {
  const folder = await world.folder("Archives");
  const node = await world.put("délibération 2019.txt", "x", folder.id);
  const drive = await world.open();
  const { page } = drive;
  await page.goto(`${world.suite.origins.drive}/folder/${folder.id}?node=${node.id}`);
  await page.locator(`[data-key="${node.id}"][aria-selected=true]`).waitFor();
  await page.getByRole("complementary", { name: /Détails/ }).waitFor();
  await page.getByRole("searchbox").fill("deliberation");
  await row(page, "délibération 2019.txt").waitFor();
  await page.getByRole("link", { name: "Archives" }).click();
  await page.getByRole("heading", { level: 1, name: "Archives" }).waitFor();
  assert.equal(await page.getByRole("searchbox").inputValue(), "");
  await page.goto(`${world.suite.origins.drive}/folder/0192f000-0000-7000-8000-000000000000`);
  await page.getByText("Ce dossier n’est plus là").waitFor();
  await page.getByRole("link", { name: "Commune" }).click();
  await page.getByRole("heading", { level: 1, name: "Commune" }).waitFor();
  await drive.close();
});

test("Every screen is accessible, in French and English, light and dark, on a screen, a tablet and a phone", async () => {
  await world.folder("Urbanisme");
  await world.put("Notes.txt", "Une note.");
  const thrown = await world.put("Vieux.txt", "x");
  const looks: BrowserOptions[] = [
    { language: "fr", width: 1440 },
    { language: "en", width: 390, height: 844, theme: "dark" },
    { language: "fr", width: 900, height: 700, theme: "dark" },
  ];
  for (const look of looks) {
    const drive = await world.open(look);
    const { page } = drive;
    const check = async (what: string) => {
      assert.deepEqual(await findViolations(page), [], `${look.language} ${look.width} ${what}`);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(overflow, 0, `${look.language} ${look.width} ${what} does not scroll sideways`);
    };
    await row(page, "Urbanisme").waitFor();
    await check("list");
    const actions = page.getByRole("button", { name: /^(Actions sur|Actions on) Urbanisme$/ });
    await actions.click();
    await check("menu");
    await page.getByRole("menuitem", { name: /Partager|Share/ }).click();
    await page.getByRole("dialog").waitFor();
    await check("share");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await actions.click();
    await page.getByRole("menuitem", { name: /Déplacer|Move/ }).click();
    await page.getByRole("treegrid").waitFor();
    await check("move");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    if (look === looks[0]) {
      await page.getByRole("button", { name: "Actions sur Vieux.txt" }).click();
      await page.getByRole("menuitem", { name: "Supprimer" }).click();
      await page.locator(`[data-key="${thrown.id}"]`).waitFor({ state: "detached" });
    }
    await page.getByRole("radio", { name: /Vignettes|Tiles/ }).click();
    await check("tiles");
    await page.getByRole("radio", { name: /Liste|List/ }).click();
    await page.getByRole("link", { name: "Notes.txt" }).click();
    await page.getByText("Une note.").waitFor();
    await check("viewer");
    for (const path of ["recent", "shared", "trash"]) {
      await page.goto(`${world.suite.origins.drive}/${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await check(path);
    }
    assert.deepEqual(drive.complaints(), []);
    await drive.close();
  }
});
