import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { grantAccount } from "../../src/domain/access/grant-account.ts";
import { type DavAnswer, type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import { startSuite } from "../harness/start-suite.ts";
import type { TownPerson } from "../harness/town-hall.ts";

let dav: DavSuite;
let anne: TownPerson;
before(async () => {
  dav = await startDavSuite();
  anne = await dav.addPerson("Anne Riva");
});
after(() => dav?.close());

const lockInfo = (scope = "exclusive") =>
  `<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:${scope}/></d:lockscope><d:locktype><d:write/></d:locktype><d:owner>Bureau d'Anne &amp; co</d:owner></d:lockinfo>`;

const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<DavAnswer> =>
  dav.ask(anne, method, dav.filesOf(anne, path), headers, body);

async function lock(path: string, headers: Record<string, string> = {}, scope?: string): Promise<string> {
  const answer = await ask("LOCK", path, { depth: "0", ...headers }, lockInfo(scope));
  assert.ok([200, 201].includes(answer.status), answer.body);
  return answer.headers["lock-token"]!.slice(1, -1);
}

async function share(name: string, person: TownPerson): Promise<void> {
  const folder = await dav.domain.store.read
    .selectFrom("drive_node")
    .select("id")
    .where("account_id", "=", anne.accountId)
    .where("name", "=", name)
    .executeTakeFirstOrThrow();
  await dav.domain.store.transact((tx) =>
    grantAccount(tx, { ...anne, nodeId: folder.id }, person, ["read", "write", "create", "delete"]),
  );
}

async function etagOf(path: string): Promise<string> {
  const { body } = await ask(
    "PROPFIND",
    path,
    { depth: "0" },
    '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>',
  );
  return /<d:getetag>(.*?)</.exec(body)![1]!;
}

test("a lock says all of itself, in its answer and when it is asked for", async () => {
  await ask("PUT", "/a.txt", {}, "a");
  const answer = await ask("LOCK", "/a.txt", { depth: "0", timeout: "Second-600, Infinite" }, lockInfo());
  assert.equal(answer.status, 200);
  const token = answer.headers["lock-token"]!.slice(1, -1);
  const found = await ask(
    "PROPFIND",
    "/a.txt",
    { depth: "0" },
    '<propfind xmlns="DAV:"><prop><lockdiscovery/></prop></propfind>',
  );
  for (const body of [answer.body, found.body]) {
    assert.match(body, new RegExp(`<d:locktoken><d:href>${token}</d:href></d:locktoken>`));
    assert.match(body, /<d:depth>0<\/d:depth>/);
    assert.match(body, /<d:timeout>Second-(600|59\d)<\/d:timeout>/);
    assert.match(body, /<d:owner[^>]*>Bureau d'Anne &amp; co<\/d:owner>/);
    assert.match(body, new RegExp(`<d:lockroot><d:href>${dav.filesOf(anne, "/a.txt")}</d:href>`));
  }
  assert.equal((await ask("UNLOCK", "/a.txt", { "lock-token": `<${token}>` })).status, 204);
});

test("what is locked is changed by who shows the token only, by no method", async () => {
  await ask("MKCOL", "/d");
  await ask("PUT", "/d/b.txt", {}, "b");
  const token = await lock("/d/b.txt");
  const destination = dav.filesOf(anne, "/elsewhere.txt");
  const patch =
    '<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><x xmlns="urn:x">1</x></d:prop></d:set></d:propertyupdate>';
  for (const [method, headers, body] of [
    ["PUT", {}, "c"],
    ["DELETE", {}, undefined],
    ["MOVE", { destination }, undefined],
    ["PROPPATCH", {}, patch],
    ["LOCK", { depth: "0" }, lockInfo()],
    ["LOCK", { depth: "0" }, lockInfo("shared")],
    ["PUT", { if: "(<opaquelocktoken:wrong>) (Not <DAV:no-lock>)" }, "c"],
  ] as const) {
    const { status, body: text } = await ask(method, "/d/b.txt", headers, body);
    assert.equal(status, 423, `${method} ${text}`);
    assert.match(text, new RegExp(`<d:href>${dav.filesOf(anne, "/d/b.txt")}</d:href>`));
  }
  // Of a folder that holds it, the answer names what is in the way.
  const removal = await ask("DELETE", "/d");
  assert.equal(removal.status, 207);
  assert.match(removal.body, /\/d\/b\.txt<\/d:href><d:status>HTTP\/1\.1 423 Locked/);
  assert.equal((await ask("COPY", "/d/b.txt", { destination })).status, 201, "a copy takes nothing away");
  assert.equal((await ask("COPY", "/elsewhere.txt", { destination: dav.filesOf(anne, "/d/b.txt") })).status, 423);
  const mine = { if: `(<${token}>)` };
  assert.equal((await ask("PUT", "/d/b.txt", mine, "c")).status, 204);
  assert.equal((await ask("PROPPATCH", "/d/b.txt", mine, patch)).status, 207);
  assert.equal((await ask("DELETE", "/d", { if: `<${dav.filesOf(anne, "/d/b.txt")}> (<${token}>)` })).status, 204);
  assert.equal((await ask("PUT", "/d/b.txt", {}, "c")).status, 409);
});

test("a lock on what is not there makes an empty file; one on a folder keeps what comes and goes", async () => {
  const made = await ask("LOCK", "/later.txt", { depth: "0" }, lockInfo());
  assert.equal(made.status, 201);
  const token = made.headers["lock-token"]!.slice(1, -1);
  const empty = await ask("GET", "/later.txt");
  assert.deepEqual([empty.status, empty.headers["content-length"]], [200, "0"]);
  assert.equal((await ask("PUT", "/later.txt", {}, "x")).status, 423);
  assert.equal((await ask("PUT", "/later.txt", { if: `(<${token}>)` }, "x")).status, 204);

  await ask("MKCOL", "/f");
  await ask("MKCOL", "/f/sub");
  const shallow = await lock("/f", { depth: "0" });
  assert.equal((await ask("PUT", "/f/new.txt", {}, "x")).status, 423);
  assert.equal((await ask("DELETE", "/f/sub")).status, 423);
  assert.equal((await ask("PUT", "/f/sub/deep.txt", {}, "x")).status, 201, "its members only");
  assert.equal(
    (await ask("PUT", "/f/new.txt", { if: `<${dav.filesOf(anne, "/f/")}> (<${shallow}>)` }, "x")).status,
    201,
  );
  await ask("UNLOCK", "/f", { "lock-token": `<${shallow}>` });

  const deep = await lock("/f", { depth: "infinity" });
  assert.equal((await ask("PUT", "/f/sub/deep.txt", {}, "y")).status, 423);
  assert.equal((await ask("LOCK", "/f/sub/deep.txt", { depth: "0" }, lockInfo("shared"))).status, 423);
  assert.equal(
    (await ask("UNLOCK", "/f/sub/deep.txt", { "lock-token": `<${deep}>` })).status,
    204,
    "from anywhere in it",
  );
  assert.equal((await ask("PUT", "/f/sub/deep.txt", {}, "y")).status, 204);
});

test("shared locks go together, and one of them is enough to write", async () => {
  await ask("PUT", "/shared.txt", {}, "x");
  const one = await lock("/shared.txt", {}, "shared");
  const two = await lock("/shared.txt", {}, "shared");
  assert.equal((await ask("LOCK", "/shared.txt", { depth: "0" }, lockInfo())).status, 423);
  assert.equal((await ask("PUT", "/shared.txt", {}, "y")).status, 423);
  assert.equal((await ask("PUT", "/shared.txt", { if: `(<${two}>)` }, "y")).status, 204);
  for (const token of [one, two]) await ask("UNLOCK", "/shared.txt", { "lock-token": `<${token}>` });
});

test("a lock is refreshed by its token, ends with its time, and does not move with the file", async () => {
  await ask("PUT", "/time.txt", {}, "x");
  const token = await lock("/time.txt", { timeout: "Second-600" });
  const refreshed = await ask("LOCK", "/time.txt", { if: `(<${token}>)`, timeout: "Second-7200" });
  assert.equal(refreshed.status, 200);
  assert.match(refreshed.body, /Second-(7200|719\d)/);
  assert.equal(refreshed.headers["lock-token"], undefined);
  assert.equal((await ask("LOCK", "/time.txt", { if: "(<opaquelocktoken:other>)" })).status, 412);
  assert.equal((await ask("LOCK", "/time.txt")).status, 400);
  // Its time is over, without waiting for it.
  await dav.domain.store.transact((tx) =>
    sql`UPDATE node_lock SET expires_at = now() - interval '1 s' WHERE token = ${token}`.execute(tx),
  );
  assert.equal((await ask("PUT", "/time.txt", {}, "y")).status, 204);
  assert.equal((await ask("UNLOCK", "/time.txt", { "lock-token": `<${token}>` })).status, 409);
  const next = await lock("/time.txt");
  assert.equal(
    (await ask("MOVE", "/time.txt", { destination: dav.filesOf(anne, "/moved.txt"), if: `(<${next}>)` })).status,
    201,
  );
  assert.equal((await ask("PUT", "/moved.txt", {}, "z")).status, 204);
});

test("a lock holds in another copy of the program, and after the one that gave it has stopped", async () => {
  const beside = await startSuite({ beside: dav.suite, settings: { BOUQUET_ROLES: "web" } });
  let isOpen = true;
  try {
    const credentials = Buffer.from(`${anne.address}:${anne.appPassword}`).toString("base64");
    const authorization = `Basic ${credentials}`;
    const url = `http://127.0.0.1:${beside.port("http")}${dav.filesOf(anne, "/copies.txt")}`;
    const locked = await fetch(url, { method: "LOCK", headers: { authorization, depth: "0" }, body: lockInfo() });
    assert.equal(locked.status, 201);
    const token = locked.headers.get("lock-token")!;
    assert.equal((await ask("PUT", "/copies.txt", {}, "x")).status, 423);
    isOpen = false;
    await beside.close();
    assert.equal((await ask("PUT", "/copies.txt", {}, "x")).status, 423);
    assert.equal((await ask("PUT", "/copies.txt", { if: `(${token})` }, "x")).status, 204);
  } finally {
    if (isOpen) await beside.close();
  }
});

test("the token of a lock is worth nothing to somebody else", async () => {
  const paul = await dav.addPerson("Paul Verne");
  await ask("MKCOL", "/commun");
  const { headers } = await ask("PUT", "/commun/x.txt", {}, "x");
  assert.ok(headers["oc-fileid"]);
  await share("commun", paul);
  const theirs = dav.filesOf(paul, "/commun/x.txt");
  assert.equal((await dav.ask(paul, "PUT", theirs, {}, "de Paul")).status, 204);
  const token = await lock("/commun/x.txt");
  assert.equal((await dav.ask(paul, "PUT", theirs, { if: `(<${token}>)` }, "y")).status, 423);
  assert.equal((await dav.ask(paul, "UNLOCK", theirs, { "lock-token": `<${token}>` })).status, 403);
  const seen = await dav.ask(
    paul,
    "PROPFIND",
    theirs,
    { depth: "0" },
    '<d:propfind xmlns:d="DAV:" xmlns:nc="http://nextcloud.org/ns"><d:prop><nc:lock/><nc:lock-owner/><nc:lock-owner-type/></d:prop></d:propfind>',
  );
  assert.match(
    seen.body,
    new RegExp(`<nc:lock>1</nc:lock><nc:lock-owner>${anne.uid}</nc:lock-owner><nc:lock-owner-type>2<`),
  );
  await ask("UNLOCK", "/commun/x.txt", { "lock-token": `<${token}>` });

  // By hand, as Nextcloud's clients do it: for all but oneself, until it is taken away.
  const byHand = await ask("LOCK", "/commun/x.txt", { "x-user-lock": "1" });

  test("a desktop client locks what a program opens, writes it with the token as it was told, and unlocks it", async () => {
    const paul = await dav.addPerson("Paul Riquet");
    await ask("MKCOL", "/bureau");
    await share("bureau", paul);
    const path = "/bureau/Compte%20rendu%20%C3%A9t%C3%A9.odt";
    await ask("PUT", path, {}, "x");
    const theirs = dav.filesOf(paul, path);
    const byProgram = { "x-user-lock": "1", "x-user-lock-type": "2" };
    const before = await etagOf("/bureau");
    const locked = await ask("LOCK", path, byProgram);
    assert.equal(locked.status, 200, locked.body);
    assert.match(locked.body, /<nc:lock>1<\/nc:lock><nc:lock-owner-type>2<.*<nc:lock-timeout>86400</);
    assert.notEqual(await etagOf("/bureau"), before, "others look again");
    const again = await ask("LOCK", path, byProgram);
    const token = /<nc:lock-token>([^<:]+)</.exec(again.body)![1]!;
    assert.ok(locked.body.includes(token), "it is the same lock");
    assert.equal((await dav.ask(paul, "LOCK", theirs, byProgram)).status, 423);
    assert.equal((await dav.ask(paul, "LOCK", theirs, { "x-user-lock": "1" })).status, 423);
    assert.equal((await dav.ask(paul, "UNLOCK", theirs, byProgram)).status, 423);

    // The path is one from the folder that is synchronized, with its spaces and accents as they are.
    const raw = Buffer.from(`${dav.base}/remote.php/dav/files/${anne.uid}/Compte rendu été.odt`).toString("latin1");
    const shown = { if: `<${raw}> (<opaquelocktoken:${token}>)` };
    assert.equal((await ask("PUT", path, {}, "y")).status, 423);
    assert.equal((await ask("PUT", path, { if: shown.if.replace(token, `${token.slice(1)}0`) }, "y")).status, 412);
    assert.equal((await dav.ask(paul, "PUT", theirs, shown, "y")).status, 423, "a token is worth nothing to others");
    assert.equal((await ask("PUT", path, shown, "y")).status, 204);
    await ask("PUT", "/autre.odt", {}, "z");
    const destination = dav.filesOf(anne, path);
    assert.equal((await ask("MOVE", "/autre.odt", { destination })).status, 423);
    assert.equal((await ask("MOVE", "/autre.odt", { destination, ...shown })).status, 204);
    assert.equal((await ask("UNLOCK", path, byProgram)).status, 412, "what was replaced has gone with its lock");

    const next = await ask("LOCK", path, byProgram);
    assert.equal(
      (await ask("UNLOCK", path, { "x-user-lock": "1" })).status,
      200,
      "its holder need not say of which type",
    );
    assert.equal((await ask("UNLOCK", path, byProgram)).status, 412);
    const { body } = await ask("LOCK", path, { "x-user-lock": "1" });
    assert.notEqual(/<nc:lock-token>(.*?)</.exec(body)![1], /<nc:lock-token>(.*?)</.exec(next.body)![1]);
    const mine = `<${raw}> (<opaquelocktoken:${/<nc:lock-token>(.*?)</.exec(body)![1]}>)`;
    assert.equal((await ask("DELETE", path, { if: mine })).status, 204);
    assert.deepEqual(dav.suite.log, []);
  });
  assert.equal(byHand.status, 200, byHand.body);
  assert.match(byHand.body, /<nc:lock>1<\/nc:lock><nc:lock-owner-type>0</);
  assert.equal((await dav.ask(paul, "PUT", theirs, {}, "y")).status, 423);
  for (const type of ["1", "3", "x", ""]) {
    assert.equal((await ask("LOCK", "/commun/x.txt", { "x-user-lock": "1", "x-user-lock-type": type })).status, 400);
  }
  const again = await ask("LOCK", "/commun/x.txt", { "x-user-lock": "1" });
  assert.deepEqual([again.status, again.body], [200, byHand.body]);
  const second = await dav.ask(paul, "LOCK", theirs, { "x-user-lock": "1" });
  assert.equal(second.status, 423);
  assert.match(second.body, new RegExp(`<nc:lock>1</nc:lock>.*<nc:lock-owner>${anne.uid}</nc:lock-owner>`));
  assert.equal((await dav.ask(paul, "UNLOCK", theirs, { "x-user-lock": "1" })).status, 423);
  assert.equal((await ask("PUT", "/commun/x.txt", {}, "d'Anne")).status, 204);
  assert.equal((await ask("UNLOCK", "/commun/x.txt", { "x-user-lock": "1" })).status, 200);
  assert.equal((await ask("UNLOCK", "/commun/x.txt", { "x-user-lock": "1" })).status, 412);
  assert.equal((await dav.ask(paul, "PUT", theirs, {}, "y")).status, 204);
  assert.deepEqual(dav.suite.log, []);
});
