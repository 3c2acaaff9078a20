import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fastify, { type FastifyInstance } from "fastify";
import { loadWebPages } from "./web-pages.ts";

let directory: string;
let app: FastifyInstance;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "bouquet-pages-"));
  const dist = join(directory, "dist");
  await mkdir(join(dist, "assets"), { recursive: true });
  await writeFile(join(dist, "portal.html"), "<!doctype html><title>Portail</title>");
  await writeFile(join(dist, "assets/main-abc123.js"), "export {};");
  await writeFile(join(dist, "robots.txt"), "x");
  await writeFile(join(dist, "assets/.env"), "secret");
  await writeFile(join(directory, "outside.txt"), "secret");
  const pages = loadWebPages(dist);
  app = fastify();
  app.get("/*", (request, reply) => pages.sendFile(reply, request.url) ?? pages.sendPage(reply, "portal"));
});
after(async () => {
  await app.close();
  await rm(directory, { recursive: true });
});

test("a hashed asset is cached for ever, another file is asked about each time", async () => {
  const asset = await app.inject("/assets/main-abc123.js");
  assert.equal(asset.headers["cache-control"], "public, max-age=31536000, immutable");
  assert.equal(asset.headers["content-type"], "text/javascript; charset=utf-8");
  assert.equal(asset.headers["content-length"], "10");
  assert.equal(asset.body, "export {};");
  assert.equal((await app.inject("/robots.txt")).headers["cache-control"], "no-cache");
});

test("a file that the browser has is not sent again, and HEAD sends none", async () => {
  const { headers } = await app.inject("/assets/main-abc123.js");
  const again = await app.inject({
    url: "/assets/main-abc123.js",
    headers: { "if-none-match": headers.etag as string },
  });
  assert.equal(again.statusCode, 304);
  assert.equal(again.body, "");
  const head = await app.inject({ method: "HEAD", url: "/assets/main-abc123.js" });
  assert.equal(head.headers["content-length"], "10");
  assert.equal(head.body, "");
});

test("a page is never cached, and only what was built is served", async () => {
  const page = await app.inject("/");
  assert.match(page.body, /Portail/);
  assert.equal(page.headers["cache-control"], "no-cache");
  for (const url of [
    "/..%2foutside.txt",
    "/assets/..%2f..%2foutside.txt",
    "/assets/.env",
    "/outside.txt",
    "/assets/%00",
  ]) {
    assert.doesNotMatch((await app.inject(url)).body, /secret/, url);
  }
});

test("without a build a page says so", async () => {
  const pages = loadWebPages(join(directory, "none"));
  const empty = fastify();
  empty.get("/", (_request, reply) => pages.sendPage(reply, "mail"));
  assert.equal((await empty.inject("/")).statusCode, 503);
  await empty.close();
});
