import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { grantAccount } from "../../src/domain/access/grant-account.ts";
import { expireUploads } from "../../src/domain/drive/uploads/expire-uploads.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import { type DavAnswer, type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import type { TownPerson } from "../harness/town-hall.ts";

let dav: DavSuite;
let odile: TownPerson;
let marc: TownPerson;
before(async () => {
  dav = await startDavSuite();
  [odile, marc] = await Promise.all([dav.addPerson("Odile Martin"), dav.addPerson("Marc Petit", 200_000)]);
});
after(() => dav?.close());

const sha1 = (bytes: Buffer): string => `SHA1:${createHash("sha1").update(bytes).digest("hex")}`;
const uploadsOf = (person: TownPerson, path = ""): string => `/remote.php/dav/uploads/${person.uid}/${path}`;

let count = 0;

/** Begins an upload and sends its pieces, by the names of the protocol's first version. */
async function send(person: TownPerson, pieces: readonly Buffer[], total?: number): Promise<string> {
  const session = `${Date.now()}${count++}`;
  const size = total ?? pieces.reduce((sum, each) => sum + each.length, 0);
  const made = await dav.ask(person, "MKCOL", uploadsOf(person, session), { "oc-total-length": size });
  assert.equal(made.status, 201, made.body);
  for (const [index, piece] of pieces.entries()) await put(person, session, String(index).padStart(16, "0"), piece);
  return session;
}

async function put(person: TownPerson, session: string, name: string, piece: Buffer, status = 201): Promise<void> {
  const answer = await dav.ask(person, "PUT", uploadsOf(person, `${session}/${name}`), {}, piece);
  assert.equal(answer.status, status, answer.body);
}

function move(
  person: TownPerson,
  session: string,
  path: string,
  headers: Record<string, string | number> = {},
): Promise<DavAnswer> {
  const destination = dav.filesOf(person, path);
  return dav.ask(person, "MOVE", uploadsOf(person, `${session}/.file`), { destination, ...headers });
}

async function read(person: TownPerson, path: string): Promise<Buffer> {
  const answer = await dav.ask(person, "GET", dav.filesOf(person, path));
  assert.equal(answer.status, 200, path);
  return answer.bytes;
}

async function referencesOf(kind: string): Promise<number> {
  const result = await sql<{
    count: number;
  }>`SELECT count(*) AS count FROM blob_reference WHERE kind = ${kind}`.execute(dav.domain.store.read);
  return result.rows[0]!.count;
}

describe("a file that comes in pieces", () => {
  test("is put together with its date and its checksum, and the upload is gone", async () => {
    const pieces = [randomBytes(300_000), randomBytes(70_000), randomBytes(3)];
    const whole = Buffer.concat(pieces);
    const session = await send(odile, pieces);
    const answer = await move(odile, session, "/grand.bin", {
      "oc-checksum": sha1(whole),
      "oc-total-length": whole.length,
      "x-oc-mtime": 1_700_000_000,
    });
    assert.equal(answer.status, 201, answer.body);
    assert.equal(answer.headers["x-oc-mtime"], "accepted");
    assert.match(answer.headers["oc-fileid"] ?? "", /^\d{8,}\w+$/);
    assert.match(answer.headers.etag ?? "", /^"[0-9a-f]{32}"$/);
    assert.deepEqual(await read(odile, "/grand.bin"), whole);
    const range = await dav.ask(odile, "GET", dav.filesOf(odile, "/grand.bin"), { range: "bytes=299990-300009" });
    assert.deepEqual(range.bytes, whole.subarray(299_990, 300_010));
    const properties = await dav.ask(
      odile,
      "PROPFIND",
      dav.filesOf(odile, "/grand.bin"),
      { depth: "0" },
      '<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><oc:checksums/><d:getlastmodified/><oc:size/></d:prop></d:propfind>',
    );
    assert.match(properties.body, new RegExp(sha1(whole)));
    assert.match(properties.body, /Tue, 14 Nov 2023 22:13:20 GMT/);
    assert.equal((await dav.ask(odile, "PROPFIND", uploadsOf(odile, session), { depth: "1" })).status, 404);
    assert.equal(await referencesOf("upload_chunk"), 0);
  });

  test("is resumed from what a listing says, pieces sent again or taken away", async () => {
    const [a, b, c] = [randomBytes(100), randomBytes(80_000), randomBytes(50)] as const;
    const session = await send(odile, [a, randomBytes(10)], 80_150);
    const listing = await dav.ask(odile, "PROPFIND", uploadsOf(odile, session), { depth: "1" });
    const lengths = [...listing.body.matchAll(/\/(\d{16})<\/d:href>.*?<d:getcontentlength>(\d+)</g)];
    assert.deepEqual(
      lengths.map(([, name, length]) => [name, length]),
      [
        ["0000000000000000", "100"],
        ["0000000000000001", "10"],
      ],
    );
    assert.equal((await dav.ask(odile, "DELETE", uploadsOf(odile, `${session}/0000000000000001`))).status, 204);
    await put(odile, session, "0000000000000001", randomBytes(7));
    await put(odile, session, "0000000000000001", b, 204);
    await put(odile, session, "0000000000000002", c);
    const whole = Buffer.concat([a, b, c]);
    assert.equal((await move(odile, session, "/reprise.bin", { "oc-checksum": sha1(whole) })).status, 201);
    assert.deepEqual(await read(odile, "/reprise.bin"), whole);
  });

  test("says from the start where it goes, in the second version of the protocol", async () => {
    const pieces = [randomBytes(90_000), Buffer.alloc(0), randomBytes(20)];
    const whole = Buffer.concat(pieces);
    const destination = `${dav.base}${dav.filesOf(odile, "/%C3%A9t%C3%A9.bin")}`;
    const headers = { destination, "oc-total-length": whole.length };
    assert.equal((await dav.ask(odile, "MKCOL", uploadsOf(odile, "web-1"), headers)).status, 201);
    // In any order.
    for (const index of [2, 0, 1]) {
      const name = String(index + 1).padStart(5, "0");
      const answer = await dav.ask(odile, "PUT", uploadsOf(odile, `web-1/${name}`), headers, pieces[index]);
      assert.equal(answer.status, 201);
    }
    const answer = await dav.ask(odile, "MOVE", uploadsOf(odile, "web-1/.file"), headers);
    assert.equal(answer.status, 201, answer.body);
    assert.deepEqual(await read(odile, "/%C3%A9t%C3%A9.bin"), whole);
  });

  test("replaces a file only when it is still the one its sender knows", async () => {
    const first = await dav.ask(odile, "PUT", dav.filesOf(odile, "/plan.txt"), {}, "un");
    const known = first.headers.etag!;
    const second = await dav.ask(odile, "PUT", dav.filesOf(odile, "/plan.txt"), {}, "deux");
    const tagged = (etag: string): string => `<${dav.filesOf(odile, "/plan.txt")}> ([${etag}])`;
    const session = await send(odile, [Buffer.from("trois")]);
    assert.equal((await move(odile, session, "/plan.txt", { if: tagged(known) })).status, 412);
    assert.equal((await read(odile, "/plan.txt")).toString(), "deux");
    assert.equal((await move(odile, session, "/plan.txt", { if: tagged(second.headers.etag!) })).status, 204);
    assert.equal((await read(odile, "/plan.txt")).toString(), "trois");
  });

  test("goes to a team folder, whose quota is its own, when nobody could know it before", async () => {
    const pieces = [randomBytes(150_000), randomBytes(150_000)];
    // Beyond Marc's own quota.
    const tooMuch = await dav.ask(marc, "MKCOL", uploadsOf(marc, "trop"), { "oc-total-length": 300_000 });
    assert.equal(tooMuch.status, 507);
    await addTeamFolder("Voirie", marc);
    const session = await send(marc, pieces);
    assert.equal((await move(marc, session, "/ailleurs.bin")).status, 507);
    const answer = await move(marc, session, "/Voirie/ici.bin", { "oc-checksum": sha1(Buffer.concat(pieces)) });
    assert.equal(answer.status, 201, answer.body);
    assert.deepEqual(await read(marc, "/Voirie/ici.bin"), Buffer.concat(pieces));
  });
});

async function addTeamFolder(displayName: string, member: TownPerson): Promise<void> {
  const { store } = dav.domain;
  const made = await createPrincipalWithServices(store, dav.hall.organizationId, {
    kind: "team_folder",
    displayName,
    quotas: { mail: 0, files: 1_000_000 },
  });
  const rights = ["read", "write", "create", "delete"] as const;
  await store.transact((tx) => grantAccount(tx, made, member.viewer, rights));
}

describe("what does not make the file loses nothing", () => {
  test("a missing piece, a wrong length, a wrong checksum are refused, and can be mended", async () => {
    const pieces = [randomBytes(100), randomBytes(100), randomBytes(100)];
    const whole = Buffer.concat(pieces);
    const session = await send(odile, [pieces[0]!], 300);
    await put(odile, session, "0000000000000002", pieces[2]!);
    assert.equal((await move(odile, session, "/manque.bin")).status, 400, "a piece is missing");
    await put(odile, session, "0000000000000001", pieces[1]!);
    assert.equal((await move(odile, session, "/manque.bin", { "oc-total-length": 301 })).status, 400);
    assert.equal((await move(odile, session, "/manque.bin", { "oc-checksum": sha1(pieces[0]!) })).status, 400);
    assert.equal((await move(odile, session, "/manque.bin", { "oc-checksum": "SHA1:zz" })).status, 400);
    assert.equal((await move(odile, session, "/nulle/part/manque.bin")).status, 409);
    assert.equal((await dav.ask(odile, "GET", dav.filesOf(odile, "/manque.bin"))).status, 404);
    assert.equal((await move(odile, session, "/manque.bin", { "oc-checksum": sha1(whole) })).status, 201);
    assert.deepEqual(await read(odile, "/manque.bin"), whole);
  });

  test("two ends of one upload at once make one file", async () => {
    const session = await send(odile, [randomBytes(100_000), randomBytes(100_000)]);
    const answers = await Promise.all([move(odile, session, "/une.bin"), move(odile, session, "/une.bin")]);
    const statuses = answers.map(({ status }) => status).sort();
    assert.equal(statuses[0], 201);
    assert.ok([404, 409].includes(statuses[1]!), String(statuses));
    assert.equal((await read(odile, "/une.bin")).length, 200_000);
  });

  test("a full drive is said before a byte is sent, and at the end", async () => {
    const lise = await dav.addPerson("Lise Plein", 200_000);
    const headers = { destination: dav.filesOf(lise, "/a.bin"), "oc-total-length": 250_000 };
    assert.equal((await dav.ask(lise, "MKCOL", uploadsOf(lise, "web-plein"), headers)).status, 507);
    const session = await send(lise, [randomBytes(90_000), randomBytes(90_000)]);
    const meanwhile = await dav.ask(lise, "PUT", dav.filesOf(lise, "/autre.bin"), {}, randomBytes(90_000));
    assert.equal(meanwhile.status, 201);
    assert.equal((await move(lise, session, "/a.bin")).status, 507);
    assert.equal((await dav.ask(lise, "DELETE", dav.filesOf(lise, "/autre.bin"))).status, 204);
    assert.equal((await dav.ask(lise, "DELETE", `/remote.php/dav/trashbin/${lise.uid}/trash`)).status, 204);
    assert.equal((await move(lise, session, "/a.bin")).status, 201);
  });
});

describe("uploads under way", () => {
  test("are nobody else's", async () => {
    const session = await send(odile, [Buffer.from("secret")]);
    for (const path of [uploadsOf(odile, session), uploadsOf(odile, `${session}/.file`)]) {
      assert.equal((await dav.ask(marc, "PROPFIND", path, { depth: "0" })).status, 404);
    }
    assert.equal((await dav.ask(marc, "PUT", uploadsOf(marc, `${session}/0`), {}, "x")).status, 404);
    assert.equal((await dav.ask(marc, "DELETE", uploadsOf(odile, session))).status, 404);
    assert.equal((await dav.ask(odile, "DELETE", uploadsOf(odile, session))).status, 204);
  });

  test("have pieces with numbers for names, in uploads that were begun", async () => {
    const session = await send(odile, []);
    for (const name of ["x", "1a", "-1", ".file", "%2e%2e", "12345678901234567"]) {
      const { status } = await dav.ask(odile, "PUT", uploadsOf(odile, `${session}/${name}`), {}, "x");
      assert.ok(status === 400 || status === 403 || status === 405, `${name} ${status}`);
    }
    assert.equal((await dav.ask(odile, "PUT", uploadsOf(odile, "jamais/1"), {}, "x")).status, 404);
    assert.equal((await dav.ask(odile, "PUT", uploadsOf(odile, "jamais"), {}, "x")).status, 403);
    assert.equal((await dav.ask(odile, "MKCOL", uploadsOf(odile, session))).status, 405);
    assert.equal((await dav.ask(odile, "MKCOL", uploadsOf(odile, "a%20b"))).status, 400);
    assert.equal((await dav.ask(odile, "MKCOL", uploadsOf(odile, `${session}/sub`))).status, 403);
    assert.equal((await dav.ask(odile, "MKCOL", uploadsOf(odile, "t"), { "oc-total-length": "1e9" })).status, 400);
    assert.equal((await dav.ask(odile, "GET", uploadsOf(odile, `${session}/.file`))).status, 405);
  });

  test("expire when nobody goes on with them, and the collector finds their bytes", async () => {
    const session = await send(odile, [randomBytes(100_000)]);
    const before = await referencesOf("upload_chunk");
    assert.ok(before > 0);
    assert.ok((await expireUploads(dav.domain, new Date(Date.now() + 60_000))) > 0);
    assert.equal(await referencesOf("upload_chunk"), 0);
    assert.equal((await move(odile, session, "/tard.bin")).status, 404);
    const orphans = await sql<{ count: number }>`SELECT count(*) AS count FROM upload_chunk`.execute(
      dav.domain.store.read,
    );
    assert.equal(orphans.rows[0]!.count, 0);
  });
});
