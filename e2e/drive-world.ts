import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Download, Locator, Page } from "playwright-core";
import { grantAccount } from "../server/src/domain/access/grant-account.ts";
import { createFolder } from "../server/src/domain/drive/create-folder.ts";
import type { DriveNode } from "../server/src/domain/drive/model.ts";
import { readRootId } from "../server/src/domain/drive/read-root-id.ts";
import { uploadFile } from "../server/src/domain/drive/upload-file.ts";
import { createPrincipalWithServices } from "../server/src/domain/lifecycle/create-principal-with-services.ts";
import { startSuite, type TestSuite, type TestSuiteOptions } from "../server/test/harness/start-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "../server/test/harness/town-hall.ts";
import { type BrowserOptions, type OpenedBrowser, openBrowser } from "./open-browser.ts";
import { signIn } from "./sign-in.ts";

export interface DriveWorld {
  readonly suite: TestSuite;
  readonly hall: TownHall;
  /** Has room for 20 MB, and may write in the team folder « Commune ». */
  readonly lea: TownPerson;
  readonly rootId: string;
  /** In Léa's own space. */
  put(name: string, content: Buffer | string, folderId?: string): Promise<DriveNode>;
  folder(name: string, parentId?: string): Promise<DriveNode>;
  /** A browser in which the files of Léa, or of somebody else, are open. */
  open(options?: BrowserOptions, person?: TownPerson): Promise<OpenedDrive>;
  close(): Promise<void>;
}

export interface OpenedDrive extends OpenedBrowser {
  readonly page: Page;
  /**
   * What the browser complained about, but for refusals that a page must live with: signed out, a name taken, no room, and
   * what went to the trash while it was being asked for.
   */
  complaints(): string[];
}

/** The whole program with a commune, Léa and a team folder. */
export async function startDriveWorld(options: TestSuiteOptions = {}): Promise<DriveWorld> {
  const suite = await startSuite(options);
  const hall = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  const lea = await hall.addPerson("Lea Martin", { quotas: { mail: 1e9, files: 20e6 } });
  const team = await createPrincipalWithServices(suite.domain.store, hall.organizationId, {
    kind: "team_folder",
    displayName: "Commune",
    quotas: { mail: 0, files: 1e9 },
  });
  await suite.domain.store.transact((tx) =>
    grantAccount(tx, team, lea, ["read", "write", "create", "delete", "share"]),
  );
  const rootId = await readRootId(suite.domain.store.read, lea.access);
  const opened: OpenedBrowser[] = [];
  return {
    suite,
    hall,
    lea,
    rootId,
    put: async (name, content, folderId = rootId) =>
      (await uploadFile(suite.domain, lea.access, { folderId, name }, Buffer.from(content))).node,
    folder: (name, parentId = rootId) => createFolder(suite.domain, lea.access, { parentId, name }),
    async open(options = {}, person = lea) {
      const browser = await openBrowser(options);
      opened.push(browser);
      const page = browser.context.pages()[0] ?? (await browser.context.newPage());
      const { language = "fr" } = options;
      // As whoever chose it in the menu: else the language of the person's profile holds.
      await page.addInitScript((chosen) => localStorage.setItem("bouquet.language", chosen), language);
      await signIn(page, suite, person);
      await page.goto(`${suite.origins.drive}/`);
      await page.getByRole("heading", { level: 1, name: /^(Mes fichiers|My files)$/ }).waitFor();
      const complaints = () =>
        browser.errors.filter(
          (error) => !/status of 40[19]|status of 507|status of 404.*\/api\/drive\/(nodes|files)\//.test(error),
        );
      return { ...browser, page, complaints };
    },
    async close() {
      for (const each of opened) await each.close();
      await suite.close();
    },
  };
}

/** The row of the list with this name. */
export function row(page: Page, name: string): Locator {
  return page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: false }) });
}

export async function downloadBy(page: Page, control: Locator): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent("download"), control.click()]);
  return bytesOf(download);
}

export async function bytesOf(download: Download): Promise<Buffer> {
  assert.equal(await download.failure(), null);
  return readFile(await download.path());
}
