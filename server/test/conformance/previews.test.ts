import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import sharp from "sharp";
import { createShareLink } from "../../src/domain/sharing/create-share-link.ts";
import { type DavAnswer, type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import type { TownPerson } from "../harness/town-hall.ts";

const run = promisify(execFile);

let folder: string;
let suite: DavSuite;
let person: TownPerson;
let colleague: TownPerson;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "bouquet-previews-"));
  suite = await startDavSuite();
  person = await suite.addPerson("Jeanne");
  colleague = await suite.addPerson("Paul");
});
after(async () => {
  await suite?.close();
  await rm(folder, { recursive: true, force: true });
});

/** With a time for each program: none may hold up the tests. */
async function make(program: string, args: readonly string[]): Promise<void> {
  await run(program, [...args], { cwd: folder, env: { PATH: process.env.PATH, HOME: folder }, timeout: 180_000 });
}

async function convert(name: string, extension: string, filter?: string): Promise<Buffer> {
  const target = filter ? `${extension}:${filter}` : extension;
  await make("soffice", [`-env:UserInstallation=file://${folder}/profile`, "--headless", "--convert-to", target, name]);
  return readFile(join(folder, name.replace(/\.\w+$/, `.${extension}`)));
}

function photo(width = 1_600, height = 1_000): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: "#3366aa" } })
    .withExif({ IFD0: { Copyright: "Jeanne" } })
    .jpeg()
    .toBuffer();
}

async function put(name: string, bytes: Buffer, of: DavSuite = suite, who = person): Promise<number> {
  const answer = await of.ask(who, "PUT", of.filesOf(who, `/${encodeURIComponent(name)}`), {}, bytes);
  assert.ok(answer.status === 201 || answer.status === 204, `PUT ${name}: ${answer.status}`);
  return Number.parseInt(answer.headers["oc-fileid"]!, 10);
}

function core(fileId: number, query = "x=256&y=256&a=1", of: DavSuite = suite, who = person): Promise<DavAnswer> {
  return of.ask(who, "GET", `/index.php/core/preview?fileId=${fileId}&${query}`);
}

async function isPicture(answer: DavAnswer, most = 256) {
  assert.equal(answer.status, 200, answer.body.slice(0, 200));
  const about = await sharp(answer.bytes).metadata();
  assert.ok(about.width <= most && about.height <= most && about.width > 0, `${about.width} × ${about.height}`);
  assert.equal(about.exif, undefined);
  return about;
}

async function hasPreview(name: string, of: DavSuite = suite): Promise<string | undefined> {
  const body = `<d:propfind xmlns:d="DAV:" xmlns:nc="http://nextcloud.org/ns"><d:prop><nc:has-preview/></d:prop></d:propfind>`;
  const answer = await of.ask(
    person,
    "PROPFIND",
    of.filesOf(person, `/${encodeURIComponent(name)}`),
    { depth: "0" },
    body,
  );
  return /<nc:has-preview>(\w+)</.exec(answer.body)?.[1];
}

test("a photograph of a telephone, a PDF, a film, a song's cover and a text are drawn", async () => {
  await writeFile(join(folder, "photo.jpg"), await photo());
  await make("heif-enc", ["photo.jpg", "-o", "photo.heic"]);
  await make("ffmpeg", [
    ...[
      "-v",
      "error",
      "-f",
      "lavfi",
      "-i",
      "testsrc=duration=5:size=640x360:rate=10",
      "-pix_fmt",
      "yuv420p",
      "film.mp4",
    ],
  ]);
  await make("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", "sine=duration=1", "-i", "photo.jpg", "-map", "0", "-map", "1"],
    ...["-c:v", "mjpeg", "-disposition:v", "attached_pic", "song.mp3"],
  ]);
  await writeFile(join(folder, "page.txt"), "Conseil municipal\n".repeat(30));
  const pdf = await convert("page.txt", "pdf");
  for (const [name, bytes] of [
    ["photo.jpg", await readFile(join(folder, "photo.jpg"))],
    ["IMG_1.HEIC", await readFile(join(folder, "photo.heic"))],
    ["page.pdf", pdf],
    ["film.mp4", await readFile(join(folder, "film.mp4"))],
    ["song.mp3", await readFile(join(folder, "song.mp3"))],
    ["notes.md", Buffer.from("# Titre\n\ntexte")],
    [
      "plan.svg",
      Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10"/></svg>',
      ),
    ],
  ] as const) {
    const fileId = await put(name, bytes);
    assert.equal(await hasPreview(name), "true", name);
    await isPicture(await core(fileId));
    const kept = await suite.ask(person, "GET", suite.filesOf(person, `/${name}`));
    assert.ok(kept.bytes.equals(bytes), `${name} is what was put there`);
  }
});

/** One slide, as XML without a ZIP around it (OpenDocument 1.3 part 3, section 3.1.2). */
const slides = `<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
  xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
  xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.3"
  office:mimetype="application/vnd.oasis.opendocument.presentation"><office:body><office:presentation>
<draw:page draw:name="a"><draw:frame svg:width="20cm" svg:height="5cm" svg:x="2cm" svg:y="2cm"><draw:text-box>
<text:p>Budget</text:p></draw:text-box></draw:frame></draw:page></office:presentation></office:body></office:document>`;

test("documents of LibreOffice and of Word, Excel and PowerPoint are drawn", async () => {
  await writeFile(join(folder, "letter.txt"), "Madame, Monsieur\n");
  await writeFile(join(folder, "table.csv"), "nom,somme\nécole,12\n");
  await writeFile(join(folder, "slides.fodp"), slides);
  for (const [name, bytes] of [
    ["letter.odt", await convert("letter.txt", "odt")],
    ["letter.doc", await convert("letter.txt", "doc")],
    ["letter.docx", await convert("letter.odt", "docx")],
    ["table.xlsx", await convert("table.csv", "xlsx")],
    ["slides.pptx", await convert("slides.fodp", "pptx")],
  ] as const) {
    await isPicture(await core(await put(name, bytes)));
  }
});

test("a document shows nothing that it links to", async () => {
  const secret = join(folder, "secret.png");
  await sharp({ create: { width: 400, height: 400, channels: 3, background: "#ff0000" } })
    .png()
    .toFile(secret);
  await writeFile(join(folder, "linked.html"), `<p>Bonjour</p><img src="file://${secret}" width="300" height="300">`);
  await make("soffice", [
    ...[`-env:UserInstallation=file://${folder}/profile`, "--headless", "--infilter=HTML (StarWriter)"],
    ...["--convert-to", "odt:writer8", "linked.html"],
  ]);
  const answer = await core(await put("linked.odt", await readFile(join(folder, "linked.odt"))), "x=1024&y=1024&a=1");
  await isPicture(answer, 1_024);
  const { data, info } = await sharp(answer.bytes).raw().toBuffer({ resolveWithObject: true });
  let red = 0;
  for (let at = 0; at < data.length; at += info.channels) if (data[at]! > 180 && data[at + 1]! < 80) red++;
  assert.equal(red, 0);
});

test("every address of the client API gives the picture, in the size and form that come next", async () => {
  const fileId = await put("sizes.jpg", await photo());
  const file = encodeURIComponent("/sizes.jpg");
  const sizes = async (path: string) => {
    const { width, height } = await isPicture(await suite.ask(person, "GET", path), 1_024);
    return [width, height];
  };
  assert.deepEqual(
    await sizes(`/index.php/core/preview.png?file=${file}&x=256&y=256&a=1&mode=fill&forceIcon=0`),
    [256, 160],
  );
  assert.deepEqual(
    await sizes(`/index.php/core/preview.png?fileId=${fileId}&x=512&y=512&a=1&mode=cover&forceIcon=0`),
    [1_024, 640],
  );
  assert.deepEqual(await sizes(`/index.php/core/preview?fileId=${fileId}&x=64&y=64`), [256, 256]);
  assert.deepEqual(await sizes(`/index.php/core/preview?fileId=${fileId}&x=-1&y=-1&a=true`), [1_024, 640]);
  assert.deepEqual(await sizes("/index.php/apps/files/api/v1/thumbnail/256/256/sizes.jpg"), [256, 256]);
});

test("a thumbnail is found by a path of several folders", async () => {
  for (const path of ["/%C3%A9cole", "/%C3%A9cole/plans"])
    await suite.ask(person, "MKCOL", suite.filesOf(person, path));
  const put = await suite.ask(person, "PUT", suite.filesOf(person, "/%C3%A9cole/plans/a.jpg"), {}, await photo());
  assert.equal(put.status, 201);
  for (const path of ["%C3%A9cole/plans/a.jpg", "%C3%A9cole%2Fplans%2Fa.jpg"]) {
    await isPicture(await suite.ask(person, "GET", `/index.php/apps/files/api/v1/thumbnail/256/256/${path}`));
  }
  const absent = await suite.ask(
    person,
    "GET",
    "/index.php/apps/files/api/v1/thumbnail/256/256/%C3%A9cole/plans/b.jpg",
  );
  assert.equal(absent.status, 404);
});

test("a picture is never a page, and is not sent again to who has it", async () => {
  const fileId = await put("kept.jpg", await photo());
  const first = await core(fileId);
  await isPicture(first);
  assert.match(first.headers["content-security-policy"]!, /default-src 'none'.*sandbox/);
  assert.equal(first.headers["x-content-type-options"], "nosniff");
  assert.match(first.headers["cache-control"]!, /^private, max-age=\d+$/);
  const path = `/index.php/core/preview?fileId=${fileId}&x=256&y=256&a=1`;
  const again = await suite.ask(person, "GET", path, { "if-none-match": first.headers.etag });
  assert.deepEqual([again.status, again.bytes.length], [304, 0]);
  const head = await suite.ask(person, "HEAD", path);
  assert.deepEqual([head.status, head.headers["content-length"]], [200, String(first.bytes.length)]);
  await put("kept.jpg", await photo(500, 1_000));
  const changed = await suite.ask(person, "GET", path, { "if-none-match": first.headers.etag });
  assert.equal(changed.status, 200);
  assert.equal((await isPicture(changed)).width, 128);
});

test("what cannot be drawn answers as Nextcloud does, and the file stays what it is", async () => {
  const broken = (await photo()).subarray(0, 2_000);
  const fileId = await put("broken.jpg", broken);
  assert.equal((await core(fileId)).status, 404);
  assert.equal((await core(fileId, "x=256&y=256&a=1&forceIcon=1")).status, 404);
  const fallback = await core(fileId, "x=256&y=256&mimeFallback=true");
  assert.equal(fallback.status, 303);
  const icon = await suite.ask(person, "GET", fallback.headers.location!);
  assert.deepEqual([icon.status, icon.headers["content-type"]], [200, "image/svg+xml"]);
  const kept = await suite.ask(person, "GET", suite.filesOf(person, "/broken.jpg"));
  assert.ok(kept.bytes.equals(broken));

  await put("tool.bin", Buffer.from("bytes"));
  assert.equal(await hasPreview("tool.bin"), "false");
  for (const [path, status] of [
    ["/index.php/core/preview?fileId=1&x=0&y=10", 400],
    ["/index.php/core/preview?x=10&y=10", 400],
    ["/index.php/core/preview?fileId=99999999&x=10&y=10", 404],
    ["/index.php/core/preview?fileId=abc&x=10&y=10", 400],
    ["/index.php/core/preview.png?file=%2Fnothing.jpg&x=10&y=10", 404],
    ["/index.php/core/preview.png?file=%2F..%2F..%2Fetc%2Fpasswd&x=10&y=10", 404],
    ["/index.php/core/preview.png?file=a%00b&x=10&y=10", 404],
    ["/index.php/apps/files/api/v1/thumbnail/0/10/kept.jpg", 400],
  ] as const) {
    assert.equal((await suite.ask(person, "GET", path)).status, status, path);
  }
});

test("nobody sees a picture of what they may not read", async () => {
  const fileId = await put("mine.jpg", await photo());
  await isPicture(await core(fileId));
  assert.equal((await core(fileId, "x=256&y=256&a=1", suite, colleague)).status, 404);
  const nobody = await suite.ask(undefined, "GET", `/index.php/core/preview?fileId=${fileId}&x=256&y=256`);
  assert.equal(nobody.status, 401);
});

test("what is in the trash and what a file held before have their pictures, for their owner", async () => {
  await put("held.jpg", await photo(800, 400));
  const fileId = await put("held.jpg", await photo(400, 800));
  const versions = `/remote.php/dav/versions/${person.uid}/versions/${fileId}`;
  const listing = await suite.ask(person, "PROPFIND", versions, { depth: "1" });
  const names = [...listing.body.matchAll(new RegExp(`/versions/${fileId}/([\\w-]+)<`, "g"))].map(([, name]) => name);
  assert.equal(names.length, 2);
  const forms = await Promise.all(
    names.map(async (name) => {
      const path = `/index.php/apps/files_versions/preview?file=held.jpg&version=${name}&x=256&y=256&a=1`;
      return (await isPicture(await suite.ask(person, "GET", path))).width;
    }),
  );
  // Its own width is what this address gives by itself.
  assert.deepEqual(forms.sort(), [128, 256]);

  await suite.ask(person, "DELETE", suite.filesOf(person, "/held.jpg"));
  assert.equal((await core(fileId)).status, 404);
  const path = `/index.php/apps/files_trashbin/preview?fileId=${fileId}&x=256&y=256&a=1`;
  await isPicture(await suite.ask(person, "GET", path));
  assert.equal((await suite.ask(colleague, "GET", path)).status, 404);
});

test("who holds a link sees pictures of what it shows, with its password, and of nothing else", async () => {
  await suite.ask(person, "MKCOL", suite.filesOf(person, "/album"));
  await suite.ask(person, "PUT", suite.filesOf(person, "/album/a.jpg"), {}, await photo());
  await put("private.jpg", await photo());
  const { domain } = suite;
  const folderId = (
    await domain.store.read
      .selectFrom("drive_node")
      .select("id")
      .where("account_id", "=", person.access.accountId)
      .where("name", "=", "album")
      .executeTakeFirstOrThrow()
  ).id;
  const deps = { store: domain.store, secrets: domain.secrets };
  const access = { ...person.access, viewer: person.viewer };
  const share = (password?: string) =>
    createShareLink(deps, access, folderId, { ...(password !== undefined && { password }) });
  const open = await share();
  const ask = (token: string, file: string, headers = {}) =>
    suite.ask(
      undefined,
      "GET",
      `/index.php/apps/files_sharing/publicpreview/${token}?file=${file}&x=256&y=256&a=1`,
      headers,
    );
  const shown = await ask(open.token!, "%2Fa.jpg");
  await isPicture(shown);
  assert.equal(shown.headers["cache-control"], "no-store");
  assert.equal((await ask(open.token!, "%2F..%2Fprivate.jpg")).status, 404);
  assert.equal((await ask("x".repeat(30), "%2Fa.jpg")).status, 404);
  const locked = await share("fleur-de-prunier");
  assert.equal((await ask(locked.token!, "%2Fa.jpg")).status, 401);
  const basic = (password: string) => ({
    authorization: `Basic ${Buffer.from(`${locked.token}:${password}`).toString("base64")}`,
  });
  assert.notEqual((await ask(locked.token!, "%2Fa.jpg", basic("wrong"))).status, 200);
  await isPicture(await ask(locked.token!, "%2Fa.jpg", basic("fleur-de-prunier")));
});

test("what is asked a hundred times at once is drawn once, and what failed is not tried again at once", async () => {
  const fileId = await put("crowd.jpg", await photo(2_000, 2_000));
  const answers = await Promise.all(Array.from({ length: 100 }, () => core(fileId)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  const attempts = await suite.domain.store.read
    .selectFrom("preview_attempt")
    .innerJoin("drive_node", "drive_node.version_id", "preview_attempt.version_id")
    .select(["attempts", "preview_attempt.state", "drive_node.name"])
    .where("drive_node.name", "in", ["crowd.jpg", "broken.jpg"])
    .orderBy("drive_node.name")
    .execute();
  assert.deepEqual(
    attempts.map(({ name, attempts: count, state }) => [name, count, state]),
    [
      ["broken.jpg", 1, "failed"],
      ["crowd.jpg", 1, "made"],
    ],
  );
});

test("without the programs there are icons; with one that crashes too, and it is asked once", async () => {
  const crash = join(folder, "crash");
  await writeFile(crash, "#!/bin/sh\nexit 139\n");
  await chmod(crash, 0o755);
  const other = await startDavSuite({
    settings: {
      BOUQUET_FFMPEG: "none",
      BOUQUET_SOFFICE: "no-such-program",
      BOUQUET_HEIF_CONVERT: "none",
      BOUQUET_PDFTOPPM: crash,
    },
  });
  try {
    const owner = await other.addPerson("Louise");
    const put = (name: string, bytes: Buffer) => other.ask(owner, "PUT", other.filesOf(owner, `/${name}`), {}, bytes);
    for (const name of ["a.mp4", "a.odt", "a.heic"]) {
      const { headers } = await put(name, Buffer.from("whatever"));
      assert.equal(
        (await core(Number.parseInt(headers["oc-fileid"]!, 10), "x=64&y=64", other, owner)).status,
        404,
        name,
      );
    }
    const { status, headers } = await put("a.pdf", Buffer.from("%PDF-1.4\n"));
    assert.equal(status, 201);
    const fileId = Number.parseInt(headers["oc-fileid"]!, 10);
    assert.equal((await core(fileId, "x=64&y=64", other, owner)).status, 404);
    assert.equal((await core(fileId, "x=64&y=64", other, owner)).status, 404);
    const rows = await other.domain.store.read.selectFrom("preview_attempt").select(["attempts", "reason"]).execute();
    assert.deepEqual(rows, [{ attempts: 1, reason: "crashed" }]);
  } finally {
    await other.close();
  }
});
