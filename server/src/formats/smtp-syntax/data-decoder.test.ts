import assert from "node:assert/strict";
import { test } from "node:test";
import { DataDecoder } from "./data-decoder.ts";

/** Feeds in pieces of one size. @returns the message, and what came behind its end */
function decode(text: string, size: number): { message: string; rest: string | undefined } {
  const decoder = new DataDecoder();
  const bytes = Buffer.from(text, "latin1");
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    pieces.push(...decoder.push(bytes.subarray(at, at + size)));
    if (decoder.rest) {
      const rest = Buffer.concat([decoder.rest, bytes.subarray(at + size)]);
      return { message: Buffer.concat(pieces).toString("latin1"), rest: rest.toString("latin1") };
    }
  }
  return { message: Buffer.concat(pieces).toString("latin1"), rest: undefined };
}

const cases: [name: string, sent: string, message: string, rest: string | undefined][] = [
  ["an empty message", ".\r\n", "", ""],
  ["a message and the commands behind it", "a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n"],
  ["stuffed dots", "..\r\n...b\r\n.c\r\n.\r\n", ".\r\n..b\r\nc\r\n", ""],
  ["a dot inside a line", "a.\r\n.\r\n", "a.\r\n", ""],
  ["CRLF . LF is no end, and keeps its dot", "a\r\n.\nb\r\n.\r\n", "a\r\n.\nb\r\n", ""],
  ["CRLF . CR is no end, and keeps its dot", "a\r\n.\rb\r\n.\r\n", "a\r\n.\rb\r\n", ""],
  ["LF . CRLF is no end", "a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", ""],
  ["LF . LF is no end", "a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", ""],
  ["CR . CR is no end", "a\r.\rb\r\n.\r\n", "a\r.\rb\r\n", ""],
  ["dots after dots", "a\r\n.\r\r\n.\r\n", "a\r\n.\r\r\n", ""],
  ["many line ends", "\r\n\r\n\r\n.\r\n", "\r\n\r\n\r\n", ""],
];

for (const [name, sent, message, rest] of cases) {
  test(`${name}, whatever the pieces`, () => {
    for (let size = 1; size <= sent.length; size++) assert.deepEqual(decode(sent, size), { message, rest }, `${size}`);
  });
}

test("a message without end gives all but what may begin the end", () => {
  assert.deepEqual(decode("a\r\nb\r\n.", 3), { message: "a\r\nb", rest: undefined });
});

test("any bytes come through stuffing and back, in pieces of any size", () => {
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed % below;
  };
  for (let round = 0; round < 2_000; round++) {
    const text = Array.from({ length: next(40) }, () => "\r\n.a\r\n.".charAt(next(7))).join("");
    const lines = `${text}\r\n`;
    // Only what a careful client sends: each line's first dot doubled, where a line begins after CRLF.
    const stuffed = `\r\n${lines}`.replace(/\r\n\./g, "\r\n..").slice(2);
    assert.deepEqual(
      decode(`${stuffed}.\r\nNEXT`, 1 + next(9)),
      { message: lines, rest: "NEXT" },
      JSON.stringify(text),
    );
  }
});
