import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, type TestContext, test } from "node:test";
import { dataDirectoryFormat, openDataDirectory } from "./data-directory.ts";
import { StartError } from "./start-error.ts";

const scratch = await mkdtemp(join(tmpdir(), "data-"));
after(() => rm(scratch, { recursive: true, force: true }));

const program = resolve(import.meta.dirname, "../../test/programs/open-data-directory.ts");

/** Starts another process that opens `path`; gives it with the first line that it says. */
async function openElsewhere(
  t: TestContext,
  path: string,
  uid?: number,
): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [program, path, ...(uid === undefined ? [] : [String(uid)])], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [chunk] = (await once(child.stdout!, "data")) as [Buffer];
  return { child, said: chunk.toString().trim() };
}

async function refusal(path: string): Promise<string> {
  const error = await openDataDirectory(path).then(
    () => assert.fail("it was opened"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof StartError, String(error));
  assert.match(error.message, /^[^\n]+\.$/);
  return error.message;
}

test("a new directory is made with its version, and opens again once closed", async () => {
  const path = join(scratch, "deep/er/new");
  const first = await openDataDirectory(path);
  assert.equal(await readFile(join(path, "version"), "utf8"), `bouquet ${dataDirectoryFormat}\n`);
  assert.equal((await stat(path)).mode & 0o066, 0);
  await first.close();
  await (await openDataDirectory(path)).close();
});

test("a directory in use is refused, naming the process, and is free when that process is killed", async (t) => {
  const path = join(scratch, "busy");
  const { child, said } = await openElsewhere(t, path);
  assert.equal(said, "open");
  assert.equal(
    await refusal(path),
    `The data directory ${path} is in use by another copy of Bouquet (process ${child.pid}).`,
  );
  child.kill("SIGKILL");
  await once(child, "exit");
  await (await openDataDirectory(path)).close();
});

test("a directory opened here is refused to another process", async (t) => {
  const path = join(scratch, "ours");
  const directory = await openDataDirectory(path);
  const { said } = await openElsewhere(t, path);
  assert.match(said, /is in use by another copy/);
  await directory.close();
});

test("a directory of a newer version is refused and left as it was", async () => {
  const path = join(scratch, "newer");
  await mkdir(path);
  await writeFile(join(path, "version"), `bouquet ${dataDirectoryFormat + 1}\n`);
  assert.match(await refusal(path), /was written by a newer version of Bouquet \(format 2, this version knows 1\)/);
  assert.deepEqual(await readdir(path), ["version"]);
});

test("a damaged version file is refused", async () => {
  const path = join(scratch, "damaged");
  await mkdir(path);
  await writeFile(join(path, "version"), "bouquet");
  assert.match(await refusal(path), /version file .* is damaged/);
});

test("a directory with someone else's files is refused and left as it was", async () => {
  const path = join(scratch, "home");
  await mkdir(path);
  await writeFile(join(path, "thesis.odt"), "");
  assert.match(await refusal(path), /holds files that are not Bouquet's \(such as "thesis\.odt"\)/);
  assert.deepEqual(await readdir(path), ["thesis.odt"]);
});

test("a start killed before the version was written does not wedge the next", async () => {
  const path = join(scratch, "killed");
  await mkdir(path);
  await writeFile(join(path, "lock"), "4194304\n");
  await writeFile(join(path, "version.new"), "bou");
  await (await openDataDirectory(path)).close();
});

test("a file where the directory should be is refused", async () => {
  const path = join(scratch, "file");
  await writeFile(path, "");
  assert.match(await refusal(path), /is not a directory/);
  assert.match(await refusal(join(path, "data")), /is not a directory|is a file/);
});

if (process.platform === "linux")
  test("a place where nothing can be made is refused even to root", async () => {
    assert.match(await refusal("/proc/bouquet/data"), /^The data directory \/proc\/bouquet\/data cannot be created/);
  });

test("an ordinary user is told that a directory is not writable, and nothing is changed", async (t) => {
  const root = process.getuid?.() === 0;
  await chmod(scratch, 0o755);
  const path = join(scratch, "closed");
  await mkdir(path);
  await chmod(path, 0o555);
  if (root) await chown(path, 0, 0);
  const uid = root ? 65_534 : undefined;
  const opened = await openElsewhere(t, path, uid);
  assert.equal(opened.said, `The data directory ${path} is not writable by this user (EACCES).`);
  const created = await openElsewhere(t, join(path, "data"), uid);
  assert.equal(
    created.said,
    `The data directory ${path}/data cannot be created because ${path} is not writable by this user (EACCES).`,
  );
  assert.deepEqual(await readdir(path), []);
});

test("an ordinary user opens a directory of its own", async (t) => {
  const path = join(scratch, "own");
  await mkdir(path);
  if (process.getuid?.() === 0) await chown(path, 65_534, 65_534);
  assert.equal((await openElsewhere(t, path, process.getuid?.() === 0 ? 65_534 : undefined)).said, "open");
});
