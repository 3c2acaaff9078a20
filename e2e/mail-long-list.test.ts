import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createTransport } from "nodemailer";
import type { Page } from "playwright-core";
import { type MailWorld, type OpenedMail, row, startMailWorld } from "./mail-world.ts";

let world: MailWorld;
let browser: OpenedMail;
let page: Page;
const count = 130;

before(async () => {
  world = await startMailWorld();
  const transport = createTransport({
    host: "127.0.0.1",
    port: world.suite.port("smtp"),
    ignoreTLS: true,
    pool: true,
    maxConnections: 1,
  });
  for (let at = 0; at < count; at += 1) {
    await transport.sendMail({ from: "a@geometre.example", to: world.lea.address, subject: `Plan ${at}`, text: "…" });
  }
  transport.close();
  browser = await world.open(world.lea);
  page = browser.page;
});
after(() => world?.close());

test("A long list comes by pages as one goes down, and draws only what is seen", async () => {
  await row(page, `Plan ${count - 1}`).waitFor();
  const rows = page.locator(".mail-rows");
  await page.waitForFunction(
    () => {
      const box = document.querySelector<HTMLElement>(".mail-rows");
      if (!box) return false;
      box.scrollTop = box.scrollHeight;
      return [...box.querySelectorAll(".s")].some((subject) => subject.textContent === "Plan 0");
    },
    undefined,
    { polling: 100 },
  );
  assert.ok((await page.locator(".mrow").count()) < 60);
  assert.equal(await page.locator(".mrow").last().getAttribute("aria-setsize"), String(count));
  assert.equal(await page.locator(".mrow").last().getAttribute("aria-posinset"), String(count));
  await rows.evaluate((box) => box.scrollTo({ top: 0 }));
});

/** In the page: whether rows with their subjects cover what the list shows. */
function drawsWhatIsSeen(): boolean {
  const box = document.querySelector(".mail-rows") as HTMLElement;
  const { left, top, bottom } = box.getBoundingClientRect();
  const end = Math.min(bottom, top + box.scrollHeight - box.scrollTop);
  const isDrawnAt = (y: number) =>
    document
      .elementFromPoint(left + box.clientWidth / 2, y)
      ?.closest(".mrow")
      ?.querySelector(".s")?.textContent;
  for (let y = top + 2; y < end; y += 40) if (!isDrawnAt(y)) return false;
  return true;
}

test("What comes while one is far down is at the top, and nothing is lost or doubled", async () => {
  await page.locator(".mail-rows").evaluate((box) => box.scrollTo({ top: box.scrollHeight }));
  await world.receive({ subject: "Plan nouveau", text: "…" });
  await page.waitForFunction(
    (all) => document.querySelector(".mrow")?.getAttribute("aria-setsize") === String(all),
    count + 1,
  );
  const seen = new Set<string>();
  await page.locator(".mail-rows").evaluate((box) => box.scrollTo({ top: 0 }));
  await row(page, "Plan nouveau").waitFor();
  for (let top = 0; top <= (count + 1) * 92; top += 460) {
    await page.locator(".mail-rows").evaluate((box, to) => box.scrollTo({ top: to }), top);
    await page.waitForFunction(drawsWhatIsSeen);
    for (const subject of await page.locator(".mrow .s").allInnerTexts()) seen.add(subject.trim());
  }
  assert.equal(seen.size, count + 1);
  assert.deepEqual(browser.complaints(), []);
});

test("All that is loaded can be chosen at once and marked as read", async () => {
  await page.locator(".mail-rows").evaluate((box) => box.scrollTo({ top: 0 }));
  await row(page, "Plan nouveau").locator(".m").focus();
  await page.keyboard.press("x");
  await page.getByRole("checkbox", { name: "Tout choisir" }).click();
  await page.getByRole("button", { name: "Marquer comme lu" }).click();
  await page.waitForFunction(() => document.title === "Réception · Bouquet");
  await page.locator(".m.new").first().waitFor({ state: "detached" });
});
