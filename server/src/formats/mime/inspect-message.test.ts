import assert from "node:assert/strict";
import { test } from "node:test";
import { headerLimit, type Inspection, MessageInspector } from "./inspect-message.ts";

function inspect(text: string | Buffer, chunkSize = Number.POSITIVE_INFINITY): Inspection {
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text, "latin1");
  const inspector = new MessageInspector();
  for (let at = 0; at < bytes.length; at += chunkSize) {
    inspector.push(bytes.subarray(at, Math.min(bytes.length, at + chunkSize)));
  }
  return inspector.end();
}

const sizes = [1, 2, 3, 4, 5, 7, 1_000];

test("the header section ends with the blank line, however the message is cut", () => {
  for (const size of sizes) {
    const { header, fields } = inspect("From: a@b.fr\r\nSubject: x\r\n\r\nbody\r\n\r\nmore", size);
    assert.equal(header.toString(), "From: a@b.fr\r\nSubject: x\r\n\r\n", `chunks of ${size}`);
    assert.deepEqual(
      fields.map((field) => field.key),
      ["from", "subject"],
    );
  }
});

test("a message without body or without blank line is all header", () => {
  for (const size of sizes) assert.equal(inspect("From: a@b.fr\r\n", size).header.toString(), "From: a@b.fr\r\n");
  assert.equal(inspect("").header.length, 0);
});

test("a message that begins with a blank line has no field", () => {
  assert.equal(inspect("\r\nFrom: a@b.fr\r\n\r\n").fields.length, 0);
});

for (const [name, text] of [
  ["LF dot LF", "a\r\n\r\nx\n.\ny"],
  ["LF dot CRLF", "a\r\n\r\nx\n.\r\ny"],
  ["CRLF dot LF", "a\r\n\r\nx\r\n.\ny"],
  ["CR dot CR", "a\r\n\r\nx\r.\ry"],
  ["CR dot CRLF", "a\r\n\r\nx\r.\r\ny"],
  ["CRLF dot CR", "a\r\n\r\nx\r\n.\ry"],
  ["LF dot LF at the very end", "a\r\n\r\nx\n.\n"],
  ["dot LF at the very beginning", ".\nx\r\n"],
] as const) {
  test(`a line of one dot ended by ${name} is seen, however the message is cut`, () => {
    for (const size of sizes) assert.equal(inspect(text, size).hasBareDotLine, true, `chunks of ${size}`);
  });
}

test("a line of one dot between two CRLF is an ordinary line", () => {
  for (const size of sizes) {
    for (const text of [
      "a: b\r\n\r\nx\r\n.\r\ny\r\n",
      ".\r\n.\r\n.\r\n",
      "a: b\r\n\r\nx\r\n.\r\n.\r\n.\r\n",
      "x\ny.\r\n",
    ]) {
      assert.equal(inspect(text, size).hasBareDotLine, false, JSON.stringify([text, size]));
    }
  }
});

test("bare line ends, NUL and eight-bit bytes are noticed", () => {
  for (const size of sizes) {
    const plain = inspect("a: b\r\n\r\nc\r\n", size);
    assert.deepEqual([plain.hasBareLineEnd, plain.hasNul, plain.isEightBit], [false, false, false]);
    assert.equal(inspect("a: b\r\n\r\nc\n", size).hasBareLineEnd, true);
    assert.equal(inspect("a: b\r\n\r\nc\r", size).hasBareLineEnd, true);
    assert.equal(inspect("a: b\r\n\r\n\0", size).hasNul, true);
    assert.equal(inspect("a: b\r\n\r\n\u00e9", size).isEightBit, true);
  }
});

test("a header section beyond the limit is called too large and not kept", () => {
  const { headerTooLarge, header } = inspect(`X: ${"a".repeat(headerLimit)}\r\n\r\nbody`, 4_096);
  assert.equal(headerTooLarge, true);
  assert.ok(header.length <= headerLimit);
});
