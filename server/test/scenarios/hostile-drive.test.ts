import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { createFolder } from "../../src/domain/drive/create-folder.ts";
import { readRootId } from "../../src/domain/drive/read-root-id.ts";
import { uploadFile } from "../../src/domain/drive/upload-file.ts";
import { openPortalSession, openServiceSession } from "../../src/domain/identity/open-session.ts";
import { createShareLink } from "../../src/domain/sharing/create-share-link.ts";
import { type DavAnswer, type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import type { TownPerson } from "../harness/town-hall.ts";

/*
 * What is sent to the drive to break out of it, to break it, or to make its answers a page of ours: refused or harmless, at every
 * address where it can come in.
 */

const secret = "Quetzalcoatl";
let dav: DavSuite;
let anne: TownPerson;
let victim: TownPerson;
let folderId: string;
let token: string;
let browser: Record<string, string>;

before(async () => {
  dav = await startDavSuite();
  anne = await dav.addPerson("Anne Martin");
  victim = await dav.addPerson("Victor Cache");
  const { domain } = dav;
  const theirs = await readRootId(domain.store.read, victim.access);
  await uploadFile(domain, victim.access, { folderId: theirs, name: "secret.txt" }, Buffer.from(secret));
  const root = await readRootId(domain.store.read, anne.access);
  await uploadFile(domain, anne.access, { folderId: root, name: "secret.txt" }, Buffer.from(secret));
  const folder = await createFolder(domain, anne.access, { parentId: root, name: "ouvert" });
  folderId = folder.id;
  await uploadFile(domain, anne.access, { folderId, name: "a.txt" }, Buffer.from("open"));
  const rights = new Set(["read", "write", "create", "delete"] as const);
  token = (await createShareLink(domain, { ...anne.access, viewer: anne.viewer }, folderId, { rights })).token!;
  const client = { remoteAddress: "127.0.0.1", userAgent: undefined };
  const { familyId } = await openPortalSession(domain.identity, anne.viewer, client);
  const session = await openServiceSession(domain.identity, { uid: anne.uid, familyId, service: "drive", client });
  const origin = dav.suite.origins.drive;
  browser = {
    ...{ host: new URL(origin).host, origin },
    cookie: `bouquet=${session.token}`,
    "x-bouquet-csrf": session.csrfToken,
  };
});
after(() => dav?.close());

const files = (path: string) => dav.filesOf(anne, path);
const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string | Uint8Array) =>
  dav.ask(anne, method, path, headers, body);
const visit = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  dav.ask(undefined, method, path, headers, body);

/** What is in all drives, and that no name in them is a way out. */
async function stateOfAll(): Promise<string> {
  const { rows } = await sql<{ line: string; name: string }>`
    SELECT name, account_id || ' ' || coalesce(parent_id::text, '') || ' ' || name || ' ' || state || ' ' || coalesce(version_id::text, '') AS line
    FROM drive_node ORDER BY line`.execute(dav.domain.store.read);
  for (const { name } of rows) assert.doesNotMatch(name, /^\.{1,2}$|[/\0-\x1f\x7f]/, "a name that leads somewhere");
  return rows.map(({ line }) => line).join("\n");
}

/** Every try is refused by the one who is asked, tells nothing and changes nothing; the program has no fault of its own to report. */
async function refuseAll(tries: readonly (readonly [name: string, run: () => Promise<DavAnswer>])[]): Promise<void> {
  const before = await stateOfAll();
  const wrong: string[] = [];
  for (const [name, run] of tries) {
    const { status, body } = await run();
    const isRefused = (status >= 400 && status < 500) || status === 502 || /"error":true/.test(body);
    if (!isRefused || body.includes(secret)) wrong.push(`${name}: ${status} ${body.slice(0, 200)}`);
  }
  assert.ok(wrong.length === 0, wrong.join("\n"));
  assert.equal(await stateOfAll(), before);
  assertNoFault();
}

function assertNoFault(): void {
  assert.deepEqual(
    dav.suite.log.filter(({ level }) => Number(level) >= 50),
    [],
  );
}

/** Ways to write « up », « nothing » and what is no text. */
const crooked = [
  "..",
  "%2e%2e",
  "%2E.",
  ".%2e",
  "..%2f..%2fsecret.txt",
  "%2e%2e%2fsecret.txt",
  "..%5c..%2f",
  "%00",
  "a%00.txt",
  "secret.txt%00",
  "%c0%ae%c0%ae",
  "%c0%af",
  "%e0%80%ae%e0%80%ae",
  "%f0%80%80%ae",
  "%ff%fe",
  "%ed%a0%80",
  "%",
  "%zz",
  "%0d%0aX-Evil:%201",
  "%7f",
  ".",
];
/** The same in a text that is decoded once, as those who send it write it. */
const crookedTexts = [
  "../secret.txt",
  "../../secret.txt",
  "/../secret.txt",
  "ouvert/../secret.txt",
  "ouvert/../../secret.txt",
  "..",
  "a\0b",
];

test("no path in an address leads anywhere but to what its reader sees", async () => {
  const tree = (name: string) => `/remote.php/dav/${name}/${anne.uid}`;
  const places: Record<string, (name: string) => string> = {
    files: (name) => files(`/ouvert/${name}/secret.txt`),
    "the last name": (name) => files(`/ouvert/${name}`),
    webdav: (name) => `/remote.php/webdav/ouvert/${name}/secret.txt`,
    "another's files": (name) => `/remote.php/dav/files/${anne.uid}/${name}/${victim.uid}/secret.txt`,
    "the tree": (name) => `/remote.php/dav/files/${name}/secret.txt`,
    "an upload": (name) => `${tree("uploads")}/${name}/00001`,
    "a piece": (name) => `${tree("uploads")}/x/${name}`,
    trash: (name) => `${tree("trashbin")}/trash/${name}`,
    "beneath the trash": (name) => `${tree("trashbin")}/trash/x.d1/${name}`,
    versions: (name) => `${tree("versions")}/versions/${name}/1`,
    "a version": (name) => `${tree("versions")}/versions/1/${name}`,
    comments: (name) => `/remote.php/dav/comments/files/${name}`,
    tags: (name) => `/remote.php/dav/systemtags/${name}`,
    relations: (name) => `/remote.php/dav/systemtags-relations/files/${name}`,
    "a link": (name) => `/public.php/dav/files/${token}/${name}/secret.txt`,
    "the token of a link": (name) => `/public.php/dav/files/${name}/secret.txt`,
    direct: (name) => `/remote.php/direct/${name}`,
  };
  await refuseAll(
    Object.entries(places).flatMap(([place, address]) =>
      crooked.flatMap((name) =>
        ["GET", "PUT", "DELETE"]
          // A dot that stands for nothing is where it stands; to list it is no way out.
          .filter((method) => name !== "." || method !== "GET")
          .map((method) => {
            const run = () => ask(method, address(name), {}, method === "PUT" ? "evil" : undefined);
            return [`${method} ${place}: ${name}`, run] as const;
          }),
      ),
    ),
  );
});

test("no path in a header leads out either: Destination, X-File-Path, the names of pieces", async () => {
  const beyond = [
    ...crooked.flatMap((name) => [files(`/ouvert/${name}/x`), `${dav.base}${files(`/ouvert/${name}/x`)}`]),
    dav.filesOf(victim, "/x.txt"),
    `${dav.base}${dav.filesOf(victim, "/x.txt")}`,
    `http://evil.example${files("/x.txt")}`,
    `http://evil.example@127.0.0.1${files("/x.txt")}`,
    `//evil.example${files("/x.txt")}`,
    "/etc/passwd",
    "file:///etc/passwd",
    "x.txt",
    "",
    "/remote.php/dav/files/",
    `/remote.php/dav/trashbin/${victim.uid}/restore/x`,
    `/public.php/dav/files/${token}/x.txt`,
    `/${"x/".repeat(5_000)}`,
  ];
  const upload = `/remote.php/dav/uploads/${anne.uid}/crooked`;
  assert.equal((await ask("MKCOL", upload)).status, 201);
  assert.equal((await ask("PUT", `${upload}/00001`, {}, "evil")).status, 201);
  await refuseAll([
    ...beyond.flatMap((destination) => [
      [`MOVE to ${destination.slice(0, 80)}`, () => ask("MOVE", files("/ouvert/a.txt"), { destination })] as const,
      [`COPY to ${destination.slice(0, 80)}`, () => ask("COPY", files("/ouvert/a.txt"), { destination })] as const,
      [
        `end of an upload at ${destination.slice(0, 80)}`,
        () => ask("MOVE", `${upload}/.file`, { destination }),
      ] as const,
      [
        `upload that is to go to ${destination.slice(0, 80)}`,
        () => ask("MKCOL", `${upload}2`, { destination }),
      ] as const,
    ]),
    ...[...crookedTexts, "", "/", "//", `/${"x".repeat(300)}`, `${"x/".repeat(300)}x`]
      .filter((path) => !path.includes("\0"))
      .map((path) => {
        const body = `--B\r\nx-file-path: ${path}\r\ncontent-length: 4\r\n\r\nevil\r\n--B--\r\n`;
        const type = { "content-type": "multipart/related; boundary=B" };
        return [`X-File-Path ${path.slice(0, 80)}`, () => ask("POST", "/remote.php/dav/bulk", type, body)] as const;
      }),
  ]);
  await ask("DELETE", upload);
});

test("no path in a parameter leads out: shares, pictures, searches, downloads", async () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const shares = "/ocs/v2.php/apps/files_sharing/api/v1/shares";
  await refuseAll(
    crookedTexts.flatMap((path) => {
      const inQuery = encodeURIComponent(path);
      const body = new URLSearchParams({ path, shareType: "3" }).toString();
      const scope = (href: string) =>
        `<d:searchrequest xmlns:d="DAV:"><d:basicsearch><d:select><d:prop><d:getetag/></d:prop></d:select><d:from><d:scope><d:href>${href}</d:href></d:scope></d:from><d:where><d:like><d:prop><d:displayname/></d:prop><d:literal>%</d:literal></d:like></d:where></d:basicsearch></d:searchrequest>`;
      return [
        [`share of ${path}`, () => ask("POST", shares, form, body)],
        [`shares of ${path}`, () => ask("GET", `${shares}?path=${inQuery}`)],
        [`inherited of ${path}`, () => ask("GET", `${shares}/inherited?path=${inQuery}`)],
        [`picture of ${path}`, () => ask("GET", `/index.php/core/preview.png?file=${inQuery}`)],
        [`thumbnail of ${path}`, () => ask("GET", `/index.php/apps/files/api/v1/thumbnail/64/64/${inQuery}`)],
        [`version of ${path}`, () => ask("GET", `/index.php/apps/files_versions/preview?file=${inQuery}&version=1`)],
        [`picture in a link of ${path}`, () => visit("GET", `/index.php/s/${token}/preview?file=${inQuery}`)],
        [
          `public picture of ${path}`,
          () => visit("GET", `/index.php/apps/files_sharing/publicpreview/${token}?file=${inQuery}`),
        ],
        ...(path.includes("\0")
          ? []
          : ([
              [`search in ${path}`, () => ask("SEARCH", "/remote.php/dav/", {}, scope(`/files/${anne.uid}/${path}`))],
              [`search at ${victim.uid}`, () => ask("SEARCH", "/remote.php/dav/", {}, scope(`/files/${victim.uid}`))],
            ] as const)),
        [
          `page of a link, ${path}`,
          () => visit("GET", `/s/${token}/api/files/${inQuery}/content`, { host: browser.host! }),
        ],
        [`archive of ${path}`, () => visit("GET", `/s/${token}/api/archive?ids=${inQuery}`, { host: browser.host! })],
      ] as const;
    }),
  );
});

test("a folder does not come into itself by another of its addresses", async () => {
  await ask("MKCOL", files("/boucle"));
  await ask("MKCOL", files("/boucle/dedans"));
  await ask("PUT", files("/boucle/dedans/f.txt"), {}, "kept");
  const other = (path: string) => `/remote.php/webdav${path}`;
  await refuseAll([
    ["into itself", () => ask("MOVE", files("/boucle"), { destination: other("/boucle/dedans/x") })],
    ["copied into itself", () => ask("COPY", files("/boucle"), { destination: other("/boucle/dedans/x") })],
    ["in the place of what holds it", () => ask("MOVE", files("/boucle/dedans"), { destination: other("/boucle") })],
    [
      "copied in the place of what holds it",
      () => ask("COPY", files("/boucle/dedans"), { destination: other("/boucle") }),
    ],
    ["on itself", () => ask("MOVE", files("/boucle"), { destination: other("/boucle") })],
  ]);
});

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
