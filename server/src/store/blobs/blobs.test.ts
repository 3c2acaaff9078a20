import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { openTestStore, type TestStore } from "../../../test/harness/test-database.ts";
import type { Transactor } from "../database.ts";
import { uuidv7 } from "../uuid.ts";
import { Blobs, BlobTooLarge, inlineLimit, type StagedBlob } from "./blobs.ts";
import { collectBlobs } from "./collect-blobs.ts";
import { openFilesystemBlobs } from "./filesystem.ts";

let database: TestStore;
let directory: string;
let blobs: Blobs;
let organizationId: string;

before(async () => {
  database = await openTestStore();
  directory = await mkdtemp(join(tmpdir(), "bouquet-blobs-"));
  blobs = new Blobs(await openFilesystemBlobs(directory));
  organizationId = await addOrganization();
});
after(async () => {
  await database.close();
  await rm(directory, { recursive: true, force: true });
});

const addOrganization = (): Promise<string> =>
  database.store.transact(async (tx) => {
    const row = await tx
      .insertInto("organization")
      .values({ name: "Bourg", kind: "member" })
      .returning("id")
      .executeTakeFirstOrThrow();
    return row.id;
  });
const files = async (): Promise<string[]> =>
  (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
const keep = (staged: StagedBlob, owner = uuidv7()): Promise<string> =>
  database.store.transact(async (tx) => {
    await blobs.insert(tx, organizationId, staged);
    await blobs.addReference(tx, organizationId, staged.id, "test", owner);
    return owner;
  });
const release = (owner: string): Promise<void> =>
  database.store.transact((tx) => blobs.removeReferences(tx, organizationId, "test", [owner]));
const readBack = async (id: string, range?: { start: number; end: number }): Promise<Buffer> => {
  const source = await blobs.open(database.store.read, organizationId, id);
  return Buffer.concat(await source!.open(range).toArray());
};
const later = (): Date => new Date(Date.now() + 60_000);

describe("staging", () => {
  test("keeps up to 64 KiB as a row and more as a file, with size and SHA-256", async () => {
    for (const size of [0, 1, inlineLimit - 1, inlineLimit, inlineLimit + 1, 3_000_000]) {
      const bytes = randomBytes(size);
      for (const source of [bytes, Readable.from([bytes.subarray(0, 5), bytes.subarray(5)], { objectMode: false })]) {
        const staged = await blobs.stage(source);
        assert.equal(staged.size, size);
        assert.ok(staged.sha256.equals(createHash("sha256").update(bytes).digest()));
        assert.equal(staged.data === null, size > inlineLimit, String(size));
        assert.equal((await files()).includes(staged.id), size > inlineLimit);
        await keep(staged);
        assert.ok((await readBack(staged.id)).equals(bytes));
        const range = { start: Math.floor(size / 3), end: Math.floor(size / 2) };
        assert.ok((await readBack(staged.id, range)).equals(bytes.subarray(range.start, range.end)));
        assert.equal((await readBack(staged.id, { start: size, end: size + 10 })).length, 0);
        assert.ok((await readBack(staged.id, { start: -5, end: size + 10 })).equals(bytes));
      }
    }
  });

  test("stops at the limit, to the byte, closes the source and leaves nothing", async () => {
    for (const limit of [0, 10, inlineLimit, 200_000]) {
      await blobs.discard(await blobs.stage(randomBytes(limit), { limit }));
      const count = (await files()).length;
      let closed = 0;
      const endless = async function* () {
        try {
          for (;;) yield randomBytes(1_000);
        } finally {
          closed++;
        }
      };
      await assert.rejects(blobs.stage(endless(), { limit }), BlobTooLarge);
      assert.equal(closed, 1);
      assert.equal((await files()).length, count);
    }
  });

  test("closes the source when the storage fails before it read a byte", async () => {
    const storage = Object.assign(Object.create(blobs.storage), {
      write: async () => {
        throw Object.assign(new Error("full"), { code: "ENOSPC" });
      },
    });
    let closed = 0;
    const source = async function* () {
      try {
        for (let index = 0; index < 100; index++) yield randomBytes(10_000);
      } finally {
        closed++;
      }
    };
    await assert.rejects(new Blobs(storage).stage(source()), { code: "ENOSPC" });
    assert.equal(closed, 1);
  });

  test("passes on the error of a source that breaks, and leaves nothing", async () => {
    for (const length of [10, 500_000]) {
      const count = (await files()).length;
      const source = async function* () {
        yield randomBytes(length);
        throw new Error("cut");
      };
      await assert.rejects(blobs.stage(source()), /cut/);
      assert.equal((await files()).length, count);
    }
  });
});

test("a blob of another organization is not there", async () => {
  const staged = await blobs.stage(Buffer.from("secret"));
  await keep(staged);
  assert.equal(await blobs.open(database.store.read, await addOrganization(), staged.id), undefined);
});

test("reading whole refuses what is larger than allowed", async () => {
  const staged = await blobs.stage(Buffer.from("12345"));
  await keep(staged);
  const { read } = database.store;
  assert.equal((await blobs.readAll(read, organizationId, staged.id, 5))!.toString(), "12345");
  await assert.rejects(blobs.readAll(read, organizationId, staged.id, 4), BlobTooLarge);
  assert.equal(await blobs.readAll(read, organizationId, uuidv7(), 5), undefined);
});

describe("the collector", () => {
  const isThere = async (id: string): Promise<boolean> =>
    (await blobs.open(database.store.read, organizationId, id)) !== undefined;

  test("keeps what a reference holds, as long as one does", async () => {
    for (const size of [10, 100_000]) {
      const staged = await blobs.stage(randomBytes(size));
      const [first, second] = [await keep(staged), uuidv7()];
      await database.store.transact((tx) => blobs.addReference(tx, organizationId, staged.id, "test", second));
      await collectBlobs(database.store, blobs, later());
      await release(first);
      await collectBlobs(database.store, blobs, later());
      assert.equal((await readBack(staged.id)).length, staged.size);
      await release(second);
      await collectBlobs(database.store, blobs, later());
      assert.ok(!(await isThere(staged.id)));
      assert.ok(!(await files()).includes(staged.id));
    }
  });

  test("leaves what is young: rows, files without a row, half-written files", async () => {
    const small = await blobs.stage(randomBytes(10));
    const large = await blobs.stage(randomBytes(100_000));
    await database.store.transact((tx) => blobs.insert(tx, organizationId, small));
    const collected = await collectBlobs(database.store, blobs, new Date(Date.now() - 60_000));
    assert.deepEqual(collected, { rows: 0, files: 0 });
    assert.ok(await isThere(small.id));
    assert.ok((await files()).includes(large.id));
    await collectBlobs(database.store, blobs, later());
    assert.ok(!(await isThere(small.id)));
    assert.ok(!(await files()).includes(large.id));
  });

  test("leaves a blob that a transaction is just referring to", async () => {
    for (const size of [10, 100_000]) {
      const staged = await blobs.stage(randomBytes(size));
      await database.store.transact((tx) => blobs.insert(tx, organizationId, staged));
      await database.store.transact(async (tx: Transactor) => {
        await blobs.addReference(tx, organizationId, staged.id, "test", uuidv7());
        await collectBlobs(database.store, blobs, later());
      });
      assert.equal((await readBack(staged.id)).length, staged.size);
    }
  });

  test("goes through more blobs than one page holds, and removes exactly the unused", async () => {
    const staged = Array.from({ length: 4_100 }, () => uuidv7());
    await database.store.transact(async (tx) => {
      for (let at = 0; at < staged.length; at += 1_000) {
        const part = staged.slice(at, at + 1_000);
        const data = Buffer.from("x");
        await tx
          .insertInto("blob")
          .values(part.map((id) => ({ organization_id: organizationId, id, size: 1, sha256: data, data })))
          .execute();
      }
      for (let at = 0; at < staged.length; at += 41) {
        await blobs.addReference(tx, organizationId, staged[at]!, "test", uuidv7());
      }
    });
    const { rows } = await collectBlobs(database.store, blobs, later());
    assert.equal(rows, 4_000);
    const left = await database.store.read.selectFrom("blob").select("id").where("id", "in", staged).execute();
    assert.equal(left.length, 100);
  });

  test("ends a removal that a crash interrupted", async () => {
    const staged = await blobs.stage(randomBytes(100_000));
    await database.store.transact((tx) => tx.insertInto("blob_removal").values({ id: staged.id }).execute());
    await collectBlobs(database.store, blobs, new Date(0));
    assert.ok(!(await files()).includes(staged.id));
    assert.deepEqual(await database.store.read.selectFrom("blob_removal").selectAll().execute(), []);
  });

  test("run twice at once does everything once", async () => {
    const owners: string[] = [];
    for (let index = 0; index < 20; index++) owners.push(await keep(await blobs.stage(randomBytes(70_000))));
    for (const owner of owners) await release(owner);
    const both = await Promise.all([
      collectBlobs(database.store, blobs, later()),
      collectBlobs(database.store, blobs, later()),
    ]);
    assert.equal(both[0].rows + both[1].rows, 20);
  });
});
