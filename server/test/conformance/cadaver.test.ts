import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import type { TownPerson } from "../harness/town-hall.ts";

let dav: DavSuite;
let person: TownPerson;
let home: string;
before(async () => {
  dav = await startDavSuite();
  person = await dav.addPerson("Anne Riva");
  home = await mkdtemp(join(tmpdir(), "bouquet-cadaver-"));
  const { hostname } = new URL(dav.base);
  await writeFile(join(home, ".netrc"), `machine ${hostname} login ${person.uid} password ${person.appPassword}\n`, {
    mode: 0o600,
  });
});
after(async () => {
  await dav?.close();
  await rm(home, { recursive: true, force: true });
});

/** What a person types in one session, and all that they are shown. */
async function cadaver(...lines: readonly string[]): Promise<string> {
  const url = `${dav.base}/remote.php/dav/files/${person.uid}/`;
  const child = spawn("cadaver", [url], {
    cwd: home,
    env: { ...process.env, HOME: home, LC_ALL: "C.UTF-8" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject).once("close", resolve);
  child.stdin.end(`${lines.join("\n")}\nquit\n`);
  assert.equal(await promise, 0, output);
  return output;
}

test("a person works with cadaver: uploads, lists, copies, moves, downloads, removes", {
  timeout: 120_000,
}, async () => {
  await writeFile(join(home, "été 2026.txt"), "bonjour\n");
  const made = await cadaver(
    "mkcol Dossier",
    'put "été 2026.txt" Dossier/note.txt',
    "copy Dossier/note.txt Dossier/copie.txt",
    "move Dossier/copie.txt ailleurs.txt",
    "ls Dossier",
    "get Dossier/note.txt revenu.txt",
  );
  assert.match(made, /Creating `Dossier': succeeded/);
  assert.match(made, /Uploading [^\n]*\n?[\s\S]*succeeded/);
  assert.match(made, /Listing collection [\s\S]*note\.txt\s+8 /);
  assert.equal(await readFile(join(home, "revenu.txt"), "utf8"), "bonjour\n");
  assert.match(await cadaver("ls"), /ailleurs\.txt/);
  assert.match(await cadaver("delete ailleurs.txt", "rmcol Dossier", "ls"), /collection is empty/);
});

test("a lock that cadaver takes is discovered, keeps others out, and is given back", { timeout: 120_000 }, async () => {
  await writeFile(join(home, "verrou.txt"), "un\n");
  const url = dav.filesOf(person, "/verrou.txt");
  const locked = await cadaver("put verrou.txt", "lock verrou.txt", "discover verrou.txt");
  assert.match(locked, /Locking `verrou\.txt': succeeded/);
  assert.match(locked, /Scope: exclusive/);
  const [, token] = /<(opaquelocktoken:[0-9a-f-]+)>/.exec(locked) ?? [];
  // The next session does not know the token: it is a stranger to the lock, though the person is the same.
  const during = await cadaver("lock verrou.txt", "put verrou.txt");
  assert.match(during, /Locking `verrou\.txt': failed:\s+423 Locked/);
  assert.match(during, /Uploading [\s\S]*failed:\s+423 Locked/);
  assert.equal((await dav.ask(person, "UNLOCK", url, { "lock-token": `<${token}>` })).status, 204);
  assert.match(await cadaver("put verrou.txt"), /Uploading [\s\S]*succeeded/);
});

test("properties that cadaver sets come back as they were", { timeout: 120_000 }, async () => {
  await writeFile(join(home, "p.txt"), "p\n");
  const output = await cadaver(
    "set namespace http://bouquet.example/ns",
    "put p.txt",
    "propset p.txt couleur bleu",
    "propget p.txt couleur",
    "propdel p.txt couleur",
    "propnames p.txt",
  );
  assert.match(output, /Value of couleur is: bleu/);
  assert.match(output, /getetag/);
});
