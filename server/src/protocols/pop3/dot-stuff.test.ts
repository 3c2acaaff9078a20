import assert from "node:assert/strict";
import { test } from "node:test";
import { DotStuffer } from "./dot-stuff.ts";

/** What a client gets, whatever the pieces that the message comes in. */
function stuffed(message: string, bodyLines?: number): string {
  const whole = run([message], bodyLines);
  assert.equal(run(message.split(/(?<=.)/s), bodyLines), whole, "pieces change nothing");
  return whole;
}

function run(pieces: readonly string[], bodyLines?: number): string {
  const stuffer = new DotStuffer(bodyLines);
  let text = "";
  for (const piece of pieces) text += stuffer.push(Buffer.from(piece)).toString();
  return text + stuffer.end();
}

test("a dot that begins a line is doubled, others are left alone", () => {
  assert.equal(stuffed("A: b\r\n\r\n.\r\n..x\r\na.b\r\n"), "A: b\r\n\r\n..\r\n...x\r\na.b\r\n.\r\n");
});

test("a message that does not end its last line gets an end", () => {
  assert.equal(stuffed("A: b\r\n\r\nend"), "A: b\r\n\r\nend\r\n.\r\n");
  assert.equal(stuffed("A: b\r\n\r\nend\r"), "A: b\r\n\r\nend\r\n.\r\n");
  assert.equal(stuffed(""), ".\r\n");
});

test("lines that end by LF alone end by CRLF, so that a dot after them cannot end the answer", () => {
  assert.equal(stuffed("A: b\n\n.\nx\r\n"), "A: b\r\n\r\n..\r\nx\r\n.\r\n");
});

test("TOP stops after the lines it was asked for", () => {
  const message = "A: b\r\nC: d\r\n\r\n1\r\n2\r\n3\r\n";
  assert.equal(stuffed(message, 0), "A: b\r\nC: d\r\n\r\n.\r\n");
  assert.equal(stuffed(message, 2), "A: b\r\nC: d\r\n\r\n1\r\n2\r\n.\r\n");
  assert.equal(stuffed(message, 99), `${message}.\r\n`);
  assert.equal(stuffed("A: b\r\n", 3), "A: b\r\n.\r\n");
  assert.equal(stuffed("A: b\r\n\r\n\r\n\r\nx\r\n", 1), "A: b\r\n\r\n\r\n.\r\n");
});
