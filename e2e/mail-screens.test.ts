import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { simpleParser } from "mailparser";
import type { Page } from "playwright-core";
import { findViolations } from "./check-accessibility.ts";
import { type MailWorld, row, startMailWorld, untilInText } from "./mail-world.ts";
import type { BrowserOptions } from "./open-browser.ts";

let world: MailWorld;
let mairie: string;

before(async () => {
  world = await startMailWorld();
  mairie = await world.share("mairie", [world.lea, world.tom]);
  await world.receive({
    subject: "Plan corrigé",
    html: "<p>Voici le <b>plan</b>.</p>",
    attachments: [{ filename: "plan.pdf", content: "%PDF" }],
  });
  await world.receive({
    subject: "Lampadaire en panne",
    text: "Rue du Lavoir.\n\n> Merci de préciser.\n",
    from: world.tom.address,
  });
  await world.receive({ subject: "Salle des fêtes", text: "Est-elle libre ?", to: mairie });
});
after(() => world?.close());

const words = {
  fr: {
    write: "Écrire",
    reply: "Répondre",
    trash: "Corbeille",
    empty: "La corbeille est vide",
    none: "Rien n’a été trouvé",
    folder: "Nouveau dossier",
    more: "Autres actions",
    nav: "Ouvrir la navigation",
    back: "Retour à la liste",
    subject: "Objet",
  },
  en: {
    write: "Write",
    reply: "Reply",
    trash: "Trash",
    empty: "The trash is empty",
    none: "Nothing was found",
    folder: "New folder",
    more: "Other actions",
    nav: "Open navigation",
    back: "Back to the list",
    subject: "Subject",
  },
};

async function check(page: Page, step: string): Promise<void> {
  assert.deepEqual(await findViolations(page), [], step);
  assert.ok(
    await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
    `${step}: wider than the screen`,
  );
}

const looks: BrowserOptions[] = [
  { language: "fr", theme: "light" },
  { language: "en", theme: "dark" },
  { language: "fr", theme: "dark", width: 390, height: 844 },
  { language: "en", theme: "light", width: 390, height: 844 },
];
for (const look of looks) {
  const { language = "fr", theme, width = 1440 } = look;
  test(`Every screen is accessible in ${language}, ${theme}, ${width} pixels wide`, async () => {
    const t = words[language];
    const { page, complaints, strangers, close } = await world.open(world.lea, look);
    const isPhone = width < 760;
    await row(page, "Plan corrigé").waitFor();
    await check(page, "list");
    await row(page, "Plan corrigé").locator(".m").click();
    await page.frameLocator(".mail-frame").getByText("plan").waitFor();
    await check(page, "reading");
    assert.equal(await page.locator(".list").isVisible(), !isPhone, "one pane at a time on phones");
    await page.getByRole("button", { name: t.more }).click();
    await page.getByRole("menu").waitFor();
    await check(page, "menu");
    await page.keyboard.press("Escape");
    await page.locator(".quick").getByRole("button", { name: t.reply, exact: true }).click();
    await page.locator(".ed-text").waitFor();
    await check(page, "composer");
    if (isPhone) assert.deepEqual(await page.locator(".comp").boundingBox(), { x: 0, y: 0, width: 390, height: 844 });
    await page.locator(".ed-text").focus();
    await page.keyboard.press("Escape");
    await page.locator(".comp").waitFor({ state: "detached" });
    if (isPhone) {
      await page.getByRole("button", { name: t.back }).click();
      await page.getByRole("button", { name: t.nav }).click();
      await page.getByRole("dialog").getByRole("link", { name: t.trash }).waitFor();
      await check(page, "drawer");
      await page.getByRole("dialog").getByRole("link", { name: t.trash }).click();
    } else {
      await page.getByRole("button", { name: t.folder }).click();
      await page.getByRole("dialog").waitFor();
      await check(page, "dialog");
      await page.keyboard.press("Escape");
      await page.getByRole("link", { name: t.trash }).click();
    }
    await page.getByText(t.empty).waitFor();
    await check(page, "empty");
    await page.getByRole("searchbox").fill("introuvable");
    await page.getByRole("searchbox").press("Enter");
    await page.getByText(t.none).waitFor();
    await check(page, "search");
    assert.deepEqual(complaints(), []);
    assert.deepEqual([...strangers], []);
    await close();
  });
}

test("A shared mailbox stands beside one's own; its answers leave from it and stay in it", async () => {
  const { page, close } = await world.open(world.tom);
  await page.getByRole("link", { name: /^mairie@/ }).click();
  await row(page, "Salle des fêtes").locator(".m").click();
  await page.locator(".quick").getByRole("button", { name: "Répondre", exact: true }).click();
  await page.getByRole("button", { name: `De ${mairie}` }).waitFor();
  await untilInText(page);
  await page.keyboard.type("Elle est libre.");
  const before = world.sink.messages.length;
  await page.keyboard.press("Control+Enter");
  await world.sink.received(before + 1);
  const sent = await simpleParser(world.sink.messages.at(-1)!.bytes);
  assert.equal(sent.from?.value[0]?.address, mairie);
  assert.equal(sent.text?.startsWith("Elle est libre."), true);

  const lea = await world.open(world.lea);
  await lea.page.getByRole("link", { name: /^mairie@/ }).click();
  await lea.page.getByRole("link", { name: "Envoyés" }).last().click();
  await row(lea.page, "Re: Salle des fêtes").waitFor();
  await lea.close();
  await close();
});
