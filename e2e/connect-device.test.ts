import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Page } from "playwright-core";
import { listAppPasswords } from "../server/src/domain/identity/app-passwords.ts";
import { startSuite, type TestSuite } from "../server/test/harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../server/test/harness/town-hall.ts";
import { findViolations } from "./check-accessibility.ts";
import { type BrowserOptions, type OpenedBrowser, openBrowser } from "./open-browser.ts";

/*
 * Somebody installs the file program on a new computer: it opens a browser, where they sign in and say yes.
 */

let suite: TestSuite;
let nadia: TownPerson;
let opened: OpenedBrowser[] = [];

before(async () => {
  suite = await startSuite();
  const townHall = await createTownHall(suite.domain, "Mairie de Bourg-Fleuri", "bourg-fleuri.example");
  nadia = await townHall.addPerson("Nadia Kessler");
});
afterEach(async () => {
  for (const browser of opened) await browser.close();
  opened = [];
});
after(() => suite?.close());

const base = () => `http://127.0.0.1:${suite.port("http")}`;

interface Begun {
  readonly login: string;
  readonly poll: { readonly token: string; readonly endpoint: string };
}

async function begin(name: string): Promise<Begun> {
  const headers = { "user-agent": name };
  return (await (await fetch(`${base()}/index.php/login/v2`, { method: "POST", headers })).json()) as Begun;
}

const poll = ({ poll: { endpoint, token } }: Begun) =>
  fetch(endpoint, { method: "POST", body: new URLSearchParams({ token }) });

async function newPage(options: BrowserOptions = {}): Promise<Page> {
  const browser = await openBrowser(options);
  opened.push(browser);
  return browser.context.pages()[0] ?? (await browser.context.newPage());
}

async function signInWhereAsked(page: Page): Promise<void> {
  await page.locator("input[type=email], input[autocomplete=username]").first().fill(nadia.address);
  await page.locator("input[type=password]").fill(nadia.password);
  await page.keyboard.press("Enter");
}

for (const [size, width, height] of [
  ["wide", 1440, 900],
  ["phone", 390, 844],
] as const) {
  test(`a person signs in, lets their computer in, and it gets its password (${size})`, async () => {
    const page = await newPage({ width, height });
    const begun = await begin("PC-MAIRIE (Desktop Client - Windows)");
    assert.equal((await poll(begun)).status, 404);
    await page.goto(begun.login);
    await signInWhereAsked(page);
    const question = page.getByRole("heading", { level: 1, name: /PC-MAIRIE/ });
    await question.waitFor();
    assert.equal(
      (await question.textContent())?.replaceAll("\u00a0", " "),
      "Autoriser « PC-MAIRIE (Desktop Client - Windows) » à accéder à vos fichiers ?",
    );
    assert.ok((await page.getByText("Nadia Kessler").count()) > 0);
    assert.deepEqual(await findViolations(page), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    await page.getByRole("button", { name: "Autoriser cet appareil" }).click();
    await page.getByRole("heading", { name: "L’appareil est connecté" }).waitFor();
    assert.deepEqual(await findViolations(page), []);
    const granted = (await (await poll(begun)).json()) as { appPassword: string; loginName: string };
    const basic = Buffer.from(`${granted.loginName}:${granted.appPassword}`).toString("base64");
    const headers = { authorization: `Basic ${basic}` };
    assert.equal((await fetch(`${base()}/ocs/v2.php/cloud/user`, { headers })).status, 200);
    // The address again: it was answered.
    await page.goto(begun.login);
    await page.getByRole("heading", { name: "Cette demande n’est plus valable" }).waitFor();
  });
}

test("a person who did not ask refuses, and the device gets nothing", async () => {
  const page = await newPage({ language: "fr" });
  const begun = await begin("Inconnu");
  await page.goto(begun.login);
  await signInWhereAsked(page);
  await page.getByRole("button", { name: "Refuser" }).click();
  await page.getByRole("heading", { name: "L’appareil n’est pas connecté" }).waitFor();
  assert.equal((await poll(begun)).status, 404);
  assert.ok(!(await listAppPasswords(suite.domain.store.read, nadia)).some(({ name }) => name === "Inconnu"));
});

test("a lost phone is wiped from the list of devices, which says so", async () => {
  const page = await newPage();
  const begun = await begin("Téléphone de Nadia");
  await page.goto(begun.login);
  await signInWhereAsked(page);
  await page.getByRole("button", { name: "Autoriser cet appareil" }).click();
  await page.getByRole("heading", { name: "L’appareil est connecté" }).waitFor();
  const { appPassword } = (await (await poll(begun)).json()) as { appPassword: string };

  await page.goto(`${suite.origins.portal}/security`);
  await page.getByRole("button", { name: /Effacer l’appareil «.Téléphone de Nadia.»/ }).click();
  const dialog = page.getByRole("alertdialog").or(page.getByRole("dialog"));
  await dialog.waitFor();
  assert.deepEqual(await findViolations(page), []);
  await dialog.getByRole("button", { name: "Effacer l’appareil" }).click();
  await page.getByText(/À effacer, demandé/).waitFor();
  const ask = (path: string) =>
    fetch(`${base()}/index.php/core/wipe/${path}`, {
      method: "POST",
      body: new URLSearchParams({ token: appPassword }),
    });
  assert.deepEqual(await (await ask("check")).json(), { wipe: true });
  assert.equal((await ask("success")).status, 200);
  await page.reload();
  await page.getByText(/^Effacé/).waitFor();
  assert.deepEqual(await findViolations(page), []);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByText(/^Effacé/).scrollIntoViewIfNeeded();
});
