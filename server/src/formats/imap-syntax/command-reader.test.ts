import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandReader, LIMITS_AFTER_AUTHENTICATION, type ReaderEvent } from "./command-reader.ts";

/** Everything the reader says when the input is cut into chunks of `size` bytes; APPEND literals are accepted. */
function readAll(
  input: string | Buffer,
  size: number,
  reader = new CommandReader(LIMITS_AFTER_AUTHENTICATION),
): unknown[] {
  const bytes = Buffer.from(input as string);
  const seen: unknown[] = [];
  let streamed: Buffer[] = [];
  const pull = () => {
    for (let event = reader.next(); event !== null; event = reader.next()) {
      if (event.type === "literal-data") {
        streamed.push(event.data);
        continue;
      }
      if (event.type === "append-literal") reader.acceptLiteral();
      seen.push(describe(event, Buffer.concat(streamed).toString()));
      if (event.type === "command") streamed = [];
    }
  };
  for (let at = 0; at < bytes.length; at += size) {
    reader.push(Buffer.from(bytes.subarray(at, at + size)));
    pull();
  }
  return seen;
}

function describe(event: ReaderEvent, streamed: string): unknown {
  switch (event.type) {
    case "command": {
      const segments = event.command.segments.map((segment) =>
        segment.kind === "text"
          ? segment.text
          : segment.kind === "literal"
            ? { literal: segment.bytes.toString() }
            : { streamed },
      );
      return [event.command.tag, event.command.verb, ...segments];
    }
    case "append-literal":
      return { append: event.size, synchronizing: event.synchronizing, binary: event.binary };
    case "bad":
      return { bad: event.tag, tooBig: event.tooBig };
    case "line":
      return { line: event.line };
    default:
      return event.type;
  }
}

const CONVERSATION = [
  "a1 NOOP\r\n",
  "a2 login {4}\r\nanne {6+}\r\nse\r\nam\r\n",
  "\r\n",
  "a3 uid  fetch 1:* (FLAGS)\r\n",
  "a4 APPEND {5+}\r\nINBOX (\\Seen) {11}\r\nhello\r\nyou\n\r\n",
  "a5 APPEND x ~{0+}\r\n\r\n",
  'a6 SELECT "é"\n',
].join("");

const EXPECTED = [
  ["a1", "NOOP", ""],
  "continue",
  ["a2", "LOGIN", " ", { literal: "anne" }, " ", { literal: "se\r\nam" }, ""],
  ["a3", "UID FETCH", " 1:* (FLAGS)"],
  { append: 11, synchronizing: true, binary: false },
  ["a4", "APPEND", " ", { literal: "INBOX" }, " (\\Seen) ", { streamed: "hello\r\nyou\n" }, ""],
  { append: 0, synchronizing: false, binary: true },
  ["a5", "APPEND", " x ", { streamed: "" }, ""],
  ["a6", "SELECT", ' "é"'],
];

test("A conversation gives the same events wherever it is cut", () => {
  for (let size = 1; size <= Buffer.byteLength(CONVERSATION); size += 1) {
    assert.deepEqual(readAll(CONVERSATION, size), EXPECTED, `chunks of ${size}`);
  }
});

test("A line that never ends is refused with its tag, skipped, and the next command is read", () => {
  const input = `a1 LOGIN ${"x".repeat(70_000)}\r\na2 NOOP\r\n`;
  for (const size of [1, 1000, 100_000]) {
    assert.deepEqual(readAll(input, size), [{ bad: "a1", tooBig: true }, ["a2", "NOOP", ""]]);
  }
});

test("Bytes without any line break end the connection instead of being read for ever", () => {
  const seen = readAll("x".repeat(200_000), 4096, new CommandReader());
  assert.deepEqual(seen, [{ bad: null, tooBig: true }, "fatal"]);
});

test("A literal of a terabyte is refused: a synchronizing one is never sent, a non-synchronizing one ends the connection", () => {
  const announced = "a1 LOGIN {1000000000000}\r\na2 NOOP\r\n";
  assert.deepEqual(readAll(announced, 7, new CommandReader()), [{ bad: "a1", tooBig: true }, ["a2", "NOOP", ""]]);
  const already = "a1 LOGIN {1000000000000+}\r\nxxxx";
  assert.deepEqual(readAll(already, 7, new CommandReader()), [{ bad: "a1", tooBig: true }, "fatal"]);
  assert.deepEqual(readAll("a1 LOGIN {99999999999999999999999+}\r\n", 9), [{ bad: "a1", tooBig: true }, "fatal"]);
});

test("A refused non-synchronizing literal is skipped with the literals that follow it in the same command", () => {
  const input = `a1 LOGIN {9000+}\r\n${"\r\n".repeat(4500)} {4+}\r\na2 X\r\na3 NOOP\r\n`;
  for (const size of [1, 17, 20_000]) {
    assert.deepEqual(readAll(input, size, new CommandReader()), [{ bad: "a1", tooBig: true }, ["a3", "NOOP", ""]]);
  }
});

test("A tag before a literal that is not a tag is refused without obeying the literal as commands", () => {
  assert.deepEqual(readAll("+ LOGIN {9+}\r\na2 NOOP\r\n\r\na3 NOOP\r\n", 5), [
    { bad: null, tooBig: false },
    ["a3", "NOOP", ""],
  ]);
});

test("Before authentication the message of APPEND is not streamed and is bound to 8 KiB", () => {
  const seen = readAll("a1 APPEND INBOX {9000}\r\na2 NOOP\r\n", 11, new CommandReader());
  assert.deepEqual(seen, [{ bad: "a1", tooBig: true }, ["a2", "NOOP", ""]]);
});

test("Literals of one command may not add up to more than the command limit", () => {
  const literal = `{600000+}\r\n${"x".repeat(600_000)}`;
  const seen = readAll(`a1 SEARCH TEXT ${literal} TEXT ${literal}\r\na2 NOOP\r\n`, 65_536);
  assert.deepEqual(seen, [{ bad: "a1", tooBig: true }, ["a2", "NOOP", ""]]);
});

test("A refused message literal is skipped when it is already on its way and awaited when it is not", () => {
  for (const [plus, body] of [
    ["+", "a9 NOOP\r\nxx\r\n"],
    ["", ""],
  ]) {
    const reader = new CommandReader(LIMITS_AFTER_AUTHENTICATION);
    reader.push(Buffer.from(`a1 APPEND INBOX {11${plus}}\r\n${body}a2 NOOP\r\n`));
    assert.equal(reader.next()?.type, "append-literal");
    assert.equal(reader.next(), null, "nothing is read before the decision");
    reader.refuseLiteral();
    assert.deepEqual(describe(reader.next()!, ""), ["a2", "NOOP", ""]);
  }
});

test("A message literal in one chunk is handed over without being copied", () => {
  const reader = new CommandReader(LIMITS_AFTER_AUTHENTICATION);
  const chunk = Buffer.from("a1 APPEND INBOX {5+}\r\nhello\r\n");
  reader.push(chunk);
  reader.next();
  reader.acceptLiteral();
  const event = reader.next();
  assert.ok(event?.type === "literal-data");
  assert.equal(event.data.buffer, chunk.buffer);
});

test("NUL and bytes that are not UTF-8 make a line bad", () => {
  const seen = readAll(Buffer.from("a1 LOGIN a\0b c\r\na2 LOGIN \xff c\r\na3 NOOP\r\n", "latin1"), 6);
  assert.deepEqual(seen, [{ bad: null, tooBig: false }, { bad: null, tooBig: false }, ["a3", "NOOP", ""]]);
});

test("Lines without a tag or a command are refused one by one", () => {
  assert.deepEqual(readAll("a1\r\n* NOOP\r\n(x) y\r\na1  NOOP\r\nGET / HTTP/1.1\r\n", 3), [
    { bad: "a1", tooBig: false },
    { bad: null, tooBig: false },
    { bad: null, tooBig: false },
    { bad: "a1", tooBig: false },
    { bad: "GET", tooBig: false },
  ]);
});

test("An expected line is not taken for a command, not even when it looks like one that announces a literal", () => {
  const reader = new CommandReader();
  reader.push(Buffer.from("a1 IDLE\r\nDONE {5}\r\na2 NOOP\r\n"));
  assert.equal(reader.next()?.type, "command");
  reader.expectLine();
  assert.deepEqual(reader.next(), { type: "line", line: "DONE {5}" });
  assert.equal(reader.next()?.type, "command");
});

test("What was received in clear can be thrown away before TLS", () => {
  const reader = new CommandReader();
  reader.push(Buffer.from("a1 STARTTLS\r\na2 LOGIN evil evil\r\na3 "));
  assert.equal(reader.next()?.type, "command");
  assert.ok(reader.discardBuffered() > 0);
  reader.push(Buffer.from("b1 NOOP\r\n"));
  assert.deepEqual(describe(reader.next()!, ""), ["b1", "NOOP", ""]);
});

test("An abandoned command is skipped to its end, its message included", () => {
  const reader = new CommandReader(LIMITS_AFTER_AUTHENTICATION);
  reader.push(Buffer.from("a1 APPEND INBOX {12+}\r\nhel"));
  reader.next();
  reader.acceptLiteral();
  assert.equal(reader.next()?.type, "literal-data");
  reader.abandonCommand();
  reader.push(Buffer.from("lo a5 X\r\n\r\na2 NOOP\r\n"));
  assert.deepEqual(describe(reader.next()!, ""), ["a2", "NOOP", ""]);
});
