import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { duplexPair } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { DeflateStream } from "./deflate-stream.ts";

const pair = () => {
  const [left, right] = duplexPair();
  return { left: new DeflateStream(left), right: new DeflateStream(right), under: left };
};

test("What is written can be read at once, each write of its own", async () => {
  const { left, right } = pair();
  for (const text of ["a", "bonjour\r\n", "x".repeat(5_000)]) {
    left.write(text);
    let got = "";
    while (got.length < text.length) got += String((await once(right, "data"))[0]);
    assert.equal(got, text);
  }
  left.destroy();
  right.destroy();
});

test("A large stream arrives whole, smaller on the way, and its end is heard", async () => {
  const { left, right } = pair();
  const text = Buffer.from("Séance du conseil municipal. ".repeat(100_000));
  const read = buffer(right);
  for (let start = 0; start < text.length; start += 50_000) {
    if (!left.write(text.subarray(start, start + 50_000))) await once(left, "drain");
  }
  left.end();
  assert.ok((await read).equals(text));
});

test("What is written last arrives although the connection is closed at once", async () => {
  for (let round = 0; round < 200; round += 1) {
    const { left, right } = pair();
    const read = buffer(right);
    left.write("first ");
    left.end("last");
    left.resume();
    assert.equal((await read).toString(), "first last");
    right.end();
    right.destroy();
  }
});

test("Who does not read holds back who writes", async () => {
  const { left, right } = pair();
  const noise = randomBytes(16 * 1024);
  for (let index = 0; index < 500; index += 1) left.write(noise);
  const deadline = performance.now() + 20_000;
  while (right.readableLength < right.readableHighWaterMark) {
    assert.ok(performance.now() < deadline);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(left.writableLength > 400 * noise.length, `${left.writableLength} bytes wait`);
  right.resume();
  await once(left, "drain");
  left.destroy();
  right.destroy();
});

test("Bytes that are not DEFLATE destroy the stream with an error", async () => {
  const [left, right] = duplexPair();
  const inflated = new DeflateStream(right);
  inflated.resume();
  const failed = once(inflated, "error");
  left.write(Buffer.from("ffffffff", "hex"));
  assert.ok((await failed)[0] instanceof Error);
  assert.ok(inflated.destroyed);
});
