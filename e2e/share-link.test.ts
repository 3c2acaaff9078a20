import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, test } from "node:test";
import { promisify } from "node:util";
import { sql } from "kysely";
import type { Download, Locator, Page } from "playwright-core";
import { createFolder } from "../server/src/domain/drive/create-folder.ts";
import type { DriveNode } from "../server/src/domain/drive/model.ts";
import { readRootId } from "../server/src/domain/drive/read-root-id.ts";
import { trashNode } from "../server/src/domain/drive/trash-node.ts";
import { uploadFile } from "../server/src/domain/drive/upload-file.ts";
import { createShareLink } from "../server/src/domain/sharing/create-share-link.ts";
import type { LinkSettings, ShareLink } from "../server/src/domain/sharing/model.ts";
import { revokeShareLink } from "../server/src/domain/sharing/update-share-link.ts";
import { startSuite, type TestSuite } from "../server/test/harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../server/test/harness/town-hall.ts";
import { findViolations } from "./check-accessibility.ts";
import { type BrowserOptions, type OpenedBrowser, openBrowser } from "./open-browser.ts";

/*
 * Outside people, in browsers that have never been here: no account, no session, nothing but the link.
 */

let suite: TestSuite;
let sylvie: TownPerson;
let rootId: string;
let opened: OpenedBrowser[] = [];

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);
const plan = randomBytes(300_000);
const password = "haie-vive-du-pre-long";

before(async () => {
  suite = await startSuite({
    settings: {
      BOUQUET_OPERATOR_NAME: "le Syndicat des Trois Vallées",
      BOUQUET_SUPPORT_PHONE: "02 61 91 12 34",
      BOUQUET_SUPPORT_EMAIL: "assistance@trois-vallees.example",
    },
  });
  const townHall = await createTownHall(suite.domain, "Mairie de Bourg-Fleuri", "bourg-fleuri.example");
  sylvie = await townHall.addPerson("Sylvie Lemoigne");
  rootId = await readRootId(suite.domain.store.read, sylvie.access);
});
afterEach(async () => {
  for (const browser of opened) {
    assert.deepEqual([...browser.strangers], [], "no other host is asked for anything");
    await browser.close();
  }
  opened = [];
});
after(() => suite?.close());

const put = async (name: string, content: Buffer | string, folderId = rootId): Promise<DriveNode> =>
  (await uploadFile(suite.domain, sylvie.access, { folderId, name }, Buffer.from(content))).node;
const makeFolder = (name: string, parentId = rootId) => createFolder(suite.domain, sylvie.access, { parentId, name });
const share = (node: Pick<DriveNode, "id">, settings: LinkSettings = {}) =>
  createShareLink(suite.domain, sylvie.access, node.id, settings);
const addressOf = ({ token }: Pick<ShareLink, "token">) => `${suite.origins.drive}/s/${token}`;

/** Opens a link in a browser of its own. */
async function visit(address: string, options: BrowserOptions = {}): Promise<Page> {
  const browser = await openBrowser(options);
  opened.push(browser);
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  await page.goto(address);
  return page;
}

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { name });
const cookiesOf = (page: Page) => page.context().cookies();

async function downloadBy(page: Page, control: Locator): Promise<Download> {
  const [download] = await Promise.all([page.waitForEvent("download"), control.click()]);
  assert.equal(await download.failure(), null);
  return download;
}

const bytesOf = async (download: Download): Promise<Buffer> => readFile(await download.path());

/** Python's zipfile: it checks every CRC, and is not ours. */
async function entriesOf(download: Download): Promise<string[]> {
  const script =
    "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint('\\n'.join(z.namelist()))";
  const { stdout } = await promisify(execFile)("python3", ["-c", script, await download.path()], {
    env: { ...process.env, PYTHONIOENCODING: "utf-8" },
  });
  return stdout.trim().split("\n").sort();
}

test("A file opens without account nor cookie, says who shared it and until when, and downloads the same bytes", async () => {
  const file = await put("Plan de bornage n° 3.pdf", plan);
  const link = await share(file, { expiresAt: new Date(Date.now() + 400 * 86_400_000) });
  const page = await visit(addressOf(link));
  const headers = (await page.reload())!.headers();
  assert.match(headers["x-robots-tag"] ?? "", /noindex/);
  assert.equal(headers["referrer-policy"], "no-referrer");
  await heading(page, "Plan de bornage n° 3.pdf").waitFor();
  await page.getByText("Sylvie Lemoigne, Mairie de Bourg-Fleuri, vous a partagé").waitFor();
  await page.getByText(/Lien personnel, valable jusqu’au \d+ \S+ \d{4}/).waitFor();
  await page.getByText(/^300\u00a0Ko, modifié à/).waitFor();
  await page.getByText("Service fourni par le Syndicat des Trois Vallées").waitFor();
  assert.equal(await page.locator("meta[name=robots]").getAttribute("content"), "noindex, nofollow");
  assert.match(await page.title(), /Plan de bornage/);

  const download = await downloadBy(page, page.getByRole("link", { name: "Télécharger" }));
  assert.equal(download.suggestedFilename(), "Plan de bornage n° 3.pdf");
  assert.ok((await bytesOf(download)).equals(plan));
  assert.deepEqual(await cookiesOf(page), []);
  assert.deepEqual(opened[0]!.errors, []);
});

test("A picture is shown by itself", async () => {
  const page = await visit(addressOf(await share(await put("Vue aérienne.png", png))));
  const picture = page.getByRole("img", { name: "Vue aérienne.png" });
  await picture.waitFor();
  await page.waitForFunction(() => (document.querySelector(".preview img") as HTMLImageElement).naturalWidth === 1);
  assert.deepEqual(opened[0]!.errors, []);
});

async function makeShare(name: string): Promise<{ plans: DriveNode; link: ShareLink }> {
  const shared = await makeFolder(name);
  const plans = await makeFolder("Plans & coupes", shared.id);
  await makeFolder("Vide", shared.id);
  const inner = await makeFolder("Été", plans.id);
  await put("Règlement.txt", "Article 1\n", shared.id);
  await put("coupe.pdf", plan, plans.id);
  await put("note.txt", "chaud", inner.id);
  return { plans, link: await share(shared) };
}

test("A folder is walked by keyboard and by address, each file is taken alone, a folder or everything as a ZIP", async () => {
  const { plans, link } = await makeShare("Lotissement du Pré-Long");
  const page = await visit(addressOf(link));
  await heading(page, "Lotissement du Pré-Long").waitFor();
  await page.getByText("Lien personnel, sans date de fin").waitFor();
  await page.getByText(/^3\u00a0éléments, 300\u00a0Ko\./).waitFor();
  const names = async () => {
    await page.locator(".nm .name").first().waitFor();
    return page.locator(".nm .name").allInnerTexts();
  };
  assert.deepEqual(await names(), ["Plans & coupes", "Vide", "Règlement.txt"]);

  await page.getByRole("link", { name: /^Plans & coupes/ }).press("Enter");
  await page.waitForURL(`**/folders/${plans.id}`);
  const path = page.getByRole("navigation", { name: "Chemin" });
  await path.getByText("Plans & coupes").waitFor();
  assert.deepEqual(await names(), ["Été", "coupe.pdf"]);
  assert.match(await page.title(), /^Plans & coupes/);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Lotissement du Pré-Long");

  const coupe = await downloadBy(page, page.getByRole("link", { name: "Télécharger coupe.pdf" }));
  assert.ok((await bytesOf(coupe)).equals(plan));
  const part = await downloadBy(page, page.getByRole("link", { name: "Télécharger ce dossier" }));
  assert.equal(part.suggestedFilename(), "Plans & coupes.zip");
  assert.deepEqual(await entriesOf(part), [
    "Plans & coupes/",
    "Plans & coupes/coupe.pdf",
    "Plans & coupes/Été/",
    "Plans & coupes/Été/note.txt",
  ]);
  const all = await downloadBy(page, page.getByRole("link", { name: "Tout télécharger" }));
  assert.equal(all.suggestedFilename(), "Lotissement du Pré-Long.zip");
  assert.deepEqual(await entriesOf(all), [
    "Lotissement du Pré-Long/",
    "Lotissement du Pré-Long/Plans & coupes/",
    "Lotissement du Pré-Long/Plans & coupes/coupe.pdf",
    "Lotissement du Pré-Long/Plans & coupes/Été/",
    "Lotissement du Pré-Long/Plans & coupes/Été/note.txt",
    "Lotissement du Pré-Long/Règlement.txt",
    "Lotissement du Pré-Long/Vide/",
  ]);

  await page.reload();
  await path.waitFor();
  await path.getByRole("link", { name: "Lotissement du Pré-Long" }).click();
  await page.getByRole("link", { name: /^Vide/ }).click();
  await page.getByText("Ce dossier est vide").waitFor();
  await page.goBack();
  await page.getByText("Règlement.txt").waitFor();
  assert.deepEqual(await cookiesOf(page), []);
  assert.deepEqual(opened[0]!.errors, []);
});

test("A text opens in a tab of its own, where it can run nothing", async () => {
  const { link } = await makeShare("À lire");
  const page = await visit(addressOf(link));
  const [tab] = await Promise.all([
    page.context().waitForEvent("page"),
    page.getByRole("link", { name: /Règlement\.txt.*s’ouvre dans un nouvel onglet/ }).click(),
  ]);
  await tab.getByText("Article 1").waitFor();
  assert.equal(await tab.evaluate(() => window.opener), null);
});

test("A folder that is not in the share, or no longer, is not shown", async () => {
  const { link, plans } = await makeShare("Sans sortie");
  await put("autre.txt", "hors du partage");
  const page = await visit(`${addressOf(link)}/folders/${rootId}`);
  await page.getByText("Ce dossier n’est plus dans le partage.").waitFor();
  assert.equal(await page.getByText("autre.txt").count(), 0);
  await trashNode(suite.domain, sylvie.access, plans.id);
  await page.getByRole("link", { name: "Revenir au début du partage" }).click();
  await page.getByText("Règlement.txt").waitFor();
  assert.equal(await page.getByText("Plans & coupes").count(), 0);
});

test("A large folder comes in pages", async () => {
  const folder = await makeFolder("Cadastre");
  for (let n = 1; n <= 203; n++) await makeFolder(`parcelle ${String(n).padStart(3, "0")}`, folder.id);
  const page = await visit(addressOf(await share(folder)));
  await page.getByText("parcelle 200").waitFor();
  assert.equal(await page.locator(".nm").count(), 200);
  await page.getByRole("button", { name: "Afficher la suite" }).click();
  await page.getByText("parcelle 203").waitFor();
  assert.equal(await page.getByRole("button", { name: "Afficher la suite" }).count(), 0);
});

test("A password is asked for, its mistakes are told, and the right one opens this link alone", async () => {
  const { link } = await makeShare("Sous clé");
  await revokeShareLink(suite.domain, sylvie.viewer, link.id);
  const locked = await share(link.node, { password });
  const other = await share(link.node, { password });
  const page = await visit(addressOf(locked));
  await heading(page, "Ce partage a un mot de passe").waitFor();
  await page.getByText("Sylvie Lemoigne, Mairie de Bourg-Fleuri, vous a partagé").waitFor();
  assert.equal(await page.getByText("Sous clé").count(), 0, "nothing of what is shared is told");

  const field = page.getByLabel("Mot de passe du partage", { exact: true });
  await page.keyboard.press("Enter");
  await page.getByText("Tapez le mot de passe.").waitFor();
  await field.fill("mauvais mot de passe");
  await page.keyboard.press("Enter");
  await page.getByText("Ce mot de passe n’est pas le bon. Il vous reste 4\u00a0essais.").waitFor();
  assert.deepEqual(await findViolations(page), []);
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await heading(page, "Sous clé").waitFor();
  await page.getByText("Règlement.txt").waitFor();
  const file = await downloadBy(page, page.getByRole("link", { name: "Télécharger Règlement.txt" }));
  assert.equal((await bytesOf(file)).toString(), "Article 1\n");

  const [cookie, ...others] = await cookiesOf(page);
  assert.deepEqual(others, []);
  assert.equal(cookie!.path, `/s/${locked.token}`);
  assert.ok(cookie!.httpOnly && cookie!.sameSite !== "None");
  await page.goto(addressOf(other));
  await heading(page, "Ce partage a un mot de passe").waitFor();

  // It ends while it is open.
  await page.goto(addressOf(locked));
  await page.getByText("Règlement.txt").waitFor();
  await revokeShareLink(suite.domain, sylvie.viewer, locked.id);
  await heading(page, "Ce partage est terminé").waitFor();
});

test("Whoever tries passwords has to wait, and is told how long", async () => {
  const page = await visit(addressOf(await share(await put("secret.txt", "s"), { password })));
  const field = page.getByLabel("Mot de passe du partage", { exact: true });
  for (const left of [4, 3, 2, 1]) {
    await field.fill(`essai ${left}`);
    await page.keyboard.press("Enter");
    await page.getByText(new RegExp(`Il vous reste ${left}\u00a0essais?\\.`)).waitFor();
  }
  await field.fill("essai 0");
  await page.keyboard.press("Enter");
  await page.getByText("Au prochain échec, il faudra patienter.").waitFor();
  await field.fill(password);
  await page.keyboard.press("Enter");
  await page.getByText(/^Trop d’essais\. Patientez 1\u00a0minute\.$/).waitFor();
  assert.equal(await page.getByRole("alert").count(), 1);
});

test("A link that ended, was closed, or whose file is gone says so, and whom to call", async () => {
  const file = await put("fini.txt", "fini");
  const [expired, revoked, removed] = [await share(file), await share(file), await share(await put("jeté.txt", "x"))];
  await suite.domain.store.transact((tx) =>
    sql`UPDATE share_link SET expires_at = now() - interval '1 minute' WHERE id = ${expired!.id}`.execute(tx),
  );
  await revokeShareLink(suite.domain, sylvie.viewer, revoked!.id);
  await trashNode(suite.domain, sylvie.access, removed!.node.id);
  const page = await visit(addressOf(expired!));
  for (const [link, title] of [
    [expired, "Ce lien a expiré"],
    [revoked, "Ce partage est terminé"],
    [removed, "Ce document n’est plus là"],
  ] as const) {
    await page.goto(addressOf(link!));
    await heading(page, title).waitFor();
    await page.getByRole("link", { name: "02\u00a061\u00a091\u00a012\u00a034" }).waitFor();
    assert.equal(await page.getByText("fini.txt").count(), 0);
    assert.deepEqual(await findViolations(page), [], title);
  }
});

test("A token that was cut or changed leads nowhere", async () => {
  const link = await share(await put("entier.txt", "x"));
  const token = link.token!;
  const changed = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
  const page = await visit(addressOf({ token: changed }));
  for (const wrong of [changed, token.slice(0, 10), `${token}x`, "%3Cb%3E", `${token}%00`]) {
    await page.goto(addressOf({ token: wrong }));
    await heading(page, "Ce lien ne mène nulle part").waitFor();
    assert.equal(await page.getByText("Sylvie").count(), 0);
  }
});

test("Every state is accessible, in French and English, on a screen and on a phone, light and dark", async () => {
  const { link, plans } = await makeShare("Accessible à tous");
  const picture = await share(await put("Carte.png", png));
  const locked = await share(await put("fermé.txt", "x"), { password });
  const looks: BrowserOptions[] = [
    { language: "fr", width: 1440 },
    { language: "en", width: 390, height: 844, theme: "dark" },
    { language: "en", width: 900, theme: "dark" },
    { language: "fr", width: 390, height: 844 },
  ];
  for (const look of looks) {
    const name = `${look.language} ${look.width}`;
    const page = await visit(addressOf(link), look);
    for (const [address, ready] of [
      [addressOf(link), page.getByText("Règlement.txt")],
      [`${addressOf(link)}/folders/${plans.id}`, page.getByText("coupe.pdf")],
      [addressOf(picture), page.getByRole("img", { name: "Carte.png" })],
      [addressOf(locked), page.getByLabel(/^(Mot de passe du partage|Password of the link)$/)],
      [addressOf({ token: "nowhere" }), page.getByRole("heading", { level: 2 })],
    ] as const) {
      await page.goto(address);
      await ready.first().waitFor();
      assert.deepEqual(await findViolations(page), [], `${name} ${address}`);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(overflow, 0, `${name} ${address} does not scroll sideways`);
      assert.equal(await page.locator("html").getAttribute("lang"), look.language);
    }
  }
});

test("The language is the browser's until another is chosen, which stays", async () => {
  const link = await share(await put("langue.txt", "x"));
  const page = await visit(addressOf(link), { language: "en" });
  await page.getByText("Sylvie Lemoigne, Mairie de Bourg-Fleuri, shared with you").waitFor();
  await page.getByRole("link", { name: "Download" }).waitFor();
  await page.getByRole("button", { name: "Français" }).click();
  await page.getByRole("link", { name: "Télécharger" }).waitFor();
  await page.reload();
  await page.getByRole("link", { name: "Télécharger" }).waitFor();
});

test("Whoever does not know the sender finds how to report the link", async () => {
  const page = await visit(addressOf(await share(await put("douteux.txt", "x"))));
  await page.getByRole("button", { name: /Signalez ce lien/ }).click();
  const dialog = page.getByRole("dialog", { name: "Signaler ce lien" });
  await dialog.getByRole("link", { name: "assistance@trois-vallees.example" }).waitFor();
  assert.deepEqual(await findViolations(page), []);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

test("What fails on the way is said, and trying again goes on from there", async () => {
  const { link } = await makeShare("Coupure");
  const page = await visit(addressOf(link));
  await page.getByText("Règlement.txt").waitFor();
  await page.route("**/api/folders/**", (route) => route.abort());
  await page.getByRole("link", { name: /^Plans/ }).click();
  await page.getByRole("button", { name: "Réessayer" }).waitFor();
  await page.unroute("**/api/folders/**");
  await page.getByRole("button", { name: "Réessayer" }).click();
  await page.getByText("coupe.pdf").waitFor();

  await page.route("**/api/info", (route) => route.fulfill({ status: 500, body: "<html>" }));
  await page.reload();
  await heading(page, "Le partage ne s’ouvre pas").waitFor();
  await page.getByText("Les documents sont en sécurité.").waitFor();
  await page.unroute("**/api/info");
  await page.getByRole("button", { name: "Réessayer" }).click();
  await page.getByText("coupe.pdf").waitFor();
});

test("A page that is open says at once that its link has ended", async () => {
  const link = await share(await put("à temps.txt", "x"));
  const page = await visit(addressOf(link));
  await page.getByRole("link", { name: "Télécharger" }).waitFor();
  await revokeShareLink(suite.domain, sylvie.viewer, link.id);
  await heading(page, "Ce partage est terminé").waitFor();
});

test("A link that ends between the page and its listening is told too, and a stream that was refused is asked for again", async () => {
  const link = await share(await put("de justesse.txt", "x"));
  const page = await visit("about:blank");
  let refusals = 0;
  await page.route("**/api/events", async (route) => {
    refusals += 1;
    if (refusals <= 2) return route.fulfill({ status: 503, body: "" });
    await revokeShareLink(suite.domain, sylvie.viewer, link.id);
    await route.continue();
  });
  await page.goto(addressOf(link));
  await page.getByRole("link", { name: "Télécharger" }).waitFor();
  await heading(page, "Ce partage est terminé").waitFor();
  assert.equal(refusals, 3);
});

test("Whoever tries links has to wait, while those who have one do not", async () => {
  const link = await share(await put("tranquille.txt", "x"));
  const page = await visit(addressOf(link));
  await heading(page, "tranquille.txt").waitFor();
  await page.evaluate(async () => {
    for (let n = 0; n < 50; n++) await fetch(`/s/wrongwrongwrongwrong${n}/api/info`);
  });
  await page.goto(addressOf({ token: "wrongwrongwrongwrongwrong" }));
  await heading(page, "Patientez un peu").waitFor();
  await page.getByText(/Réessayez dans 1\u00a0minute/).waitFor();
  assert.deepEqual(await findViolations(page), []);
  await page.goto(addressOf(link));
  await heading(page, "tranquille.txt").waitFor();
});
