import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { simpleParser } from "mailparser";
import type { Page } from "playwright-core";
import { stageIncoming } from "../server/src/domain/mail/delivery/stage-incoming.ts";
import { putScript } from "../server/src/domain/mail/filters/change-scripts.ts";
import { quarantineMessage } from "../server/src/domain/mail/screening/quarantine-message.ts";
import type { TownPerson } from "../server/test/harness/town-hall.ts";
import { findViolations } from "./check-accessibility.ts";
import { type MailWorld, row, startMailWorld } from "./mail-world.ts";
import type { BrowserOptions } from "./open-browser.ts";

let world: MailWorld;
let nora: TownPerson;
before(async () => {
  world = await startMailWorld();
  nora = await world.hall.addPerson("Nora Blin", { roles: ["member_administrator"] });
});
after(() => world?.close());

const settings = (section: string) => `http://mail.localhost:${world.suite.port("http")}/settings/${section}`;

async function choose(page: Page, button: string | RegExp, option: string, nth = 0): Promise<void> {
  await page.getByRole("button", { name: button }).nth(nth).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

/** Puts a message into the quarantine of people, as a delivery does. */
async function hold(people: readonly TownPerson[], subject: string, reason: "spam" | "virus"): Promise<void> {
  const { mail, store } = world.suite.domain;
  const bytes = `Return-Path: <promo@ext.example>\r\nFrom: Promo <promo@ext.example>\r\nTo: <${people[0]!.address}>\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@ext.example>\r\n\r\nBonjour\r\n`;
  const staging = await stageIncoming(mail, Readable.from([Buffer.from(bytes)]));
  const { organizationId } = world.hall;
  await store.transact(async (tx) => {
    await mail.blobs.insert(tx, organizationId, staging.staged);
    const message = {
      ...staging,
      arrival: "received" as const,
      sender: "promo@ext.example",
      recipients: [],
      receivedAt: new Date(),
    };
    await quarantineMessage(
      tx,
      mail,
      organizationId,
      people.map((person) => person.accountId),
      {
        message,
        blobId: staging.staged.id,
        judgement: {
          folder: "quarantine",
          reason,
          text: "The message holds malicious software (Win.Test)",
          isFinal: true,
        },
      },
    );
  });
}

test("A rule files what is in the inbox and what comes next; it moves by keyboard, and its deletion is undone", async () => {
  await world.receive({ subject: "Lampadaire rue du Lavoir", text: "En panne." });
  const { page, complaints, close } = await world.open(world.lea);
  await row(page, "Lampadaire rue du Lavoir").waitFor();
  await page.getByRole("link", { name: "Réglages du courriel" }).click();
  await page.getByRole("heading", { name: "Aucune règle" }).waitFor();
  await page.getByRole("button", { name: "Créer une règle" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Enregistrer" }).click();
  await dialog.getByText("Indiquez le texte cherché.").waitFor();
  await dialog.getByText("Choisissez un dossier.").waitFor();
  await choose(page, /Élément du message/, "L’objet");
  await dialog.getByLabel("Texte cherché").fill("Lampadaire");
  await dialog.getByText("Environ 1 message de la réception est concerné.").waitFor();
  await choose(page, /Dossier/, "Nouveau dossier…");
  await dialog.getByLabel("Nom du nouveau dossier").fill("Voirie");
  await dialog.getByRole("button", { name: "Ajouter une action" }).click();
  await choose(page, /Ce qui est fait/, "Marquer comme lu", 1);
  await dialog.getByLabel("Appliquer aussi à ces messages").check();
  await dialog.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByText("1 message traité.").waitFor();
  const rules = page.getByRole("list", { name: "Règles, dans l’ordre" });
  await rules
    .getByText("Si l’objet contient Lampadaire, alors marquer comme lu, ranger dans Voirie.", { exact: true })
    .waitFor();

  await world.receive({ subject: "Lampadaire place Verte", text: "En panne aussi." });
  await page.getByRole("link", { name: "Revenir au courriel" }).click();
  await page.getByRole("link", { name: "Voirie" }).click();
  await row(page, "Lampadaire rue du Lavoir").waitFor();
  await row(page, "Lampadaire place Verte").waitFor();
  await page.locator(".m.new").first().waitFor({ state: "detached" });

  await page.goto(settings("filters"));
  await page.getByRole("button", { name: "Créer une règle" }).click();
  await dialog.getByLabel("Texte cherché").fill("@annonces.example");
  await choose(page, /Ce qui est fait/, "Mettre à la corbeille");
  await dialog.getByLabel("Nom de la règle").fill("Annonces");
  await dialog.getByRole("button", { name: "Enregistrer" }).click();
  await dialog.waitFor({ state: "detached" });
  const names = async () => (await rules.locator(".rule-words").allTextContents()).map((text) => text.slice(0, 18));
  const [first, second] = await names();
  await rules.getByRole("button", { name: "Monter la règle : Annonces" }).focus();
  await page.keyboard.press("Alt+ArrowUp");
  await page.waitForFunction(
    (before) => !document.querySelector(".rule-words")?.textContent?.startsWith(before),
    first ?? "",
  );
  assert.deepEqual(await names(), [second, first]);
  // The focus goes with the rule.
  await page.waitForFunction(() => /Annonces/.test(document.activeElement?.getAttribute("aria-label") ?? ""));
  await rules.getByRole("switch", { name: /Annonces/ }).uncheck();
  await rules.getByText("Désactivée").waitFor();
  await rules.getByRole("button", { name: "Autres actions de la règle : Annonces" }).click();
  await page.getByRole("menuitem", { name: "Supprimer" }).click();
  await rules.getByText("Annonces", { exact: true }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Annuler" }).click();
  await rules.getByText("Annonces", { exact: true }).waitFor();
  await page.reload();
  await rules.getByText("Désactivée").waitFor();
  assert.deepEqual(await names(), [second, first], "as the server keeps them");
  assert.deepEqual(complaints(), []);
  await close();
});

test("An answer of absence goes to who writes, is said in the mail, and ends where it is asked to", async () => {
  const { page, complaints, close } = await world.open(world.tom);
  await page.getByRole("link", { name: "Réglages du courriel" }).click();
  await page.getByRole("navigation", { name: "Réglages du courriel" }).getByRole("link", { name: "Absence" }).click();
  await page.getByRole("switch").check();
  await page.getByLabel("Dès le").fill("2026-01-01T08:00");
  await page.getByLabel("Jusqu’au").fill("2025-01-01T08:00");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByText("La fin doit venir après le début.").waitFor();
  await page.getByLabel("Jusqu’au").fill("2099-01-01T08:00");
  await page.getByLabel("Réponse", { exact: true }).fill("Je reviens lundi.");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByText("Active jusqu’au 1 janvier 2099").waitFor();
  const before = world.sink.messages.length;
  await world.receive({ subject: "Rendez-vous", text: "Mardi ?", to: world.tom.address });
  await world.sink.received(before + 1);
  const answer = await simpleParser(world.sink.messages.at(-1)!.bytes);
  assert.equal(answer.text?.trim(), "Je reviens lundi.");
  assert.match(answer.headers.get("auto-submitted")?.toString() ?? "", /auto-replied/);
  await page.getByRole("link", { name: "Revenir au courriel" }).click();
  await page.getByText("Votre réponse d’absence est active jusqu’au 1 janvier 2099").waitFor();
  await page.getByRole("button", { name: "Modifier" }).click();
  await page.getByRole("switch").uncheck();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByText("Désactivée.").waitFor();
  assert.deepEqual(complaints(), []);
  await close();
});

test("Mail goes on to an outside address after a warning, with a copy here, until it is stopped", async () => {
  const { page, complaints, close } = await world.open(world.tom);
  await page.goto(settings("forward"));
  await page.getByRole("switch", { name: "Envoyer mes messages ailleurs" }).check();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByText("Indiquez au moins une adresse.").waitFor();
  await page.getByLabel("Vers ces adresses").fill("tom@ailleurs.example");
  await page.keyboard.press("Enter");
  await page.getByText(/ailleurs\.example n’appartient pas à votre commune/).waitFor();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByText("Les messages seront envoyés aussi à tom@ailleurs.example.").waitFor();
  const before = world.sink.messages.length;
  await world.receive({ subject: "À faire suivre", text: "Bonjour", to: world.tom.address });
  await world.sink.received(before + 1);
  assert.deepEqual(world.sink.messages.at(-1)?.to, ["tom@ailleurs.example"]);
  await page.getByRole("link", { name: "Revenir au courriel" }).click();
  await row(page, "À faire suivre").waitFor();
  await page.goto(settings("forward"));
  await page.getByRole("switch", { name: "Envoyer mes messages ailleurs" }).uncheck();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByText("Les messages ne sont plus envoyés ailleurs.").waitFor();
  assert.deepEqual(complaints(), []);
  await close();
});

test("A sender blocked from a message writes to the junk from then on; the list takes the block back", async () => {
  const from = "Vendeur <vendeur@annonces.example>";
  await world.receive({ subject: "Offre 1", text: "Achetez.", to: world.tom.address, from });
  const { page, complaints, close } = await world.open(world.tom);
  await row(page, "Offre 1").locator(".m").click();
  await page.getByRole("button", { name: "Autres actions" }).click();
  await page.getByRole("menuitem", { name: "Bloquer l’expéditeur" }).click();
  await page.getByText("vendeur@annonces.example est bloqué.").waitFor();
  await world.receive({ subject: "Offre 2", text: "Achetez.", to: world.tom.address, from });
  await page.getByRole("link", { name: "Indésirables" }).click();
  await row(page, "Offre 2").waitFor();
  await page.goto(settings("senders"));
  const blocked = page.getByRole("list", { name: "Bloqués" });
  await blocked.getByRole("button", { name: "Retirer vendeur@annonces.example" }).click();
  await page.getByText("Personne n’est bloqué.").waitFor();
  await page.getByLabel("Adresse ou domaine").fill("pas un domaine");
  await page.getByRole("button", { name: "Ajouter" }).click();
  await page.getByText("Indiquez une adresse ou un domaine.").waitFor();
  await page.getByLabel("Adresse ou domaine").fill("@prefecture.example");
  await choose(page, /Choix/, "Toujours autoriser");
  await page.getByRole("button", { name: "Ajouter" }).click();
  await page.getByRole("list", { name: "Toujours autorisés" }).getByText("prefecture.example").waitFor();
  assert.deepEqual(
    complaints().filter((text) => !/status of 400/.test(text)),
    [],
  );
  await close();
});

test("What is held is released by its person; a virus by the administrator only, who is asked", async () => {
  await hold([world.tom], "Bulletin", "spam");
  await hold([world.tom], "Facture", "virus");
  const { page, complaints, close } = await world.open(world.tom);
  await page.goto(settings("quarantine"));
  const held = page.getByRole("list", { name: "Messages retenus" });
  await held.getByText("Un virus a été trouvé. Win.Test").waitFor();
  await held.getByText(/Seul l’administrateur peut le remettre/).waitFor();
  assert.equal(await held.getByRole("button", { name: /Remettre « Facture »/ }).count(), 0);
  await held.getByRole("button", { name: /Remettre « Bulletin »/ }).click();
  await page.getByText("Message remis dans la réception.").waitFor();
  await held.getByText("Bulletin").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Revenir au courriel" }).click();
  await row(page, "Bulletin").waitFor();

  const admin = await world.open(nora);
  await admin.page.goto(settings("quarantine"));
  await admin.page.getByText("Rien n’est retenu").waitFor();
  await admin.page.getByRole("radio", { name: /Tout le monde/ }).click();
  await admin.page.getByText(`Pour ${world.tom.address}`).waitFor();
  await admin.page.getByRole("button", { name: /Remettre « Facture »/ }).click();
  await admin.page.getByRole("alertdialog").getByRole("button", { name: "Remettre" }).click();
  await admin.page.getByText("Rien n’est retenu").waitFor();
  await row(page, "Facture").waitFor();
  assert.deepEqual([...complaints(), ...admin.complaints()], []);
  await admin.close();
  await close();
});

test("A script that somebody wrote is shown, checked line by line, left for rules and taken back", async () => {
  const content = 'require ["fileinto"];\nif header :contains "subject" "x" {\n  fileinto "Archives";\n}\n';
  const { mail } = world.suite.domain;
  await putScript(mail, nora.access, { name: "à la main", content }, { mayReplace: false, activate: true });
  const { page, complaints, close } = await world.open(nora);
  await page.goto(settings("absence"));
  await page.getByText(/Les filtres de cette boîte sont un script/).waitFor();
  await page.getByRole("link", { name: "Voir le script" }).click();
  await page.getByText("Vos filtres sont un script").waitFor();
  await page.getByText('fileinto "Archives";').waitFor();
  await page.getByRole("button", { name: "Modifier le script" }).click();
  const editor = page.getByRole("textbox", { name: "Script Sieve" });
  await editor.fill(`${content}bogus;\n`);
  await page.getByRole("button", { name: "Vérifier" }).click();
  await page.getByRole("button", { name: "Ligne 5" }).click();
  assert.equal(
    await editor.evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart, area.selectionEnd)),
    "bogus;",
  );
  await editor.fill(`${content}keep;\n`);
  await page.getByRole("button", { name: "Vérifier" }).click();
  await page.getByText("Le script est correct.").waitFor();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByText("keep;").waitFor();
  await page.getByRole("button", { name: "Partir de règles" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Partir de règles" }).click();
  await page.getByRole("heading", { name: "Aucune règle" }).waitFor();
  await page.getByText(/Le script «\sà la main\s» est gardé/).waitFor();
  await page.getByRole("button", { name: "Appliquer ce script" }).click();
  await page.getByText("Vos filtres sont un script").waitFor();
  assert.deepEqual(complaints(), []);
  await close();
});

test("Of a shared mailbox that a person does not manage the rules are read, and the senders are theirs to choose", async () => {
  await world.share("accueil", [world.lea]);
  const { page, complaints, close } = await world.open(world.lea);
  await page.goto(settings("filters"));
  await choose(page, /Boîte à régler/, "Mairie");
  await page.getByText(/Vous lisez cette boîte sans la gérer/).waitFor();
  assert.equal(await page.getByRole("button", { name: "Créer une règle" }).count(), 0);
  const sections = page.getByRole("navigation", { name: "Réglages du courriel" });
  await sections.getByRole("link", { name: "Transfert" }).click();
  await page.getByText(/Vous lisez cette boîte sans la gérer/).waitFor();
  await sections.getByRole("link", { name: "Expéditeurs" }).click();
  await page.getByLabel("Adresse ou domaine").fill("promo.example");
  await page.getByRole("button", { name: "Ajouter" }).click();
  await page.getByRole("list", { name: "Bloqués" }).getByText("promo.example").waitFor();
  await choose(page, /Boîte à régler/, "Ma boîte");
  await page.getByText("Personne n’est bloqué.").waitFor();
  assert.deepEqual(complaints(), []);
  await close();
});

const looks: BrowserOptions[] = [
  { language: "fr", theme: "light" },
  { language: "en", theme: "dark" },
  { language: "fr", theme: "dark", width: 390, height: 844 },
  { language: "en", theme: "light", width: 390, height: 844 },
];
for (const look of looks) {
  const { language = "fr", theme, width = 1440 } = look;
  test(`Every sheet of the settings is accessible in ${language}, ${theme}, ${width} pixels wide`, async () => {
    await hold([world.lea], `Retenu ${language} ${width}`, "spam");
    const { page, complaints, strangers, close } = await world.open(world.lea, look);
    const check = async (step: string) => {
      assert.deepEqual(await findViolations(page), [], step);
      assert.ok(
        await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
        `${step}: wider than the screen`,
      );
    };
    for (const [section, ready] of [
      ["filters", ".rule"],
      ["absence", ".mset-form textarea"],
      ["forward", ".mset-form .switch"],
      ["senders", ".add-sender"],
      ["quarantine", ".held"],
    ] as const) {
      await page.goto(settings(section));
      await page.locator(ready).first().waitFor();
      await check(section);
    }
    await page.goto(settings("filters"));
    await page.locator(".mset-head .btn.primary").click();
    await page.locator(".rule-form").waitFor();
    await page.getByRole("dialog").locator("button[type=submit]").click();
    await page.locator(".rule-form .err").first().waitFor();
    await check("rule");
    assert.deepEqual(complaints(), []);
    assert.deepEqual([...strangers], []);
    await close();
  });
}
