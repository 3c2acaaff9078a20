import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
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

test("a client that finds everything removed asks its person: until then nothing is gone, on either side", async () => {
  const who = await dav.addPerson("Odile Vide");
  const [a, b] = [await computers.add(dav.base, who, "vide-a"), await computers.add(dav.base, who, "vide-b")];
  await write(a, "un.txt", "un");
  await write(a, "dossier/deux.txt", "deux");
  await a.syncWell();
  await b.syncWell();
  const all = await assertSameTrees(a, b);

  /** Version 3.7 has nobody to ask on the command line, and waits (nextcloud/desktop#3144, mended by 3.14). */
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

  // Gone on both sides, there is nothing to ask. One thing that stays is enough, too.
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

test("a client that is killed in the middle of a download asks for the rest only", async () => {
  const who = await dav.addPerson("Odile Reprise");
  const a = await computers.add(proxy.base, who, "reprise");
  const content = randomBytes(30_000_000);
  assert.equal((await dav.ask(who, "PUT", dav.filesOf(who, "/long.bin"), {}, content)).status, 201);
  const { process: running, ended } = a.begin({ downLimit: 8_000 });
  const partial = await until("some of it has come", async () => {
    const name = (await readdir(a.directory)).find((entry) => entry.startsWith(".long.bin.~"));
    const path = name && join(a.directory, name);
    return path && (await stat(path)).size > 0 ? path : undefined;
  });
  running.kill("SIGKILL");
  await ended;
  const { size } = await stat(partial);
  assert.ok(size < content.length, "it was not killed in the middle");
  const from = proxy.passed.length;
  await a.syncWell();
  const asked = proxy.passed.slice(from).filter(({ method, path }) => method === "GET" && path.endsWith("/long.bin"));
  assert.deepEqual(
    asked.map(({ headers }) => headers.range),
    [`bytes=${size}-`],
  );
  assert.deepEqual(await readFile(a.path("long.bin")), content);
});

test("what a reader changes of a folder that others only let them read comes back, and their own is kept beside it", async () => {
  const owner = await dav.addPerson("Odile Donne");
  const reader = await dav.addPerson("Paul Lit");
  const [a, b] = [await computers.add(dav.base, owner, "donne"), await computers.add(dav.base, reader, "lit")];
  await write(a, "lecture/règle.txt", "la règle");
  await write(a, "lecture/autre.txt", "autre");
  await write(a, "lecture/sous/fond.txt", "au fond");
  await a.syncWell();
  const form = new URLSearchParams({ path: "/lecture", shareType: "0", shareWith: reader.uid, permissions: "1" });
  const shared = await dav.ask(
    owner,
    "POST",
    "/ocs/v2.php/apps/files_sharing/api/v1/shares",
    { "content-type": "application/x-www-form-urlencoded", "ocs-apirequest": "true" },
    form.toString(),
  );
  assert.equal(shared.status, 200, shared.body);
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
