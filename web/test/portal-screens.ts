import type { Page } from "playwright-core";
import { type Answers, ok } from "./open-page.ts";
import { databaseDown, home, session, signedIn, signedOut } from "./portal-answers.ts";

export interface Screen {
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

/** Every screen of sign-in and the portal, in each of its states. */
export const portalScreens: readonly Screen[] = [
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
      await page.locator("tbody tr:first-child button:not([aria-haspopup])").click();
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
