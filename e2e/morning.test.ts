import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { authenticate } from "mailauth";
import { simpleParser } from "mailparser";
import type { Locator, Page } from "playwright-core";
import { listDnsRecords } from "../server/src/domain/mail/submission/dns-records.ts";
import { FakeDns } from "../server/test/harness/fake-dns.ts";
import { type SmtpSink, startSmtpSink } from "../server/test/harness/smtp-sink.ts";
import { startSuite, type TestSuite } from "../server/test/harness/start-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "../server/test/harness/town-hall.ts";
import { findViolations } from "./check-accessibility.ts";
import { row, untilInText } from "./mail-world.ts";
import { type OpenedBrowser, openBrowser } from "./open-browser.ts";
import { signIn } from "./sign-in.ts";

/*
 * A morning at the town hall, from the first sign-in to the last sign-out: the program as it runs, a real browser, mail that
 * comes and goes by SMTP. The steps are one story: each goes on from where the one before left.
 */

const deed = randomBytes(420_000);
const fileName = "Acte de 1987.pdf";

let sink: SmtpSink;
let suite: TestSuite;
let townHall: TownHall;
let clerk: TownPerson;
let browser: OpenedBrowser;
/** Where her mail stays open. */
let page: Page;
let files: Page;

before(async () => {
  sink = await startSmtpSink();
  suite = await startSuite({ settings: { BOUQUET_MAIL_ROUTES: `*=127.0.0.1:${sink.port}` } });
  townHall = await createTownHall(suite.domain, "Mairie de Bourg-Fleuri", "bourg-fleuri.example");
  clerk = await townHall.addPerson("Sylvie Lemoigne");
  browser = await openBrowser();
  await browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  page = browser.context.pages()[0] ?? (await browser.context.newPage());
});
after(async () => {
  await browser?.close();
  await suite?.close();
  await sink?.close();
});

const composer = () => page.getByRole("dialog").filter({ has: page.locator(".ed-text") });
const rail = (tab: Page) => tab.getByRole("navigation", { name: "Services" });

async function arriveAt(name: "mail" | "drive", tab: Page): Promise<void> {
  await tab.waitForURL(`${suite.origins[name]}/**`);
  await rail(tab).waitFor();
  assert.equal(await tab.locator("input[type=password]").count(), 0, "nobody is asked to sign in again");
}

test("She signs in once, at the portal", async () => {
  await signIn(page, suite, clerk);
  assert.deepEqual(await findViolations(page), []);
});

test("She opens her mail from the rail without being asked again", async () => {
  await rail(page).getByRole("link", { name: "Courriel" }).click();
  await arriveAt("mail", page);
  await page.getByText("Tout est lu").first().waitFor();
});

test("What a surveyor sends by SMTP appears in the open page, without a reload", async () => {
  let loads = 0;
  page.on("load", () => loads++);
  // Fails unless the server answers 250 for the message.
  await promisify(execFile)("swaks", [
    ...["--server", "127.0.0.1", "--port", String(suite.port("smtp")), "--helo", "geometre.example"],
    ...["--from", "agathe@geometre.example", "--to", clerk.address],
    ...["--h-From", "Agathe Levallois <agathe@geometre.example>", "--h-Subject", "Bornage chemin des Ormes"],
    ...["--h-Message-Id", "<bornage-2@geometre.example>", "--add-header", "References: <bornage-1@geometre.example>"],
    ...["--body", "Bonjour,\n\nPouvez-vous m'envoyer l'acte de 1987 ?\n\nAgathe Levallois"],
  ]);
  await row(page, "Bornage chemin des Ormes").waitFor();
  assert.equal(loads, 0);
});

test("She reads it and answers it", async () => {
  await row(page, "Bornage chemin des Ormes").locator(".m").click();
  await page.getByText("l'acte de 1987").last().waitFor();
  await page.getByRole("button", { name: "Répondre", exact: true }).first().click();
  await untilInText(page);
  await page.keyboard.type("Bonjour Agathe, l’acte arrive par un lien. À tout à l’heure.");
  await composer().getByRole("button", { name: "Envoyer", exact: true }).click();
  await composer().waitFor({ state: "detached" });
  await page.getByText("Message envoyé.").last().waitFor();
});

test("The answer reaches the surveyor's server in its thread, and DKIM proves where it comes from", async () => {
  await sink.received(1);
  const [message] = sink.messages;
  assert.equal(message!.from, clerk.address);
  assert.deepEqual(message!.to, ["agathe@geometre.example"]);
  const answer = await simpleParser(message!.bytes);
  assert.equal(answer.inReplyTo, "<bornage-2@geometre.example>");
  assert.deepEqual(answer.references, ["<bornage-1@geometre.example>", "<bornage-2@geometre.example>"]);
  assert.equal(answer.subject, "Re: Bornage chemin des Ormes");
  assert.match(answer.text ?? "", /^Bonjour Agathe, l’acte arrive par un lien\./);
  assert.match(answer.text ?? "", /> .*l'acte de 1987/);

  // The records that an operator is told to publish, and nothing else.
  const dns = new FakeDns();
  const records = await listDnsRecords(suite.domain.store.read, townHall.domain, {
    hostName: suite.config.mail.heloName,
    imapsPort: undefined,
    submissionsPort: undefined,
    submissionPort: undefined,
  });
  for (const { type, name, value } of records) {
    if (type !== "TXT") continue;
    const pieces = [...value.matchAll(/"([^"]*)"/g)].map((match) => match[1]!);
    dns.set("TXT", name.replace(/\.$/, ""), [pieces]);
  }
  const verdict = await authenticate(message!.bytes, {
    ip: "127.0.0.1",
    helo: suite.config.mail.heloName,
    sender: message!.from,
    resolver: dns.resolve as never,
  });
  assert.deepEqual(
    verdict.dkim.results.map(({ status, signingDomain }) => [status.result, signingDomain, status.aligned]),
    // RSA, and Ed25519 for those who know it.
    [
      ["pass", townHall.domain, townHall.domain],
      ["pass", townHall.domain, townHall.domain],
    ],
  );
  assert.ok(verdict.dmarc !== false && verdict.dmarc.status.result === "pass");
});

test("She opens her files in another tab without being asked, and a file that she drops there is kept", async () => {
  files = await browser.context.newPage();
  await files.goto(`${suite.origins.portal}/`);
  await rail(files).getByRole("link", { name: "Fichiers" }).click();
  await arriveAt("drive", files);
  await dropFile(files.locator(".ds-main"), fileName, deed);
  await files.getByRole("row", { name: fileName }).waitFor();
  await files.getByRole("heading", { name: "1\u00a0fichier envoyé" }).waitFor();
  assert.deepEqual(await findViolations(files), []);
});

test("She shares it by a link, which somebody outside opens and takes the same bytes from", async () => {
  await files.getByRole("button", { name: `Actions sur ${fileName}` }).click();
  await files.getByRole("menuitem", { name: "Partager", exact: true }).click();
  await files.getByRole("button", { name: "Nouveau lien" }).click();
  await files.getByRole("button", { name: "Créer le lien" }).click();
  await files.getByRole("button", { name: /^Copier le lien/ }).click();
  await files.getByText(/^Lien copié\. Il s’ouvrira jusqu’au \d+ \S+ \d{4}\.$/).waitFor();
  const link = await files.evaluate(() => navigator.clipboard.readText());
  await files.keyboard.press("Escape");
  const outside = await openBrowser();
  try {
    const visitor = outside.context.pages()[0] ?? (await outside.context.newPage());
    await visitor.goto(link);
    await visitor.getByRole("heading", { name: fileName }).waitFor();
    await visitor.getByText("Sylvie Lemoigne, Mairie de Bourg-Fleuri, vous a partagé").waitFor();
    const [download] = await Promise.all([
      visitor.waitForEvent("download"),
      visitor.getByRole("link", { name: "Télécharger" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), fileName);
    assert.ok((await readFile(await download.path())).equals(deed));
    assert.deepEqual(await outside.context.cookies(), []);
    assert.deepEqual(outside.errors, []);
    assert.deepEqual([...outside.strangers], []);
  } finally {
    await outside.close();
  }
});

test("Signing out of one service signs out of all: the open mail leaves by itself, and old cookies open nothing", async () => {
  const cookies = await browser.context.cookies();
  await files.getByRole("button", { name: "Votre compte\u00a0: Sylvie Lemoigne" }).click();
  await files.getByRole("menuitem", { name: "Se déconnecter" }).click();
  const isSignIn = (url: URL) => url.origin === suite.origins.portal && url.pathname === "/sign-in";
  await files.waitForURL(isSignIn);
  await page.waitForURL(isSignIn);
  await browser.context.addCookies(cookies);
  for (const origin of Object.values(suite.origins)) {
    await files.goto(`${origin}/`);
    await files.waitForURL(isSignIn);
    await files.locator("input[type=password]").waitFor();
    assert.equal(await files.evaluate(async () => (await fetch("/api/session")).status), 401);
  }
});

test("In all of that no other host was asked for anything, and no page complained", () => {
  assert.deepEqual([...browser.strangers], []);
  // The session is asked for before there is one, and after its end.
  assert.deepEqual(
    browser.errors.filter((error) => !/status of 401/.test(error)),
    [],
  );
});

/** Lets go of a file over a place of the page, as a mouse that carries it would. */
async function dropFile(place: Locator, name: string, content: Buffer): Promise<void> {
  const dataTransfer = await place.page().evaluateHandle(
    ({ bytes, name }) => {
      const carried = new DataTransfer();
      carried.items.add(new File([new Uint8Array(bytes)], name, { type: "application/pdf" }));
      return carried;
    },
    { bytes: [...content], name },
  );
  for (const type of ["dragenter", "dragover", "drop"]) await place.dispatchEvent(type, { dataTransfer });
}
