import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openHostileWorld } from "./hostile-drive/world.ts";

/*
 * Paths and names that are sent to the drive to break out of it: refused, at every address where they can come in.
 */

const { anne, ask, browser, dav, files, refuseAll, token, victim, visit } = await openHostileWorld();
after(() => dav.close());

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
