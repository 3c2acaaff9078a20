import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { promisify } from "node:util";
import { SharedFolder, ShareInfo } from "@bouquet/contract/sharing.ts";
import sharp from "sharp";
import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { type DriveSuite, openDriveSuite } from "../../../test/harness/drive-suite.ts";
import type { Person } from "../../../test/harness/drive-world.ts";
import { until } from "../../../test/harness/until.ts";
import { createFolder } from "../../domain/drive/create-folder.ts";
import { trashNode } from "../../domain/drive/trash-node.ts";
import type { LinkSettings } from "../../domain/sharing/model.ts";

let suite: DriveSuite;
let anne: Person;
let headers: Record<string, string>;
let count = 0;

before(async () => {
  suite = await openDriveSuite();
});
after(() => suite.close());
beforeEach(async () => {
  anne = await suite.world.person(await suite.world.organization(`Bourg ${"abcdefghijkl"[count++]}`), "anne");
  headers = await suite.signIn(anne);
});

async function answer<T extends TSchema>(schema: T, response: Response): Promise<Static<T>> {
  const body: unknown = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  assert.ok(Value.Check(schema, body), JSON.stringify(body));
  return body as Static<T>;
}
async function refusal(response: Response): Promise<unknown[]> {
  const { code, reason } = (await response.json()) as { code: string; reason?: string };
  return reason === undefined ? [response.status, code] : [response.status, code, reason];
}
const folder = (name: string, parentId = anne.rootId) =>
  createFolder(suite.world.deps, anne.access, { parentId, name });
async function share(nodeId: string, settings: Omit<LinkSettings, "expiresAt"> = {}): Promise<string> {
  const response = await suite.call("POST", `/api/drive/nodes/${nodeId}/links`, headers, settings);
  const { url } = (await response.json()) as { url: string };
  return new URL(url).pathname;
}
const get = (path: string, extra: Record<string, string> = {}) => suite.call("GET", path, extra);

test("an outside person opens a folder by its link, sees it, and downloads a file with ranges", async () => {
  const shared = await folder("Lotissement");
  const inner = await folder("Plans", shared.id);
  const file = await suite.world.put(anne, "plan.txt", "0123456789", { folderId: inner.id });
  const link = await share(shared.id);
  const info = await answer(ShareInfo, await get(`${link}/api/info`));
  assert.ok(info.state === "open" && info.node.name === "Lotissement" && info.node.size === 10);
  const listing = await answer(SharedFolder, await get(`${link}/api/folders/${shared.id}`));
  assert.deepEqual(
    listing.nodes.map((node) => node.name),
    ["Plans"],
  );
  const response = await get(`${link}/api/files/${file.id}/content`, { range: "bytes=2-4" });
  assert.equal(await response.text(), "234");
  for (const name of ["referrer-policy", "x-robots-tag", "cache-control"]) {
    assert.match(response.headers.get(name)!, /^no-?referrer$|^noindex|^no-store$/, name);
  }
  const head = await suite.call("HEAD", `${link}/api/files/${file.id}/content`);
  assert.equal(head.headers.get("content-length"), "10");
});

test("the page and everything under it is neither cached nor indexed, and sends no referrer", async () => {
  for (const path of ["/s/anything", "/s/anything/folders/x", "/s/anything/api/info"]) {
    const response = await get(path);
    assert.equal(response.headers.get("cache-control"), "no-store", path);
    assert.equal(response.headers.get("referrer-policy"), "no-referrer", path);
    assert.match(response.headers.get("x-robots-tag")!, /noindex/, path);
  }
});

test("a link says why it leads nowhere, and never what it led to", async () => {
  const file = await suite.world.put(anne, "secret.txt", "x");
  const link = await share(file.id);
  const tampered = `${link.slice(0, -1)}${link.endsWith("A") ? "B" : "A"}`;
  const paths = (base: string): string[] => [
    `${base}/api/info`,
    `${base}/api/files/${file.id}/content`,
    `${base}/api/folders/${file.id}`,
    `${base}/api/archive`,
  ];
  for (const path of paths(tampered)) assert.deepEqual(await refusal(await get(path)), [404, "not_found"]);
  await trashNode(suite.world.deps, anne.access, file.id);
  for (const path of paths(link)) {
    const response = await get(path);
    assert.ok(!(await response.clone().text()).includes("secret"));
    assert.deepEqual(await refusal(response), [410, "gone", "removed"]);
  }
});

test("pages that are closed before their stream of events begins hold none of its places", async () => {
  const link = await share((await suite.world.put(anne, "vite.txt", "x")).id);
  const leave = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(suite.port, "127.0.0.1", () => {
        socket.end(`GET ${link}/api/events HTTP/1.1\r\nhost: x\r\n\r\n`, () => socket.destroy());
      });
      socket.once("error", reject).once("close", () => resolve());
    });
  // One network has a hundred places.
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 10 }, leave));
  await until("there is a place again", async () => {
    const response = await get(`${link}/api/events`);
    await response.body?.cancel();
    return response.status === 200;
  });
});

test("what is only to be looked at gives the picture of a picture, and the bytes of what nothing else shows", async () => {
  const shared = await folder("Vues");
  const photo = await sharp({ create: { width: 3_000, height: 900, channels: 3, background: "#225533" } })
    .jpeg()
    .toBuffer();
  const sent = await suite.call("PUT", `/api/drive/folders/${shared.id}/files/vue.jpg`, headers, photo);
  const { id } = (await sent.json()) as { id: string };
  const text = await suite.world.put(anne, "note.txt", "hello", { folderId: shared.id });
  const link = await share(shared.id, { mayDownload: false });
  for (const query of ["", "?disposition=inline"]) {
    const response = await get(`${link}/api/files/${id}/content${query}`);
    assert.deepEqual(await refusal(response), [403, "forbidden", "view_only"], query);
  }
  assert.deepEqual(await refusal(await get(`${link}/api/archive`)), [403, "forbidden", "view_only"]);
  assert.deepEqual(await refusal(await get(`${link}/api/files/${text.id}/content`)), [403, "forbidden", "view_only"]);
  assert.equal(await (await get(`${link}/api/files/${text.id}/content?disposition=inline`)).text(), "hello");
  for (const [variant, most] of [
    ["small_square", 256],
    ["large", 2_000],
  ] as const) {
    const response = await get(`${link}/api/files/${id}/preview?variant=${variant}`);
    assert.equal(response.headers.get("content-type"), "image/jpeg", variant);
    assert.equal(response.headers.get("cache-control"), "no-store");
    const { width } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
    assert.ok(width! <= most, `${variant} is ${width} wide`);
  }
});

test("nothing outside of the folder is reached", async () => {
  const shared = await folder("shared");
  const outside = await suite.world.put(anne, "outside", "private");
  const link = await share(shared.id);
  for (const path of [
    `${link}/api/files/${outside.id}/content`,
    `${link}/api/folders/${anne.rootId}`,
    `${link}/api/archive?ids=${shared.id},${outside.id}`,
    `${link}/api/archive?ids=${anne.rootId}`,
    `${link}/api/folders/..`,
    `${link}/api/folders/%2e%2e%2f`,
    `${link}/api/files/${shared.id}%00/content`,
  ]) {
    assert.equal((await get(path)).status, 404, path);
  }
});

describe("a password", () => {
  test("opens the link for this browser alone, by a cookie that goes nowhere else", async () => {
    const file = await suite.world.put(anne, "secret.txt", "hello");
    const link = await share(file.id, { password: "bocage-2026" });
    const locked = await answer(ShareInfo, await get(`${link}/api/info`));
    assert.equal(locked.state, "locked");
    assert.ok(!("node" in locked));
    for (const path of [`files/${file.id}/content`, `folders/${file.id}`, "archive"]) {
      assert.deepEqual(await refusal(await get(`${link}/api/${path}`)), [401, "unauthenticated"]);
    }
    const unlock = (password: string, origin = suite.origin) =>
      suite.call("POST", `${link}/api/unlock`, { origin }, { password });
    assert.deepEqual(await refusal(await unlock("wrong")), [401, "wrong_credentials"]);
    assert.deepEqual(await refusal(await unlock("bocage-2026", "http://evil.example")), [403, "csrf"]);
    const response = await unlock("bocage-2026");
    assert.equal(response.status, 204);
    const set = response.headers.get("set-cookie")!;
    assert.ok(set.includes(`Path=${link};`) && set.includes("HttpOnly") && set.includes("SameSite=Lax"), set);
    const cookie = set.split(";")[0]!;
    assert.equal((await answer(ShareInfo, await get(`${link}/api/info`, { cookie }))).state, "open");
    assert.equal(await (await get(`${link}/api/files/${file.id}/content`, { cookie })).text(), "hello");
    const other = await share(file.id, { password: "bocage-2026" });
    assert.equal((await answer(ShareInfo, await get(`${other}/api/info`, { cookie }))).state, "locked");
  });

  test("tried too often is throttled, with the time to wait", async () => {
    const file = await suite.world.put(anne, "f", "x");
    const link = await share(file.id, { password: "bocage-2026" });
    let last: Response | undefined;
    for (let attempt = 0; attempt < 6; attempt++) {
      last = await suite.call("POST", `${link}/api/unlock`, { origin: suite.origin }, { password: "x" });
    }
    assert.deepEqual(await refusal(last!), [429, "throttled"]);
    assert.ok(Number(last!.headers.get("retry-after")) > 0);
  });
});

describe("a ZIP", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "bouquet-zip-"));
  });
  const unpack = async (response: Response): Promise<string[]> => {
    const archive = join(directory, "a.zip");
    await writeFile(archive, Buffer.from(await response.arrayBuffer()));
    // Python's zipfile checks every CRC and sanitizes nothing in the list of names.
    const script =
      "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nz.extractall(sys.argv[2])\nprint('\\n'.join(z.namelist()))";
    const { stdout } = await promisify(execFile)("python3", ["-c", script, archive, join(directory, "out")], {
      env: { ...process.env, PYTHONIOENCODING: "utf-8" },
    });
    return stdout.trim().split("\n").sort();
  };

  test("holds the folder with its files and its empty folders", async () => {
    const shared = await folder("Été");
    await folder("vide", shared.id);
    const inner = await folder("plans", shared.id);
    await suite.world.put(anne, "a.txt", "1".repeat(200_000), { folderId: inner.id });
    await suite.world.put(anne, "b.jpg", "22", { folderId: inner.id });
    await suite.world.put(anne, "empty", "", { folderId: shared.id });
    const response = await get(`${await share(shared.id)}/api/archive`);
    assert.equal(
      response.headers.get("content-disposition"),
      "attachment; filename=\"Ete.zip\"; filename*=UTF-8''%C3%89t%C3%A9.zip",
    );
    assert.deepEqual(await unpack(response), [
      "Été/",
      "Été/empty",
      "Été/plans/",
      "Été/plans/a.txt",
      "Été/plans/b.jpg",
      "Été/vide/",
    ]);
    assert.equal((await readFile(join(directory, "out/Été/plans/a.txt"), "utf8")).length, 200_000);
    await rm(directory, { recursive: true });
  });

  test("never unpacks outside of its place, whatever the names", async () => {
    const shared = await folder("x");
    const names = [
      "C:\\Windows\\evil.dll",
      "..\\..\\evil",
      "CON",
      "nul.txt",
      "a:b",
      "a?b",
      "...",
      "A",
      "a",
      "end. ",
      "a\u202Etxt.exe",
    ];
    for (const name of names) await suite.world.put(anne, name, name, { folderId: shared.id });
    const entries = await unpack(await get(`${await share(shared.id)}/api/archive`));
    assert.equal(entries.length, names.length + 1);
    for (const entry of entries) {
      assert.match(entry, /^x\/[^/\\:*?"<>|]*$/, entry);
      assert.ok(!/^x\/(con|nul)(\.|$)|[. ]$/i.test(entry), entry);
    }
    assert.equal(
      new Set(entries.map((entry) => entry.toLowerCase())).size,
      entries.length,
      "on systems without case too",
    );
    assert.deepEqual(await readdir(directory), ["a.zip", "out"]);
    assert.deepEqual(await readdir(join(directory, "out")), ["x"]);
    await rm(directory, { recursive: true });
  });

  test("of several nodes with one name keeps them apart", async () => {
    const a = await folder("a");
    const b = await folder("b");
    const first = await suite.world.put(anne, "f.txt", "1", { folderId: a.id });
    const second = await suite.world.put(anne, "f.txt", "2", { folderId: b.id });
    const response = await get(`/api/drive/archive?ids=${first.id},${second.id}`, headers);
    assert.deepEqual(await unpack(response), ["f (2).txt", "f.txt"]);
    await rm(directory, { recursive: true });
  });
});
