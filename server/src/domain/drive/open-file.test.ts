import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { joinSegments, type Segment } from "./open-file.ts";

function segmentsOf(...texts: string[]): { segments: Segment[]; opened: string[]; ended: string[] } {
  const opened: string[] = [];
  const ended: string[] = [];
  const segments = texts.map((text) => ({
    length: text.length,
    open: async () => {
      opened.push(text);
      return {
        size: text.length,
        open: (range?: { start: number; end: number }) => {
          const stream = Readable.from([Buffer.from(text.slice(range?.start, range?.end))]);
          stream.once("close", () => ended.push(text));
          return stream;
        },
        async *lend(range?: { start: number; end: number }) {
          try {
            yield Buffer.from(text.slice(range?.start, range?.end));
          } finally {
            ended.push(text);
          }
        },
      };
    },
  }));
  return { segments, opened, ended };
}

test("every range over segments gives the same bytes as one piece would", async () => {
  const { segments } = segmentsOf("abc", "", "d", "efghij");
  const whole = "abcdefghij";
  const source = joinSegments(segments);
  assert.equal(source.size, 10);
  assert.equal((await source.open().toArray()).join(""), whole);
  for (let start = 0; start <= 11; start++) {
    for (let end = start; end <= 12; end++) {
      const expected = whole.slice(start, end);
      assert.equal((await source.open({ start, end }).toArray()).join(""), expected, `${start}-${end}`);
      assert.equal((await Array.fromAsync(source.lend({ start, end }))).join(""), expected, `${start}-${end}, lent`);
    }
  }
});

test("only the segments of the range are opened, and a reader that leaves ends the open one", async () => {
  const { segments, opened, ended } = segmentsOf("aaa", "bbb", "ccc");
  assert.equal((await joinSegments(segments).open({ start: 3, end: 6 }).toArray()).join(""), "bbb");
  assert.deepEqual(opened, ["bbb"]);
  const stream = joinSegments(segments).open();
  for await (const _ of stream) break;
  assert.ok(ended.length >= 1 && !opened.includes("ccc"));
});

test("who is lent pieces and leaves ends the open segment and opens no other", async () => {
  const { segments, opened, ended } = segmentsOf("aaa", "bbb", "ccc");
  for await (const piece of joinSegments(segments).lend({ start: 1, end: 9 })) {
    assert.equal(piece.toString(), "aa");
    break;
  }
  assert.deepEqual({ opened, ended }, { opened: ["aaa"], ended: ["aaa"] });
});

test("no segment at all is an empty file", async () => {
  const source = joinSegments([]);
  assert.equal(source.size, 0);
  assert.deepEqual(await source.open().toArray(), []);
});
