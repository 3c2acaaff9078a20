import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { createMailbox } from "../server/src/domain/mail/create-mailbox.ts";
import { deleteMailbox } from "../server/src/domain/mail/delete-mailbox.ts";
import { expungeMessages } from "../server/src/domain/mail/expunge-messages.ts";
import { listMailboxes } from "../server/src/domain/mail/list-mailboxes.ts";
import { moveMessages } from "../server/src/domain/mail/move-messages.ts";
import { readSelection } from "../server/src/domain/mail/read-selection.ts";
import type { TownPerson } from "../server/test/harness/town-hall.ts";
import { findViolations } from "./check-accessibility.ts";
import { type MailWorld, type OpenedMail, row, startMailWorld } from "./mail-world.ts";

let world: MailWorld;
let mayor: TownPerson;
let browser: OpenedMail;
let page: Page;

before(async () => {
  world = await startMailWorld();
  mayor = await world.hall.addPerson("Anne Maire", { roles: ["member_administrator"] });
  for (const subject of ["Bornage", "Devis", "Arrêté", "Facture", "Voirie 2024"]) {
    await world.receive({ subject, text: `À propos : ${subject}` });
  }
  const { store, mail } = world.suite.domain;
  const { access } = world.lea;
  const inbox = (await listMailboxes(store.read, access)).find(({ role }) => role === "inbox")!.id;
  const { uids } = await readSelection(store.read, access, inbox);
  const folder = await createMailbox(mail, access, { name: "Chantiers", parentId: null });
  await moveMessages(mail, access, { fromMailboxId: inbox, uids: uids.slice(4), toMailboxId: folder.id });
  await deleteMailbox(mail, access, folder.id, { onDestroyRemoveEmails: true });
  await expungeMessages(mail, access, inbox, uids.slice(0, 3));
  browser = await world.open(world.lea);
  page = browser.page;
  await row(page, "Facture").waitFor();
});
after(() => world?.close());

const deleted = (subject: string) => page.locator(".mp-row", { hasText: subject });

test("From the trash one comes to what was deleted, and several messages go back where they were", async () => {
  await page.getByRole("link", { name: "Corbeille" }).click();
  await page.getByRole("link", { name: /^Supprimé de la corbeille/ }).click();
  await page.getByRole("heading", { name: "Récupérer des messages" }).waitFor();
  await deleted("Bornage").getByText("était dans Réception").waitFor();
  await page.getByRole("checkbox", { name: /«.Bornage.»/ }).check();
  // The keyboard chooses as well.
  await page.getByRole("checkbox", { name: /«.Devis.»/ }).focus();
  await page.keyboard.press("Space");
  await page.getByText("2\u00a0messages choisis").waitFor();
  assert.deepEqual(await findViolations(page), []);
  await page.locator(".mp-bar").getByRole("button", { name: "Récupérer" }).click();
  await page.getByText("2\u00a0messages remis dans Réception.").waitFor();
  await deleted("Bornage").waitFor({ state: "detached" });
  await page.getByRole("link", { name: /^Réception/ }).click();
  await row(page, "Bornage").waitFor();
  await row(page, "Devis").waitFor();
});

test("What is sought is found on the server; a single message comes back by its own button", async () => {
  await page.goto(new URL("/recovery", page.url()).href);
  await deleted("Arrêté").waitFor();
  await page.getByRole("searchbox").fill("introuvable");
  await page.getByText("Rien n’a été trouvé").waitFor();
  await page.getByRole("searchbox").fill("arrete");
  await deleted("Arrêté")
    .getByRole("button", { name: /^Récupérer/ })
    .click();
  await page.getByText("1\u00a0message remis dans Réception.").waitFor();
});

test("A deleted folder comes back with its messages, and then nothing is left to recover", async () => {
  await page.getByRole("searchbox").fill("");
  await page.getByRole("button", { name: "Récupérer le dossier Chantiers" }).click();
  await page.getByText("Dossier «\u00a0Chantiers\u00a0» récupéré avec 1\u00a0message.").waitFor();
  await page.getByText("Rien à récupérer").waitFor();
  await page.getByRole("link", { name: /^Chantiers/ }).click();
  await row(page, "Voirie 2024").waitFor();
});

test("When the list cannot be read it says so and is read again on request", async () => {
  await page.route("**/api/mail/recovery?*", (route) => route.fulfill({ status: 500, body: "{}" }));
  await page.goto(new URL("/recovery", page.url()).href);
  await page.getByText("La liste ne peut pas être lue pour le moment.").waitFor();
  await page.unroute("**/api/mail/recovery?*");
  await page.getByRole("button", { name: "Réessayer" }).click();
  await page.getByText("Rien à récupérer").waitFor();
  assert.deepEqual(
    browser.complaints().filter((error) => !/status of 500/.test(error)),
    [],
  );
  assert.deepEqual([...browser.strangers], []);
});

test("On a phone the same is read and recovered within the width of the screen", async () => {
  const { store, mail } = world.suite.domain;
  const { access } = world.lea;
  const inbox = (await listMailboxes(store.read, access)).find(({ role }) => role === "inbox")!.id;
  const { uids } = await readSelection(store.read, access, inbox);
  await expungeMessages(mail, access, inbox, uids);
  const phone = await world.open(world.lea, { width: 390, height: 844, language: "en", theme: "dark" });
  await phone.page.goto(new URL("/recovery", phone.page.url()).href);
  await phone.page.locator(".mp-row").first().waitFor();
  assert.ok(await phone.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
  assert.deepEqual(await findViolations(phone.page), []);
  await phone.page.getByRole("button", { name: "Recover “Devis”" }).click();
  await phone.page.getByText("1\u00a0message is back in Inbox.").waitFor();
  assert.deepEqual(phone.complaints(), []);
  await phone.close();
});

test("An administrator brings back what somebody deleted, seeing how much and never what", async () => {
  const admin = await world.open(mayor);
  const portal = world.suite.origins.portal;
  await admin.page.goto(`${portal}/people`);
  await admin.page.getByRole("button", { name: "Autres actions pour Lea Martin" }).click();
  await admin.page.getByRole("menuitem", { name: "Récupérer du courrier supprimé" }).click();
  const dialog = admin.page.getByRole("dialog");
  await dialog.getByText("3\u00a0messages", { exact: false }).first().waitFor();
  assert.doesNotMatch(await dialog.innerText(), /Bornage|Arrêté|Facture|geometre/);
  assert.deepEqual(await findViolations(admin.page), []);
  await dialog.getByRole("button", { name: /^Récupérer 3/ }).click();
  await admin.page.getByText("3\u00a0messages remis dans la boîte de Lea Martin.").waitFor();
  assert.deepEqual(admin.complaints(), []);
  await admin.close();
});
