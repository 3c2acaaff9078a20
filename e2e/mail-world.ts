import { createTransport, type SendMailOptions } from "nodemailer";
import type { Page } from "playwright-core";
import { grantAccount } from "../server/src/domain/access/grant-account.ts";
import { addGroupMembers } from "../server/src/domain/identity/add-group-members.ts";
import { addGroupModerators, setGroupOptions } from "../server/src/domain/identity/group-options.ts";
import { createPrincipalWithServices } from "../server/src/domain/lifecycle/create-principal-with-services.ts";
import { type SmtpSink, startSmtpSink } from "../server/test/harness/smtp-sink.ts";
import { startSuite, type TestSuite } from "../server/test/harness/start-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "../server/test/harness/town-hall.ts";
import { type BrowserOptions, type OpenedBrowser, openBrowser } from "./open-browser.ts";

export interface MailWorld {
  readonly suite: TestSuite;
  /** Where everything that leaves the commune arrives. */
  readonly sink: SmtpSink;
  readonly hall: TownHall;
  readonly lea: TownPerson;
  readonly tom: TownPerson;
  /** Sends to Léa from outside, unless told otherwise; resolves when the server has taken it. */
  receive(message: SendMailOptions): Promise<void>;
  /** A mailbox that people read and write from together; resolves with its address. */
  share(name: string, people: readonly TownPerson[]): Promise<string>;
  /** A group whose mail waits for a moderator; resolves with its address. */
  moderate(
    name: string,
    people: { members: readonly TownPerson[]; moderators: readonly TownPerson[] },
  ): Promise<string>;
  /** A browser with the webmail of a person. */
  open(person: TownPerson, options?: BrowserOptions): Promise<OpenedMail>;
  close(): Promise<void>;
}

export interface OpenedMail extends OpenedBrowser {
  readonly page: Page;
  /** What the browser complained about, the signed-out beginning left out. */
  complaints(): string[];
}

/** The whole program with a commune of two people, and another mail server beside it. */
export async function startMailWorld(): Promise<MailWorld> {
  const sink = await startSmtpSink();
  const suite = await startSuite({ settings: { BOUQUET_MAIL_ROUTES: `*=127.0.0.1:${sink.port}` } });
  const hall = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  const lea = await hall.addPerson("Lea Martin");
  const tom = await hall.addPerson("Tom Petit");
  const opened: OpenedBrowser[] = [];
  return {
    suite,
    sink,
    hall,
    lea,
    tom,
    async receive(message) {
      const transport = createTransport({ host: "127.0.0.1", port: suite.port("smtp"), ignoreTLS: true });
      await transport.sendMail({ from: "Agathe Levallois <agathe@geometre.example>", to: lea.address, ...message });
      transport.close();
    },
    async share(name, people) {
      const address = `${name}@${hall.domain}`;
      const { store } = suite.domain;
      const mailbox = await createPrincipalWithServices(store, hall.organizationId, {
        kind: "shared_mailbox",
        displayName: "Mairie",
        address,
        quotas: { mail: 2e9, files: 0 },
      });
      await store.transact(async (tx) => {
        for (const person of people) await grantAccount(tx, mailbox, person, ["read", "write", "delete", "send_as"]);
      });
      return address;
    },
    async moderate(name, { members, moderators }) {
      const address = `${name}@${hall.domain}`;
      const { store } = suite.domain;
      const group = await createPrincipalWithServices(store, hall.organizationId, {
        kind: "group",
        displayName: "Lettre aux habitants",
        address,
        quotas: { mail: 0, files: 0 },
      });
      const ids = (people: readonly TownPerson[]) => people.map((person) => person.principalId);
      await store.transact(async (tx) => {
        await setGroupOptions(tx, group, { isModerated: true });
        await addGroupMembers(tx, group, ids(members));
        await addGroupModerators(tx, group, ids(moderators));
      });
      return address;
    },
    async open(person, options) {
      const browser = await openBrowser(options);
      opened.push(browser);
      const page = browser.context.pages()[0] ?? (await browser.context.newPage());
      const { language = "fr" } = options ?? {};
      // As whoever chose it in the menu: else the language of the person's profile holds.
      await page.addInitScript((chosen) => localStorage.setItem("bouquet.language", chosen), language);
      const mail = `http://mail.localhost:${suite.port("http")}`;
      await page.goto(mail);
      await page.locator("input:not([type=password])").first().fill(person.address);
      await page.locator("input[type=password]").fill(person.password);
      await page.keyboard.press("Enter");
      await page.waitForURL(`${mail}/**`);
      const complaints = () => browser.errors.filter((error) => !/status of 401/.test(error));
      return { ...browser, page, complaints };
    },
    async close() {
      for (const each of opened) await each.close();
      await suite.close();
      await sink.close();
    },
  };
}

/** Opens a new message, and waits until keys go to its recipients. */
export async function startWriting(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Écrire" }).first().click();
  await page.locator(".comp [role=combobox]:focus").waitFor();
}

/** Waits until keys go to the text of the message that is being written. */
export async function untilInText(page: Page): Promise<void> {
  await page.locator(".ed-text:focus").waitFor();
}

/** Waits until what was said before is gone, where the same is going to be said again. */
export async function untilNothingIsSaid(page: Page): Promise<void> {
  // What the mouse is over stays.
  await page.mouse.move(0, 0);
  await page.waitForFunction(() => document.querySelector(".toast") === null);
}

/** The row of the list with this subject. */
export function row(page: Page, subject: string) {
  return page.locator(".mrow", { has: page.locator(".s", { hasText: subject }) });
}
