import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { launch, patience, violations } from "./open-page.ts";

/** Set it to keep pictures. */
const folder = process.env.BOUQUET_PICTURES;
const web = join(import.meta.dirname, "..");
let server: ViteDevServer;
let browser: Browser;

before(async () => {
  if (folder) await mkdir(folder, { recursive: true });
  server = await createServer({
    root: web,
    configFile: join(web, "vite.config.ts"),
    appType: "mpa",
    server: { host: "127.0.0.1", port: 0, hmr: false },
    logLevel: "error",
  });
  await server.listen();
  browser = await launch();
});

after(async () => {
  await browser.close();
  await server.close();
});

async function picture(page: Page, name: string): Promise<void> {
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

async function noViolation(page: Page, state: string): Promise<void> {
  assert.deepEqual(await violations(page), [], state);
}

async function overlays(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menu").waitFor();
  await noViolation(page, "menu open");
  await picture(page, "menu");
  await page.keyboard.press("Escape");
  for (const [button, role] of [
    ["Dialogue", "dialog"],
    ["Confirmation", "alertdialog"],
    ["Feuille", "dialog"],
  ] as const) {
    await page.getByRole("button", { name: button, exact: true }).click();
    await page.getByRole(role).waitFor();
    await noViolation(page, button);
    if (folder) await page.screenshot({ path: join(folder, `${button}.png`) });
    await page.keyboard.press("Escape");
    await page.getByRole(role).waitFor({ state: "detached" });
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    assert.equal(focused, button, "the focus comes back to what opened it");
  }
  await page.getByRole("button", { name: "Durée du lien" }).click();
  await page.getByRole("listbox").waitFor();
  await noViolation(page, "select open");
  await picture(page, "select");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /90 jours/ }).waitFor();
  const zone = page.getByRole("combobox", { name: "Fuseau horaire" });
  await zone.fill("reun");
  await page.getByRole("option", { name: "Indian/Reunion" }).click();
  assert.equal(await zone.inputValue(), "Indian/Reunion");
}

async function toasts(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Avec annulation" }).click();
  await page.getByText("Conversation archivée.").waitFor();
  await noViolation(page, "toast");
  await page.locator(".toast").getByRole("button", { name: "Annuler" }).click();
  await page.getByText("Remise en place.").waitFor();
  assert.equal(await page.getByText("Conversation archivée.").count(), 0);
}

async function tokens(page: Page): Promise<void> {
  const input = page.getByRole("combobox", { name: "À", exact: true });
  await input.focus();
  await page.keyboard.type("nad");
  await page.getByRole("option", { name: /Nadia Benali/ }).waitFor();
  await noViolation(page, "suggestions open");
  await picture(page, "tokens");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("[data-token]").count(), 2);
  await page.keyboard.type("p");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.type("as une adresse");
  await page.keyboard.press("Enter");
  assert.equal(
    await input.inputValue(),
    "pas une adresse",
    "what cannot be read stays, whatever its first letter offered",
  );
  await input.fill("");
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", '"Vautier, Colette" <colette@x.example>; t@x.example\nbroken');
    document
      .querySelector(".tokens input")
      ?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  assert.equal(await page.locator("[data-token]").count(), 4);
  assert.equal(await input.inputValue(), "broken");
  await input.fill("");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Backspace");
  assert.equal(await page.locator("[data-token]").count(), 3, "Backspace twice removes the last chip");
  await page.keyboard.press("Tab");
  assert.notEqual(await page.evaluate(() => document.activeElement?.getAttribute("role")), "combobox", "Tab leaves");
}

for (const [name, width, scheme] of [
  ["light", 1100, "light"],
  ["dark", 1100, "dark"],
  ["phone", 390, "light"],
] as const) {
  test(`Every component works by keyboard and has no violation of WCAG AA: ${name}`, async () => {
    const address = server.httpServer?.address();
    assert.ok(address && typeof address === "object");
    const context = await browser.newContext({
      viewport: { width, height: 800 },
      colorScheme: scheme,
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${address.port}/test/gallery/index.html`);
    await page.getByRole("heading", { name: "Composants" }).waitFor();
    await page.evaluate(() => document.fonts.ready);
    await noViolation(page, name);
    await picture(page, name);
    await overlays(page);
    await toasts(page);
    await tokens(page);
    await context.close();
  });
}
