import type { Page } from "playwright-core";
import type { TestSuite } from "../server/test/harness/start-suite.ts";

/** Signs in at the portal as a person does, and waits for the portal's home. */
export async function signIn(
  page: Page,
  suite: Pick<TestSuite, "origins">,
  person: { readonly address: string; readonly password: string },
): Promise<void> {
  await page.goto(`${suite.origins.portal}/`);
  await page.locator("input[type=email], input[autocomplete=username]").first().fill(person.address);
  await page.locator("input[type=password]").fill(person.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: /^(Bonjour|Hello|Good)/ }).waitFor();
}
