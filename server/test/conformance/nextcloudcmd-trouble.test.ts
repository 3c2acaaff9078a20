import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { type CuttingProxy, startCuttingProxy } from "../harness/cutting-proxy.ts";
import { type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import {
  assertSameTrees,
  type Computers,
  type DesktopClient,
  hashOfText,
  openComputers,
  readTree,
} from "../harness/desktop-client.ts";
import type { TownPerson } from "../harness/town-hall.ts";
import { until } from "../harness/until.ts";

let dav: DavSuite;
let computers: Computers;
let proxy: CuttingProxy;
before(async () => {
  [dav, computers] = await Promise.all([startDavSuite(), openComputers()]);
  proxy = await startCuttingProxy(dav.base);
});
after(async () => {
  await computers?.remove();
  await proxy?.close();
  await dav?.close();
});

const read = (client: DesktopClient, name: string): Promise<string> => readFile(client.path(name), "utf8");

let edits = 0;

/** Each edit has a date of its own: clients know a change by date and size. */
async function write(client: DesktopClient, name: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(client.path(name)), { recursive: true });
  await writeFile(client.path(name), content);
  const at = 1_700_000_000 + edits++ * 10;
  await utimes(client.path(name), at, at);
}

/** The names in a person's trash, sorted. */
async function trashOf(who: TownPerson): Promise<string[]> {
  const trash = await dav.ask(who, "PROPFIND", `/remote.php/dav/trashbin/${who.uid}/trash`, { depth: "1" });
  assert.equal(trash.status, 207);
  return [...trash.body.matchAll(/\/trash\/([^<]*?)\.d\d+/g)].map(([, name]) => decodeURIComponent(name!)).sort();
}

/** Shares one folder with one person, as the client of Nextcloud does. */
async function share(owner: TownPerson, path: string, reader: TownPerson, permissions: number): Promise<void> {
  const form = new URLSearchParams({ path, shareType: "0", shareWith: reader.uid, permissions: String(permissions) });
  const shared = await dav.ask(
    owner,
    "POST",
    "/ocs/v2.php/apps/files_sharing/api/v1/shares",
    { "content-type": "application/x-www-form-urlencoded", "ocs-apirequest": "true" },
    form.toString(),
  );
  assert.equal(shared.status, 200, shared.body);
}

/** Everything in the place of what a file held, in the name of another program. */
async function change(who: TownPerson, path: string, content: string | Uint8Array): Promise<void> {
  const { status } = await dav.ask(who, "PUT", dav.filesOf(who, path), {}, content);
  assert.ok(status === 201 || status === 204, `PUT ${path}: ${status}`);
}

const conflictsIn = (tree: ReadonlyMap<string, string>): string[] =>
  [...tree].filter(([name]) => name.includes("(conflicted copy ")).map(([, content]) => content);

test("a client that finds everything removed asks its person: until then nothing is gone, on either side", async () => {
  const who = await dav.addPerson("Odile Vide");
  const [a, b] = [await computers.add(dav.base, who, "vide-a"), await computers.add(dav.base, who, "vide-b")];
  await write(a, "un.txt", "un");
  await write(a, "dossier/deux.txt", "deux");
  await a.syncWell();
  await b.syncWell();
  const all = await assertSameTrees(a, b);

  /**
   * On the command line version 3.7 has nobody to ask, and waits for ever: no setting is read there, and no request tells the server
   * (nextcloud/desktop#3144; since 3.14 it does as it is told).
   */
  const askInVain = async (client: DesktopClient): Promise<void> => {
    const { process: running, ended, printed } = client.begin();
    await until("it asks", () => printed().includes("asking the user"), printed);
    running.kill("SIGKILL");
    await ended;
  };
  await rm(a.path("un.txt"));
  await rm(a.path("dossier"), { recursive: true });
  await askInVain(a);
  assert.deepEqual(await trashOf(who), []);
  await b.syncWell();
  assert.deepEqual(await readTree(b.directory), all);

  // Removed in the browser, the other way round.
  for (const name of ["un.txt", "dossier"]) {
    assert.equal((await dav.ask(who, "DELETE", dav.filesOf(who, `/${name}`))).status, 204);
  }
  await askInVain(b);
  assert.deepEqual(await readTree(b.directory), all);

  // Gone on both sides, there is nothing to ask.
  await a.syncWell();
  assert.deepEqual(await trashOf(who), ["dossier", "un.txt"]);
  assert.equal((await dav.ask(who, "MKCOL", dav.filesOf(who, "/neuf"))).status, 201);
  await a.syncWell();
  assert.deepEqual([...(await readTree(a.directory)).keys()], ["neuf"]);
});

test("answers that are lost cost nothing: what was done is not done again as a conflict", async () => {
  const who = await dav.addPerson("Odile Coupée");
  const [a, b] = [await computers.add(proxy.base, who, "coupe-a"), await computers.add(dav.base, who, "coupe-b")];
  const large = randomBytes(12_000_000);
  await write(a, "à modifier.bin", randomBytes(6_000_000));
  await write(a, "à renommer.txt", "à renommer");
  await write(a, "à supprimer.txt", "à supprimer");
  await a.syncWell();
  await b.syncWell();
  const edited = randomBytes(6_000_001);
  for (const [methods, act] of [
    // A large file in pieces ends in a MOVE.
    [["PUT"], () => write(a, "petit.txt", "petit")],
    [["PUT"], () => write(a, "à modifier.bin", edited)],
    [["MOVE"], () => write(a, "grand.bin", large)],
    [["MOVE"], () => rename(a.path("à renommer.txt"), a.path("renommé.txt"))],
    [["MKCOL"], () => mkdir(a.path("dossier"))],
    [["DELETE"], () => rm(a.path("à supprimer.txt"))],
  ] as const) {
    await act();
    proxy.loseAnswersTo(...methods);
    const from = proxy.passed.length;
    await a.sync();
    assert.ok(
      proxy.passed.slice(from).some(({ method }) => method === methods[0]),
      `${methods[0]} was asked`,
    );
    proxy.loseAnswersTo();
    await a.syncWell();
  }
  await b.syncWell();
  const tree = await assertSameTrees(a, b);
  assert.deepEqual(
    [...tree].sort(),
    [
      ["dossier", "folder"],
      ["grand.bin", hashOfText(large)],
      ["petit.txt", hashOfText("petit")],
      ["renommé.txt", hashOfText("à renommer")],
      ["à modifier.bin", hashOfText(edited)],
    ].sort(),
  );
});

test("of a download that is cut only the rest is asked for, and all of it when the file has changed", async () => {
  const who = await dav.addPerson("Odile Reprise");
  const a = await computers.add(proxy.base, who, "reprise");
  const content = randomBytes(3_000_000);
  const rangeOf = async (name: string): Promise<string | undefined> => {
    const from = proxy.passed.length;
    await a.forgetRefusals();
    await a.syncWell();
    const asked = proxy.passed.slice(from).filter(({ method, path }) => method === "GET" && path.endsWith(name));
    assert.equal(asked.length, 1);
    return asked[0]!.headers.range;
  };
  const partOf = async (name: string): Promise<number> => {
    const part = (await readdir(a.directory)).find((entry) => entry.startsWith(`.${name}.~`));
    assert.ok(part, "the client keeps what has come");
    return (await stat(join(a.directory, part))).size;
  };

  await change(who, "/long.bin", content);
  proxy.cutNext("GET", "/long.bin", 2_000_000);
  assert.notEqual((await a.sync()).code, 0);
  const come = await partOf("long.bin");
  assert.ok(come > 0 && come <= 2_000_000, String(come));
  assert.equal(await rangeOf("/long.bin"), `bytes=${come}-`);
  assert.deepEqual(await readFile(a.path("long.bin")), content);

  await change(who, "/autre.bin", randomBytes(3_000_000));
  proxy.cutNext("GET", "/autre.bin", 2_000_000);
  assert.notEqual((await a.sync()).code, 0);
  assert.ok((await partOf("autre.bin")) > 0);
  const changed = randomBytes(3_000_000);
  await change(who, "/autre.bin", changed);
  assert.equal(await rangeOf("/autre.bin"), undefined);
  assert.deepEqual(await readFile(a.path("autre.bin")), changed);
});

test("what a reader changes of a folder that others only let them read comes back, and their own is kept beside it", async () => {
  const owner = await dav.addPerson("Odile Donne");
  const reader = await dav.addPerson("Paul Lit");
  const [a, b] = [await computers.add(dav.base, owner, "donne"), await computers.add(dav.base, reader, "lit")];
  await write(a, "lecture/règle.txt", "la règle");
  await write(a, "lecture/autre.txt", "autre");
  await write(a, "lecture/sous/fond.txt", "au fond");
  await a.syncWell();
  await share(owner, "/lecture", reader, 1);
  await b.syncWell();
  const given = await assertSameTrees(a, b);

  // The client takes the right to write away here too.
  for (const name of ["lecture", "lecture/sous"]) await chmod(b.path(name), 0o755);
  await chmod(b.path("lecture/règle.txt"), 0o644);
  await write(b, "lecture/règle.txt", "ma règle à moi");
  await rm(b.path("lecture/autre.txt"));
  await rm(b.path("lecture/sous"), { recursive: true });
  await write(b, "lecture/de moi.txt", "de moi");
  await b.sync();
  await b.sync();
  await a.syncWell();
  assert.deepEqual(await readTree(a.directory), given);
  const here = await readTree(b.directory);
  for (const [name, content] of given) assert.equal(here.get(name), content, name);
  const others = [...here].filter(([name]) => !given.has(name));
  assert.ok(
    others.some(([name, content]) => name.includes("(conflicted copy ") && content === hashOfText("ma règle à moi")),
    others.join(),
  );
  assert.equal(await read(b, "lecture/de moi.txt"), "de moi");
});

test("a client that is killed in the middle of a piece sends only what has not come", async () => {
  const who = await dav.addPerson("Odile Tuée");
  const a = await computers.add(proxy.base, who, "tuée");
  const content = randomBytes(25_000_000);
  await write(a, "long.bin", content);
  const pieces = async (): Promise<string[]> =>
    (
      await dav.domain.store.read
        .selectFrom("upload_chunk")
        .innerJoin("upload_session", "upload_session.id", "upload_chunk.session_id")
        .select("upload_chunk.name")
        .where("upload_session.principal_id", "=", who.principalId)
        .execute()
    ).map(({ name }) => name);
  const { process: running, ended } = a.begin();
  proxy.beforeNext("PUT", "/0000000000000001", async () => {
    await until("a piece has come", async () => (await pieces()).length > 0);
    running.kill("SIGKILL");
    await ended;
  });
  assert.equal((await ended).code, null);
  assert.equal((await dav.ask(who, "GET", dav.filesOf(who, "/long.bin"))).status, 404);
  const come = await pieces();
  const from = proxy.passed.length;
  await a.syncWell();
  assert.deepEqual((await dav.ask(who, "GET", dav.filesOf(who, "/long.bin"))).bytes, content);
  const sent = proxy.passed.slice(from).filter(({ method, path }) => method === "PUT" && path.includes("/uploads/"));
  assert.ok(
    sent.length > 0 && !sent.some(({ path }) => come.includes(basename(path))),
    sent.map(({ path }) => path).join(),
  );
  assert.deepEqual(await pieces(), []);
});

test("an upload whose pieces the server has thrown away begins again", async () => {
  const who = await dav.addPerson("Odile Recommence");
  const a = await computers.add(proxy.base, who, "recommence");
  const content = randomBytes(11_000_000);
  await write(a, "grand.bin", content);
  const sessions = dav.domain.store.read
    .selectFrom("upload_session")
    .select("name")
    .where("principal_id", "=", who.principalId);
  proxy.beforeNext("MOVE", "/uploads/", async () => {
    const { name } = await sessions.executeTakeFirstOrThrow();
    assert.equal((await dav.ask(who, "DELETE", `/remote.php/dav/uploads/${who.uid}/${name}`)).status, 204);
  });
  assert.notEqual((await a.sync()).code, 0);
  assert.equal((await dav.ask(who, "GET", dav.filesOf(who, "/grand.bin"))).status, 404);
  await a.forgetRefusals();
  await a.syncWell();
  assert.deepEqual((await dav.ask(who, "GET", dav.filesOf(who, "/grand.bin"))).bytes, content);
  assert.deepEqual(await sessions.execute(), []);
});

test("what another program writes while the pieces of a file are under way stays, and the file is kept beside it", async () => {
  const who = await dav.addPerson("Odile Pendant");
  const a = await computers.add(proxy.base, who, "pendant");
  await write(a, "grand.bin", randomBytes(11_000_000));
  await write(a, "petit.txt", "au départ");
  await a.syncWell();
  const [large, small] = [randomBytes(12_000_000), "modifié ici"];
  await write(a, "grand.bin", large);
  await write(a, "petit.txt", small);
  proxy.beforeNext("MOVE", "/uploads/", () => change(who, "/grand.bin", "écrit ailleurs"));
  proxy.beforeNext("PUT", "/petit.txt", () => change(who, "/petit.txt", "écrit ailleurs aussi"));
  await a.sync();
  await a.syncWell();
  const tree = await readTree(a.directory);
  assert.equal(await read(a, "grand.bin"), "écrit ailleurs");
  assert.equal(await read(a, "petit.txt"), "écrit ailleurs aussi");
  assert.deepEqual(conflictsIn(tree).sort(), [hashOfText(large), hashOfText(small)].sort());
});

test("a file that changes just before it is fetched comes as it is then", async () => {
  const who = await dav.addPerson("Odile Change");
  const a = await computers.add(proxy.base, who, "change");
  await change(who, "/vite.txt", "avant");
  proxy.beforeNext("GET", "/vite.txt", () => change(who, "/vite.txt", "pendant ce temps"));
  await a.syncWell();
  assert.equal(await read(a, "vite.txt"), "pendant ce temps");
});

test("what is moved out of a share, into one, and out of one that is only read, is nowhere lost", async () => {
  const owner = await dav.addPerson("Odile Partage");
  const reader = await dav.addPerson("Paul Partage");
  const [a, b] = [
    await computers.add(dav.base, owner, "partage-a"),
    await computers.add(dav.base, reader, "partage-b"),
  ];
  await write(a, "ouvert/à sortir.txt", "à sortir");
  await write(a, "ouvert/tiroir/fond.txt", "fond");
  await write(a, "fermé/à copier.txt", "à copier");
  await a.syncWell();
  await share(owner, "/ouvert", reader, 31);
  await share(owner, "/fermé", reader, 1);
  await write(b, "à moi/à donner.txt", "à donner");
  await b.syncWell();
  await rename(b.path("ouvert/à sortir.txt"), b.path("à moi/sorti.txt"));
  await rename(b.path("ouvert/tiroir"), b.path("à moi/tiroir"));
  await rename(b.path("à moi/à donner.txt"), b.path("ouvert/donné.txt"));
  await chmod(b.path("fermé"), 0o755);
  await rename(b.path("fermé/à copier.txt"), b.path("à moi/copié.txt"));
  await b.sync();
  await b.syncWell();
  await a.syncWell();
  const files = async (client: DesktopClient): Promise<string[]> =>
    [...(await readTree(client.directory))]
      .filter(([, content]) => content !== "folder")
      .map(([name]) => name)
      .sort();
  assert.deepEqual(await files(a), ["fermé/à copier.txt", "ouvert/donné.txt"]);
  assert.deepEqual(
    await files(b),
    ["fermé/à copier.txt", "ouvert/donné.txt", "à moi/copié.txt", "à moi/sorti.txt", "à moi/tiroir/fond.txt"].sort(),
  );
});

test("a folder that comes by two shares at once is two folders with the same in them", async () => {
  const owner = await dav.addPerson("Odile Double");
  const reader = await dav.addPerson("Paul Double");
  const [a, b] = [await computers.add(dav.base, owner, "double-a"), await computers.add(dav.base, reader, "double-b")];
  await write(a, "dehors/dedans/note.txt", "note");
  await write(a, "dehors/dedans/autre.txt", "autre");
  await write(a, "dehors/reste.txt", "reste");
  await a.syncWell();
  await share(owner, "/dehors", reader, 31);
  await share(owner, "/dehors/dedans", reader, 31);
  await b.syncWell();
  await rename(b.path("dedans/note.txt"), b.path("dedans/renommée.txt"));
  await write(b, "dehors/dedans/autre.txt", "modifié par l'autre chemin");
  await mkdir(b.path("dehors/tiroir"));
  await rename(b.path("dehors/reste.txt"), b.path("dehors/tiroir/reste.txt"));
  for (const client of [b, b, a]) await client.syncWell();
  const there = await readTree(a.directory);
  const expected = new Map(there);
  for (const [name, content] of there) {
    if (name.startsWith("dehors/dedans")) expected.set(name.slice("dehors/".length), content);
  }
  assert.deepEqual([...(await readTree(b.directory))].sort(), [...expected].sort());
  assert.deepEqual([...there.keys()].sort(), [
    "dehors",
    "dehors/dedans",
    "dehors/dedans/autre.txt",
    "dehors/dedans/renommée.txt",
    "dehors/tiroir",
    "dehors/tiroir/reste.txt",
  ]);
  assert.equal(await read(a, "dehors/dedans/autre.txt"), "modifié par l'autre chemin");
});
