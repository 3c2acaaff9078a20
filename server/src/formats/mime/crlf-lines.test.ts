import assert from "node:assert/strict";
import { test } from "node:test";
import { crlfLines } from "./crlf-lines.ts";

async function converted(text: string, size: number): Promise<string> {
  const bytes = Buffer.from(text, "latin1");
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  let result = "";
  for await (const chunk of crlfLines(chunks())) result += chunk.toString("latin1");
  return result;
}

test("every line end becomes CRLF and nothing else changes, however the text is cut", async () => {
  for (let size = 1; size < 12; size++) {
    assert.equal(
      await converted("a\nb\r\nc\rd\n\r\re\r\n\r\n\u00ff\r", size),
      "a\r\nb\r\nc\r\nd\r\n\r\n\r\ne\r\n\r\n\u00ff\r\n",
    );
  }
});
