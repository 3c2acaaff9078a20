import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import fastify, { type FastifyInstance } from "fastify";
import { chooseEncoding } from "./compressed-files.ts";
import { getAndHead } from "./send-file.ts";
import { loadWebPages } from "./web-pages.ts";

const large = "export const text = 'Bonjour';\n".repeat(1_000);
let directory: string;
let app: FastifyInstance;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "bouquet-pages-"));
  const dist = join(directory, "dist");
  await mkdir(join(dist, "assets"), { recursive: true });
  await writeFile(join(dist, "portal.html"), "<!doctype html><title>Portail</title>");
  await writeFile(join(dist, "assets/main-abc123.js"), "export {};");
  await writeFile(join(dist, "assets/large-abc123.js"), large);
  await writeFile(join(dist, "assets/face-abc123.woff2"), large);
  await writeFile(join(dist, "robots.txt"), "x");
  await writeFile(join(dist, "assets/.env"), "secret");
  await writeFile(join(directory, "outside.txt"), "secret");
  const pages = loadWebPages(dist);
  app = fastify();
  app.route({
    ...getAndHead,
    url: "/*",
    handler: (request, reply) => pages.sendFile(reply, request.url) ?? pages.sendPage(reply, "portal"),
  });
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

test("what compresses well is sent compressed to who takes it, each encoding with its own ETag", async () => {
  const ask = (method: "GET" | "HEAD", encoding: string, more: Record<string, string> = {}) =>
    app.inject({ method, url: "/assets/large-abc123.js", headers: { "accept-encoding": encoding, ...more } });
  const plain = await ask("GET", "identity");
  const brotli = await ask("GET", "gzip, deflate, br, zstd");
  const zipped = await ask("GET", "gzip;q=1.0, br;q=0");
  assert.equal(plain.body, large);
  assert.equal(brotliDecompressSync(brotli.rawPayload).toString(), large);
  assert.equal(gunzipSync(zipped.rawPayload).toString(), large);
  assert.deepEqual(
    [plain, brotli, zipped].map(({ headers }) => [headers["content-encoding"], headers["vary"]]),
    [
      [undefined, "accept-encoding"],
      ["br", "accept-encoding"],
      ["gzip", "accept-encoding"],
    ],
  );
  assert.equal(new Set([plain, brotli, zipped].map(({ headers }) => headers.etag)).size, 3);
  for (const [encoding, answer] of [
    ["identity", plain],
    ["br", brotli],
    ["gzip", zipped],
  ] as const) {
    const head = await ask("HEAD", encoding);
    assert.deepEqual([head.headers["content-length"], head.body], [answer.headers["content-length"], ""]);
    assert.equal(Number(answer.headers["content-length"]), answer.rawPayload.length);
    const again = await ask("GET", encoding, { "if-none-match": `"x", W/${answer.headers.etag}` });
    assert.deepEqual([again.statusCode, again.body, again.headers["vary"]], [304, "", "accept-encoding"]);
  }
  const other = await ask("GET", "br", { "if-none-match": String(plain.headers.etag) });
  assert.equal(other.statusCode, 200);
});

test("fonts and small files go as they are", async () => {
  for (const url of ["/assets/face-abc123.woff2", "/assets/main-abc123.js"]) {
    const { headers } = await app.inject({ url, headers: { "accept-encoding": "br, gzip" } });
    assert.deepEqual([headers["content-encoding"], headers["vary"]], [undefined, undefined], url);
  }
});

test("the encoding follows the header, also a strange one", () => {
  const chosen = [undefined, "", "br", "BR;q=0.1, gzip", "*", "*;q=0", "gzip;q=0, *", "br;q=x, gzip", "deflate"];
  assert.deepEqual(
    chosen.map((header) => chooseEncoding(header)),
    [undefined, undefined, "br", "br", "br", undefined, "br", "gzip", undefined],
  );
  assert.equal(chooseEncoding(`${",;".repeat(100_000)}br`), undefined);
});
