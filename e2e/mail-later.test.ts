import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { simpleParser } from "mailparser";
import type { Page } from "playwright-core";
import { findViolations } from "./check-accessibility.ts";
import { type MailWorld, type OpenedMail, startMailWorld, startWriting } from "./mail-world.ts";

let world: MailWorld;
let browser: OpenedMail;
let page: Page;

before(async () => {
  world = await startMailWorld();
  browser = await world.open(world.lea);
  page = browser.page;
  await page.getByRole("button", { name: "Écrire" }).first().waitFor();
});
after(() => world?.close());

const scheduledLink = () => page.getByRole("link", { name: /^Programmés/ });
const item = (subject: string) => page.getByRole("listitem", { name: subject });

async function write(to: string, subject: string): Promise<void> {
  await startWriting(page);
  await page.keyboard.type(`${to},`);
  await page.getByLabel("Objet", { exact: true }).fill(subject);
  await page.locator(".ed-text").click();
  await page.keyboard.type("Bonjour,");
}

async function sendAt(choice: RegExp): Promise<void> {
  await page.getByRole("button", { name: "Envoyer plus tard" }).click();
  await page.getByRole("menuitem", { name: choice }).click();
}

/** Lets the time come: what waits in the queue until then leaves now. */
async function letTimePass(): Promise<void> {
  await world.suite.domain.store.transact(async (tx) => {
    await tx.updateTable("outbound_message").set({ send_at: new Date() }).execute();
    await tx.updateTable("outbound_recipient").set({ next_attempt_at: new Date() }).execute();
  });
}

test("A message waits among the scheduled ones, and bears the date on which it leaves", async () => {
  await write("agathe@geometre.example", "Convocation au conseil");
  await sendAt(/^Demain matin/);
  await page.locator(".comp").waitFor({ state: "detached" });
  await page.getByText(/Envoi programmé demain à\u00a08:00/).waitFor();
  await scheduledLink().click();
  await item("Convocation au conseil").waitFor();
  await item("Convocation au conseil").getByText("Part demain à\u00a08:00").waitFor();
  assert.deepEqual(await findViolations(page), []);
  assert.equal(world.sink.messages.length, 0);
});

test("Its time is changed to a date of one's choice; a past one is refused beside the field", async () => {
  await item("Convocation au conseil").getByRole("button", { name: /^Plus/ }).click();
  await page.getByRole("menuitem", { name: "Changer l’heure" }).click();
  const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel("Jour").fill("2020-01-01");
  await page.getByRole("button", { name: "Programmer l’envoi" }).click();
  await page.getByText("Choisissez un moment à venir.").waitFor();
  await page.getByLabel("Jour").fill(day);
  await page.getByLabel("Heure").fill("14:30");
  await page.getByRole("button", { name: "Programmer l’envoi" }).click();
  await item("Convocation au conseil").getByText(/14:30/).waitFor();
  await page.locator(".mp-row").nth(1).waitFor({ state: "detached" });
  assert.equal(world.sink.messages.length, 0);
});

test("It is taken back to be written on, and scheduled again", async () => {
  await item("Convocation au conseil")
    .getByRole("button", { name: /^Modifier/ })
    .click();
  const composer = page.locator(".comp");
  await composer.waitFor();
  await page.getByText("Aucun envoi programmé").waitFor();
  await page.getByLabel("Objet", { exact: true }).fill("Convocation du conseil municipal");
  await sendAt(/^Demain matin/);
  await composer.waitFor({ state: "detached" });
  await item("Convocation du conseil municipal").waitFor();
});

test("A canceled one is a draft again and never leaves", async () => {
  await write("agathe@geometre.example", "À ne pas envoyer");
  await sendAt(/^Demain matin/);
  await item("À ne pas envoyer").waitFor();
  await item("À ne pas envoyer").getByRole("button", { name: /^Plus/ }).click();
  await page.getByRole("menuitem", { name: "Annuler l’envoi" }).click();
  await page.getByText("Envoi annulé. Le message est dans Brouillons.").waitFor();
  await item("À ne pas envoyer").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Brouillons" }).click();
  await page.locator(".mrow", { hasText: "À ne pas envoyer" }).waitFor();
});

test("When its time has come it leaves once, and the others do not", async () => {
  await letTimePass();
  await world.sink.received(1);
  const mail = await simpleParser(world.sink.messages[0]!.bytes);
  assert.equal(mail.subject, "Convocation du conseil municipal");
  const hours = (mail.date!.getTime() - Date.now()) / 3_600_000;
  assert.ok(hours > 0 && hours < 48, "its date is that of the scheduled time");
  assert.deepEqual(browser.complaints(), []);
  assert.deepEqual([...browser.strangers], []);
  assert.equal(world.sink.messages.length, 1);
});
