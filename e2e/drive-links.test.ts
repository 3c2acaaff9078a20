import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import type { Page } from "playwright-core";
import { listFolder } from "../server/src/domain/drive/list-folder.ts";
import { openFile } from "../server/src/domain/drive/open-file.ts";
import { findViolations } from "./check-accessibility.ts";
import { type DriveWorld, downloadBy, type OpenedDrive, startDriveWorld } from "./drive-world.ts";
import { type OpenedBrowser, openBrowser } from "./open-browser.ts";

/* What a person makes of links in the drive, what somebody outside does with them, and what the person then sees. */

let world: DriveWorld;
let drive: OpenedDrive;
let page: Page;
let stranger: OpenedBrowser;
let outside: Page;

before(async () => {
  world = await startDriveWorld();
  drive = await world.open();
  page = drive.page;
  stranger = await openBrowser({ width: 390, height: 844 });
  outside = stranger.context.pages()[0] ?? (await stranger.context.newPage());
});
after(async () => {
  await stranger?.close();
  await world?.close();
});

const dialog = () => page.getByRole("dialog", { name: /^Partager/ });
const linkOf = (label: string) => dialog().locator(".links li", { hasText: label });
const heading = (name: string | RegExp) => outside.getByRole("heading", { name });
const openDialog = async (name: string) => {
  await page.goto(`${world.suite.origins.drive}/`);
  await page.getByRole("button", { name: `Actions sur ${name}` }).click();
  await page.getByRole("menuitem", { name: "Partager", exact: true }).click();
  await dialog().getByRole("button", { name: "Nouveau lien" }).waitFor();
};
/** @returns its address */
async function makeLink(label: string, level: string, more: () => Promise<void> = async () => {}): Promise<string> {
  await dialog().getByRole("button", { name: "Nouveau lien" }).click();
  await dialog().getByLabel("Pour qui\u00a0?").fill(label);
  await dialog().getByRole("button", { name: "Ce que permet le lien" }).click();
  await page.getByRole("option", { name: level, exact: true }).click();
  await more();
  await dialog().getByRole("button", { name: "Créer le lien" }).click();
  return linkOf(label).getByLabel("Adresse du lien").inputValue();
}
const send = (name: string, text: string) =>
  outside.locator("input[type=file]").setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
const namesIn = async (id: string) =>
  (await listFolder(world.suite.domain.store.read, world.lea.access, id))?.nodes.map(({ name }) => name);
/** What the person reads of who came by a link. */
async function visitsOf(label: string): Promise<string> {
  await linkOf(label)
    .getByRole("button", { name: `Visites du lien «\u00a0${label}\u00a0»` })
    .click();
  const visits = page.getByRole("dialog", { name: /^Qui a ouvert/ });
  await visits.locator("li").first().waitFor();
  assert.deepEqual(await findViolations(page), []);
  const text = (await visits.locator("li").allInnerTexts()).join("\n");
  await visits.getByRole("button", { name: "Fermer", exact: true }).click();
  await visits.waitFor({ state: "detached" });
  return text;
}

test("A file request takes files with the name of who sends them, shows nothing, and tells the person", async () => {
  const folder = await world.folder("Offres");
  await world.put("secret.txt", "x", folder.id);
  await openDialog("Offres");
  await outside.goto(await makeLink("Entreprises", "Déposer seulement"));
  await heading("Offres").waitFor();
  assert.equal(await outside.getByText("secret.txt").count(), 0);
  await send("devis.txt", "1 200 €");
  await outside.getByText("Donnez votre nom, puis choisissez vos fichiers.").waitFor();
  assert.deepEqual(await findViolations(outside), []);
  await outside.getByLabel("Votre nom").fill("Terrassements Martineau");
  await send("devis.txt", "1 200 €");
  await outside.getByText("1\u00a0fichier reçu. Merci.").waitFor();
  await send("devis.txt", "1 100 €");
  await outside.getByText("2\u00a0fichiers reçus. Merci.").waitFor();
  assert.equal(await outside.getByText("secret.txt").count(), 0);
  const nodes = (await listFolder(world.suite.domain.store.read, world.lea.access, folder.id))!.nodes;
  const theirs = nodes.find(({ kind }) => kind === "folder");
  assert.equal(theirs?.name, "Terrassements Martineau");
  assert.equal((await namesIn(theirs!.id))?.length, 2, "nothing takes the place of another file");
  const visits = await visitsOf("Entreprises");
  assert.match(visits, /Terrassements Martineau a déposé «\u00a0devis\.txt\u00a0»/);
  assert.match(visits, /Quelqu’un a ouvert le lien/);
  assert.match(visits, /20\d\d à\u00a0\d+:\d\d · 127\.0\.0\./);
});

test("An edit link of a folder lets somebody outside add, rename and delete; one of a file takes a new version", async () => {
  const folder = await world.folder("Plans");
  await world.put("coupe.txt", "ancienne", folder.id);
  await openDialog("Plans");
  await outside.goto(await makeLink("Architecte", "Lire et modifier"));
  await outside.getByText("coupe.txt").waitFor();
  await send("façade.txt", "nouvelle");
  const nameOf = (name: string) => outside.locator(".nm .name", { hasText: name });
  await nameOf("façade.txt").waitFor();
  await outside.getByRole("button", { name: "Actions sur façade.txt" }).click();
  await outside.getByRole("menuitem", { name: "Renommer" }).click();
  await outside.getByRole("dialog").getByLabel("Nom").fill("façade sud.txt");
  await outside.getByRole("dialog").getByRole("button", { name: "Renommer" }).click();
  await nameOf("façade sud.txt").waitFor();
  await outside.getByRole("button", { name: "Actions sur coupe.txt" }).click();
  await outside.getByRole("menuitem", { name: "Supprimer" }).click();
  await outside.getByRole("alertdialog").getByRole("button", { name: "Supprimer" }).click();
  await nameOf("coupe.txt").waitFor({ state: "detached" });
  assert.deepEqual(await namesIn(folder.id), ["façade sud.txt"]);
  await visitsOf("Architecte").then((visits) => assert.match(visits, /a déposé|a changé/));

  const file = await world.put("Règlement.txt", "article 1");
  await openDialog("Règlement.txt");
  await outside.goto(await makeLink("Juriste", "Lire et modifier"));
  await outside.getByText("article 1").waitFor();
  await send("autre nom.txt", "article 1 bis");
  await outside.getByText("La nouvelle version est reçue. Merci.").waitFor();
  await outside.getByText("article 1 bis").waitFor();
  const opened = await openFile(world.suite.domain, world.lea.access, file.id);
  assert.equal((await opened.source.open().toArray()).join(""), "article 1 bis");
  assert.equal(opened.name, "Règlement.txt");
});

test("A link that may be taken from once says so, gives it once, and is then used up", async () => {
  await world.put("Procès-verbal.txt", "adopté");
  await openDialog("Procès-verbal.txt");
  const address = await makeLink("Presse", "Lire et télécharger", async () => {
    await dialog().getByText("Message, courriel et limite").click();
    await dialog().getByLabel("Nombre de téléchargements permis").fill("0");
    await dialog().getByRole("button", { name: "Créer le lien" }).click();
    await dialog().getByText("Donnez un nombre entier, à partir de 1.").waitFor();
    await dialog().getByLabel("Nombre de téléchargements permis").fill("1");
  });
  await outside.goto(address);
  await outside.getByText("Il reste 1\u00a0téléchargement.").waitFor();
  const download = await downloadBy(outside, outside.getByRole("link", { name: "Télécharger" }));
  assert.equal(download.toString(), "adopté");
  await outside.goto(address);
  await heading("Ce lien a été utilisé autant de fois que permis").waitFor();
  await openDialog("Procès-verbal.txt");
  await linkOf("Presse").getByText("Épuisé").waitFor();
  await linkOf("Presse")
    .getByText(/1 sur 1\u00a0téléchargement/)
    .waitFor();
});

test("A link ends at its hour, says it to both, and is given another month", async () => {
  await world.put("Budget.txt", "équilibré");
  await openDialog("Budget.txt");
  const address = await makeLink("Trésorier", "Lire et télécharger", async () => {
    await dialog().getByLabel("S’ouvre jusqu’au").fill("2098-12-15");
    await dialog().getByLabel("Heure").fill("17:30");
  });
  await linkOf("Trésorier")
    .getByText(/jusqu’au 15 décembre 2098 à\u00a017:30/)
    .waitFor();
  await outside.goto(address);
  await outside.getByText("Lien personnel, valable jusqu’au 15 décembre 2098 à\u00a017:30").waitFor();
  await world.suite.domain.store.transact((tx) =>
    sql`UPDATE share_link SET expires_at = now() - interval '1 minute' WHERE label = 'Trésorier'`.execute(tx),
  );
  await outside.reload();
  await heading("Ce lien a expiré").waitFor();
  await openDialog("Budget.txt");
  await linkOf("Trésorier").getByText("Terminé").waitFor();
  await linkOf("Trésorier")
    .getByRole("button", { name: "Prolonger d’un mois le lien «\u00a0Trésorier\u00a0»" })
    .click();
  await page.getByRole("alertdialog").filter({ hasText: "Le lien fonctionne jusqu’au" }).waitFor();
  await linkOf("Trésorier").getByText("Terminé").waitFor({ state: "detached" });
  await outside.reload();
  await outside.getByText("équilibré").waitFor();
});

test("What is only to be looked at is seen as a picture, and nothing of it is taken", async () => {
  const folder = await world.folder("Vues aériennes");
  const drawing = (color: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="600"><rect width="900" height="600" fill="${color}"/></svg>`;
  for (const color of ["olive", "teal", "navy"]) await world.put(`${color}.svg`, drawing(color), folder.id);
  await openDialog("Vues aériennes");
  await outside.goto(await makeLink("Riverains", "Lire seulement"));
  // A folder of pictures shows them; each opens as large as it is drawn.
  await outside.locator(".shared-tiles .thumb[data-shown]").nth(2).waitFor();
  assert.equal(await outside.getByRole("link", { name: /Télécharger/ }).count(), 0);
  assert.deepEqual(await findViolations(outside), []);
  const [tab] = await Promise.all([
    stranger.context.waitForEvent("page"),
    outside.getByRole("link", { name: /^Voir teal\.svg/ }).click(),
  ]);
  await tab.locator("img").waitFor();
  assert.match(tab.url(), /\/preview\?variant=large/);
  await tab.close();
  await outside.getByRole("radio", { name: "Liste" }).click();
  await outside.locator("table .thumb[data-shown]").nth(2).waitFor();
  assert.deepEqual(await findViolations(outside), []);
  const overflow = () =>
    outside.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(await overflow(), 0);
  assert.deepEqual([...stranger.strangers], []);
  assert.deepEqual(drive.complaints(), []);
});
