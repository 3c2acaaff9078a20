import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { lookAtScreen, looks } from "./look-at-screen.ts";
import { type Answers, launch, ok, openPage } from "./open-page.ts";
import { home, session, signedIn, signedOut } from "./portal-answers.ts";
import { portalScreens } from "./portal-screens.ts";

const portal = "http://portail.localhost:8080";
let browser: Browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

describe("Screens before sign-in and of the portal", () => {
  for (const screen of portalScreens) {
    // On a wide screen in French and on a phone in the dark in English: the other combinations are for pictures.
    for (const look of looks.slice(0, 2)) {
      test(`${screen.name} shows at ${look.name} without error, foreign request or violation of WCAG AA`, async () => {
        assert.deepEqual(await lookAtScreen(browser, screen, look), []);
      });
    }
  }
});

describe("Sign-in", () => {
  test("is done with the keyboard alone and follows what the server says", async () => {
    const sent: unknown[] = [];
    const answers: Answers = {
      ...signedOut,
      "POST /api/sign-in": (_path, body) => {
        sent.push(body);
        return ok({ redirect: "/resume/abc" });
      },
    };
    const { page } = await openPage(browser, "portal", `${portal}/sign-in?interaction=abc`, answers);
    await page.locator("input[name=username]").waitFor();
    await page.keyboard.type(" clerk@bourg-fleuri.example ");
    await page.keyboard.press("Tab");
    await page.keyboard.type("four unrelated words");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${portal}/resume/abc`);
    assert.deepEqual(sent, [
      { login: "clerk@bourg-fleuri.example", password: "four unrelated words", interaction: "abc" },
    ]);
    await page.context().close();
  });

  test("does not lead to another host that the address names", async () => {
    const answers = { ...signedOut, "POST /api/sign-in": ok({ redirect: "/" }) };
    const { page, problems } = await openPage(browser, "portal", `${portal}/sign-in?return=//evil.example/x`, answers);
    await page.locator("input[name=username]").fill("clerk@bourg-fleuri.example");
    await page.locator("input[name=password]").fill("four unrelated words");
    await page.locator("button[type=submit]").click();
    await page.waitForURL(
      (url) => url.pathname !== "/sign-in" || url.searchParams.get("return") !== "//evil.example/x",
    );
    assert.equal(new URL(page.url()).host, "portail.localhost:8080");
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  test("keeps what was typed when it is refused", async () => {
    const { page } = await openPage(browser, "portal", `${portal}/sign-in`, signedOut);
    await page.locator("input[name=username]").fill("clerk@bourg-fleuri.example");
    await page.locator("input[name=password]").fill("wrong");
    await page.locator("button[type=submit]").click();
    await page.getByRole("alert").waitFor();
    assert.equal(await page.locator("input[name=username]").inputValue(), "clerk@bourg-fleuri.example");
    assert.equal(await page.locator("input[name=password]").inputValue(), "wrong");
    await page.context().close();
  });
});

describe("The portal", () => {
  test("renews its token once and repeats the request when the session changed in another tab", async () => {
    const tokens: (string | undefined)[] = [];
    let changed = false;
    const answers: Answers = {
      ...signedIn,
      "GET /api/session": () => ok({ ...session, csrf: changed ? "new" : "old" }),
      "POST /api/sessions/revoke-others": () => ({ status: 204 }),
    };
    const { page } = await openPage(browser, "portal", `${portal}/security`, answers);
    await page.route("**/api/sessions/revoke-others", (route) => {
      const token = route.request().headers()["x-bouquet-csrf"];
      tokens.push(token);
      changed = true;
      if (token === "new") return route.fulfill({ status: 204 });
      return route.fulfill({ status: 403, json: { code: "csrf", message: "token" } });
    });
    await page.getByRole("button", { name: "Terminer toutes les autres" }).click();
    await page.locator(".toast").waitFor();
    assert.deepEqual(tokens, ["old", "new"]);
    await page.context().close();
  });

  test("opens although mail does not answer, and says so", async () => {
    const answers = {
      ...signedIn,
      "GET /api/home": ok({ ...home, mail: null, services: [{ name: "mail", state: "down", since: null }] }),
    };
    const { page } = await openPage(browser, "portal", `${portal}/`, answers);
    await page.getByText("Le courriel ne répond pas pour le moment.").waitFor();
    await page.locator(".state.danger").waitFor();
    await page.locator(".docs li").first().waitFor();
    await page.context().close();
  });

  test("carries theme, density and language to the other services, and boot.js takes them", async () => {
    const { page } = await openPage(browser, "portal", `${portal}/#look=dark,compact,en`, signedIn);
    await page.getByRole("heading", { name: "Hello Hélène" }).waitFor();
    assert.deepEqual(
      await page.evaluate(() => [
        document.documentElement.dataset.theme,
        document.documentElement.dataset.density,
        document.documentElement.lang,
        location.hash,
      ]),
      ["dark", "compact", "en", ""],
    );
    const mail = await page.locator(".rail a", { hasText: "Mail" }).getAttribute("href");
    assert.equal(mail, "http://mail.localhost:8080/#look=dark,compact,en");
    await page.context().close();
  });

  test("does not turn in circles when the session is refused again and again", async () => {
    const { page } = await openPage(browser, "portal", `${portal}/`, signedOut);
    await page.waitForURL(/sign-in/);
    await page.goto(`${portal}/profile`);
    await page.waitForURL(/sign-in\?return=%2Fprofile/);
    await page.goto(`${portal}/profile`);
    await page.waitForURL(/sign-in/);
    await page.goto(`${portal}/profile`);
    await page.locator(".trouble").waitFor();
    assert.equal(new URL(page.url()).pathname, "/profile");
    await page.context().close();
  });
});
