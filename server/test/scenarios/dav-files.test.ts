import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { type DavAnswer, type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import type { TownPerson } from "../harness/town-hall.ts";

let dav: DavSuite;
let anne: TownPerson;
before(async () => {
  dav = await startDavSuite();
  anne = await dav.addPerson("Anne Riva");
});
after(() => dav?.close());

type Ask = (
  method: string,
  path: string,
  headers?: Record<string, string>,
  body?: string | Uint8Array,
) => Promise<DavAnswer>;
const ask: Ask = (method, path, headers, body) => dav.ask(anne, method, dav.filesOf(anne, path), headers, body);
const put = async (path: string, body: string, headers = {}) => {
  const answer = await ask("PUT", path, headers, body);
  assert.ok([201, 204].includes(answer.status), answer.body);
  return answer;
};
const href = (text: string): string[] => [...text.matchAll(/<d:href>([^<]*)<\/d:href>/g)].map(([, each]) => each!);
const prop = (...names: string[]): string =>
  `<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"><d:prop>${names.map((name) => `<${name}/>`).join("")}</d:prop></d:propfind>`;

test("a PUT answers what the clients remember: number, tag, the time that was kept", async () => {
  const made = await put("/clients.txt", "un", { "x-oc-mtime": "1700000000" });
  assert.equal(made.status, 201);
  assert.match(made.headers["oc-fileid"]!, /^\d{8,}oc[0-9a-z]{10}$/);
  assert.match(made.headers.etag!, /^"[0-9a-f]{32}"$/);
  assert.equal(made.headers["oc-etag"], made.headers.etag);
  assert.equal(made.headers["x-oc-mtime"], "accepted");
  const found = await ask("PROPFIND", "/clients.txt", { depth: "0" }, prop("d:getetag", "d:getlastmodified", "oc:id"));
  assert.match(found.body, new RegExp(`<d:getetag>${made.headers.etag}</d:getetag>`));
  assert.match(found.body, /<d:getlastmodified>Tue, 14 Nov 2023 22:13:20 GMT</);
  assert.match(found.body, new RegExp(`<oc:id>${made.headers["oc-fileid"]}</oc:id>`));
  // Before all calendars: no database keeps it.
  assert.equal((await ask("PUT", "/clients.txt", { "x-oc-mtime": "-999999999999" }, "x")).status, 400);
  const replaced = await put("/clients.txt", "deux");
  assert.equal(replaced.status, 204);
  assert.equal(replaced.headers["oc-fileid"], made.headers["oc-fileid"]);
  assert.notEqual(replaced.headers.etag, made.headers.etag);
});

test("a name in NFD is the same file as in NFC, and is shown in NFC", async () => {
  await put(`/${encodeURIComponent("été.txt".normalize("NFD"))}`, "décomposé");
  const composed = `/${encodeURIComponent("été.txt".normalize("NFC"))}`;
  assert.equal((await ask("GET", composed)).body, "décomposé");
  assert.equal((await put(composed, "composé")).status, 204);
});

test("a change moves the tag of every folder above it, and of no other", async () => {
  for (const path of ["/t", "/t/a", "/t/a/b", "/t/c"]) assert.equal((await ask("MKCOL", path)).status, 201);
  const tags = async (): Promise<Record<string, string>> => {
    const all = await ask("PROPFIND", "/t", { depth: "infinity" }, prop("d:getetag"));
    const found = [...all.body.matchAll(/<d:href>[^<]*\/t\/?([^<]*)<\/d:href>.*?<d:getetag>([^<]*)</g)];
    return Object.fromEntries(found.map(([, name, tag]) => [name!, tag!]));
  };
  const before = await tags();
  await put("/t/a/b/x", "x");
  const now = await tags();
  const moved = Object.keys(before).filter((name) => before[name] !== now[name]);
  assert.deepEqual(moved.sort(), ["", "a/", "a/b/"]);
});

test("ranges are sent as they are asked for: one, several, the end, none", async () => {
  await put("/range.bin", "0123456789");
  const one = await ask("GET", "/range.bin", { range: "bytes=2-4" });
  assert.deepEqual([one.status, one.body, one.headers["content-range"]], [206, "234", "bytes 2-4/10"]);
  assert.equal((await ask("GET", "/range.bin", { range: "bytes=-3" })).body, "789");
  const several = await ask("GET", "/range.bin", { range: "bytes=0-1, 8-" });
  const [, boundary] = /^multipart\/byteranges; boundary=(\w+)$/.exec(several.headers["content-type"]!)!;
  const part = (range: string, body: string) =>
    `--${boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes ${range}/10\r\n\r\n${body}\r\n`;
  assert.equal(several.body, `${part("0-1", "01")}${part("8-9", "89")}--${boundary}--\r\n`);
  assert.equal(several.headers["content-length"], String(several.bytes.length));
  const outside = await ask("GET", "/range.bin", { range: "bytes=10-" });
  assert.deepEqual([outside.status, outside.headers["content-range"]], [416, "bytes */10"]);
  assert.equal((await ask("GET", "/range.bin", { range: "bytes=0-1", "if-range": '"other"' })).status, 200);
  assert.equal((await ask("GET", "/range.bin", { range: "bytes=0-1", "if-range": one.headers.etag! })).status, 206);
  const head = await ask("HEAD", "/range.bin");
  assert.deepEqual([head.status, head.headers["content-length"], head.body], [200, "10", ""]);
});

test("conditions are kept by every method", async () => {
  const { headers } = await put("/cond.txt", "un");
  const etag = headers.etag!;
  const not = (method: string, more: Record<string, string>, body?: string) =>
    ask(method, "/cond.txt", more, body).then((answer) => assert.equal(answer.status, 412, `${method} ${answer.body}`));
  await not("PUT", { "if-match": '"bogus"' }, "x");
  await not("PUT", { "if-none-match": "*" }, "x");
  await not("PUT", { "if-unmodified-since": "Mon, 01 Jan 2001 00:00:00 GMT" }, "x");
  await not("DELETE", { "if-match": '"bogus"' });
  await not("MOVE", { "if-match": '"bogus"', destination: dav.filesOf(anne, "/cond2.txt") });
  await not("COPY", { if: '(["bogus"])', destination: dav.filesOf(anne, "/cond2.txt") });
  await not(
    "PROPPATCH",
    { "if-match": '"bogus"' },
    '<d:propertyupdate xmlns:d="DAV:"><d:remove><d:prop><x/></d:prop></d:remove></d:propertyupdate>',
  );
  await not("PUT", { if: `<${dav.filesOf(anne, "/cond.txt")}> (["bogus"])` }, "x");
  await not("PUT", { if: "(<DAV:no-lock>)" }, "x");
  assert.equal((await ask("GET", "/cond.txt", { "if-none-match": etag })).status, 304);
  assert.equal((await ask("GET", "/cond.txt", { "if-match": '"bogus"' })).status, 412);
  assert.equal(
    (await ask("PUT", "/cond.txt", { if: `<${dav.base}${dav.filesOf(anne, "/cond.txt")}> ([${etag}])` }, "deux"))
      .status,
    204,
  );
  assert.equal((await ask("PUT", "/cond.txt", { if: '(Not <DAV:no-lock> Not ["bogus"])' }, "trois")).status, 204);
  assert.equal((await ask("PUT", "/new.txt", { "if-match": "*" }, "x")).status, 412);
  assert.equal((await ask("GET", "/cond.txt")).body, "trois");
});

test("of two clients that replace what both have seen, one is told", async () => {
  const { headers } = await put("/race.txt", "zéro");
  const answers = await Promise.all(
    ["un", "deux", "trois"].map((body) => ask("PUT", "/race.txt", { "if-match": headers.etag! }, body)),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 412, 412]);
});

test("a wrong checksum writes nothing; a right one is kept and shown", async () => {
  const sha1 = "f572d396fae9206628714fb2ce00f72e94f2258f"; // "hello\n"
  const wrong = await ask("PUT", "/sum.txt", { "oc-checksum": `SHA1:${"0".repeat(40)}` }, "hello\n");
  assert.equal(wrong.status, 400);
  assert.equal((await ask("GET", "/sum.txt")).status, 404);
  await put("/sum.txt", "hello\n", { "oc-checksum": `SHA1:${sha1}` });
  const found = await ask("PROPFIND", "/sum.txt", { depth: "0" }, prop("oc:checksums"));
  assert.match(found.body, new RegExp(`<oc:checksum>SHA1:${sha1}</oc:checksum>`));
});

test("a part of a file is no file, and a folder is not written over", async () => {
  assert.equal((await ask("PUT", "/part.bin", { "content-range": "bytes 0-1/10" }, "xx")).status, 400);
  assert.equal((await ask("GET", "/part.bin")).status, 404);
  await ask("MKCOL", "/folder");
  assert.equal((await ask("PUT", "/folder", {}, "x")).status, 409);
  assert.equal((await ask("PUT", "/none/x.txt", {}, "x")).status, 409);
  assert.equal((await ask("MKCOL", "/folder")).status, 405);
  assert.equal((await ask("MKCOL", "/none/x")).status, 409);
});

test("a client that asks first is refused before it sends a byte, and one that does not say how long it sends is served", async () => {
  const paul = await dav.addPerson("Paul Etroit", 1_000);
  const credentials = Buffer.from(`${paul.address}:${paul.appPassword}`).toString("base64");
  const talk = async (lines: readonly string[], until: RegExp): Promise<string> => {
    const socket = connect({ host: "127.0.0.1", port: dav.suite.port("http") });
    let heard = "";
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    socket.on("data", (chunk) => {
      heard += chunk;
      if (until.test(heard)) resolve(heard);
    });
    socket.on("error", reject).on("close", () => resolve(heard));
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    const said = await promise;
    socket.destroy();
    return said;
  };
  const start = (name: string) => [
    `PUT ${dav.filesOf(paul, name)} HTTP/1.1`,
    "Host: 127.0.0.1",
    `Authorization: Basic ${credentials}`,
  ];
  const refused = await talk([...start("/gros.bin"), "Content-Length: 100000", "Expect: 100-continue"], /<\/d:error>/);
  assert.match(refused, /^HTTP\/1\.1 507 /);
  assert.match(refused, /quota-not-exceeded/);
  const asked = await talk([...start("/petit.bin"), "Content-Length: 10", "Expect: 100-continue"], /\r\n\r\n/);
  assert.match(asked, /^HTTP\/1\.1 100 Continue/);
  const chunked = await talk(
    [...start("/morceaux.bin"), "Transfer-Encoding: chunked", "", "5", "hello", "0"],
    /\r\n\r\n/,
  );
  assert.match(chunked, /^HTTP\/1\.1 201 /);
  const tooMuch = await talk(
    [...start("/trop.bin"), "Transfer-Encoding: chunked", "", "7d0", "x".repeat(2_000), "0"],
    /<\/d:error>/,
  );
  assert.match(tooMuch, /^HTTP\/1\.1 507 /);
  const listing = await dav.ask(
    paul,
    "PROPFIND",
    dav.filesOf(paul),
    { depth: "1" },
    prop("d:quota-used-bytes", "d:quota-available-bytes"),
  );
  assert.deepEqual(href(listing.body), [dav.filesOf(paul), dav.filesOf(paul, "/morceaux.bin")]);
  assert.match(listing.body, /<d:quota-used-bytes>5<\/d:quota-used-bytes><d:quota-available-bytes>995</);
});

test("COPY and MOVE say whether they made or replaced, and keep what must not be lost", async () => {
  await put("/source.txt", "source");
  await put("/target.txt", "target");
  const to = (path: string, more = {}) => ({ destination: `${dav.base}${dav.filesOf(anne, path)}`, ...more });
  assert.equal((await ask("COPY", "/source.txt", to("/copie.txt"))).status, 201);
  assert.equal((await ask("COPY", "/source.txt", to("/copie.txt"))).status, 204);
  assert.equal((await ask("MOVE", "/source.txt", to("/target.txt", { overwrite: "F" }))).status, 412);
  assert.equal((await ask("MOVE", "/source.txt", to("/source.txt"))).status, 403);
  assert.equal((await ask("MOVE", "/source.txt", to("/none/x.txt"))).status, 409);
  assert.equal((await ask("MOVE", "/source.txt", { destination: "http://elsewhere.example/x" })).status, 502);
  assert.equal((await ask("MOVE", "/source.txt")).status, 400);
  const moved = await ask("MOVE", "/source.txt", to("/target.txt"));
  assert.equal(moved.status, 204);
  assert.equal((await ask("GET", "/target.txt")).body, "source");
  assert.equal((await ask("GET", "/source.txt")).status, 404);
  await ask("MKCOL", "/dossier");
  await put("/dossier/dedans.txt", "dedans");
  assert.equal((await ask("MOVE", "/dossier", to("/dossier/dedans"))).status, 409);
  assert.equal((await ask("COPY", "/dossier", to("/vide", { depth: "0" }))).status, 201);
  assert.equal((await ask("GET", "/vide/dedans.txt")).status, 404);
  assert.equal((await ask("COPY", "/dossier", to("/plein"))).status, 201);
  assert.equal((await ask("GET", "/plein/dedans.txt")).body, "dedans");
  assert.equal((await ask("MOVE", "/target.txt", to("/Target.TXT"))).status, 201, "only the case changes");
});

test("a file that is a page is sent as something to save, of no origin", async () => {
  for (const [name, type] of [
    ["page.html", "text/html"],
    ["image.svg", "image/svg+xml"],
    ["x.xhtml", "application/xhtml+xml"],
  ] as const) {
    await put(`/${name}`, "<script>alert(1)</script>", { "content-type": type });
    const { headers } = await ask("GET", `/${name}`);
    assert.match(headers["content-disposition"]!, /^attachment; /, name);
    assert.match(headers["content-security-policy"]!, /default-src 'none'.*sandbox/, name);
    assert.equal(headers["x-content-type-options"], "nosniff", name);
  }
});

test("nobody reaches anything by a path that is written crookedly, or is somebody else's", async () => {
  const paul = await dav.addPerson("Paul Voisin");
  await dav.ask(paul, "PUT", dav.filesOf(paul, "/secret.txt"), {}, "secret");
  const root = `/remote.php/dav/files/${anne.uid}`;
  for (const [path, statuses] of [
    [dav.filesOf(paul, "/secret.txt"), [404]],
    [`${root}/../${paul.uid}/secret.txt`, [400]],
    [`${root}/%2e%2e/${paul.uid}/secret.txt`, [400]],
    [`${root}/..%2f${paul.uid}%2fsecret.txt`, [400]],
    [`${root}/%c0%ae%c0%ae/${paul.uid}/secret.txt`, [400]],
    [`${root}/a%00b`, [400]],
    [`${root}/a%2fb`, [400]],
    [`${root}/%ff`, [400]],
    ["/remote.php/dav/files/", [200]],
    ["/remote.php/dav/files", [200]],
  ] as const) {
    const { status, body } = await dav.ask(anne, "GET", path);
    assert.ok((statuses as readonly number[]).includes(status), `${path}: ${status} ${body}`);
    assert.doesNotMatch(body, /secret(?!\.txt)/, path);
  }
  const destination = dav.filesOf(paul, "/cadeau.txt");
  await put("/cadeau.txt", "x");
  assert.equal((await ask("COPY", "/cadeau.txt", { destination })).status, 502);
  assert.equal((await ask("COPY", "/cadeau.txt", { destination: `${root}/%2e%2e/x` })).status, 400);
});

test("without a password, with a wrong one or with that of the account, a client is asked for another", async () => {
  for (const authorization of [
    undefined,
    "Basic !!",
    "Bearer x",
    `Basic ${Buffer.from(`${anne.address}:${anne.password}`).toString("base64")}`,
  ]) {
    const answer = await dav.ask(undefined, "PROPFIND", dav.filesOf(anne), {
      depth: "0",
      ...(authorization && { authorization }),
    });
    assert.equal(answer.status, 401, answer.body);
    assert.match(answer.headers["www-authenticate"]!, /^Basic realm=/);
    assert.match(answer.body, /Sabre\\DAV\\Exception\\NotAuthenticated/);
  }
});

test("a client that goes away in the middle of a download is no fault of the server", async () => {
  await put("/long.bin", "x".repeat(20_000_000));
  const credentials = Buffer.from(`${anne.address}:${anne.appPassword}`).toString("base64");
  const socket = connect({ host: "127.0.0.1", port: dav.suite.port("http") });
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once("data", () => resolve());
  socket.write(
    `GET ${dav.filesOf(anne, "/long.bin")} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic ${credentials}\r\n\r\n`,
  );
  await promise;
  socket.destroy();
  assert.equal((await ask("GET", "/long.bin", { range: "bytes=-1" })).body, "x");
  assert.equal((await ask("PUT", "/long.bin", { "content-encoding": "gzip" }, "x")).status, 415);
});

test("hostile bodies are refused, and the server goes on", async () => {
  const bomb =
    '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><d:propfind xmlns:d="DAV:"><d:prop>&b;</d:prop></d:propfind>';
  for (const [method, body, status] of [
    ["PROPFIND", bomb, 400],
    ["PROPFIND", "<not xml", 400],
    ["PROPFIND", `<d:propfind xmlns:d="DAV:">${"<d:a>".repeat(5_000)}`, 400],
    ["PROPFIND", `<d:propfind xmlns:d="DAV:"><d:prop>${"<x/>".repeat(300_000)}</d:prop></d:propfind>`, 413],
    ["PROPPATCH", bomb, 400],
    ["LOCK", bomb, 400],
    ["REPORT", bomb, 400],
    ["REPORT", '<x xmlns="urn:unknown"/>', 403],
    ["MKCOL", bomb, 405],
  ] as const) {
    const answer = await ask(method, "/", { depth: "0", "content-type": "application/xml" }, body);
    assert.equal(answer.status, status, `${method} ${answer.body.slice(0, 200)}`);
  }
  for (const headers of [{ depth: "2" }, { if: "(((" }, { overwrite: "maybe", destination: dav.filesOf(anne, "/y") }]) {
    await put("/x", "x");
    const method = "overwrite" in headers ? "COPY" : "PROPFIND";
    assert.equal((await ask(method, "/x", headers as unknown as Record<string, string>)).status, 400);
  }
  assert.equal((await ask("BREW", "/x")).status, 400, "Node's parser knows no such method");
  assert.equal((await ask("PATCH", "/x")).status, 501);
  assert.equal((await ask("PROPFIND", "/", { depth: "0" })).status, 207);
  assert.deepEqual(dav.suite.log, []);
});
