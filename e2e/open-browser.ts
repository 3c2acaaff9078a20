import { existsSync } from "node:fs";
import { after } from "node:test";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/** How long anything is waited for, in milliseconds: a busy machine is slow, and only a defect takes this long. */
const patience = 120_000;

export interface OpenedBrowser {
  readonly context: BrowserContext;
  /** Hosts other than *.localhost that a page asked for: must stay empty. */
  readonly strangers: Set<string>;
  /** Errors that pages printed or threw. */
  readonly errors: string[];
  close(): Promise<void>;
}

export interface BrowserOptions {
  readonly width?: number;
  readonly height?: number;
  readonly language?: "fr" | "en";
  readonly theme?: "light" | "dark";
}

let chromiumOfThisFile: Promise<Browser> | undefined;
after(async () => (await chromiumOfThisFile?.catch(() => undefined))?.close());

/** One for each test file: starting it costs more than most tests. */
function startChromium(): Promise<Browser> {
  if (!existsSync(executablePath)) throw new Error(`${executablePath} is missing: install Debian's chromium`);
  return chromium.launch({
    executablePath,
    headless: true,
    timeout: patience,
    // Without a locale of UTF-8, Chromium does not keep the accents in the name of a file it saves.
    env: { ...process.env, LANG: "C.UTF-8" },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * A browser that was never here, as root or not, that talks to nobody but the suite: a profile of its own (cookies, storage,
 * cache) in the Chromium of this test file.
 */
export async function openBrowser(options: BrowserOptions = {}): Promise<OpenedBrowser> {
  const { width = 1440, height = 900, language = "fr", theme = "light" } = options;
  chromiumOfThisFile ??= startChromium();
  const context = await (await chromiumOfThisFile).newContext({
    viewport: { width, height },
    locale: language === "fr" ? "fr-FR" : "en-GB",
    timezoneId: "Europe/Paris",
    colorScheme: theme,
    acceptDownloads: true,
    ...(width < 600 ? { hasTouch: true } : {}),
  });
  const strangers = new Set<string>();
  const errors: string[] = [];
  const watch = (page: Page): void => {
    page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(`${page.url()}: ${message.text()} ${message.location().url}`);
    });
  };
  context.on("request", (request) => {
    const url = URL.parse(request.url());
    if (url && /^https?:|^wss?:/.test(url.protocol) && !/(^|\.)localhost$/.test(url.hostname)) strangers.add(url.host);
  });
  context.on("page", watch);
  context.pages().forEach(watch);
  context.setDefaultTimeout(patience);
  return {
    context,
    strangers,
    errors,
    close: () => context.close(),
  };
}
