import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { after, test } from "node:test";
import { sql } from "kysely";
import type { DavAnswer } from "../harness/dav-suite.ts";
import { openHostileWorld } from "./hostile-drive/world.ts";

/*
 * What is sent to the drive to break it, or to make its answers a page of ours: refused or harmless, at every address where it can come in.
 */

const { anne, ask, assertNoFault, browser, dav, files, refuseAll, stateOfAll, token, visit } = await openHostileWorld();
after(() => dav.close());

const lol = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${[..."bcdefghij"].map((each, at) => `<!ENTITY ${each} "${`&${"abcdefghij"[at]};`.repeat(10)}">`).join("")}]>`;
const bombs: Record<string, (root: string) => string> = {
  "entities that multiply": (root) => `${lol}<${root} xmlns:d="DAV:">&j;</${root}>`,
  "an entity from a file": (root) =>
    `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><${root} xmlns:d="DAV:">&e;</${root}>`,
  "an entity from elsewhere": (root) => `<!DOCTYPE x SYSTEM "http://127.0.0.1:1/evil.dtd"><${root} xmlns:d="DAV:"/>`,
  "a parameter entity": (root) =>
    `<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]><${root} xmlns:d="DAV:"/>`,
  depth: (root) => `<${root} xmlns:d="DAV:">${"<d:prop>".repeat(5_000)}${"</d:prop>".repeat(5_000)}</${root}>`,
  elements: (root) => `<${root} xmlns:d="DAV:"><d:prop>${"<d:x/>".repeat(30_000)}</d:prop></${root}>`,
  attributes: (root) => `<${root} xmlns:d="DAV:" ${Array.from({ length: 5_000 }, (_, n) => `a${n}=""`).join(" ")}/>`,
  namespaces: (root) =>
    `<${root} xmlns:d="DAV:" ${Array.from({ length: 5_000 }, (_, n) => `xmlns:a${n}="urn:x"`).join(" ")}/>`,
  size: (root) => `<${root} xmlns:d="DAV:">${" ".repeat(1_100_000)}</${root}>`,
  "one long name": (root) => `<${root} xmlns:d="DAV:"><d:${"x".repeat(1_048_000)}`,
  "no end": (root) => `<${root} xmlns:d="DAV:">${"<d:a>".repeat(40)}`,
  "no XML": () => "{}",
  "no Unicode": (root) => `<?xml version="1.0" encoding="utf-16"?><${root} xmlns:d="DAV:"/>\u0000`,
};

test("every body of XML that is a bomb is refused, at every address that takes one", async () => {
  const { body } = await ask(
    "PROPFIND",
    files("/ouvert/a.txt"),
    { depth: "0" },
    '<d:propfind xmlns:d="DAV:"><d:prop><x:fileid xmlns:x="http://owncloud.org/ns"/></d:prop></d:propfind>',
  );
  const fileId = /fileid>(\d+)</.exec(body)![1]!;
  const addresses: readonly (readonly [method: string, path: string, root: string])[] = [
    ["PROPFIND", files("/ouvert"), "d:propfind"],
    ["PROPPATCH", files("/ouvert/a.txt"), "d:propertyupdate"],
    ["MKCOL", files("/ouvert/new"), "d:mkcol"],
    ["LOCK", files("/ouvert/a.txt"), "d:lockinfo"],
    ["REPORT", files("/ouvert"), "d:sync-collection"],
    ["SEARCH", "/remote.php/dav/", "d:searchrequest"],
    ["PROPFIND", `/remote.php/dav/trashbin/${anne.uid}/trash`, "d:propfind"],
    ["PROPFIND", `/remote.php/dav/uploads/${anne.uid}`, "d:propfind"],
    ["REPORT", `/remote.php/dav/comments/files/${fileId}`, "d:filter-comments"],
    ["PROPFIND", `/remote.php/dav/systemtags-relations/files/${fileId}`, "d:propfind"],
    ["PROPFIND", `/public.php/dav/files/${token}/`, "d:propfind"],
    ["PROPPATCH", `/public.php/dav/files/${token}/a.txt`, "d:propertyupdate"],
    ["MKCOL", `/public.php/dav/files/${token}/new`, "d:mkcol"],
  ];
  await refuseAll(
    addresses.flatMap(([method, path, root]) =>
      Object.entries(bombs).map(
        ([name, make]) => [`${method} ${path}: ${name}`, () => ask(method, path, { depth: "0" }, make(root))] as const,
      ),
    ),
  );
});

test("headers that are huge or nonsense are refused, or mean nothing", async () => {
  const a = files("/ouvert/a.txt");
  const long = "x".repeat(10_000);
  await refuseAll([
    ...[
      `(<urn:${long}>)`,
      "(<urn:x>)".repeat(1_000),
      "(".repeat(4_000),
      `(["${long}"])`,
      "<http://evil.example/> (<urn:x>)",
      `(Not <urn:x> ${"Not ".repeat(1_500)})`,
    ].map((value) => [`If: ${value.slice(0, 30)}`, () => ask("PUT", a, { if: value }, "evil")] as const),
    ...["0, 1", "2", "-1", "infinity, 0", "INFINITE", long].flatMap((value) => [
      [`Depth: ${value.slice(0, 30)}`, () => ask("PROPFIND", files("/ouvert"), { depth: value })] as const,
      [
        `Depth of a copy: ${value.slice(0, 30)}`,
        () => ask("COPY", files("/ouvert"), { depth: value, destination: files("/x") }),
      ] as const,
    ]),
    ...["X", "TF", "true", "", long].map(
      (value) =>
        [
          `Overwrite: ${value.slice(0, 30)}`,
          () => ask("MOVE", a, { overwrite: value, destination: files("/ouvert/b.txt") }),
        ] as const,
    ),
    ...[long, "MD5:", "MD5", ":", "MD5:zz", "SHA1:../../etc", "SHA256:00", `SHA1:${"0".repeat(9_000)}`].map(
      (value) =>
        [
          `OC-Checksum: ${value.slice(0, 30)}`,
          () => ask("PUT", files("/ouvert/n.txt"), { "oc-checksum": value }, "evil"),
        ] as const,
    ),
    ...[
      "demain",
      "NaN",
      "Infinity",
      "1e3000",
      "0x10",
      "99999999999999999999",
      "-99999999999999999999",
      "2026-01-01",
      "1;2",
      long,
    ].flatMap((value) => [
      [
        `X-OC-Mtime: ${value.slice(0, 30)}`,
        () => ask("PUT", files("/ouvert/n.txt"), { "x-oc-mtime": value }, "evil"),
      ] as const,
      [
        `X-OC-CTime: ${value.slice(0, 30)}`,
        () => ask("PUT", files("/ouvert/n.txt"), { "x-oc-ctime": value }, "evil"),
      ] as const,
    ]),
    ...["-1", "1e3", "0x10", "dix", "9".repeat(30), "1.5", ""].map(
      (value) =>
        [
          `OC-Total-Length: ${value}`,
          () => ask("MKCOL", `/remote.php/dav/uploads/${anne.uid}/lies`, { "oc-total-length": value }),
        ] as const,
    ),
    ["Content-Range", () => ask("PUT", a, { "content-range": "bytes 0-3/4" }, "evil")],
    ["Content-Encoding", () => ask("PUT", a, { "content-encoding": "gzip" }, "evil")],
    [
      "a lock whose owner is a book",
      () =>
        ask(
          "LOCK",
          a,
          {},
          `<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype><d:owner>${long}</d:owner></d:lockinfo>`,
        ),
    ],
    ["a Lock-Token that is none", () => ask("UNLOCK", a, { "lock-token": long })],
    ["a fragment", () => ask("DELETE", `${a}#b`)],
    ["headers beyond all measure", () => ask("PUT", a, { "x-evil": "x".repeat(20_000) }, "evil")],
  ]);
});

test("ranges by the thousand, over each other or outside send the file once, or nothing", async () => {
  const size = 100_000;
  await ask("PUT", files("/plage.bin"), {}, Buffer.alloc(size, 7));
  const made = await dav.ask(
    anne,
    "POST",
    "/ocs/v2.php/apps/dav/api/v1/direct?format=json",
    { "content-type": "application/json" },
    JSON.stringify({ fileId: await fileIdOf("/plage.bin") }),
  );
  const direct = new URL(JSON.parse(made.body).ocs.data.url).pathname;
  const ranges = [
    `bytes=${"0-,".repeat(3_000)}0-`,
    `bytes=${Array.from({ length: 3_000 }, (_, n) => `${n}-${n}`).join(",")}`,
    `bytes=${Array.from({ length: 49 }, () => "0-").join(",")}`,
    `bytes=${Array.from({ length: 49 }, (_, n) => `${n * 10}-99999`).join(",")}`,
    "bytes=0-99999999999999999999",
    "bytes=-99999999999999",
    "bytes=99999-0",
    "bytes=--1",
    "bytes=0-0,0-0,-1",
    "bytes=200000-",
    "items=0-5",
    "bytes=",
  ];
  for (const range of ranges) {
    for (const path of [files("/plage.bin"), direct]) {
      const { status, bytes } = await ask("GET", path, { range });
      assert.ok([200, 206, 416, 431].includes(status), `${range.slice(0, 40)}: ${status}`);
      assert.ok(bytes.length < size + 20_000, `${range.slice(0, 40)} sent ${bytes.length} bytes`);
    }
  }
  assertNoFault();
});

async function fileIdOf(path: string): Promise<number> {
  const { headers } = await ask("HEAD", files(path));
  const { body } = await ask(
    "PROPFIND",
    files(path),
    { depth: "0" },
    '<d:propfind xmlns:d="DAV:"><d:prop><x:fileid xmlns:x="http://owncloud.org/ns"/></d:prop></d:propfind>',
  );
  assert.ok(headers.etag);
  return Number(/fileid>(\d+)</.exec(body)![1]);
}

test("a wrong checksum of any kind writes nothing: whole, in pieces, with many others; a right one does", async () => {
  const content = "content of the file";
  const adler = (text: string): string => {
    let [low, high] = [1, 0];
    for (const byte of Buffer.from(text)) {
      low = (low + byte) % 65_521;
      high = (high + low) % 65_521;
    }
    return (high * 65_536 + low).toString(16).padStart(8, "0");
  };
  const right: Record<string, string> = {
    ...{ MD5: "md5", SHA1: "sha1", SHA256: "sha256", "SHA3-256": "sha3-256" },
  };
  const sums = [
    ...Object.entries(right).map(([name, hash]) => [name, createHash(hash).update(content).digest("hex")] as const),
    ["ADLER32", adler(content)] as const,
  ];
  const pieces = async (checksum: string, name: string) => {
    const at = `/remote.php/dav/uploads/${anne.uid}/sum`;
    await ask("MKCOL", at);
    await ask("PUT", `${at}/1`, {}, content.slice(0, 7));
    await ask("PUT", `${at}/2`, {}, content.slice(7));
    const answer = await ask("MOVE", `${at}/.file`, { destination: files(name), "oc-checksum": checksum });
    if (answer.status >= 300) await ask("DELETE", at);
    return answer;
  };
  const bulk = (checksum: string, name: string) =>
    ask(
      ...(["POST", "/remote.php/dav/bulk", { "content-type": "multipart/related; boundary=B" }] as const),
      `--B\r\nx-file-path: ${name}\r\noc-checksum: ${checksum}\r\ncontent-length: ${content.length}\r\n\r\n${content}\r\n--B--\r\n`,
    );
  const wrongOf = (sum: string) => `${sum[0] === "0" ? "1" : "0"}${sum.slice(1)}`;
  await refuseAll(
    sums.flatMap(([name, sum]) => [
      [
        `PUT, ${name}`,
        () => ask("PUT", files("/faux.txt"), { "oc-checksum": `${name}:${wrongOf(sum)}` }, content),
      ] as const,
      [`pieces, ${name}`, () => pieces(`${name}:${wrongOf(sum)}`, "/faux.txt")] as const,
      [`bulk, ${name}`, () => bulk(`${name}:${wrongOf(sum)}`, "/faux.txt")] as const,
    ]),
  );
  for (const [name, sum] of sums) {
    const checksum = `${name}:${sum}`;
    assert.equal(
      (await ask("PUT", files(`/juste-${name}.txt`), { "oc-checksum": checksum }, content)).status,
      201,
      name,
    );
    assert.equal((await pieces(checksum, `/morceaux-${name}.txt`)).status, 201, name);
    assert.match((await bulk(checksum, `/lot-${name}.txt`)).body, /"error":false/, name);
  }
});

/** Bytes as they are, and what comes back until the server has said all. */
function raw(bytes: string, ends: boolean): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(dav.suite.port("http"), "127.0.0.1", () => (ends ? socket.end(bytes) : socket.write(bytes)));
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
  });
  // A server that refuses may cut before it has read all.
  socket.on("error", () => {});
  socket.on("close", () => resolve(answer));
  return promise;
}

test("a length that lies makes no file, and nothing of it is taken for the next request", async () => {
  const credentials = Buffer.from(`${anne.address}:${anne.appPassword}`).toString("base64");
  const head = (path: string, more: string) =>
    `PUT ${files(path)} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Basic ${credentials}\r\n${more}\r\n\r\n`;
  const before = await stateOfAll();
  // Too short: the sender has ended.
  await raw(`${head("/court.txt", "content-length: 100")}only this`, true);
  await raw(`${head("/court.txt", "transfer-encoding: chunked")}ff\r\nonly this`, true);
  await raw(`${head("/court.txt", "transfer-encoding: chunked")}4\r\nevil\r\n`, true);
  // Two lengths, or none that is one.
  for (const more of [
    "content-length: 4\r\ntransfer-encoding: chunked",
    "content-length: 4\r\ncontent-length: 5",
    "content-length: -4",
    "content-length: 0x4",
    "content-length: 4, 4",
    "content-length: 99999999999999999999999",
    "transfer-encoding: gzip, chunked",
    "transfer-encoding: chunked, identity",
    "transfer-encoding: xchunked\r\ncontent-length: 4",
  ]) {
    const answer = await raw(`${head("/court.txt", `connection: close\r\n${more}`)}evil`, true);
    assert.match(answer, /^HTTP\/1\.1 (4\d\d|501) |^$/, `${more}: ${answer.slice(0, 80)}`);
  }
  assert.equal(await stateOfAll(), before);
  // Too long: what stands after it is the next request, and none of the file.
  const next = "GET /status.php HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
  const answer = await raw(`${head("/long.txt", "content-length: 4")}good${next}`, false);
  assert.match(answer, /^HTTP\/1\.1 201 [\s\S]*HTTP\/1\.1 200 [\s\S]*"installed":true/);
  assert.equal((await ask("GET", files("/long.txt"))).body, "good");
  // Other words for it.
  const same = await stateOfAll();
  const at = `/remote.php/dav/uploads/${anne.uid}/lies`;
  for (const total of ["3", "5", "400000000"]) {
    await ask("MKCOL", at, { "oc-total-length": total });
    await ask("PUT", `${at}/1`, {}, "evil");
    const ended = await ask("MOVE", `${at}/.file`, { destination: files("/menti.txt"), "oc-total-length": total });
    assert.ok(ended.status >= 400 && ended.status < 500, `${total}: ${ended.status}`);
    await ask("DELETE", at);
  }
  for (const length of ["2", "400", "-1", "x"]) {
    const body = `--B\r\nx-file-path: /menti.txt\r\ncontent-length: ${length}\r\n\r\nevil\r\n--B--\r\n`;
    const { status, body: said } = await ask(
      "POST",
      "/remote.php/dav/bulk",
      { "content-type": "multipart/related; boundary=B" },
      body,
    );
    assert.ok(status === 400 || said.includes('"error":true'), `${length}: ${status} ${said}`);
  }
  assert.equal(await stateOfAll(), same);
  assertNoFault();
});

test("a page or a drawing that somebody uploaded is a page of ours at no address", async () => {
  const script = "<script>fetch('/api/session')</script>";
  const pages: Record<string, readonly [type: string, content: string]> = {
    "page.html": ["text/html", `<!doctype html>${script}`],
    "page.xhtml": ["application/xhtml+xml", `<html xmlns="http://www.w3.org/1999/xhtml">${script}</html>`],
    "dessin.svg": ["image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`],
    "donnees.xml": ["text/xml", `<?xml-stylesheet href="x.xsl" type="text/xsl"?><x>${script}</x>`],
    "lu.pdf": ["application/pdf", "%PDF-1.4"],
    rien: ["text/html", script],
    "image.png": ["text/html; charset=utf-7", script],
    "code.js": ["text/javascript", "fetch('/api/session')"],
  };
  const wrong: string[] = [];
  for (const [name, [type, content]] of Object.entries(pages)) {
    const path = `/ouvert/${name}`;
    await ask("PUT", files(path), { "content-type": type, "x-oc-mtime": "1500000000" }, content);
    await ask("PUT", files(path), { "content-type": type }, `${content} `);
    const fileId = await fileIdOf(path);
    const made = await ask(
      "POST",
      "/ocs/v2.php/apps/dav/api/v1/direct?format=json",
      { "content-type": "application/json" },
      JSON.stringify({ fileId }),
    );
    const direct = new URL(JSON.parse(made.body).ocs.data.url).pathname;
    const versions = await ask("PROPFIND", `/remote.php/dav/versions/${anne.uid}/versions/${fileId}`, { depth: "1" });
    const version = [...versions.body.matchAll(/<d:href>([^<]*\/versions\/\d+\/[^<]+)<\/d:href>/g)].at(-1)![1]!;
    const { rows } = await sql<{ id: string }>`SELECT id FROM drive_node WHERE file_id = ${fileId}`.execute(
      dav.domain.store.read,
    );
    const id = rows[0]!.id;
    await ask("COPY", files(path), { destination: files(`/jete-${name}`) });
    await ask("DELETE", files(`/jete-${name}`));
    const trash = await ask("PROPFIND", `/remote.php/dav/trashbin/${anne.uid}/trash`, { depth: "1" });
    const trashed = [...trash.body.matchAll(/<d:href>([^<]*jete-[^<]+)<\/d:href>/g)]
      .map(([, href]) => href!)
      .find((href) => href.includes(`jete-${name}.d`))!;
    const addresses: readonly (readonly [string, () => Promise<DavAnswer>])[] = [
      ["WebDAV", () => ask("GET", files(path))],
      ["WebDAV, a part", () => ask("GET", files(path), { range: "bytes=0-3" })],
      ["WebDAV, several parts", () => ask("GET", files(path), { range: "bytes=0-1,3-4" })],
      ["a link", () => visit("GET", `/public.php/dav/files/${token}/${name}`)],
      ["direct", () => visit("GET", direct)],
      ["a version", () => ask("GET", version)],
      ["the trash", () => ask("GET", trashed)],
      [
        "the page of a link",
        () => visit("GET", `/s/${token}/api/files/${id}/content?disposition=inline`, { host: browser.host! }),
      ],
      ["the drive", () => visit("GET", `/api/drive/files/${id}/content?disposition=inline`, browser)],
      ["the picture", () => ask("GET", `/index.php/core/preview?fileId=${fileId}&x=64&y=64`)],
      ["the picture in a link", () => visit("GET", `/index.php/s/${token}/preview?file=/${name}`)],
      ["the picture on the page", () => visit("GET", `/s/${token}/api/files/${id}/preview`, { host: browser.host! })],
    ];
    // Drawing takes its time.
    const drawn = ["page.html", "dessin.svg", "image.png"].includes(name);
    for (const [where, get] of addresses.filter(([each]) => drawn || !each.includes("picture"))) {
      const { status, headers } = await get();
      const kind = headers["content-type"] ?? "";
      const isPicture = /^image\/(png|jpeg)$/.test(kind);
      const isNothing = status === 204 || (status >= 400 && status < 500 && /^application\/json/.test(kind));
      if (where.includes("picture") && isNothing) continue;
      const policy = headers["content-security-policy"] ?? "";
      const isSafe =
        [200, 206].includes(status) &&
        /default-src 'none'/.test(policy) &&
        /\bsandbox\b(?! allow)/.test(policy) &&
        headers["x-content-type-options"] === "nosniff" &&
        (isPicture || /^text\/plain/.test(kind) || /^attachment/.test(headers["content-disposition"] ?? ""));
      if (!isSafe) wrong.push(`${name} by ${where}: ${status} ${JSON.stringify(headers)}`);
    }
  }
  assert.ok(wrong.length === 0, wrong.join("\n"));
  assertNoFault();
});
