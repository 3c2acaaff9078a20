import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { findViolations } from "./check-accessibility.ts";
import { type MailWorld, type OpenedMail, row, startMailWorld } from "./mail-world.ts";

let world: MailWorld;
let browser: OpenedMail;
let page: Page;

before(async () => {
  world = await startMailWorld();
  const letter = await world.moderate("lettre", { members: [world.tom], moderators: [world.lea] });
  await world.receive({
    to: letter,
    subject: "Fête de la Sainte-Barbe",
    html: "<p>Rendez-vous <b>samedi</b>.</p><script>document.title='x'</script>",
    attachments: [{ filename: "affiche.pdf", content: "%PDF" }],
  });
  await world.receive({ to: letter, subject: "Promotion", text: "Tout à moitié prix." });
  await world.receive({ to: letter, subject: "Vide-grenier", text: "Au printemps." });
  browser = await world.open(world.lea);
  page = browser.page;
});
after(() => world?.close());

const held = (subject: string) => page.getByRole("listitem", { name: subject });

test("The navigation counts what waits; a waiting message is read whole before one decides", async () => {
  await page.getByRole("link", { name: /À modérer.*3.messages attendent/ }).click();
  await held("Fête de la Sainte-Barbe").getByRole("button", { name: /^Lire/ }).click();
  await page.frameLocator(".mail-frame").getByText("samedi").waitFor();
  await held("Fête de la Sainte-Barbe").getByRole("link", { name: "Télécharger affiche.pdf" }).waitFor();
  assert.deepEqual(await findViolations(page), []);
});

test("An accepted message reaches the group and leaves the list", async () => {
  await held("Fête de la Sainte-Barbe")
    .getByRole("button", { name: /^Accepter/ })
    .click();
  await page.getByText("Message remis à Lettre aux habitants.").waitFor();
  await held("Fête de la Sainte-Barbe").waitFor({ state: "detached" });
  const tom = await world.open(world.tom);
  await row(tom.page, "Fête de la Sainte-Barbe").waitFor();
  assert.equal(
    await tom.page.getByRole("link", { name: /À modérer/ }).count(),
    0,
    "who moderates nothing sees none of it",
  );
  await tom.close();
});

test("A refused one reaches nobody; where nothing proves who wrote it, nobody is told, and it says so", async () => {
  await held("Promotion")
    .getByRole("button", { name: /^Refuser/ })
    .click();
  await page.getByText(/Rien ne prouve qui l’a écrit/).waitFor();
  assert.equal(await page.getByLabel("Explication pour l’auteur").count(), 0);
  assert.deepEqual(await findViolations(page), []);
  await page.getByRole("dialog").getByRole("button", { name: "Refuser", exact: true }).click();
  await page.getByText("Message refusé. Il n’a été remis à personne.").waitFor();
  await held("Promotion").waitFor({ state: "detached" });
  assert.equal(world.sink.messages.length, 0);
});

test("When somebody answered meanwhile it says so; at the end nothing is left", async () => {
  const other = await world.open(world.lea);
  await other.page.goto(new URL("/moderation", other.page.url()).href);
  await other.page.getByRole("button", { name: /Accepter «.Vide-grenier.»/ }).waitFor();
  // The page behind must not learn of it before it answers.
  await page.route("**/api/mail/moderation", (route) => route.abort());
  await other.page.getByRole("button", { name: /Accepter «.Vide-grenier.»/ }).click();
  await other.page.getByText("Rien à modérer").waitFor();
  await page.unroute("**/api/mail/moderation");
  await held("Vide-grenier")
    .getByRole("button", { name: /^Accepter/ })
    .click();
  await page.getByText("Quelqu’un d’autre a déjà répondu pour ce message.").waitFor();
  await page.getByText("Rien à modérer").waitFor();
  assert.deepEqual(other.complaints(), []);
  await other.close();
});
