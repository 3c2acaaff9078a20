import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandReader, type ReaderEvent } from "./command-reader.ts";
import { writeString } from "./write-string.ts";

const sent = 'PUTSCRIPT "a \\"b\\" \\\\" {9+}\r\nkeep;\r\n\r\n\r\nHAVESPACE {1}\r\nx 42 4294967296\r\n"*"\r\n';

function readAll(reader: CommandReader): ReaderEvent[] {
  const events: ReaderEvent[] = [];
  for (let event = reader.next(); event; event = reader.next()) events.push(event);
  return events;
}

function plain(events: readonly ReaderEvent[]): unknown[] {
  return events.map((event) =>
    event.type === "line"
      ? event.words.map((word) =>
          word.kind === "string" ? `“${word.bytes}”` : word.kind === "number" ? word.value : word.text,
        )
      : event.text,
  );
}

test("commands are the same whatever pieces they come in", () => {
  const expected = [["PUTSCRIPT", '“a "b" \\”', "“keep;\r\n\r\n”"], ["HAVESPACE", "“x”", 42, "4294967296"], ["“*”"]];
  for (let size = 1; size <= sent.length; size++) {
    const reader = new CommandReader(100);
    const events: ReaderEvent[] = [];
    for (let at = 0; at < sent.length; at += size) {
      reader.push(Buffer.from(sent.slice(at, at + size)));
      events.push(...readAll(reader));
    }
    assert.deepEqual(plain(events), expected, `pieces of ${size}`);
  }
});

test("a literal beyond the limit is read over and marked, and what follows is understood", () => {
  const reader = new CommandReader(10);
  reader.push(Buffer.from(`PUTSCRIPT "x" {5000+}\r\n${"y".repeat(5_000)}\r\nNOOP\r\n`));
  const [first, second] = readAll(reader);
  assert.ok(first?.type === "line" && second?.type === "line");
  const script = first.words[2];
  assert.ok(script?.kind === "string" && script.isTooLong && script.bytes.length === 0);
  assert.deepEqual(plain([second]), [["NOOP"]]);
});

test("what cannot be read over ends the reading", () => {
  for (const bytes of ["x".repeat(9_000), 'A {99999999999+}\r\n"', "A {100000000+}\r\n"]) {
    const reader = new CommandReader(10);
    reader.push(Buffer.from(bytes));
    const events = readAll(reader);
    assert.ok(events.at(-1)?.type === "fatal" || events.at(-1)?.type === "bad", bytes.slice(0, 20));
    reader.push(Buffer.from("NOOP\r\n"));
    if (events.at(-1)?.type === "fatal") assert.equal(reader.next(), null);
  }
});

for (const line of ['NOOP "a"b', 'NOOP "a', "NOOP a{b", "NOOP (a)", "NOOP {5}x", `NOOP ${"a ".repeat(30)}`]) {
  test(`the line ${line.slice(0, 20)} is refused, and the next one read`, () => {
    const reader = new CommandReader(10);
    reader.push(Buffer.from(`${line}\r\nNOOP\r\n`));
    const [first, second] = readAll(reader);
    assert.equal(first?.type, "bad");
    assert.deepEqual(plain([second!]), [["NOOP"]]);
  });
}

test("strings of answers are quoted when they are short and of one line", () => {
  assert.equal(writeString('a "b" \\'), '"a \\"b\\" \\\\"');
  assert.equal(writeString("é\r\n"), "{4}\r\né\r\n");
  assert.equal(writeString("x".repeat(1_025)), `{1025}\r\n${"x".repeat(1_025)}`);
});
