import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import { openSmallDisk } from "../harness/small-disk.ts";
import type { TownPerson } from "../harness/town-hall.ts";

const run = promisify(execFile);

/** To mount takes the superuser, FUSE, and a container that permits it; who lacks one has the other clients' tests. */
const mayMount = process.getuid?.() === 0 && (await opens("/dev/fuse")) && (await mountsAnything());

let dav: DavSuite;
let person: TownPerson;
let home: string;
let mountPoint: string;
let isMounted = false;

before(async () => {
  if (!mayMount) return;
  dav = await startDavSuite();
  person = await dav.addPerson("Anne Riva");
  home = await mkdtemp(join(tmpdir(), "bouquet-davfs2-"));
  mountPoint = join(home, "drive");
  await mkdir(mountPoint);
  await mkdir(join(home, "cache"));
  await run("chown", ["root:davfs2", join(home, "cache")]);
  await chmod(join(home, "cache"), 0o1775);
  await chmod(home, 0o755);
  await writeFile(join(home, "secrets"), `${mountPoint} ${person.address} ${person.appPassword}\n`, { mode: 0o600 });
  // With its own buffer of 16 KiB, listings fail on newer kernels, which ask for more at once.
  await writeFile(
    join(home, "davfs2.conf"),
    [
      `secrets ${home}/secrets`,
      `cache_dir ${home}/cache`,
      "delay_upload 0",
      "file_refresh 0",
      "dir_refresh 0",
      "buf_size 256",
      "",
    ].join("\n"),
  );
});
after(async () => {
  await unmount();
  await dav?.close();
  if (home) await rm(home, { recursive: true, force: true });
});

async function mount(): Promise<void> {
  const url = `${dav.base}${dav.filesOf(person)}`;
  await run("mount.davfs", [url, mountPoint, "-o", `conf=${home}/davfs2.conf`], { timeout: 60_000 });
  isMounted = true;
}

/** Returns when all that was written has gone to the server: umount.davfs waits for its daemon. */
async function unmount(): Promise<void> {
  if (!isMounted) return;
  isMounted = false;
  await run("umount", [mountPoint], { timeout: 60_000 });
}

async function opens(device: string): Promise<boolean> {
  return open(device, "r+").then(
    async (file) => {
      await file.close();
      return true;
    },
    () => false,
  );
}

async function mountsAnything(): Promise<boolean> {
  const disk = await openSmallDisk(1024 * 1024);
  await disk?.close();
  return disk !== undefined;
}

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within a minute`);
    await delay(100);
  }
}

function testMounted(title: string, body: () => Promise<void>): void {
  if (mayMount) test(title, { timeout: 240_000 }, body);
}

testMounted("a drive that davfs2 mounts is a folder like any other", async () => {
  await mount();
  const large = Buffer.alloc(3_000_000, "grand fichier ");
  await mkdir(join(mountPoint, "Conseil municipal"));
  await writeFile(join(mountPoint, "Conseil municipal", "Délibération n° 1.txt"), "adoptée\n");
  await writeFile(join(mountPoint, "grand.bin"), large);
  await writeFile(join(mountPoint, "vide"), "");
  await rename(join(mountPoint, "grand.bin"), join(mountPoint, "Conseil municipal", "très grand.bin"));
  await unmount();

  const there = async (path: string) => dav.ask(person, "GET", dav.filesOf(person, path));
  const folder = "/Conseil%20municipal";
  assert.equal((await there(`${folder}/D%C3%A9lib%C3%A9ration%20n%C2%B0%201.txt`)).body, "adoptée\n");
  assert.deepEqual((await there(`${folder}/tr%C3%A8s%20grand.bin`)).bytes, large);
  assert.equal((await there("/vide")).status, 200);
  assert.equal((await there("/grand.bin")).status, 404);

  await mount();
  assert.deepEqual((await readdir(join(mountPoint, "Conseil municipal"))).sort(), [
    "Délibération n° 1.txt",
    "très grand.bin",
  ]);
  assert.deepEqual(await readFile(join(mountPoint, "Conseil municipal", "très grand.bin")), large);
});

testMounted("what changes elsewhere is seen, what is removed in the mount is gone for all", async () => {
  const file = join(mountPoint, "vide");
  assert.equal((await stat(file)).size, 0);
  assert.equal((await dav.ask(person, "PUT", dav.filesOf(person, "/vide"), {}, "plus vide")).status, 204);
  await until("the new content", async () => (await readFile(file, "utf8")) === "plus vide");
  await rm(file);
  await until("the removal", async () => (await dav.ask(person, "HEAD", dav.filesOf(person, "/vide"))).status === 404);
  await unmount();
  assert.deepEqual(dav.suite.log, []);
});
