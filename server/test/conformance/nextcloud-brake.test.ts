import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { allowDevice, previewPauseRollback, rollBackPause } from "../../src/domain/drive/brake/decide-pause.ts";
import { listPauses } from "../../src/domain/drive/brake/list-pauses.ts";
import { openDriveAccount } from "../../src/domain/drive/drive-accounts.ts";
import { readRootId } from "../../src/domain/drive/read-root-id.ts";
import { previewRollback, rollBack } from "../../src/domain/drive/rollback/roll-back.ts";
import { uploadFile } from "../../src/domain/drive/upload-file.ts";
import { loadViewer } from "../../src/domain/identity/load-viewer.ts";
import { type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import { assertSameTrees, type Computers, openComputers, readTree } from "../harness/desktop-client.ts";

let dav: DavSuite;
let computers: Computers;
before(async () => {
  [dav, computers] = await Promise.all([startDavSuite(), openComputers()]);
});
after(async () => {
  await computers?.remove();
  await dav?.close();
});

const folders = 20;
const filesInEach = 100;

test("a computer that deletes 1,000 of 2,000 files is paused, reads on, loses nothing; it is allowed, or all goes back", async () => {
  const odile = await dav.addPerson("Odile Frein");
  const deps = dav.domain;
  const viewer = await loadViewer(deps.store.read, odile);
  const a = await computers.add(dav.base, odile, "a");
  const b = await computers.add(dav.base, odile, "b");
  for (let folder = 0; folder < folders; folder++) {
    await mkdir(a.path(`dossier ${folder}`));
    for (let file = 0; file < filesInEach; file++) {
      await writeFile(a.path(`dossier ${folder}/fichier ${file}.txt`), `contenu ${folder} ${file}\n`);
    }
  }
  await a.syncWell();
  await b.syncWell();
  const all = await assertSameTrees(a, b);
  assert.equal(all.size, folders * (filesInEach + 1));
  const at = new Date();

  for (let folder = 0; folder < folders; folder++) {
    for (let file = 0; file < filesInEach; file += 2) await rm(a.path(`dossier ${folder}/fichier ${file}.txt`));
  }
  const braked = await a.sync();
  assert.notEqual(braked.code, 0);
  const [pause, ...others] = await listPauses(deps, viewer);
  assert.deepEqual(others, []);
  assert.deepEqual([pause!.deleted, pause!.changed, pause!.total], [600, 601, folders * filesInEach]);

  // Reading goes on, writing waits.
  await b.syncWell();
  assert.equal((await readTree(b.directory)).size, all.size - 600);
  const there = dav.filesOf(odile, "/dossier%200/fichier%201.txt");
  assert.equal((await dav.ask(odile, "GET", there)).body, "contenu 0 1\n");
  for (const [method, path] of [
    ["PUT", "/nouveau"],
    ["DELETE", "/dossier%201"],
    ["MKCOL", "/autre"],
  ] as const) {
    const refused = await dav.ask(odile, method, dav.filesOf(odile, path), {}, method === "PUT" ? "x" : undefined);
    assert.equal(refused.status, 503, method);
    assert.ok(Number(refused.headers["retry-after"]) > 0);
  }

  // Rolled back: as before, for who reads it afresh too. The computer that did it stays paused, with what it has not sent.
  const preview = await previewPauseRollback(deps, viewer, pause!);
  assert.deepEqual(preview.counts.restored, { items: 600, files: 600 });
  await rollBackPause(deps, viewer, pause!, preview.state);
  const c = await computers.add(dav.base, odile, "c");
  await c.syncWell();
  assert.deepEqual(await readTree(c.directory), all);
  await b.syncWell();
  await assertSameTrees(b, c);

  // Allowed, it does what it was told to: what it had not sent yet goes.
  await allowDevice(deps, viewer, pause!);
  await a.forgetRefusals();
  await a.syncWell();
  assert.deepEqual(await listPauses(deps, viewer), []);
  const left = await readTree(a.directory);
  assert.equal(left.size, all.size - 400);

  // And even that goes back, to the moment before, for every computer.
  const access = await openDriveAccount(deps.store.read, viewer, odile.accountId);
  const rootId = await readRootId(deps.store.read, access);
  const again = await previewRollback(deps, access, rootId, { at });
  assert.deepEqual([again.counts.restored.files, again.counts.trashed.files], [400, 0]);
  await rollBack(deps, access, rootId, { at }, { state: again.state });
  await a.syncWell();
  await b.syncWell();
  assert.deepEqual(await assertSameTrees(a, b), all);
});

test("a computer that deletes one folder with everything in it is paused at that, and nothing is gone", async () => {
  const paul = await dav.addPerson("Paul Frein");
  const a = await computers.add(dav.base, paul, "d");
  await mkdir(a.path("tout"));
  await writeFile(a.path("reste.txt"), "reste");
  for (let file = 0; file < 250; file++) await writeFile(a.path(`tout/fichier ${file}.txt`), `contenu ${file}\n`);
  await a.syncWell();
  const all = await readTree(a.directory);
  await rm(a.path("tout"), { recursive: true });
  assert.notEqual((await a.sync()).code, 0);
  const b = await computers.add(dav.base, paul, "e");
  await b.syncWell();
  assert.deepEqual(await readTree(b.directory), all);

  // What it has to send is refused, what is new here it still fetches: one refusal does not end its run.
  const viewer = await loadViewer(dav.domain.store.read, paul);
  const access = await openDriveAccount(dav.domain.store.read, viewer, paul.accountId);
  const folderId = await readRootId(dav.domain.store.read, access);
  const names = Array.from({ length: 40 }, (_, index) => `nouveau ${index}.txt`);
  for (const name of names) await uploadFile(dav.domain, access, { folderId, name }, Buffer.from(name));
  await writeFile(a.path("0 à envoyer.txt"), "d’ici");
  assert.notEqual((await a.sync()).code, 0);
  for (const name of names) assert.equal(await readFile(a.path(name), "utf8"), name);
});
