import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { listAccounts } from "../server/src/domain/access/account-access.ts";
import { grantAccount } from "../server/src/domain/access/grant-account.ts";
import { findViolations } from "./check-accessibility.ts";
import { type MailWorld, type OpenedMail, row, startMailWorld } from "./mail-world.ts";

let world: MailWorld;
let mairie: string;
let browser: OpenedMail;
let page: Page;

before(async () => {
  world = await startMailWorld();
  mairie = await world.share("mairie", [world.tom]);
  const { store } = world.suite.domain;
  const shared = (await listAccounts(store.read, world.tom.viewer)).find(({ isOwn }) => !isOwn)!;
  await store.transact((tx) => grantAccount(tx, shared, world.lea, ["read", "write", "delete", "share", "manage"]));
  await world.receive({ to: mairie, subject: "Salle des fêtes", text: "Est-elle libre ?" });
  await world.receive({ subject: "Dossier de subvention", text: "Ci-joint." });
  browser = await world.open(world.lea);
  page = browser.page;
  await row(page, "Dossier de subvention").waitFor();
});
after(() => world?.close());

const dialog = () => page.getByRole("dialog");
const grantOf = (name: string) => dialog().locator(".people li", { hasText: name });
const openSharing = async () => {
  await page.getByRole("button", { name: "Actions sur ce dossier" }).click();
  await page.getByRole("menuitem", { name: "Partager cette boîte…" }).click();
  await dialog().waitFor();
};
const rightsOfTom = async (isMairie: boolean) => {
  const accounts = await listAccounts(world.suite.domain.store.read, world.tom.viewer);
  const found = accounts.find(({ isOwn, ownerAddress }) => !isOwn && (ownerAddress === mairie) === isMairie);
  return [...(found?.rights ?? [])].sort();
};
async function untilRights(isMairie: boolean, wanted: string[]): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (`${await rightsOfTom(isMairie)}` !== `${wanted}` && Date.now() < deadline) await page.waitForTimeout(50);
  assert.deepEqual(await rightsOfTom(isMairie), wanted);
}

test("A colleague found by name is given a mailbox, and sees it beside their own", async () => {
  await openSharing();
  await dialog().getByText("Personne d’autre n’a accès.").waitFor();
  await dialog().locator("[role=combobox]:focus").waitFor();
  await page.keyboard.type("tom");
  await page.getByRole("option", { name: /Tom Petit/ }).waitFor();
  await page.keyboard.press("Enter");
  await dialog().getByRole("button", { name: "Partager", exact: true }).click();
  await grantOf("Tom Petit").waitFor();
  assert.deepEqual(await rightsOfTom(false), ["read", "write"]);
  assert.deepEqual(await findViolations(page), []);
  const tom = await world.open(world.tom);
  await tom.page.getByRole("link", { name: /^(lea\.martin@|Lea Martin)/ }).click();
  await row(tom.page, "Dossier de subvention").waitFor();
  await tom.close();
});

test("Rights are changed in words by the keyboard, taken away, and given back by undoing", async () => {
  const level = grantOf("Tom Petit").getByRole("button", { name: /Droits de Tom Petit/ });
  await level.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("option", { name: /^Lire, classer et supprimer/ }).waitFor();
  await page.locator("[role=option]:focus").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await untilRights(false, ["delete", "read", "write"]);
  await grantOf("Tom Petit")
    .getByRole("button", { name: /Comment Tom Petit peut écrire/ })
    .click();
  await page.getByRole("option", { name: /^Envoyer au nom de/ }).click();
  await untilRights(false, ["delete", "read", "send_on_behalf", "write"]);
  await dialog().getByRole("button", { name: "Retirer Tom Petit" }).click();
  await dialog().getByText("Personne d’autre n’a accès.").waitFor();
  await untilRights(false, []);
  await page.getByText("Tom Petit n’a plus accès.").waitFor();
  await page.locator(".toast", { hasText: "n’a plus accès" }).getByRole("button", { name: "Annuler" }).click();
  await untilRights(false, ["delete", "read", "send_on_behalf", "write"]);
});

test("Nobody of that name is told beside the field, which keeps what was typed", async () => {
  await dialog().getByRole("combobox").fill("inconnu@bourg-fleuri.example");
  await page.keyboard.press("Enter");
  await dialog().getByRole("button", { name: "Partager", exact: true }).click();
  await dialog().getByText("Personne ne porte ce nom ou cette adresse dans votre mairie.").waitFor();
  assert.equal(await dialog().locator("[data-token]").count(), 1);
  await page.keyboard.press("Escape");
});

test("Whoever manages a shared mailbox decides that each has their own read messages", async () => {
  // Who may not write from its address sees its name.
  await page.getByRole("link", { name: /^Mairie/ }).click();
  await row(page, "Salle des fêtes").waitFor();
  await openSharing();
  await dialog().getByText("Qui a accès à Mairie").waitFor();
  await grantOf("Tom Petit").waitFor();
  await dialog().getByRole("switch", { name: "Chacun a ses propres messages lus" }).check();
  await page.getByText("Chacun a maintenant ses propres messages lus.").waitFor();
  const accounts = await listAccounts(world.suite.domain.store.read, world.tom.viewer);
  assert.equal(accounts.find(({ ownerAddress }) => ownerAddress === mairie)?.hasPersonalSeen, true);
  await page.keyboard.press("Escape");
  assert.deepEqual(
    browser.complaints().filter((error) => !/status of 404/.test(error)),
    [],
  );
});

test("Who may not manage a shared mailbox is not offered to share it", async () => {
  const tom = await world.open(world.tom);
  await tom.page.getByRole("link", { name: /^mairie@/ }).click();
  await row(tom.page, "Salle des fêtes").waitFor();
  await tom.page.getByRole("button", { name: "Actions sur ce dossier" }).click();
  await tom.page.getByRole("menu").waitFor();
  assert.equal(await tom.page.getByRole("menuitem", { name: /Partager/ }).count(), 0);
  await tom.close();
});
