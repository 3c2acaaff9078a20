import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ImapFlow } from "imapflow";
import { startSuite, type TestSuite } from "../server/test/harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../server/test/harness/town-hall.ts";
import { type OpenedBrowser, openBrowser } from "./open-browser.ts";
import { signIn } from "./sign-in.ts";

/*
 * A browser on one copy of the program and a mail program on another, with one account: what one does, the other sees.
 */

let web: TestSuite;
let imapSuite: TestSuite;
let browser: OpenedBrowser;
let person: TownPerson;
let imap: ImapFlow;

before(async () => {
  web = await startSuite();
  imapSuite = await startSuite({ beside: web });
  const townHall = await createTownHall(web.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  person = await townHall.addPerson("Nadia Benali");
  browser = await openBrowser();
  imap = new ImapFlow({
    host: "127.0.0.1",
    port: imapSuite.port("imap"),
    auth: { user: person.address, pass: person.appPassword },
    logger: false,
    tls: { rejectUnauthorized: false },
  });
  await imap.connect();
});
after(async () => {
  await imap?.logout();
  await browser?.close();
  await imapSuite?.close();
  await web?.close();
});

const message = (subject: string): Buffer =>
  Buffer.from(
    `From: Colette <colette@poste.example>\r\nTo: ${person.address}\r\nSubject: ${subject}\r\n\r\nBonjour\r\n`,
  );

test("what a mail program does shows in the open webmail without a reload, and the reverse", async () => {
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  await signIn(page, web, person);
  await page.goto(`${web.origins.mail}/`);
  await page
    .getByRole("link", { name: /Réception/ })
    .first()
    .waitFor();
  const loads: string[] = [];
  page.on("framenavigated", (frame) => frame === page.mainFrame() && loads.push(frame.url()));

  // append
  await imap.append("INBOX", message("Lampadaire en panne"));
  const row = page.locator("a.m", { hasText: "Lampadaire en panne" });
  await row.waitFor();
  assert.match((await row.innerText()).replace(/\s+/g, " "), /non lu/i);

  // flag
  await imap.mailboxOpen("INBOX");
  await imap.messageFlagsAdd("1", ["\\Seen"]);
  await page.locator("a.m:not(.new)", { hasText: "Lampadaire en panne" }).waitFor();

  // move
  await imap.mailboxCreate("Voirie");
  const folder = page.getByRole("link", { name: /Voirie/ });
  await folder.waitFor();
  await imap.messageMove("1", "Voirie");
  await row.waitFor({ state: "detached" });
  await folder.click();
  await row.waitFor();

  // and back: the page moves it to the trash, the mail program in IDLE hears of it
  await imap.mailboxOpen("Voirie");
  const expunged = new Promise<void>((resolve) => imap.once("expunge", () => resolve()));
  void imap.idle();
  await row.click();
  await page.keyboard.press("Delete");
  await expunged;
  const trash = (await imap.list()).find((mailbox) => mailbox.specialUse === "\\Trash");
  const status = await imap.status(trash!.path, { messages: true });
  assert.equal(status && status.messages, 1);

  assert.deepEqual(
    loads.filter((url) => !url.startsWith(web.origins.mail)),
    [],
  );
  assert.deepEqual([...browser.strangers], []);
});
