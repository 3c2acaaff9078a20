import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { simpleParser } from "mailparser";
import type { Page } from "playwright-core";
import {
  type MailWorld,
  type OpenedMail,
  row,
  startMailWorld,
  startWriting,
  untilInText,
  untilNothingIsSaid,
} from "./mail-world.ts";

let world: MailWorld;
let browser: OpenedMail;
let page: Page;

before(async () => {
  world = await startMailWorld();
  await world.receive({
    subject: "Bornage chemin des Ormes",
    html: "<p>Voici le <b>plan</b>.</p><table><tr><td>Parcelle 214</td></tr></table>",
    messageId: "<m2@geometre.example>",
    references: "<m1@geometre.example>",
    to: [world.lea.address, world.tom.address, "notaire@etude.example"],
    cc: "archives@geometre.example",
  });
  browser = await world.open(world.lea);
  page = browser.page;
  await row(page, "Bornage").waitFor();
});
after(() => world?.close());

const composer = () => page.getByRole("dialog").filter({ has: page.locator(".ed-text") });
const inDrafts = () => page.getByRole("link", { name: "Brouillons" });

test("A message is written to a colleague found by name, with a file and a list, and arrives whole", async () => {
  await startWriting(page);
  await page.keyboard.type("tom");
  await page.getByRole("option", { name: /Tom Petit/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByLabel("Objet", { exact: true }).fill("Ordre du jour");
  await page.locator(".ed-text").click();
  await page.keyboard.type("Bonjour Tom,\n");
  await page.getByRole("button", { name: "Mise en forme" }).click();
  await page.getByRole("button", { name: "Liste à puces" }).click();
  await page.keyboard.type("budget\nvoirie");
  await page.locator("input[type=file]").setInputFiles([
    { name: "Dossier été.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(300_000, 3) },
    { name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("À lire.\n") },
  ]);
  await composer().getByText("300\u00a0Ko", { exact: true }).waitFor();
  await composer()
    .getByText(/Enregistré à \d{1,2}:\d\d/)
    .waitFor();
  await page.keyboard.press("Control+Enter");
  await composer().waitFor({ state: "detached" });
  await page.getByText("Message envoyé.").waitFor();
  await page.getByRole("link", { name: "Brouillons", exact: true }).waitFor();

  const tom = await world.open(world.tom);
  await row(tom.page, "Ordre du jour").locator(".m").click();
  const frame = tom.page.frameLocator(".mail-frame");
  await frame.locator("li", { hasText: "voirie" }).waitFor();
  assert.deepEqual(await tom.page.locator(".att .name").allInnerTexts(), ["Dossier été.pdf", "note.txt"]);
  assert.deepEqual(tom.complaints(), []);
  await tom.close();
});

test("A reply to all leaves over SMTP to the right people, in its thread, quoting what it answers", async () => {
  await row(page, "Bornage").locator(".m").click();
  await page.getByRole("button", { name: "Répondre à tous" }).last().click();
  await untilInText(page);
  await composer().locator(".chip.warn").nth(2).waitFor();
  const chips = await composer().locator("[data-token]").allInnerTexts();
  assert.deepEqual(
    chips,
    ["Agathe Levallois", "Tom Petit", "notaire@etude.example", "archives@geometre.example"].map((chip) =>
      chip === "Tom Petit" ? world.tom.address : chip,
    ),
  );
  assert.equal(await composer().locator(".chip.warn").count(), 3);
  await page.keyboard.type("C’est entendu.");
  await untilNothingIsSaid(page);
  const before = world.sink.messages.length;
  await composer().getByRole("button", { name: "Envoyer", exact: true }).click();
  await page.getByText("Message envoyé.").waitFor();
  await world.sink.received(before + 1);
  const [first] = world.sink.messages.slice(before);
  const sent = await simpleParser(first!.bytes);
  assert.equal(sent.inReplyTo, "<m2@geometre.example>");
  assert.deepEqual(sent.references, ["<m1@geometre.example>", "<m2@geometre.example>"]);
  assert.equal(sent.subject, "Re: Bornage chemin des Ormes");
  assert.match(sent.text ?? "", /^C’est entendu\.\n\n.*Agathe Levallois a écrit :[\s\S]*> Voici le plan\./);
  assert.match(sent.html || "", /<blockquote type="cite">[\s\S]*<td>Parcelle 214<\/td>/);
  assert.match(first!.bytes.toString(), /^DKIM-Signature:/m);
  await row(page, "Bornage").getByText("répondu").waitFor({ state: "attached" });
});

test("What was sent is taken back within some seconds and stays a draft", async () => {
  await untilNothingIsSaid(page);
  await startWriting(page);
  await page.keyboard.type("notaire@etude.example,");
  await page.getByLabel("Objet", { exact: true }).fill("Trop vite");
  // So slow that the time to save what was written comes meanwhile: that would stay behind as another draft.
  await page.route("**/jmap/**", async (route) => {
    if (route.request().postData()?.includes("EmailSubmission/set")) await delay(4_000);
    await route.continue();
  });
  await page.keyboard.press("Control+Enter");
  const before = world.sink.messages.length;
  await page.getByText("Message envoyé.").waitFor();
  await page.unroute("**/jmap/**");
  await page.getByRole("button", { name: "Annuler" }).click();
  await composer().waitFor();
  assert.equal(await page.getByLabel("Objet", { exact: true }).inputValue(), "Trop vite");
  await page.keyboard.press("Escape");
  await composer().waitFor({ state: "detached" });
  await inDrafts().click();
  await row(page, "Trop vite").waitFor();
  assert.equal(world.sink.messages.length, before);
});

test("Whoever is in a field before the text of a draft is there stays in that field", async () => {
  await page.evaluate(() => {
    new MutationObserver((_changes, observer) => {
      const subject = document.querySelector<HTMLInputElement>(".comp .subject");
      subject?.focus();
      if (subject) observer.disconnect();
    }).observe(document.body, { childList: true, subtree: true });
  });
  await row(page, "Trop vite").locator(".m").click();
  await composer().waitFor();
  await delay(500);
  assert.equal(await page.evaluate(() => document.activeElement?.className), "subject");
  await page.keyboard.press("Escape");
  await composer().waitFor({ state: "detached" });
});

test("A draft goes on where it was left and is replaced, not piled up", async () => {
  await row(page, "Trop vite").locator(".m").click();
  await page.getByLabel("Objet", { exact: true }).fill("Moins vite");
  await composer()
    .getByText(/Enregistré à/)
    .waitFor();
  await row(page, "Moins vite").waitFor();
  await page.getByLabel("Objet", { exact: true }).fill("Encore moins vite");
  await row(page, "Encore moins vite").waitFor();
  await page.locator(".mrow").nth(1).waitFor({ state: "detached" });
  await composer().getByRole("button", { name: "Supprimer le brouillon" }).click();
  await page.getByText("Brouillon supprimé.").waitFor();
  await page.getByText("Aucun brouillon").waitFor();
});

test("Without a recipient nothing leaves, and what to do is said beside the field", async () => {
  await startWriting(page);
  await page.getByLabel("Objet", { exact: true }).fill("Sans destinataire");
  await page.keyboard.press("Control+Enter");
  await composer().getByText("Indiquez à qui vous écrivez.").waitFor();
  await page.keyboard.press("Escape");
  await composer().waitFor({ state: "detached" });
});

test("Offline, what is written is kept on this device, then saved when the network is back", async () => {
  await inDrafts().click();
  await row(page, "Sans destinataire").locator(".m").click();
  await composer().waitFor();
  await browser.context.setOffline(true);
  await page.locator(".ed-text").click();
  await page.keyboard.type("Écrit dans le train.");
  await composer()
    .getByText(/Gardé sur cet appareil à/)
    .waitFor();
  await page.getByText("Hors connexion\u00a0: vos brouillons sont gardés sur cet appareil.").waitFor();
  await browser.context.setOffline(false);
  await composer()
    .getByText(/Enregistré à/)
    .waitFor();
  await page.keyboard.press("Escape");
  await row(page, "Sans destinataire").getByText("Écrit dans le train.").waitFor();
});

test("What the server could not save is said, and saved later without another key", async () => {
  await row(page, "Sans destinataire").locator(".m").click();
  await composer().waitFor();
  await page.route("**/jmap/**", async (route) => {
    if (!route.request().postData()?.includes("Email/set")) return route.continue();
    const methodResponses = [["error", { type: "serverFail" }, "c0"]];
    await route.fulfill({ json: { methodResponses, sessionState: "s" } });
  });
  await page.getByLabel("Objet", { exact: true }).fill("Pendant une panne");
  await composer()
    .getByText(/Le brouillon n’a pas pu être enregistré/)
    .waitFor();
  await page.unroute("**/jmap/**");
  await composer()
    .getByText(/Enregistré à/)
    .waitFor();
  await page.keyboard.press("Escape");
  await row(page, "Pendant une panne").waitFor();
});

test("Forwarding takes the files along", async () => {
  await world.receive({
    subject: "Devis",
    text: "Ci-joint.",
    attachments: [{ filename: "devis.pdf", content: "%PDF-1.4" }],
  });
  await page.getByRole("link", { name: "Réception" }).click();
  await row(page, "Devis").locator(".m").click();
  await page.getByRole("button", { name: "Transférer" }).first().click();
  await composer().getByText("devis.pdf").waitFor();
  await page.locator(".comp [role=combobox]:focus").waitFor();
  await page.keyboard.type("comptable@prefecture.example,");
  const before = world.sink.messages.length;
  await page.keyboard.press("Control+Enter");
  await world.sink.received(before + 1);
  const sent = await simpleParser(world.sink.messages.at(-1)!.bytes);
  assert.equal(sent.subject, "Tr: Devis");
  assert.deepEqual(
    sent.attachments.map(({ filename, content }) => [filename, content.toString()]),
    [["devis.pdf", "%PDF-1.4"]],
  );
  assert.match(sent.text ?? "", /Message transféré[\s\S]*Agathe Levallois <agathe@geometre\.example>[\s\S]*Ci-joint\./);
});

test("The pages complained about nothing but the lost network", () => {
  assert.deepEqual(
    browser.complaints().filter((error) => !/ERR_INTERNET_DISCONNECTED/.test(error)),
    [],
  );
  assert.deepEqual([...browser.strangers], []);
});
