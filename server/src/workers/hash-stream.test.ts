import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { hashStream } from "./hash-stream.ts";

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test("a stream hashes in a thread to what it hashes to here, in pieces of any size, several at once", async () => {
  const lengths = [0, 1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 9_000_000];
  await Promise.all(
    lengths.flatMap((length) => {
      const bytes = randomBytes(length);
      const expected = ["sha1", "md5"].map((name) => createHash(name).update(bytes).digest());
      return [65_536, 1_000_000, 5_000_000].map(async (size) => {
        assert.deepEqual(await hashStream(inPieces(bytes, size), ["SHA1", "MD5"]), expected, `${length} by ${size}`);
      });
    }),
  );
});

test("a source that fails is what fails, and leaves room for the next", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(3_000_000);
    throw new Error("no more");
  }
  await Promise.all(Array.from({ length: 5 }, () => assert.rejects(hashStream(broken(), ["SHA1"]), /no more/)));
  const [md5] = await hashStream(inPieces(Buffer.from("hello"), 1), ["MD5"]);
  assert.equal(md5?.toString("hex"), "5d41402abc4b2a76b9719d911017c592");
});
