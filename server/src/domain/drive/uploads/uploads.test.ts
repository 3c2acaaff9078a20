import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { findDriveFaults, findOrphans } from "../../../../test/harness/drive-invariants.ts";
import { type DriveWorld, openDriveWorld, type Person } from "../../../../test/harness/drive-world.ts";
import { DomainError, type ErrorCode } from "../../errors.ts";
import { listVersions } from "../list-versions.ts";
import type { DriveAccess } from "../model.ts";
import { type OpenedDrive, openDrive } from "../open-drive.ts";
import { openFile } from "../open-file.ts";
import { type FileScanner, isInfected } from "../require-clean.ts";
import { abortUpload } from "./abort-upload.ts";
import { assembleUpload } from "./assemble-upload.ts";
import { createUpload, mostSessions } from "./create-upload.ts";
import { putChunk } from "./put-chunk.ts";
import { findUploadSession, listUploadSessions } from "./upload-session.ts";

let world: DriveWorld;
let essarts: string;
let odile: Person;
let drive: OpenedDrive;
before(async () => {
  world = await openDriveWorld();
  essarts = await world.organization("Les Essarts");
  odile = await world.person(essarts, "Odile", 5_000_000);
  drive = await openDrive(world.deps, odile.viewer);
});
after(async () => {
  const faults = await findDriveFaults(world.store, world.deps.blobs);
  const orphans = await findOrphans(world.store, world.deps.blobs);
  await world.close();
  assert.deepEqual([...faults, ...orphans], []);
});

const isError = (code: ErrorCode) => (error: unknown) => error instanceof DomainError && error.code === code;

async function send(name: string, pieces: readonly Buffer[], by = drive): Promise<void> {
  await createUpload(world.deps, by, { name });
  for (const [index, piece] of pieces.entries()) await putChunk(world.deps, by, name, { name: String(index) }, piece);
}

async function readFile(access: DriveAccess, nodeId: string): Promise<Buffer> {
  const { source } = await openFile(world.deps, access, nodeId);
  return Buffer.concat(await source.open().toArray());
}

const assemble = (name: string, access: DriveAccess, folderId: string, file: string, checksum?: Buffer) =>
  assembleUpload(world.deps, odile.viewer, name, access, {
    ...{ folderId, name: file, onConflict: "replace" },
    checksums: checksum ? [{ name: "SHA1", value: checksum }] : [],
  });

const sha1 = (bytes: Buffer): Buffer => createHash("sha1").update(bytes).digest();

test("the bytes of a file that is put together are those that came: no blob is written", async () => {
  const pieces = [randomBytes(100_000), randomBytes(10), randomBytes(70_000)];
  await send("a", pieces);
  const blobs = () => sql<{ id: string }>`SELECT id FROM blob ORDER BY id`.execute(world.store.read);
  const before = (await blobs()).rows;
  const { node } = await assemble("a", drive.own, odile.rootId, "a.bin", sha1(Buffer.concat(pieces)));
  assert.deepEqual(await readFile(drive.own, node.id), Buffer.concat(pieces));
  assert.deepEqual((await blobs()).rows, before);
  assert.equal(await findUploadSession(world.store.read, odile.viewer, "a"), undefined);
  await world.checkBooks(odile);
});

test("into the account of another organization the bytes go along, and are verified there", async () => {
  const moutiers = await world.person(await world.organization("Moutiers"), "Marc", 1_000_000);
  const there: DriveAccess = { ...moutiers.access, viewer: odile.viewer };
  const pieces = [randomBytes(90_000), Buffer.alloc(0), randomBytes(5)];
  const whole = Buffer.concat(pieces);
  await send("b", pieces);
  await assert.rejects(assemble("b", there, moutiers.rootId, "b.bin", sha1(pieces[0]!)), isError("invalid"));
  assert.ok(await findUploadSession(world.store.read, odile.viewer, "b"));
  const { node } = await assemble("b", there, moutiers.rootId, "b.bin", sha1(whole));
  assert.deepEqual(await readFile(there, node.id), whole);
  assert.equal(await findUploadSession(world.store.read, odile.viewer, "b"), undefined);
  await world.checkBooks(moutiers);
});

test("a piece that is sent again while the file is put together is not taken for the first", async () => {
  await send("c", [randomBytes(80_000), randomBytes(80_000)]);
  const attempts = await Promise.allSettled([
    assemble("c", drive.own, odile.rootId, "c.bin"),
    putChunk(world.deps, drive, "c", { name: "1" }, randomBytes(80_001)),
    putChunk(world.deps, drive, "c", { name: "0" }, randomBytes(80_002)),
  ]);
  for (const attempt of attempts) {
    if (attempt.status === "fulfilled") continue;
    const { reason } = attempt as PromiseRejectedResult;
    assert.ok(isError("conflict")(reason) || isError("not_found")(reason), String(reason));
  }
  // Whoever came first: nothing is half done.
  assert.deepEqual(await findDriveFaults(world.store, world.deps.blobs), []);
  await abortUpload(world.deps, odile.viewer, "c").catch(() => {});
});

test("a virus that is parted between two pieces is found in the whole, which never becomes a file", async () => {
  let isDown = false;
  const scanner: FileScanner = {
    async scan(file) {
      if (isDown) throw new Error("no answer");
      const bytes = Buffer.concat(await file.open().toArray());
      assert.equal(bytes.length, file.size);
      return bytes.includes("a virus") ? { outcome: "infected", virus: "Test" } : { outcome: "clean" };
    },
  };
  const deps = { ...world.deps, scanner };
  const sendScanned = async (name: string, pieces: readonly string[]) => {
    await createUpload(deps, drive, { name });
    for (const [index, piece] of pieces.entries()) {
      await putChunk(deps, drive, name, { name: String(index) }, Buffer.from(piece));
    }
    return assembleUpload(deps, odile.viewer, name, drive.own, { folderId: odile.rootId, name: `${name}.bin` });
  };
  await assert.rejects(sendScanned("v", [`${"x".repeat(70_000)}a vi`, "", `rus${"y".repeat(70_000)}`]), isInfected);
  assert.equal(await findUploadSession(world.store.read, odile.viewer, "v"), undefined);
  const { node } = await sendScanned("w", ["a ", "cat"]);
  assert.equal(String(await readFile(drive.own, node.id)), "a cat");
  await createUpload(deps, drive, { name: "u" });
  await putChunk(deps, drive, "u", { name: "0" }, Buffer.from("a"));
  await putChunk(deps, drive, "u", { name: "1" }, Buffer.from("b"));
  isDown = true;
  const place = { folderId: odile.rootId, name: "u.bin" };
  await assert.rejects(assembleUpload(deps, odile.viewer, "u", drive.own, place), isError("unavailable"));
  isDown = false;
  // What came is not to be sent again.
  assert.equal((await assembleUpload(deps, odile.viewer, "u", drive.own, place)).isNew, true);
  await world.checkBooks(odile);
});

test("of a file in pieces the whole counts: kept, and marked when it is more than the scanner takes", async () => {
  const scanner: FileScanner = { scan: async ({ size }) => ({ outcome: size > 10 ? "too_large" : "clean" }) };
  const deps = { ...world.deps, scanner };
  for (const [name, pieces, isUnscanned] of [
    ["s1", ["12345", "12345"], false],
    ["s2", ["1234567", "1234567"], true],
    ["s3", ["12345678901"], true],
    ["s4", ["1234567"], false],
  ] as const) {
    await createUpload(deps, drive, { name });
    for (const [index, piece] of pieces.entries()) {
      await putChunk(deps, drive, name, { name: String(index) }, Buffer.from(piece));
    }
    const place = { folderId: odile.rootId, name: `${name}.bin` };
    const { node } = await assembleUpload(deps, odile.viewer, name, drive.own, place);
    const [version] = await listVersions(world.store.read, drive.own, node.id);
    assert.equal(version!.isUnscanned, isUnscanned, name);
  }
});

describe("what waits is bounded", () => {
  test("in bytes: no more than the largest drive could take", async () => {
    const lise = await world.person(essarts, "Lise", 100_000);
    const hers = await openDrive(world.deps, lise.viewer);
    await createUpload(world.deps, hers, { name: "x", totalBytes: 90_000 });
    await assert.rejects(createUpload(world.deps, hers, { name: "y", totalBytes: 100_001 }), isError("over_quota"));
    await putChunk(world.deps, hers, "x", { name: "0" }, randomBytes(90_000));
    await createUpload(world.deps, hers, { name: "z", totalBytes: 90_000 });
    await putChunk(world.deps, hers, "z", { name: "0" }, randomBytes(90_000));
    await assert.rejects(putChunk(world.deps, hers, "z", { name: "1" }, Buffer.from("x")), isError("over_quota"));
    await assert.rejects(createUpload(world.deps, hers, { name: "w" }), isError("over_quota"));
  });

  test("in number", async () => {
    const marie = await world.person(essarts, "Marie", 100_000);
    const hers = await openDrive(world.deps, marie.viewer);
    for (let n = 0; n < mostSessions; n++) await createUpload(world.deps, hers, { name: `s${n}` });
    await assert.rejects(createUpload(world.deps, hers, { name: "une-de-trop" }), isError("throttled"));
    assert.equal((await listUploadSessions(world.store.read, marie.viewer)).length, mostSessions);
    await abortUpload(world.deps, marie.viewer, "s0");
    await createUpload(world.deps, hers, { name: "à-la-place".replace("à", "a") });
  });

  test("a large file may be replaced by one that fits only in its place", async () => {
    const jean = await world.person(essarts, "Jean", 100_000);
    const his = await openDrive(world.deps, jean.viewer);
    await world.put(jean, "gros.bin", "x".repeat(80_000));
    await createUpload(world.deps, his, { name: "gros", totalBytes: 90_000 });
    await putChunk(world.deps, his, "gros", { name: "1" }, randomBytes(90_000));
    const upload = { folderId: jean.rootId, onConflict: "replace" } as const;
    const beside = assembleUpload(world.deps, jean.viewer, "gros", his.own, { ...upload, name: "autre.bin" });
    await assert.rejects(beside, isError("over_quota"));
    const { isNew } = await assembleUpload(world.deps, jean.viewer, "gros", his.own, { ...upload, name: "gros.bin" });
    assert.equal(isNew, false);
    await world.checkBooks(jean);
  });
});

test("a piece that is cut, too long or too short leaves nothing", async () => {
  await createUpload(world.deps, drive, { name: "coupe" });
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield randomBytes(100_000);
    throw new Error("the connection broke");
  }
  await assert.rejects(putChunk(world.deps, drive, "coupe", { name: "0" }, cut()), /the connection broke/);
  const long = putChunk(world.deps, drive, "coupe", { name: "0", expectedSize: 10 }, Buffer.alloc(11));
  await assert.rejects(long, isError("over_quota"));
  const short = putChunk(world.deps, drive, "coupe", { name: "0", expectedSize: 70_000 }, Buffer.alloc(69_999));
  await assert.rejects(short, isError("invalid"));
  assert.equal((await findUploadSession(world.store.read, odile.viewer, "coupe"))?.receivedBytes, 0);
});
