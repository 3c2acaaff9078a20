/**
 * Opens every screen of sign-in and the portal in both languages, themes and widths, with each state, and fails on any axe
 * violation, console error or request to another host. `node web/test/portal-screens.ts [folder for pictures]`; needs a build.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { type Answers, launch, ok, openPage, violations } from "./open-page.ts";
import { databaseDown, home, session, signedIn, signedOut } from "./portal-answers.ts";

interface Screen {
  readonly name: string;
  readonly path: string;
  readonly answers: Answers;
  readonly act?: (page: Page) => Promise<unknown>;
  readonly ready?: string;
}

const never = { ...signedIn, "GET /api/home": { abort: true } as const };
const nothing = {
  mail: { ...home.mail, unread: 0, latest: null },
  drive: { ...home.drive, recent: [] },
  services: home.services,
};

async function typeWrongPassword(page: Page): Promise<void> {
  await page.locator("input[name=username]").fill("helene.lecarpentier@bourg-fleuri.example");
  await page.locator("input[name=password]").fill("pas le bon");
  await page.locator("button[type=submit]").click();
  await page.locator("[role=alert], .note[role=status]").waitFor();
}

const screens: Screen[] = [
  { name: "sign-in", path: "/sign-in", answers: signedOut },
  { name: "sign-in-wrong", path: "/sign-in", answers: signedOut, act: typeWrongPassword },
  {
    name: "sign-in-empty",
    path: "/sign-in",
    answers: signedOut,
    act: (page) => page.locator("button[type=submit]").click(),
  },
  {
    name: "sign-in-throttled",
    path: "/sign-in",
    answers: {
      ...signedOut,
      "POST /api/sign-in": { status: 429, body: { code: "throttled", message: "wait", retryAfterSeconds: 700 } },
    },
    act: typeWrongPassword,
  },
  { name: "sign-in-down", path: "/sign-in", answers: databaseDown, ready: ".note" },
  {
    name: "sign-in-help",
    path: "/sign-in",
    answers: signedOut,
    act: async (page) => {
      await page.locator("form .lk").click();
      await page.locator(".dialog").waitFor();
    },
  },
  { name: "reset", path: "/reset/good", answers: signedOut, ready: "input[type=password]" },
  {
    name: "reset-weak",
    path: "/reset/good",
    answers: signedOut,
    act: async (page) => {
      await page.locator("input[type=password]").fill("quesnel");
      await page.locator(".bar.danger").waitFor();
    },
  },
  { name: "reset-gone", path: "/reset/used", answers: signedOut },
  { name: "home", path: "/", answers: signedIn, ready: ".docs" },
  { name: "home-empty", path: "/", answers: { ...signedIn, "GET /api/home": ok(nothing) }, ready: ".empty" },
  {
    name: "home-clerk",
    path: "/",
    answers: { ...signedIn, "GET /api/session": ok({ ...session, roles: [] }) },
    ready: ".docs",
  },
  { name: "home-offline", path: "/", answers: never, ready: ".sk, .banner" },
  { name: "home-down", path: "/", answers: databaseDown, ready: ".empty" },
  {
    name: "account-menu",
    path: "/",
    answers: signedIn,
    ready: ".docs",
    act: async (page) => {
      await page.locator(".rail .me:visible, .rail .tab.mo:visible").click();
      await page.locator(".menu").waitFor();
    },
  },
  { name: "not-found", path: "/nowhere", answers: signedIn },
  { name: "profile", path: "/profile", answers: signedIn, ready: "form" },
  { name: "security", path: "/security", answers: signedIn, ready: ".facts" },
  {
    name: "security-password",
    path: "/security",
    answers: signedIn,
    ready: ".facts",
    act: async (page) => {
      await page.locator("section[aria-labelledby=password] button").click();
      await page.locator("[autocomplete=current-password]").fill("x");
      await page.locator("[autocomplete=new-password]").fill("quatre mots sans aucun lien");
      await page.locator("form [type=submit]").click();
      await page.locator(".err").waitFor();
    },
  },
  {
    name: "security-create",
    path: "/security",
    answers: signedIn,
    ready: ".facts",
    act: async (page) => {
      await page.locator("section[aria-labelledby=app-passwords] .btn.primary").click();
      await page.locator(".dialog").waitFor();
    },
  },
  {
    name: "security-created",
    path: "/security",
    answers: signedIn,
    ready: ".facts",
    act: async (page) => {
      await page.locator("section[aria-labelledby=app-passwords] .btn.primary").click();
      await page.locator(".dialog input[type=text]").fill("Téléphone");
      await page.locator(".dialog [type=submit]").click();
      await page.locator(".secret").waitFor();
    },
  },
  {
    name: "security-toast",
    path: "/security",
    answers: signedIn,
    ready: ".facts",
    act: async (page) => {
      await page.locator("section[aria-labelledby=sessions] li:nth-child(2) button").click();
      await page.locator(".toast").waitFor();
    },
  },
  {
    name: "security-empty",
    path: "/security",
    answers: { ...signedIn, "GET /api/app-passwords": ok({ appPasswords: [] }) },
    ready: ".empty",
  },
  { name: "people", path: "/people", answers: signedIn, ready: "table" },
  {
    name: "people-link",
    path: "/people",
    answers: signedIn,
    ready: "table",
    act: async (page) => {
      await page.locator("tbody tr:first-child button").click();
      await page.locator(".dialog .btn.primary").click();
      await page.locator(".secret").waitFor();
    },
  },
  {
    name: "people-forbidden",
    path: "/people",
    answers: { ...signedIn, "GET /api/people": { status: 403, body: { code: "forbidden", message: "no" } } },
    ready: ".empty",
  },
  {
    name: "settings-drawer",
    path: "/security",
    answers: signedIn,
    ready: ".facts",
    act: async (page) => {
      if ((page.viewportSize()?.width ?? 0) > 980) return;
      await page.locator(".to-nav button").click();
      await page.locator(".drawer").waitFor();
    },
  },
];

interface Look {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
  readonly language: "fr" | "en";
}

const looks: Look[] = [
  { name: "1440", width: 1440, height: 900, scheme: "light", language: "fr" },
  { name: "390", width: 390, height: 844, scheme: "light", language: "fr" },
  { name: "1440-dark-en", width: 1440, height: 900, scheme: "dark", language: "en" },
  { name: "390-dark-en", width: 390, height: 844, scheme: "dark", language: "en" },
  { name: "900", width: 900, height: 700, scheme: "light", language: "fr" },
];

async function look(browser: Browser, screen: Screen, view: Look, folder: string | undefined): Promise<string[]> {
  const url = `http://portail.localhost:8080${screen.path}#look=,,${view.language}`;
  const { page, problems } = await openPage(browser, "portal", url, screen.answers, {
    viewport: { width: view.width, height: view.height },
    colorScheme: view.scheme,
    reducedMotion: "reduce",
  });
  try {
    await page
      .locator(screen.ready ?? "h1, h2")
      .first()
      .waitFor({ timeout: 5000 });
    await screen.act?.(page);
    await page.evaluate(() => document.fonts.ready);
    await page.waitForFunction(() => !document.querySelector(".btn[data-working]"));
    if (folder) await page.screenshot({ path: join(folder, `${screen.name}-${view.name}.png`) });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) problems.push(`scrolls sideways by ${wide} px`);
    return [...problems, ...(await violations(page))];
  } catch (error) {
    if (folder) await page.screenshot({ path: join(folder, `${screen.name}-${view.name}-failed.png`) });
    return [...problems, error instanceof Error ? error.message : String(error)];
  } finally {
    await page.context().close();
  }
}

const [folder, only] = process.argv.slice(2);
if (folder) await mkdir(folder, { recursive: true });
const browser = await launch();
let failures = 0;
for (const screen of screens) {
  if (only && !screen.name.match(only)) continue;
  for (const view of looks) {
    const found = await look(browser, screen, view, folder);
    failures += found.length;
    for (const problem of found) console.log(`${screen.name} ${view.name}: ${problem}`);
  }
}
await browser.close();
console.log(failures === 0 ? "No problem found." : `${failures} problems.`);
process.exitCode = failures === 0 ? 0 : 1;
