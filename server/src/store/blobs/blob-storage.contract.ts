import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { uuidv7 } from "../uuid.ts";
import type { BlobStorage } from "./blob-storage.ts";

export interface StorageUnderTest {
  storage: BlobStorage;
  close(): Promise<void>;
}

/** Declares the tests that every implementation of `BlobStorage` must pass. */
export function testBlobStorage(name: string, openStorage: () => Promise<StorageUnderTest>): void {
  describe(`blob storage: ${name}`, () => {
    let opened: StorageUnderTest;
    let storage: BlobStorage;
    before(async () => {
      opened = await openStorage();
      storage = opened.storage;
    });
    after(() => opened.close());

    async function* pieces(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
      for (const chunk of chunks) yield Buffer.from(chunk);
    }
    const readAll = async (id: string, range?: { start: number; end: number }): Promise<Buffer> => {
      const [streamed, lent] = await Promise.all([storage.read(id, range).toArray(), readLent(id, range)]);
      assert.ok(Buffer.concat(streamed).equals(lent), "streamed and lent");
      return lent;
    };
    const readLent = async (id: string, range?: { start: number; end: number }): Promise<Buffer> => {
      const pieces: Buffer[] = [];
      for await (const piece of storage.lend(id, range)) pieces.push(Buffer.from(piece));
      return Buffer.concat(pieces);
    };
    const listed = async (): Promise<Set<string>> => {
      const ids = new Set<string>();
      for await (const { id } of storage.list()) ids.add(id);
      return ids;
    };

    test("gives back what was written, however it was cut, empty too", async () => {
      const large = randomBytes(700_001);
      const cut = [large.subarray(0, 1), large.subarray(1, 1), large.subarray(1, 400_000), large.subarray(400_000)];
      for (const [chunks, expected] of [
        [cut, large],
        [["a", "", "b"], Buffer.from("ab")],
        [[], Buffer.alloc(0)],
      ] as const) {
        const id = uuidv7();
        await storage.write(id, pieces(...chunks));
        assert.ok((await readAll(id)).equals(expected));
      }
    });

    test("reads any range, its end exclusive and cut at the size", async () => {
      const id = uuidv7();
      await storage.write(id, pieces("0123456789"));
      for (const [start, end, expected] of [
        [0, 10, "0123456789"],
        [0, 1, "0"],
        [9, 10, "9"],
        [3, 7, "3456"],
        [3, 99, "3456789"],
        [4, 4, ""],
      ] as const) {
        assert.equal((await readAll(id, { start, end })).toString(), expected);
      }
    });

    test("is done with a piece of the source when it asks for the next", async () => {
      const id = uuidv7();
      const whole = randomBytes(1_500_000);
      const lending = async function* () {
        for (let at = 0; at < whole.length; at += 70_000) {
          const piece = Buffer.from(whole.subarray(at, at + 70_000));
          yield piece;
          piece.fill(0);
        }
      };
      await storage.write(id, lending());
      assert.ok((await readAll(id)).equals(whole));
    });

    test("keeps many blobs apart that are written and read at once", async () => {
      const blobs = Array.from({ length: 12 }, (_, index) => ({ id: uuidv7(), bytes: randomBytes(600_000 + index) }));
      const writeAndRead = async ({ id, bytes }: (typeof blobs)[number]): Promise<boolean> => {
        await storage.write(id, pieces(bytes.subarray(0, 300_000), bytes.subarray(300_000)));
        return (await readAll(id)).equals(bytes);
      };
      assert.deepEqual(new Set(await Promise.all(blobs.map(writeAndRead))), new Set([true]));
    });

    test("reads one blob several times at once, and a reader that stops early harms nobody", async () => {
      const id = uuidv7();
      const bytes = randomBytes(2_000_000);
      await storage.write(id, pieces(bytes));
      for await (const _ of storage.read(id)) break;
      for await (const piece of storage.lend(id)) {
        const held = Buffer.from(piece);
        assert.ok((await readAll(id)).equals(bytes));
        assert.ok(held.equals(piece), "what was lent is nobody else's meanwhile");
        break;
      }
      const copies = await Promise.all([readAll(id), readAll(id), readAll(id)]);
      assert.ok(copies.every((copy) => copy.equals(bytes)));
    });

    test("leaves nothing under the id when the source fails", async () => {
      const id = uuidv7();
      const failing = async function* () {
        yield randomBytes(300_000);
        throw new Error("the sender went away");
      };
      await assert.rejects(storage.write(id, failing()), /the sender went away/);
      await assert.rejects(readAll(id), { code: "ENOENT" });
      assert.ok(!(await listed()).has(id));
      assert.equal(await storage.sweepTemporary(new Date(Date.now() + 60_000)), 0, "and nothing half-written");
    });

    test("says ENOENT in the stream for an id that is not there, and removes it without a word", async () => {
      const id = uuidv7();
      await assert.rejects(readAll(id), { code: "ENOENT" });
      await storage.remove(id);
      await storage.write(id, pieces("x"));
      await storage.remove(id);
      await assert.rejects(readAll(id), { code: "ENOENT" });
    });

    test("lists every id with when it was written", async () => {
      const ids = Array.from({ length: 20 }, () => uuidv7());
      const begin = Date.now() - 2_000;
      await Promise.all(ids.map((id) => storage.write(id, pieces(id))));
      const found = new Map<string, Date>();
      for await (const { id, writtenAt } of storage.list()) found.set(id, writtenAt);
      for (const id of ids) {
        const writtenAt = found.get(id)!.getTime();
        assert.ok(writtenAt >= begin && writtenAt <= Date.now() + 2_000);
      }
    });

    test("takes nothing for an id that is not one", async () => {
      for (const id of ["../../etc/passwd", "", "x", `${uuidv7()}/..`, uuidv7().toUpperCase()]) {
        await assert.rejects(async () => storage.write(id, pieces("x")));
        await assert.rejects(async () => readAll(id));
        await assert.rejects(async () => storage.remove(id));
      }
    });
  });
}
