import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Right } from "../../src/domain/access/account-access.ts";
import { grantAccount } from "../../src/domain/access/grant-account.ts";
import { type DavAnswer, type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import type { TownPerson } from "../harness/town-hall.ts";

let dav: DavSuite;
let anne: TownPerson;
let paul: TownPerson;
before(async () => {
  dav = await startDavSuite();
  anne = await dav.addPerson("Anne Riva");
  paul = await dav.addPerson("Paul Verne");
});
after(() => dav?.close());

type Headers = Record<string, string>;
const as = (person: TownPerson, method: string, path: string, headers: Headers = {}, body?: string) =>
  dav.ask(person, method, dav.filesOf(person, path), headers, body);
const ask = (method: string, path: string, headers: Headers = {}, body?: string): Promise<DavAnswer> =>
  as(anne, method, path, headers, body);

const namespaces = 'xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"';
const prop = (...names: string[]): string =>
  `<d:propfind ${namespaces}><d:prop>${names.map((name) => `<${name}/>`).join("")}</d:prop></d:propfind>`;
const patch = (inner: string): string => `<d:propertyupdate ${namespaces} xmlns:x="urn:x">${inner}</d:propertyupdate>`;

/** Path beneath the person's files, and what is said of it. */
function responses(person: TownPerson, { body }: DavAnswer): Map<string, string> {
  const root = dav.filesOf(person, "");
  return new Map(
    [...body.matchAll(/<d:response><d:href>([^<]*)<\/d:href>(.*?)<\/d:response>/gs)].map(([, href, inner]) => [
      decodeURIComponent(href!.slice(root.length)),
      inner!,
    ]),
  );
}

async function shareWithPaul(name: string, rights: readonly Right[]): Promise<void> {
  const { id } = await dav.domain.store.read
    .selectFrom("drive_node")
    .select("id")
    .where("account_id", "=", anne.accountId)
    .where("name", "=", name)
    .where("state", "=", "live")
    .executeTakeFirstOrThrow();
  await dav.domain.store.transact((tx) => grantAccount(tx, { ...anne, nodeId: id }, paul, rights));
}

const sync = (person: TownPerson, path: string, token: string, more = "<d:sync-level>infinite</d:sync-level>") =>
  as(
    person,
    "REPORT",
    path,
    { depth: "0" },
    `<d:sync-collection ${namespaces}><d:sync-token>${token}</d:sync-token>${more}<d:prop><d:getetag/></d:prop></d:sync-collection>`,
  );
const tokenOf = ({ body }: DavAnswer): string => {
  const [, token] = /<d:sync-token>([^<]+)<\/d:sync-token>/.exec(body) ?? [];
  assert.ok(token, body);
  return token;
};

test("the first synchronization of the desktop client gets what it asks for, and 404 for what nobody has", async () => {
  await ask("PUT", "/un.txt", {}, "un");
  const answer = await ask(
    "PROPFIND",
    "/",
    { depth: "1" },
    prop(
      ...["d:resourcetype", "d:getlastmodified", "d:getcontentlength", "d:getetag", "oc:size", "oc:id", "oc:fileid"],
      ...["oc:downloadURL", "oc:dDC", "oc:permissions", "oc:checksums", "oc:data-fingerprint", "oc:share-types"],
    ),
  );
  assert.equal(answer.status, 207);
  const all = responses(anne, answer);
  assert.deepEqual([...all.keys()], ["/", "/un.txt"]);
  assert.match(all.get("/")!, /<d:resourcetype><d:collection\/><\/d:resourcetype>/);
  assert.match(all.get("/")!, /<oc:permissions>RGDNVCK<\/oc:permissions>/);
  assert.match(all.get("/un.txt")!, /<oc:permissions>RGDNVW<\/oc:permissions>/);
  assert.match(all.get("/un.txt")!, /<oc:downloadURL\/><oc:dDC\/>.*404 Not Found/);
});

test("allprop tells what RFC 4918 defines and what clients have set; propname names all", async () => {
  await ask("PUT", "/props.txt", {}, "x");
  await ask(
    "PROPPATCH",
    "/props.txt",
    {},
    patch('<d:set><d:prop><x:couleur xml:lang="fr">bleu <b>clair</b></x:couleur></d:prop></d:set>'),
  );
  for (const body of [undefined, `<d:propfind ${namespaces}><d:allprop/></d:propfind>`]) {
    const { body: text } = await ask("PROPFIND", "/props.txt", { depth: "0" }, body);
    assert.match(text, /<d:getcontentlength>1</);
    assert.match(text, /couleur[^>]*xml:lang="fr"[^>]*>bleu <b xmlns="">clair<\/b></);
    assert.doesNotMatch(text, /oc:fileid|404/);
  }
  const names = await ask(
    "PROPFIND",
    "/props.txt",
    { depth: "0" },
    `<d:propfind ${namespaces}><d:propname/></d:propfind>`,
  );
  assert.match(names.body, /<oc:fileid\/>/);
  assert.match(names.body, /couleur/);
  const minimal = await ask("PROPFIND", "/props.txt", { depth: "0", prefer: "return=minimal" }, prop("d:getetag", "x"));
  assert.doesNotMatch(minimal.body, /404/);
  assert.equal(minimal.headers["preference-applied"], "return=minimal");
});

test("properties are set all or none, favorites and times by the names of the clients", async () => {
  await ask("PUT", "/patch.txt", {}, "x");
  const failed = await ask(
    "PROPPATCH",
    "/patch.txt",
    {},
    patch("<d:set><d:prop><x:a>1</x:a><d:getetag>mine</d:getetag></d:prop></d:set>"),
  );
  assert.match(
    failed.body,
    /<d:getetag\/><\/d:prop><d:status>HTTP\/1\.1 403 Forbidden.*cannot-modify-protected-property/,
  );
  assert.match(failed.body, /424 Failed Dependency/);
  const set = await ask(
    "PROPPATCH",
    "/patch.txt",
    {},
    patch(
      "<d:set><d:prop><oc:favorite>1</oc:favorite><d:lastmodified>1600000000</d:lastmodified><x:b>2</x:b></d:prop></d:set><d:remove><d:prop><x:b/></d:prop></d:remove>",
    ),
  );
  assert.match(set.body, /200 OK/);
  const { body } = await ask("PROPFIND", "/patch.txt", { depth: "0" }, prop("oc:favorite", "d:getlastmodified"));
  assert.match(body, /<oc:favorite>1<\/oc:favorite><d:getlastmodified>Sun, 13 Sep 2020 12:26:40 GMT</);
  assert.doesNotMatch((await ask("PROPFIND", "/patch.txt", { depth: "0" })).body, /urn:x/);
  const win32 = `<d:propertyupdate xmlns:d="DAV:" xmlns:z="urn:schemas-microsoft-com:"><d:set><d:prop><z:Win32FileAttributes>00000020</z:Win32FileAttributes></d:prop></d:set></d:propertyupdate>`;
  assert.match((await ask("PROPPATCH", "/patch.txt", {}, win32)).body, /200 OK/);
});

test("what clients may leave on a file is bounded: listings carry it", async () => {
  await ask("PUT", "/bornes.txt", {}, "x");
  const set = (names: string[], value: string) =>
    ask(
      "PROPPATCH",
      "/bornes.txt",
      {},
      patch(`<d:set><d:prop>${names.map((name) => `<x:${name}>${value}</x:${name}>`).join("")}</d:prop></d:set>`),
    );
  assert.equal((await set(["gros"], "x".repeat(40_000))).status, 413);
  const many = Array.from({ length: 101 }, (_, index) => `p${index}`);
  assert.equal((await set(many, "")).status, 413);
  assert.equal((await set(["a", "b", "c"], "x".repeat(20_000))).status, 413);
  assert.equal((await set(["a"], "x".repeat(20_000))).status, 207);
  assert.doesNotMatch((await ask("PROPFIND", "/bornes.txt", { depth: "0" })).body, /<x:p\d|<x:b/);
  const owner = `<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype><d:owner>${"x".repeat(3_000)}</d:owner></d:lockinfo>`;
  assert.equal((await ask("LOCK", "/bornes.txt", { depth: "0" }, owner)).status, 413);
});

test("an extended MKCOL makes a folder with its properties, or nothing", async () => {
  const mkcol = (type: string, more = "") =>
    `<d:mkcol ${namespaces}><d:set><d:prop><d:resourcetype>${type}</d:resourcetype>${more}</d:prop></d:set></d:mkcol>`;
  const xml = { "content-type": "application/xml" };
  const made = await ask("MKCOL", "/ext", xml, mkcol("<d:collection/>", '<x xmlns="urn:x">y</x>'));
  assert.equal(made.status, 201, made.body);
  assert.match((await ask("PROPFIND", "/ext", { depth: "0" })).body, /<x:?1?:?x [^>]*>y|>y<\//);
  const favorite = await ask("MKCOL", "/favori", xml, mkcol("<d:collection/>", "<oc:favorite>1</oc:favorite>"));
  assert.equal(favorite.status, 201);
  const wanted = `<d:propfind ${namespaces}><d:prop><oc:favorite/></d:prop></d:propfind>`;
  assert.match((await ask("PROPFIND", "/favori", { depth: "0" }, wanted)).body, /<oc:favorite>1</);
  const calendar = await ask("MKCOL", "/cal", xml, mkcol('<d:collection/><c xmlns="urn:ietf:params:xml:ns:caldav"/>'));
  assert.deepEqual([calendar.status, /valid-resourcetype/.test(calendar.body)], [403, true]);
  assert.equal((await ask("MKCOL", "/bad", xml, mkcol("<d:collection/>", "<d:getetag>x</d:getetag>"))).status, 403);
  for (const path of ["/cal", "/bad"]) assert.equal((await ask("GET", path)).status, 404);
  assert.equal((await ask("MKCOL", "/text", { "content-type": "text/plain" }, "x")).status, 415);
});

test("comments of others are unread until the reader says otherwise", async () => {
  const { headers } = await ask("PUT", "/discuté.txt".normalize("NFC").replace("é", "%C3%A9"), {}, "x");
  await shareWithPaul("discuté.txt", ["read"]);
  const fileId = String(Number(/^0*(\d+)oc/.exec(headers["oc-fileid"]!)![1]));
  const comments = `/remote.php/dav/comments/files/${fileId}`;
  const json = { "content-type": "application/json" };
  const say = async (person: TownPerson, message: string) => {
    assert.equal((await dav.ask(person, "POST", comments, json, JSON.stringify({ message }))).status, 201);
  };
  const asked = `<d:propfind ${namespaces}><d:prop><oc:comments-unread/><oc:comments-count/></d:prop></d:propfind>`;
  const unread = async (person: TownPerson) => {
    const path = dav.filesOf(person, "/discut%C3%A9.txt");
    const { body } = await dav.ask(person, "PROPFIND", path, { depth: "0" }, asked);
    return ["unread", "count"].map((name) => Number(new RegExp(`comments-${name}>(\\d+)<`).exec(body)?.[1]));
  };
  const flags = async (person: TownPerson) => {
    const { body } = await dav.ask(person, "REPORT", comments, {}, `<oc:filter-comments ${namespaces}/>`);
    return [...body.matchAll(/<oc:isUnread>(\w+)</g)].map(([, flag]) => flag);
  };
  await say(paul, "un");
  await say(paul, "deux");
  await say(anne, "trois");
  assert.deepEqual(
    [await unread(anne), await unread(paul)],
    [
      [2, 3],
      [1, 3],
    ],
  );
  assert.deepEqual(await flags(anne), ["false", "true", "true"]);
  const read = (value = "") =>
    dav.ask(
      anne,
      "PROPPATCH",
      comments,
      {},
      patch(`<d:set><d:prop><oc:readMarker>${value}</oc:readMarker></d:prop></d:set>`),
    );
  assert.equal((await read()).status, 207);
  assert.deepEqual(
    [await unread(anne), await unread(paul)],
    [
      [0, 3],
      [1, 3],
    ],
  );
  assert.deepEqual(await flags(anne), ["false", "false", "false"]);
  await say(paul, "quatre");
  assert.deepEqual(await unread(anne), [1, 4]);
  assert.equal((await read("nonsense")).status, 400);
  await read("Thu, 01 Jan 1970 00:00:01 GMT");
  assert.deepEqual(await unread(anne), [3, 4]);
  const outsider = await dav.addPerson("Zoe Dehors");
  assert.equal(
    (await dav.ask(outsider, "PROPPATCH", comments, {}, patch("<d:set><d:prop><oc:readMarker/></d:prop></d:set>")))
      .status,
    404,
  );
});

test("sync-collection tells what came, changed and left since the token, and nothing else", async () => {
  for (const path of ["/s", "/s/a", "/s/a/deep"]) await ask("MKCOL", path);
  for (const path of ["/s/1", "/s/2", "/s/a/3", "/s/a/deep/4"]) await ask("PUT", path, {}, "x");
  const first = await sync(anne, "/s", "");
  assert.deepEqual([...responses(anne, first).keys()].sort(), [
    "/s/1",
    "/s/2",
    "/s/a/",
    "/s/a/3",
    "/s/a/deep/",
    "/s/a/deep/4",
  ]);
  const token = tokenOf(first);
  assert.equal(responses(anne, await sync(anne, "/s", token)).size, 0);

  await ask("PUT", "/s/1", {}, "changed");
  await ask("DELETE", "/s/2");
  await ask("MOVE", "/s/a", { destination: dav.filesOf(anne, "/s/b") });
  await ask("PUT", "/outside.txt", {}, "x");
  const next = await sync(anne, "/s", token);
  const told = responses(anne, next);
  assert.deepEqual([...told.keys()].sort(), ["/s/1", "/s/2", "/s/a", "/s/b/", "/s/b/3", "/s/b/deep/", "/s/b/deep/4"]);
  for (const gone of ["/s/2", "/s/a"]) assert.match(told.get(gone)!, /<d:status>HTTP\/1\.1 404 Not Found/);
  assert.match(told.get("/s/b/deep/4")!, /getetag>"[0-9a-f]{32}"/);
  assert.equal(responses(anne, await sync(anne, "/s", tokenOf(next))).size, 0);

  // A name that something else has taken is not gone.
  await ask("DELETE", "/s/1");
  await ask("PUT", "/s/1", {}, "new");
  const again = responses(anne, await sync(anne, "/s", tokenOf(next)));
  assert.deepEqual([...again.keys()], ["/s/1"]);
  assert.match(again.get("/s/1")!, /200 OK/);
});

test("sync-collection of one level tells members only, and turns pages when asked", async () => {
  for (const path of ["/p", "/p/sub"]) await ask("MKCOL", path);
  for (let index = 0; index < 7; index += 1) await ask("PUT", `/p/${index}`, {}, "x");
  await ask("PUT", "/p/sub/hidden", {}, "x");
  const level = "<d:sync-level>1</d:sync-level><d:limit><d:nresults>3</d:nresults></d:limit>";
  const seen: string[] = [];
  let token = "";
  for (let pages = 0; pages < 10; pages += 1) {
    const page = await sync(anne, "/p", token, level);
    const told = responses(anne, page);
    const hasMore = told.delete("/p/");
    assert.ok(told.size <= 3, page.body);
    seen.push(...told.keys());
    token = tokenOf(page);
    if (!hasMore) break;
    assert.match(page.body, /507 Insufficient Storage.*number-of-matches-within-limits/);
  }
  assert.deepEqual(seen.sort(), [...Array.from({ length: 7 }, (_, index) => `/p/${index}`), "/p/sub/"]);
  assert.equal(responses(anne, await sync(anne, "/p", token, level)).size, 0);
});

test("a token that is invented, of another folder or from before a share came is refused", async () => {
  await ask("MKCOL", "/tok");
  const token = tokenOf(await sync(anne, "/tok", ""));
  for (const bad of [
    "x",
    "bouquet:sync:1:2:3",
    token.replace(/^bouquet:sync:\d+/, "bouquet:sync:999999"),
    token.replace(/:\d+:(?=[0-9a-f]{8}-)/, ":99999999:"),
  ]) {
    const answer = await sync(anne, "/tok", bad);
    assert.deepEqual([answer.status, /<d:valid-sync-token\/>/.test(answer.body)], [403, true], bad);
  }
  const before = tokenOf(await sync(paul, "/", ""));
  await ask("MKCOL", "/pour-paul");
  await ask("PUT", "/pour-paul/x", {}, "x");
  await shareWithPaul("pour-paul", ["read"]);
  assert.equal((await sync(paul, "/", before)).status, 403);
  const anew = await sync(paul, "/", "");
  assert.match(responses(paul, anew).get("/pour-paul/")!, /403 Forbidden.*sync-traversal-supported/);
  // At the level 1 it is a member like any other.
  const flat = await sync(paul, "/", "", "<d:sync-level>1</d:sync-level>");
  assert.match(responses(paul, flat).get("/pour-paul/")!, /200 OK/);
  const mount = await sync(paul, "/pour-paul", "");
  assert.deepEqual([...responses(paul, mount).keys()], ["/pour-paul/x"]);
});

test("a file that is shared alone is a member, whose changes are told", async () => {
  await ask("MKCOL", "/chez-anne");
  await ask("PUT", "/chez-anne/seul.txt", {}, "avant");
  await shareWithPaul("seul.txt", ["read"]);
  for (const level of ["1", "infinite"]) {
    const more = `<d:sync-level>${level}</d:sync-level>`;
    const first = await sync(paul, "/", "", more);
    const member = responses(paul, first).get("/seul.txt")!;
    assert.match(member, /200 OK/);
    const token = tokenOf(first);
    assert.equal(responses(paul, await sync(paul, "/", token, more)).size, 0);
    await ask("PUT", "/chez-anne/seul.txt", {}, `après ${level}`);
    const next = await sync(paul, "/", token, more);
    // What else is shared alone may be told again, as it was.
    for (const [path, told] of responses(paul, next)) {
      assert.equal(responses(paul, first).get(path) === told, path !== "/seul.txt", path);
    }
    assert.notEqual(responses(paul, next).get("/seul.txt") ?? member, member);
    assert.equal(responses(paul, await sync(paul, "/", tokenOf(next), more)).size, 0);
  }
});

const search = (where: string, more = "", scope = `/files/${anne.uid}`) =>
  dav.ask(
    anne,
    "SEARCH",
    "/remote.php/dav/",
    { "content-type": "text/xml" },
    `<d:searchrequest ${namespaces}><d:basicsearch><d:select><d:prop><oc:fileid/><d:displayname/></d:prop></d:select>
    <d:from><d:scope><d:href>${scope}</d:href><d:depth>infinity</d:depth></d:scope></d:from>
    <d:where>${where}</d:where>${more}</d:basicsearch></d:searchrequest>`,
  );
const compare = (operator: string, name: string, literal: string): string =>
  `<d:${operator}><d:prop><${name}/></d:prop><d:literal>${literal}</d:literal></d:${operator}>`;

test("SEARCH finds by name, type, time, number, favorite, and in what is shared", async () => {
  await ask("MKCOL", "/Vacances");
  const photo = await ask("PUT", "/Vacances/Plage%20d%27%C3%A9t%C3%A9.jpg", { "x-oc-mtime": "1500000000" }, "jpeg");
  await ask("PUT", "/Vacances/film.mp4", { "x-oc-mtime": "1500000100" }, "mp4");
  await ask("PUT", "/Vacances/note.txt", { "x-oc-mtime": "1500000200" }, "txt");
  const names = async (where: string, more?: string, scope?: string) =>
    [...responses(anne, await search(where, more, scope)).keys()].map(
      (path) => path.split("/").filter(Boolean).at(-1)!,
    );
  assert.deepEqual(await names(compare("like", "d:displayname", "%ete%")), ["Plage d'été.jpg"]);
  const media = `<d:or>${compare("like", "d:getcontenttype", "image/%")}${compare("like", "d:getcontenttype", "video/%")}</d:or>`;
  const between = `<d:and>${media}${compare("lt", "d:getlastmodified", "2017-07-14T02:41:41Z")}${compare("gt", "d:getlastmodified", "1499999999")}</d:and>`;
  const newest = "<d:orderby><d:order><d:prop><d:getlastmodified/></d:prop><d:descending/></d:order></d:orderby>";
  assert.deepEqual(await names(between, newest), ["film.mp4", "Plage d'été.jpg"]);
  assert.deepEqual(await names(between, `${newest}<d:limit><d:nresults>1</d:nresults></d:limit>`), ["film.mp4"]);
  const fileId = String(Number(/^0*(\d+)oc/.exec(photo.headers["oc-fileid"]!)![1]));
  assert.deepEqual(await names(compare("eq", "oc:fileid", fileId)), ["Plage d'été.jpg"]);
  await ask(
    "PROPPATCH",
    "/Vacances/note.txt",
    {},
    patch("<d:set><d:prop><oc:favorite>1</oc:favorite></d:prop></d:set>"),
  );
  assert.deepEqual(await names(compare("eq", "oc:favorite", "yes"), "", `/files/${anne.uid}/Vacances`), ["note.txt"]);
  const favorites = await ask(
    "REPORT",
    "/Vacances",
    {},
    `<oc:filter-files ${namespaces}><d:prop><oc:fileid/></d:prop><oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>`,
  );
  assert.deepEqual([...responses(anne, favorites).keys()], ["/Vacances/note.txt"]);
  const mine = `<d:and>${compare("eq", "oc:owner-id", anne.uid)}${compare("like", "d:displayname", "%film%")}</d:and>`;
  const taken = `<d:and>${media}${compare("lt", "nc:metadata-photos-original_date_time", "1500000099.5")}</d:and>`;
  assert.deepEqual(await names(taken), ["Plage d'été.jpg"]);
  const byPhotoDate =
    "<d:orderby><d:order><d:prop><nc:metadata-photos-original_date_time/></d:prop></d:order></d:orderby>";
  assert.deepEqual(await names(mine, byPhotoDate, `/files/${anne.uid}/`), ["film.mp4"]);
  assert.deepEqual(await names(mine.replace(anne.uid, paul.uid)), []);
  const recent = `<d:and><d:or><d:not>${compare("eq", "d:getcontenttype", "httpd/unix-directory")}</d:not>${compare("eq", "oc:size", "0")}</d:or>${compare("lt", "d:getlastmodified", "1500000150")}</d:and>`;
  assert.deepEqual(await names(recent, newest), ["film.mp4", "Plage d'été.jpg"]);
  // What lies in the trash is found by nobody; what is shared by whom it is shared with.
  await ask("MKCOL", "/Vacances/vieux");
  await ask("PUT", "/Vacances/vieux/plage-ancienne.txt", {}, "x");
  await ask("DELETE", "/Vacances/vieux");
  assert.deepEqual(await names(compare("like", "d:displayname", "%plage%")), ["Plage d'été.jpg"]);
  await shareWithPaul("Vacances", ["read"]);
  const theirs = await dav.ask(
    paul,
    "SEARCH",
    "/remote.php/dav/",
    {},
    `<d:searchrequest ${namespaces}><d:basicsearch><d:select><d:prop><oc:permissions/></d:prop></d:select><d:from><d:scope><d:href>/files/${paul.uid}</d:href></d:scope></d:from><d:where>${compare("like", "d:displayname", "%plage%")}</d:where></d:basicsearch></d:searchrequest>`,
  );
  const [[path, inner] = []] = responses(paul, theirs);
  assert.equal(path, "/Vacances/Plage d'été.jpg");
  assert.match(inner!, /<oc:permissions>SG<\/oc:permissions>/);
  assert.equal((await search(compare("like", "d:displayname", "%"), "", `/files/${paul.uid}`)).status, 409);
  assert.equal((await search(compare("eq", "d:unknown", "x"))).status, 400);
  for (const time of ["hier", "-271000-01-01T00:00:00Z", "-999999999999"]) {
    assert.equal((await search(compare("gt", "d:getlastmodified", time))).status, 400, time);
  }
  assert.equal((await search(compare("like", "d:displayname", "\\%' OR 1=1 --"))).status, 207);
});

test("a folder with its time, a copy of a folder alone and a lock on a new name come whole or not at all", async () => {
  const genre = '<x:genre xmlns:x="urn:x">note</x:genre>';
  await ask("MKCOL", "/entier");
  await ask("PROPPATCH", "/entier", {}, patch(`<d:set><d:prop>${genre}</d:prop></d:set>`));
  await ask("PUT", "/entier/x", {}, "x");
  await shareWithPaul("entier", ["read", "create"]);
  // Paul may add, and change nothing.
  const theirs = (name: string): string => dav.filesOf(paul, `/entier/${name}`);
  assert.equal((await dav.ask(paul, "MKCOL", theirs("neuf"), { "x-oc-mtime": "1500000000" })).status, 201);
  const made = await dav.ask(paul, "PROPFIND", theirs("neuf"), { depth: "0" }, prop("d:getlastmodified"));
  assert.match(made.body, /Fri, 14 Jul 2017 02:40:00 GMT/);
  const lockInfo =
    '<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockinfo>';
  assert.equal((await dav.ask(paul, "LOCK", theirs("verrou"), { depth: "0" }, lockInfo)).status, 403);
  assert.equal((await ask("GET", "/entier/verrou")).status, 404);
  for (const status of [201, 204]) {
    const copied = await ask("COPY", "/entier", { destination: dav.filesOf(anne, "/seul"), depth: "0" });
    assert.equal(copied.status, status, copied.body);
    const alone = await ask("PROPFIND", "/seul", { depth: "1" }, prop("oc:size", 'x:genre xmlns:x="urn:x"'));
    assert.equal(responses(anne, alone).size, 1);
    assert.match(alone.body, /<oc:size>0<.*>note<\/\w+:genre>/);
  }
});

test("the root of all trees says who one is", async () => {
  const root = await dav.ask(anne, "PROPFIND", "/remote.php/dav/", { depth: "0" }, prop("d:current-user-principal"));
  const principal = `/remote.php/dav/principals/users/${anne.uid}/`;
  assert.match(root.body, new RegExp(`<d:current-user-principal><d:href>${principal}</d:href>`));
  const self = await dav.ask(anne, "PROPFIND", principal, { depth: "0" }, prop("d:displayname", "d:resourcetype"));
  assert.match(self.body, /<d:displayname>Anne Riva<\/d:displayname><d:resourcetype><d:principal\/>/);
  assert.equal(
    (await dav.ask(anne, "PROPFIND", `/remote.php/dav/principals/users/${paul.uid}/`, { depth: "0" })).status,
    404,
  );
  for (const path of ["/remote.php/webdav/", "/dav/files/", `/dav/files/${anne.uid}/`]) {
    assert.equal((await dav.ask(anne, "PROPFIND", path, { depth: "0" })).status, 207, path);
  }
  // As a person who set up a client by hand may write it.
  assert.equal(
    (await dav.ask(anne, "PROPFIND", `/remote.php/dav/files/${encodeURIComponent(anne.address)}/`, { depth: "0" }))
      .status,
    207,
  );
  assert.deepEqual(dav.suite.log, []);
});

test("what is shared is a folder of one's own with the letters of its rights; leaving it removes nothing", async () => {
  await ask("MKCOL", "/Partage");
  await ask("PUT", "/Partage/x.txt", {}, "x");
  await shareWithPaul("Partage", ["read", "write"]);
  const letters = async (path: string) =>
    /<oc:permissions>(\w*)</.exec((await as(paul, "PROPFIND", path, { depth: "0" }, prop("oc:permissions"))).body)?.[1];
  assert.deepEqual([await letters("/Partage"), await letters("/Partage/x.txt")], ["SGDNV", "SGNW"]);
  assert.equal((await as(paul, "PUT", "/Partage/new.txt", {}, "y")).status, 403);
  assert.equal((await as(paul, "DELETE", "/Partage/x.txt")).status, 403);
  assert.equal((await as(paul, "PUT", "/Partage/x.txt", {}, "de Paul")).status, 204);
  assert.equal((await ask("GET", "/Partage/x.txt")).body, "de Paul");
  const moved = await as(paul, "MOVE", "/Partage", { destination: dav.filesOf(paul, "/Chez%20moi") });
  assert.equal(moved.status, 201);
  assert.equal((await as(paul, "GET", "/Chez%20moi/x.txt")).body, "de Paul");
  assert.equal((await as(paul, "DELETE", "/Chez%20moi")).status, 204);
  assert.equal((await as(paul, "GET", "/Chez%20moi/x.txt")).status, 404);
  assert.equal((await ask("GET", "/Partage/x.txt")).status, 200);
});
