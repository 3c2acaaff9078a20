import { join } from "node:path";
import type { Browser } from "playwright-core";
import { openPage, violations } from "./open-page.ts";
import type { Screen } from "./portal-screens.ts";

/** How a screen is looked at. */
export interface Look {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
  readonly language: "fr" | "en";
}

export const looks: readonly Look[] = [
  { name: "1440", width: 1440, height: 900, scheme: "light", language: "fr" },
  { name: "390-dark-en", width: 390, height: 844, scheme: "dark", language: "en" },
  { name: "390", width: 390, height: 844, scheme: "light", language: "fr" },
  { name: "1440-dark-en", width: 1440, height: 900, scheme: "dark", language: "en" },
  { name: "900", width: 900, height: 700, scheme: "light", language: "fr" },
];

/**
 * Opens a screen, brings it to its state and returns what is wrong: errors of the console or of the policy, requests to another
 * host, sideways scrolling, violations of WCAG. `folder` receives a picture.
 */
export async function lookAtScreen(browser: Browser, screen: Screen, look: Look, folder?: string): Promise<string[]> {
  const url = `http://portail.localhost:8080${screen.path}#look=,,${look.language}`;
  const { page, problems } = await openPage(browser, "portal", url, screen.answers, {
    viewport: { width: look.width, height: look.height },
    colorScheme: look.scheme,
    reducedMotion: "reduce",
  });
  try {
    await page
      .locator(screen.ready ?? "h1, h2")
      .first()
      .waitFor();
    await screen.act?.(page);
    await page.evaluate(() => document.fonts.ready);
    await page.waitForFunction(() => !document.querySelector(".btn[data-working]"));
    if (folder) await page.screenshot({ path: join(folder, `${screen.name}-${look.name}.png`) });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) problems.push(`scrolls sideways by ${wide} px`);
    return [...problems, ...(await violations(page))];
  } catch (error) {
    if (folder) await page.screenshot({ path: join(folder, `${screen.name}-${look.name}-failed.png`) });
    return [...problems, error instanceof Error ? error.message : String(error)];
  } finally {
    await page.context().close();
  }
}
