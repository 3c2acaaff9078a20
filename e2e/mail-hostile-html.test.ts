import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type { Frame, Page } from "playwright-core";
import { type MailWorld, type OpenedMail, row, startMailWorld } from "./mail-world.ts";

let world: MailWorld;
let browser: OpenedMail;
let page: Page;
let spy: Server;
const asked: string[] = [];

const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

before(async () => {
  spy = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end();
  });
  await new Promise<void>((resolve) => spy.listen(0, "127.0.0.1", resolve));
  const away = `http://spy.localhost:${(spy.address() as AddressInfo).port}`;
  world = await startMailWorld();
  await world.receive({
    subject: "Piégé",
    html: `<html><head><base href="${away}/base/"><meta http-equiv="refresh" content="0;url=${away}/refresh"><link rel="stylesheet" href="${away}/link.css">
<style>@import url("${away}/import.css"); body{background:url(${away}/style-bg.png)} .rail,.tools,.conv,#m{display:none!important;position:fixed;inset:0;z-index:99999} #m{display:block!important;position:static}
@font-face{font-family:x;src:url(${away}/font.woff2)} p{font-family:x}</style></head><body background="${away}/body.png" onload="top.pwned=1">
<p id="text">Bonjour</p><script>top.pwned=2;parent.document.title='pwned'</script><img src="${away}/pixel.png" srcset="${away}/srcset.png 2x"><img src=x onerror="top.pwned=3">
<svg><script>top.pwned=4</script><image href="${away}/svg.png"/></svg><math><mtext><table><mglyph><style><img src=x onerror="top.pwned=5"></style></mglyph></table></mtext></math>
<form action="${away}/form"><input name="q" autofocus onfocus="top.pwned=6"><button>Envoyer</button></form><iframe src="${away}/frame"></iframe><object data="${away}/object"></object><video src="${away}/video" poster="${away}/poster.png"></video>
<a id="js" href="javascript:top.pwned=7">clic</a><a id="data" href="data:text/html,<script>opener.pwned=8</script>">clic</a><a id="web" href="https://exemple.example/page" target="_top">page</a>
<div style="background:url('${away}/inline.png');position:fixed;top:0;left:0;width:100vw;height:100vh;z-index:99999">couverture</div>
<img id="logo" src="cid:logo@x"><img src="https://images.example/suivi.gif" id="remote">
<blockquote type="cite"><p>Ancien message</p></blockquote></body></html>`,
    attachments: [{ filename: "logo.png", content: pixel, contentType: "image/png", cid: "logo@x" }],
  });
  browser = await world.open(world.lea);
  page = browser.page;
  await row(page, "Piégé").locator(".m").click();
  await page.frameLocator(".mail-frame").locator("#text").waitFor();
});
after(async () => {
  await world?.close();
  spy?.close();
});

function frame(): Frame {
  const found = page.frames().find((each) => each.url() === "about:srcdoc");
  assert.ok(found);
  return found;
}

test("No script of a message runs, by element, attribute or address", async () => {
  const html = await frame().content();
  assert.doesNotMatch(html, /<script|onerror|onload|onfocus|javascript:|data:text/i);
  for (const id of ["#js", "#data"]) await frame().locator(id).dispatchEvent("click");
  assert.equal(await page.evaluate(() => (globalThis as unknown as { pwned?: number }).pwned), undefined);
  assert.match(await page.title(), /Réception/);
});

test("There is no form, frame or media in it", async () => {
  assert.equal(await frame().locator("form,input,button,iframe,object,embed,video,svg,math,base,link").count(), 0);
  assert.equal(await frame().locator("meta[http-equiv=refresh]").count(), 0);
});

test("Its styles stay inside of its frame", async () => {
  for (const part of [".rail", ".read .tools", ".conv"]) assert.ok(await page.locator(part).isVisible(), part);
  const box = await page.locator(".mail-frame").boundingBox();
  const pane = await page.locator(".conv").boundingBox();
  assert.ok(box && pane && box.x >= pane.x && box.x + box.width <= pane.x + pane.width);
});

test("The image that came with it is shown; nothing was asked of anybody", async () => {
  await frame().waitForFunction(() => (document.querySelector("#logo") as HTMLImageElement).naturalWidth === 1);
  assert.deepEqual(asked, []);
  assert.deepEqual([...browser.strangers], []);
});

test("A link leaves for a new tab that knows nothing of this one", async () => {
  const link = frame().locator("#web");
  assert.equal(await link.getAttribute("target"), "_blank");
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
});

test("What it quotes is folded, without a script", async () => {
  assert.equal(await frame().locator("details > blockquote").count(), 1);
  assert.ok(!(await frame().getByText("Ancien message").isVisible()));
  await frame().locator("summary").dispatchEvent("click");
  assert.ok(await frame().getByText("Ancien message").isVisible());
});

test("Remote images come over https only when they are asked for", async () => {
  const wanted: string[] = [];
  await browser.context.route("https://images.example/**", (route) => {
    wanted.push(route.request().headers().referer ?? "no referrer");
    return route.fulfill({ body: pixel, contentType: "image/png" });
  });
  await page.getByRole("button", { name: "Afficher les images" }).click();
  await frame().waitForFunction(
    () => (document.querySelector("#remote") as HTMLImageElement | null)?.naturalWidth === 1,
  );
  assert.deepEqual(wanted, ["no referrer"]);
  assert.deepEqual(asked, []);
  assert.deepEqual([...browser.strangers], ["images.example"]);
});
