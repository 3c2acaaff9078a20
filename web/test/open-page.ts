import { readFile } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page, type Route } from "playwright-core";

const dist = join(import.meta.dirname, "../dist");
const types: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
  woff2: "font/woff2",
};

/** What an API path answers: a body for 200, or a status with its body. */
export type Answer = { readonly status: number; readonly body?: unknown } | { readonly abort: true };
/** Keys are `GET /api/session`; a function sees the path and the JSON body sent. */
export type Answers = Record<string, Answer | ((path: string, body: unknown) => Answer)>;

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

/** Milliseconds: a busy machine is slow, and only a defect takes this long. */
export const patience = 120_000;

export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Debian's Chromium, silent. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    timeout: patience,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export interface Opened {
  readonly page: Page;
  /** Errors of the console, refused resources, and requests to any other host. Must be empty. */
  readonly problems: string[];
}

/**
 * Opens a page of the built app with an API made of answers, under the Content-Security-Policy that the server sends.
 * `url` is absolute; the entry (`portal`, `mail`…) is the HTML that its host serves.
 */
export async function openPage(
  browser: Browser,
  entry: string,
  url: string,
  answers: Answers,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ locale: "fr-FR", timezoneId: "Europe/Paris", ...options });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const problems: string[] = [];
  const host = new URL(url).host;
  page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) problems.push(message.text());
  });
  await page.route("**/*", async (route) => {
    const target = new URL(route.request().url());
    if (target.host !== host) {
      problems.push(`request to another host: ${target.href}`);
      return route.abort();
    }
    if (target.pathname.startsWith("/api/")) return answer(route, target.pathname, answers);
    const file = target.pathname.startsWith("/assets/") ? target.pathname : `/${entry}.html`;
    try {
      const body = await readFile(join(dist, file));
      const contentType = types[file.split(".").at(-1) ?? ""] ?? "application/octet-stream";
      await route.fulfill({ body, contentType, headers: { "Content-Security-Policy": policy } });
    } catch {
      problems.push(`missing file: ${target.pathname}`);
      await route.fulfill({ status: 404, body: "" });
    }
  });
  await page.goto(url);
  return { page, problems };
}

async function answer(route: Route, path: string, answers: Answers): Promise<void> {
  if (path === "/api/events") {
    // Never answered: an open stream without events.
    return;
  }
  const key = `${route.request().method()} ${path}`;
  const found = answers[key];
  const given = typeof found === "function" ? found(path, route.request().postDataJSON()) : found;
  if (given === undefined) return route.fulfill({ status: 404, json: { code: "not_found", message: key } });
  if ("abort" in given) return route.abort("internetdisconnected");
  if (given.body === undefined) return route.fulfill({ status: given.status });
  return route.fulfill({ status: given.status, json: given.body });
}

/** Violations of WCAG 2 A and AA, one line each; empty when there is none. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const engine = (window as unknown as { axe: typeof axe }).axe;
    const { violations } = await engine.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)}`),
    );
  });
  return found;
}
