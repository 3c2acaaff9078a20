import assert from "node:assert/strict";
import { test } from "node:test";
import { dummyHash, hashPassword, isOutdatedHash, matchesPassword } from "./hash-password.ts";

test("a hash is an Argon2id PHC string with a salt of its own, and matches its password only", async () => {
  const [one, two] = await Promise.all([hashPassword("tuile-quai-9"), hashPassword("tuile-quai-9")]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(one, two);
  assert.equal(await matchesPassword("tuile-quai-9", one), true);
  assert.equal(await matchesPassword("tuile-quai-8", one), false);
  assert.equal(isOutdatedHash(one), false);
});

test("a hash made elsewhere with other parameters matches, and is to be made again", async () => {
  // printf 'motdepasse' | argon2 quelquesel -id -t 2 -k 512 -p 1 -l 24
  const { argon2Sync } = await import("node:crypto");
  const tag = argon2Sync("argon2id", {
    message: "motdepasse",
    nonce: "quelquesel",
    memory: 512,
    passes: 2,
    parallelism: 1,
    tagLength: 24,
  });
  const unpadded = (text: Uint8Array) => Buffer.from(text).toString("base64").replace(/=+$/, "");
  const hash = `$argon2id$v=19$m=512,t=2,p=1$${unpadded(Buffer.from("quelquesel"))}$${unpadded(tag)}`;
  assert.equal(await matchesPassword("motdepasse", hash), true);
  assert.equal(isOutdatedHash(hash), true);
});

test("a password is the same however its accents were typed", async () => {
  const hash = await hashPassword("été à la mer".normalize("NFC"));
  assert.equal(await matchesPassword("été à la mer".normalize("NFD"), hash), true);
});

test("what is no hash of ours matches nothing", async () => {
  for (const hash of [
    "",
    "x",
    "$2b$10$abcdefghijklmnopqrstuv",
    "$argon2i$v=19$m=512,t=2,p=1$c2VsMTIzNDU$AAAA",
    `${dummyHash}x`.repeat(3),
  ]) {
    assert.equal(await matchesPassword("x", hash), false, hash);
  }
  assert.equal(await matchesPassword("", dummyHash), false);
});

test("a crowd waits its turn, and what would wait too long is refused as unavailable", async () => {
  const results = await Promise.allSettled(Array.from({ length: 70 }, () => matchesPassword("x", dummyHash)));
  const refused = results.filter((result) => result.status === "rejected");
  assert.equal(refused.length, 4, "2 run and 64 wait");
  assert.equal(refused[0]!.reason.code, "unavailable");
  assert.equal(await matchesPassword("x", dummyHash), false, "afterwards there is room again");
});
