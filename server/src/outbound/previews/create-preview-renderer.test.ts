import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import type { PreviewKind } from "../../domain/drive/previews/preview-kind.ts";
import type { Rendering } from "../../domain/drive/previews/preview-renderer.ts";
import { collectPictures } from "./collect-pictures.ts";
import { createPreviewRenderer, type PreviewRendererOptions } from "./create-preview-renderer.ts";
import { findProgram } from "./find-program.ts";

let directory: string;
let workDirectory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "bouquet-drawn-"));
  workDirectory = join(directory, "work");
});
after(() => rm(directory, { recursive: true, force: true }));

const searched = "/usr/local/bin:/usr/bin:/bin";

function render(
  kind: PreviewKind,
  bytes: Buffer,
  options: Partial<PreviewRendererOptions> & { signal?: AbortSignal; contentType?: string } = {},
): Promise<Rendering> {
  const { signal = AbortSignal.timeout(120_000), contentType = "", ...rest } = options;
  const renderer = createPreviewRenderer({ programs: {}, workDirectory, hidden: [], searched, ...rest });
  const source = {
    size: bytes.length,
    open: (range?: { start: number; end: number }) =>
      Readable.from([bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length)]),
  };
  return renderer.render({ kind, contentType, source, signal });
}

async function picture(rendering: Promise<Rendering>, variant: string) {
  const result = await rendering;
  assert.ok("previews" in result, "detail" in result ? result.detail : "");
  const found = result.previews.find((each) => each.variant === variant)!;
  return { ...found, ...(await sharp(found.bytes).metadata()) };
}

async function failure(rendering: Promise<Rendering>) {
  const result = await rendering;
  assert.ok("failure" in result, "it was drawn");
  return result;
}

/** A program of a test's own, under the name of the one that draws PDFs. */
async function program(name: string, script: string): Promise<{ programs: { pdftoppm: string } }> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { programs: { pdftoppm: path } };
}

function photo(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: "#3366aa" } })
    .withExif({ IFD0: { Copyright: "Jeanne Secret" }, IFD3: { GPSLatitude: "48/1 51/1 0/1" } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
}

/** A PNG that says how large it is and holds next to nothing. */
function claimedPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const start = Buffer.from("89504e470d0a1a0a", "hex");
  const data = deflateSync(Buffer.alloc(1_000));
  return Buffer.concat([start, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

async function redness(bytes: Buffer): Promise<number> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let red = 0;
  for (let at = 0; at < data.length; at += info.channels) {
    if (data[at]! > 180 && data[at + 1]! < 80 && data[at + 2]! < 80) red++;
  }
  return red;
}

test("a photograph is turned upright, fits its box and says nothing of who took it where", async () => {
  const rendering = render("image", await photo(3_000, 2_000));
  const large = await picture(rendering, "large");
  assert.deepEqual([large.width, large.height, large.contentType], [683, 1_024, "image/jpeg"]);
  assert.deepEqual([large.exif, large.iptc, large.xmp, large.icc], [undefined, undefined, undefined, undefined]);
  assert.equal(large.orientation, undefined);
  assert.equal(large.bytes.includes("Secret"), false);
  const small = await picture(rendering, "small");
  assert.deepEqual([small.width, small.height], [171, 256]);
  const square = await picture(rendering, "small_square");
  assert.deepEqual([square.width, square.height], [256, 256]);
});

test("what is on the left of a photograph taken on its side is above in its picture (EXIF orientation 6)", async () => {
  const red = await sharp({ create: { width: 100, height: 200, channels: 3, background: "#ff0000" } })
    .png()
    .toBuffer();
  const taken = sharp({ create: { width: 400, height: 200, channels: 3, background: "#0000ff" } })
    .composite([{ input: red, left: 0, top: 0 }])
    .withMetadata({ orientation: 6 });
  const large = await picture(render("image", await taken.jpeg().toBuffer()), "large");
  assert.deepEqual([large.width, large.height], [200, 400]);
  const above = await sharp(large.bytes).extract({ left: 0, top: 0, width: 200, height: 90 }).toBuffer();
  assert.ok((await redness(above)) > 17_000);
  assert.ok((await redness(large.bytes)) < 21_000);
});

test("a small picture is not enlarged", async () => {
  const rendering = render(
    "image",
    await sharp({ create: { width: 40, height: 20, channels: 3, background: "#fff" } })
      .png()
      .toBuffer(),
  );
  const large = await picture(rendering, "large");
  assert.deepEqual([large.width, large.height], [40, 20]);
  const square = await picture(rendering, "large_square");
  assert.deepEqual([square.width, square.height], [20, 20]);
});

test("what is transparent stays so", async () => {
  const clear = sharp({ create: { width: 400, height: 400, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } });
  const small = await picture(render("image", await clear.png().toBuffer()), "small");
  assert.deepEqual([small.contentType, small.hasAlpha], ["image/png", true]);
});

test("WebP, GIF, TIFF and AVIF are drawn", async () => {
  const base = sharp({ create: { width: 600, height: 300, channels: 3, background: "#884422" } });
  for (const bytes of [
    await base.clone().webp().toBuffer(),
    await base.clone().gif().toBuffer(),
    await base.clone().tiff().toBuffer(),
    await base.clone().avif().toBuffer(),
  ]) {
    assert.equal((await picture(render("image", bytes), "small")).width, 256);
  }
});

/** @param lines of pixels, as [blue, green, red], from the top */
function bitmap(width: number, height: number, lines: readonly (readonly number[])[]): Buffer {
  const head = Buffer.alloc(54);
  const body = Buffer.concat(
    lines.toReversed().map((pixel) => {
      const line = Buffer.alloc(Math.ceil((width * 3) / 4) * 4);
      for (let x = 0; x < width; x++) line.set(pixel, x * 3);
      return line;
    }),
  );
  head.write("BM", "latin1");
  head.writeUInt32LE(head.length + body.length, 2);
  head.writeUInt32LE(head.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  return Buffer.concat([head, body]);
}

const ffmpeg = { programs: { ffmpeg: findProgram("ffmpeg", searched) } };

test("a Windows bitmap and an icon are drawn by ffmpeg, upright and in their colors", async () => {
  const red = [0, 0, 255];
  const blue = [255, 0, 0];
  const bytes = bitmap(50, 40, [...Array(20).fill(red), ...Array(20).fill(blue)]);
  const large = await picture(render("bitmap", bytes, { ...ffmpeg, contentType: "image/bmp" }), "large");
  assert.deepEqual([large.width, large.height], [50, 40]);
  const top = await sharp(large.bytes).extract({ left: 0, top: 0, width: 50, height: 15 }).toBuffer();
  assert.deepEqual([await redness(top), (await redness(large.bytes)) < 1_200], [750, true]);
  const inner = await sharp({ create: { width: 48, height: 48, channels: 4, background: "#3366aa80" } })
    .png()
    .toBuffer();
  const head = Buffer.from("000001000100303000000100200000000000" + "16000000", "hex");
  head.writeUInt32LE(inner.length, 14);
  const icon = render("bitmap", Buffer.concat([head, inner]), { ...ffmpeg, contentType: "image/vnd.microsoft.icon" });
  assert.deepEqual([(await picture(icon, "small")).width, (await picture(icon, "small")).hasAlpha], [48, true]);
});

test("a bitmap that says it is immense, one that was cut off and what is none have no picture", async () => {
  const immense = bitmap(65_535, 65_535, []);
  for (const bytes of [
    Buffer.concat([immense, Buffer.alloc(1_000)]),
    bitmap(-1, -2_147_483_648, []),
    bitmap(500, 500, [[1, 2, 3]]),
    Buffer.from("#EXTM3U\n/etc/passwd\n"),
    Buffer.from("<svg/>"),
  ]) {
    const failed = await failure(render("bitmap", bytes, { ...ffmpeg, contentType: "image/bmp" }));
    assert.equal(failed.failure, "unsuitable");
  }
  assert.equal(
    (await failure(render("bitmap", immense, { ...ffmpeg, contentType: "image/x-nobody" }))).failure,
    "unsuitable",
  );
});

test("a picture that was cut off has none, as one that never was a picture", async () => {
  const bytes = await photo(2_000, 2_000);
  assert.equal((await failure(render("image", bytes.subarray(0, bytes.length / 2)))).failure, "unsuitable");
  assert.equal((await failure(render("image", Buffer.from("not a picture")))).failure, "unsuitable");
});

test("a picture of too many pixels is refused before it is unpacked", async () => {
  assert.equal((await failure(render("image", claimedPng(60_000, 60_000)))).failure, "too_large");
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>';
  assert.equal((await failure(render("svg", Buffer.from(drawing)))).failure, "too_large");
});

test("what is called a photograph is not read as a drawing, a PDF or a page", async () => {
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  for (const bytes of [drawing, `%PDF-1.4\n${drawing}`, `<html>${drawing}</html>`]) {
    assert.equal((await failure(render("image", Buffer.from(bytes)))).failure, "unsuitable");
  }
  assert.equal((await failure(render("svg", await photo(10, 10)))).failure, "unsuitable");
});

test("a drawing shows nothing that it refers to", async () => {
  const secret = join(directory, "secret.png");
  await sharp({ create: { width: 100, height: 100, channels: 3, background: "#ff0000" } })
    .png()
    .toFile(secret);
  const drawing = (href: string) =>
    Buffer.from(`<!DOCTYPE svg [<!ENTITY x SYSTEM "file://${secret}">]>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="200" height="200">
<rect width="200" height="200" fill="#0000ff"/><image href="${href}" xlink:href="${href}" width="200" height="200"/></svg>`);
  for (const href of [`file://${secret}`, secret, "secret.png"]) {
    const { bytes } = await picture(render("svg", drawing(href)), "large");
    assert.equal(await redness(bytes), 0);
  }
  // The same bytes within the drawing are its own.
  const inside = `data:image/png;base64,${(await readFile(secret)).toString("base64")}`;
  const own = await render("svg", drawing(inside));
  assert.ok("previews" in own);
});

test("a drawing of a drawing that grows without end is given up", async () => {
  const levels = Array.from(
    { length: 12 },
    (_, at) => `<g id="g${at + 1}">${`<use href="#g${at}"/>`.repeat(10)}</g>`,
  ).join("");
  const bomb = `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><defs><rect id="g0" width="1" height="1"/>${levels}</defs><use href="#g12"/></svg>`;
  await failure(render("svg", Buffer.from(bomb), { timeoutMs: 10_000 }));
});

test("a text is drawn as a page, whatever it says", async () => {
  const large = await picture(
    render("text", Buffer.from("Délibération\n<b>&amp; ]]>\u0001\u202e\ttexte".repeat(500))),
    "large",
  );
  assert.deepEqual([large.contentType, large.height], ["image/jpeg", 1_024]);
  for (const bytes of [
    Buffer.from([0xff, 0xfe, 0x41, 0x00]),
    Buffer.from("caf\xe9", "latin1"),
    Buffer.from("a\nb\r\nc\rd"),
  ]) {
    await picture(render("text", bytes), "small");
  }
  assert.equal((await failure(render("text", Buffer.from("\u007fELF\u0000\u0000")))).failure, "unsuitable");
});

test("a program that hangs is ended with what it has started", async () => {
  const mark = `97${Date.now()}`;
  const options = await program("hangs", `sleep ${mark} & sleep ${mark}1`);
  assert.equal(
    (await failure(render("pdf", Buffer.from("%PDF-1.4"), { ...options, timeoutMs: 3_000 }))).failure,
    "timeout",
  );
  await until(async () => !(await commandLines()).some((line) => line.includes(mark)), "something of it still runs");
});

test("a program that crashes, one that takes all memory and one that writes without end leave nothing", async () => {
  const crash = await program("crashes", `exec ${process.execPath} -e 'process.abort()'`);
  assert.equal((await failure(render("pdf", Buffer.from("%PDF"), crash))).failure, "crashed");
  const hog = `const all = []; for (;;) all.push(Buffer.alloc(32e6, 1));`;
  const greedy = await program("greedy", `exec ${process.execPath} -e '${hog}'`);
  await failure(render("pdf", Buffer.from("%PDF"), { ...greedy, memory: 400e6 }));
  const writer = await program("writes", `exec head -c 900000000 /dev/zero > big`);
  await failure(render("pdf", Buffer.from("%PDF"), writer));
  assert.deepEqual(await readdir(workDirectory), []);
});

test("a program sees no file of the house, no other process and no network", async () => {
  const vault = join(directory, "vault");
  await mkdir(vault);
  await writeFile(join(vault, "key"), "secret");
  let calls = 0;
  const server = createServer((socket) => {
    calls++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const connect = `require("node:net").connect(${port}, "127.0.0.1").on("error", () => process.exit(1)).on("connect", () => process.exit(0))`;
  const options = await program(
    "looks",
    `if cat ${vault}/key; then exit 40; fi
if [ -e /proc/${process.pid}/environ ] && tr '\\0' ' ' < /proc/${process.pid}/environ | grep -q PATH; then exit 42; fi
if ${process.execPath} -e '${connect}'; then exit 43; fi
if env | grep -q BOUQUET_MARK; then exit 44; fi
exit 45`,
  );
  let isWhole: boolean | undefined;
  process.env.BOUQUET_MARK = "1";
  try {
    const { detail } = await failure(
      render("pdf", Buffer.from("%PDF"), { ...options, hidden: [vault], onIsolation: (whole) => (isWhole = whole) }),
    );
    // A container may permit no namespaces: then it is said, and only the environment is empty.
    if (isWhole) assert.match(detail, /ended with 45/);
    else assert.equal(isWhole, false);
    if (isWhole) assert.equal(calls, 0);
  } finally {
    delete process.env.BOUQUET_MARK;
    await new Promise((resolve) => server.close(resolve));
  }
});

test("a picture that is a link to a file of ours is not followed, nor a pipe waited for", async () => {
  const folder = await mkdtemp(join(directory, "drawn-"));
  const names = ["small", "small_square", "large", "large_square"];
  for (const name of names) await writeFile(join(folder, `${name}.jpg`), await photo(10, 10));
  assert.equal((await collectPictures(folder)).length, 4);
  await rm(join(folder, "small.jpg"));
  await symlink(join(folder, "large.jpg"), join(folder, "small.jpg"));
  await assert.rejects(collectPictures(folder), /Nothing was drawn/);
  await rm(join(folder, "small.jpg"));
  execFileSync("mkfifo", [join(folder, "small.jpg")]);
  await assert.rejects(collectPictures(folder), /Nothing was drawn/);
});

test("what is being drawn ends when the program stops", async () => {
  const mark = `98${Date.now()}`;
  const options = await program("waits", `sleep ${mark}`);
  const stopping = new AbortController();
  const rendering = render("pdf", Buffer.from("%PDF"), { ...options, signal: stopping.signal });
  const rejected = assert.rejects(rendering, /it stops/);
  await until(async () => (await commandLines()).some((line) => line.includes(mark)), "it never began");
  stopping.abort(new Error("it stops"));
  await rejected;
});

test("a document that does not begin as its kind does is given to no program", async () => {
  const renderer = createPreviewRenderer({
    programs: { soffice: "/bin/false", pdftoppm: "/bin/false" },
    workDirectory,
    hidden: [],
    searched,
  });
  const bytes = Buffer.from("<html><iframe src='file:///etc/passwd'></iframe></html>");
  const result = await renderer.render({
    kind: "office",
    contentType: "application/msword",
    source: { size: bytes.length, open: () => Readable.from([bytes]) },
    signal: AbortSignal.timeout(60_000),
  });
  assert.deepEqual("failure" in result && [result.failure, result.detail], [
    "unsuitable",
    "It does not begin as such a document does",
  ]);
});

test("what is not installed is not promised", () => {
  const drawn = (programs: PreviewRendererOptions["programs"]) => {
    const { draws } = createPreviewRenderer({ programs, workDirectory, hidden: [], searched });
    return (["image", "svg", "text", "bitmap", "heif", "pdf", "office", "video", "audio"] as const).filter(draws);
  };
  assert.deepEqual(drawn({}), ["image", "svg", "text"]);
  assert.deepEqual(drawn({ soffice: "/x" }), ["image", "svg", "text"]);
  assert.deepEqual(drawn({ pdftoppm: "/x" }), ["image", "svg", "text", "pdf"]);
  assert.deepEqual(drawn({ ffmpeg: "/x" }), ["image", "svg", "text", "bitmap", "heif", "video", "audio"]);
});

async function until(holds: () => Promise<boolean>, complaint: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await holds()); ) {
    assert.ok(Date.now() < deadline, complaint);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function commandLines(): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "latin1").catch(() => "")));
}
