import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import { readTree } from "../harness/desktop-client.ts";
import type { TownPerson } from "../harness/town-hall.ts";

const run = promisify(execFile);

let dav: DavSuite;
let person: TownPerson;
let home: string;
before(async () => {
  [dav, home] = await Promise.all([startDavSuite(), mkdtemp(join(tmpdir(), "bouquet-rclone-"))]);
  person = await dav.addPerson("Anne Riva");
  const { stdout } = await run("rclone", ["obscure", person.appPassword]);
  const settings = {
    type: "webdav",
    url: `${dav.base}${dav.filesOf(person)}`,
    vendor: "nextcloud",
    user: person.address,
    pass: stdout.trim(),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  await writeFile(join(home, "rclone.conf"), `[drive]\n${lines.join("")}`, { mode: 0o600 });
});
after(async () => {
  await dav?.close();
  if (home) await rm(home, { recursive: true, force: true });
});

const local = (name: string): string => join(home, name);

/** @throws with what it printed unless it ends with 0 */
async function rclone(...words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run("rclone", ["--config", local("rclone.conf"), "--retries", "1", ...words], {
    timeout: 180_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout + stderr;
}

async function write(
  folder: string,
  name: string,
  content: string | Uint8Array,
  second = 1_700_000_000,
): Promise<void> {
  const path = join(local(folder), name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await utimes(path, second, second);
}

/** Compares sizes and checksums, SHA-1 or MD5 as the server keeps them. */
const check = (folder: string, remote: string) => rclone("check", local(folder), `drive:${remote}`);

test("copies a tree there and back: odd names, empty files, large ones, dates and checksums", async () => {
  await write("source", "un.txt", "un");
  await write("source", "vide", "");
  await write("source", "dossier/100 % été #1?.txt", "odd");
  await write("source", 'dossier/😀 "guillemets".txt', "émoji");
  await write("source", "dossier/sous/profond/f.bin", randomBytes(1_000_000));
  await write("source", "grand.bin", randomBytes(30_000_000));
  await rclone("copy", local("source"), "drive:copie");
  await check("source", "copie");
  await rclone("copy", "drive:copie", local("retour"));
  assert.deepEqual(await readTree(local("retour")), await readTree(local("source")));
  assert.equal((await stat(local("retour/grand.bin"))).mtimeMs, 1_700_000_000_000);
  // Nothing is left to do.
  const again = await rclone("copy", "-v", local("source"), "drive:copie");
  assert.doesNotMatch(again, /Copied \(/);
  const hashes = await rclone("sha1sum", "drive:copie/un.txt");
  assert.match(hashes, /^[0-9a-f]{40} {2}un\.txt/m);
});

test("keeps two sides alike: edits, moves, deletions, empty folders", async () => {
  await write("actif", "a.txt", "a");
  await write("actif", "b/c.txt", "c");
  await mkdir(local("actif/rien"));
  await rclone("sync", "--create-empty-src-dirs", local("actif"), "drive:actif");
  await write("actif", "a.txt", "a changé", 1_700_000_100);
  await rename(local("actif/b"), local("actif/d"));
  await write("actif", "e.txt", "e");
  await rm(local("actif/rien"), { recursive: true });
  await rclone("sync", "--create-empty-src-dirs", "--track-renames", local("actif"), "drive:actif");
  await check("actif", "actif");
  await rclone("sync", "--create-empty-src-dirs", "drive:actif", local("miroir"));
  assert.deepEqual(await readTree(local("miroir")), await readTree(local("actif")));
  const listing = await rclone("lsf", "-R", "drive:actif");
  assert.deepEqual(listing.trim().split("\n").sort(), ["a.txt", "d/", "d/c.txt", "e.txt"]);
});

test("moves, copies and deletes on the server, and reads parts of files", async () => {
  const content = randomBytes(2_000_000);
  await write("serveur", "x.bin", content);
  await rclone("copy", local("serveur"), "drive:serveur");
  await rclone("copyto", "drive:serveur/x.bin", "drive:serveur/double.bin");
  await rclone("moveto", "drive:serveur/x.bin", "drive:serveur/sous dossier/y.bin");
  await rclone("move", "drive:serveur/sous dossier", "drive:serveur/autre nom");
  const part = await run(
    "rclone",
    [
      "--config",
      local("rclone.conf"),
      "cat",
      "--offset",
      "1000000",
      "--count",
      "1000",
      "drive:serveur/autre nom/y.bin",
    ],
    { encoding: "buffer" },
  );
  assert.deepEqual(part.stdout, content.subarray(1_000_000, 1_001_000));
  await rclone("deletefile", "drive:serveur/double.bin");
  await rclone("purge", "drive:serveur/autre nom");
  assert.equal((await rclone("lsf", "drive:serveur")).trim(), "");
  const about = JSON.parse(await rclone("about", "--json", "drive:")) as { used: number; free: number };
  assert.ok(about.used > 0 && about.free > 0, JSON.stringify(about));
});

test("streams what it does not know the length of", async () => {
  const content = randomBytes(3_000_000);
  await write("flux", "f.bin", content);
  await run("sh", [
    "-c",
    `rclone --config "$1" rcat drive:flux/f.bin < "$2"`,
    "sh",
    local("rclone.conf"),
    local("flux/f.bin"),
  ]);
  await check("flux", "flux");
});
