import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { type DavAnswer, type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import type { TownPerson } from "../harness/town-hall.ts";

let dav: DavSuite;
let odile: TownPerson;
before(async () => {
  dav = await startDavSuite();
  odile = await dav.addPerson("Odile Martin");
});
after(() => dav?.close());

const boundary = "boundary_.oOo._JvP45C9u9YRLymwNcsUi+KyEpMX3aIUd";

interface File {
  path: string;
  content: Buffer | string;
  headers?: Record<string, string>;
}

function bodyOf(files: readonly File[]): Buffer {
  const parts = files.flatMap(({ path, content, headers = {} }) => {
    const bytes = Buffer.from(content);
    const fields = {
      "Content-Length": String(bytes.length),
      "Content-Type": "application/octet-stream",
      "X-File-MD5": createHash("md5").update(bytes).digest("hex"),
      "X-File-Mtime": "1700000000",
      "X-File-Path": path,
      ...headers,
    };
    const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    return [Buffer.from(`--${boundary}\r\n${head.join("")}\r\n`), bytes, Buffer.from("\r\n")];
  });
  return Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);
}

const post = (person: TownPerson | undefined, body: Buffer, type = `multipart/related; boundary="${boundary}"`) =>
  dav.ask(person, "POST", "/remote.php/dav/bulk", { "content-type": type, "mime-version": "1.0" }, body);

type Outcomes = Record<
  string,
  { error: boolean; etag?: string; fileid?: string; permissions?: string; message?: string }
>;

function outcomesOf(answer: DavAnswer): Outcomes {
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body) as Outcomes;
}

const get = (path: string) => dav.ask(odile, "GET", dav.filesOf(odile, path));

describe("a request of many files", () => {
  test("puts each, empty ones too, with its date, and says what it is", async () => {
    assert.equal((await dav.ask(odile, "MKCOL", dav.filesOf(odile, "/dir"))).status, 201);
    const big = randomBytes(200_000);
    const outcomes = outcomesOf(
      await post(
        odile,
        bodyOf([
          { path: "/un.txt", content: "un\r\n" },
          { path: "/vide", content: "" },
          // As clients from before the end of 2023 send it.
          { path: "/vide2", content: "", headers: { "X-File-MD5": "" } },
          { path: "/dir/été 100% #?.txt", content: `--${boundary}--\r\n` },
          { path: "/gros.bin", content: big },
        ]),
      ),
    );
    for (const [path, outcome] of Object.entries(outcomes)) {
      assert.equal(outcome.error, false, `${path} ${outcome.message}`);
      assert.match(outcome.etag ?? "", /^[0-9a-f]{32}$/);
      assert.match(outcome.fileid ?? "", /^\d{8}\w+$/);
      assert.equal(outcome.permissions, "RGDNVW");
    }
    assert.deepEqual(Object.keys(outcomes).sort(), ["/dir/été 100% #?.txt", "/gros.bin", "/un.txt", "/vide", "/vide2"]);
    const un = await get("/un.txt");
    assert.equal(un.body, "un\r\n");
    assert.equal(un.headers.etag, `"${outcomes["/un.txt"]?.etag}"`);
    assert.equal(un.headers["last-modified"], "Tue, 14 Nov 2023 22:13:20 GMT");
    assert.equal((await get("/vide")).bytes.length, 0);
    assert.equal((await get(`/dir/${encodeURIComponent("été 100% #?.txt")}`)).body, `--${boundary}--\r\n`);
    assert.deepEqual((await get("/gros.bin")).bytes, big);
  });

  test("replaces what is there, and keeps it as a version", async () => {
    const first = outcomesOf(await post(odile, bodyOf([{ path: "/suite.txt", content: "un" }])));
    const second = outcomesOf(await post(odile, bodyOf([{ path: "/suite.txt", content: "deux" }])));
    assert.equal(second["/suite.txt"]?.fileid, first["/suite.txt"]?.fileid);
    assert.notEqual(second["/suite.txt"]?.etag, first["/suite.txt"]?.etag);
    const number = Number.parseInt(first["/suite.txt"]!.fileid!, 10);
    const versions = await dav.ask(odile, "PROPFIND", `/remote.php/dav/versions/${odile.uid}/versions/${number}`, {
      depth: "1",
    });
    assert.equal([...versions.body.matchAll(/<d:getcontentlength>/g)].length, 2);
  });

  test("says of each file what keeps it away, and puts the others", async () => {
    const lise = await dav.addPerson("Lise Plein", 50_000);
    await dav.ask(lise, "MKCOL", dav.filesOf(lise, "/dossier"));
    const outcomes = outcomesOf(
      await post(
        lise,
        bodyOf([
          { path: "/bon.txt", content: "bon" },
          { path: "/faux.txt", content: "faux", headers: { "X-File-MD5": "0".repeat(32) } },
          { path: "/absent/x.txt", content: "x" },
          { path: "/dossier", content: "x" },
          { path: "/../x.txt", content: "x" },
          { path: "/a\\b", content: "permis" },
          { path: "", content: "x" },
          { path: "/trop.bin", content: randomBytes(60_000) },
          { path: "/date.txt", content: "x", headers: { "X-File-Mtime": "hier" } },
          { path: "__proto__", content: "x" },
          { path: `/${"n".repeat(256)}`, content: "x" },
          { path: "/fin.txt", content: "fin" },
        ]),
      ),
    );
    const good = Object.entries(outcomes).filter(([, { error }]) => !error);
    assert.deepEqual(good.map(([path]) => path).sort(), ["/a\\b", "/bon.txt", "/fin.txt", "__proto__"]);
    assert.equal(Object.keys(outcomes).length, 12);
    assert.equal((await dav.ask(lise, "GET", dav.filesOf(lise, "/fin.txt"))).body, "fin");
    assert.equal((await dav.ask(lise, "GET", dav.filesOf(lise, "/faux.txt"))).status, 404);
    const quota = await dav.domain.store.read
      .selectFrom("quota")
      .select("used_bytes")
      .where("account_id", "=", lise.accountId)
      .where("area", "=", "files")
      .executeTakeFirstOrThrow();
    assert.equal(quota.used_bytes, "bon".length + "fin".length + "permis".length + "x".length);
  });

  test("keeps what came before it was cut, and nothing of the rest", async () => {
    const whole = bodyOf([
      { path: "/avant.txt", content: "avant" },
      { path: "/apres.txt", content: "après la coupure" },
    ]);
    assert.equal((await post(odile, whole.subarray(0, whole.length - 60))).status, 400);
    assert.equal((await get("/avant.txt")).body, "avant");
    assert.equal((await get("/apres.txt")).status, 404);
  });

  test("is refused whole when it is no such request", async () => {
    assert.equal((await post(undefined, bodyOf([]))).status, 401);
    assert.equal((await post(odile, bodyOf([]), "application/json")).status, 415);
    assert.equal((await post(odile, bodyOf([]), "multipart/related")).status, 415);
    assert.equal((await post(odile, Buffer.from("{}"))).status, 400);
    assert.equal((await dav.ask(odile, "GET", "/remote.php/dav/bulk")).status, 405);
    const tooMany = Array.from({ length: 1_001 }, (_, index) => ({ path: `/absent/${index}`, content: "" }));
    assert.equal((await post(odile, bodyOf(tooMany))).status, 400);
    assert.deepEqual(outcomesOf(await post(odile, bodyOf([]))), {});
  });
});
