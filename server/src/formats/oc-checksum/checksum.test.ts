import assert from "node:assert/strict";
import { test } from "node:test";
import { createChecksumHash, parseChecksums } from "./checksum.ts";

const sha1 = "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d";

test("checksums are read one or several, in any case", () => {
  assert.deepEqual(parseChecksums(`SHA1:${sha1}`), [{ name: "SHA1", value: Buffer.from(sha1, "hex") }]);
  assert.deepEqual(
    parseChecksums(`sha1:${sha1.toUpperCase()}  MD5:5d41402abc4b2a76b9719d911017c592`)?.map(({ name }) => name),
    ["SHA1", "MD5"],
  );
});

test("what nobody here can work out is no claim", () => {
  assert.deepEqual(parseChecksums("CRC32:0a0b0c0d"), []);
  assert.deepEqual(parseChecksums("constructor:0a0b"), []);
});

test("a malformed checksum is not taken for none", () => {
  for (const text of [
    "",
    "SHA1",
    "SHA1:",
    `SHA1:${sha1}00`,
    "SHA1:xyz",
    `SHA1 :${sha1}`,
    "MD5:00",
    `SHA1:${sha1},MD5:00`,
  ]) {
    assert.equal(parseChecksums(text), undefined, text);
  }
});

test("each algorithm gives what others give, whatever the pieces", () => {
  // RFC 1950's example and `printf hello | …sum`.
  const known = {
    ADLER32: "062c0215",
    MD5: "5d41402abc4b2a76b9719d911017c592",
    SHA1: sha1,
    SHA256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    "SHA3-256": "3338be694f50c5f338814986cdf0686453a888b84f424d792af4b9202398f392",
  } as const;
  for (const [name, expected] of Object.entries(known)) {
    const hash = createChecksumHash(name as keyof typeof known);
    hash.update(Buffer.from("hel"));
    hash.update(Buffer.from("lo"));
    assert.equal(hash.digest().toString("hex"), expected, name);
  }
});

test("Adler-32 does not overflow on a long run of the largest bytes", () => {
  const hash = createChecksumHash("ADLER32");
  for (let piece = 0; piece < 16; piece++) hash.update(Buffer.alloc(65_536, 0xff));
  assert.equal(hash.digest().toString("hex"), expectedLong());
});

/** By the definition, in numbers that do not overflow. */
function expectedLong(): string {
  let a = 1n;
  let b = 0n;
  for (let at = 0; at < 1_048_576; at++) {
    a = (a + 255n) % 65_521n;
    b = (b + a) % 65_521n;
  }
  return ((b << 16n) | a).toString(16).padStart(8, "0");
}
