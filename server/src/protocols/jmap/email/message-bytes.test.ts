import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { indexMessage } from "../../../formats/mime/index-message.ts";
import type { MimePart } from "../../../formats/mime/mime-part.ts";
import { readBodyValue, truncateText } from "./body-values.ts";
import { MessageBytes } from "./message-bytes.ts";

function message(encoding: string, body: string, type = "text/plain; charset=utf-8") {
  const bytes = Buffer.from(`Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`);
  let opened = 0;
  const source = new MessageBytes(async () => {
    opened++;
    return {
      size: bytes.length,
      open: (range) => Readable.from([bytes.subarray(range?.start, range?.end)], { objectMode: false }),
    };
  });
  return { part: indexMessage(bytes), source, opened: () => opened };
}
const base64Lines = (bytes: Buffer, line: number, end: string) =>
  bytes.toString("base64").replace(new RegExp(`.{${line}}`, "g"), `$&${end}`);

test("the size of a part is that of its decoded bytes, small or large, however its lines are", async () => {
  for (const size of [0, 1, 2, 3, 56, 57, 58, 1_000, 99_999, 100_000, 100_001, 171_000]) {
    const bytes = Buffer.alloc(size, "é");
    for (const [line, end] of [
      [76, "\r\n"],
      [76, "\n"],
      [60, "\r\n"],
    ] as const) {
      const { part, source } = message("base64", base64Lines(bytes, line, end), "application/pdf");
      assert.equal(await source.decodedSize(part), size, `${size} bytes in lines of ${line}`);
    }
  }
  const irregular = message("base64", `${"QUJD\r\n".repeat(20_000)}QUJDREVG\r\nQQ==`, "application/pdf");
  assert.equal(await irregular.source.decodedSize(irregular.part), 60_007);
  const quoted = message("quoted-printable", "=C3=A9 ".repeat(20_000));
  assert.equal(await quoted.source.decodedSize(quoted.part), 59_999);
});

test("a small message is opened once, whatever is read of it", async () => {
  const { part, source, opened } = message("7bit", "bonjour");
  await source.decodedSize(part);
  await source.read(part.bodyStart, part.bodyEnd);
  await source.read(0, 5);
  assert.equal(opened(), 1);
});

const limits = { maxBodyValueBytes: 1_000 };
const read = (given: { part: MimePart; source: MessageBytes }, most = 0, octets = 10_000) =>
  readBodyValue(given.part, given.source, most, limits, { octets });

test("a body value has LF line ends, and says what was wrong with it", async () => {
  assert.deepEqual(await read(message("quoted-printable", "=C3=A9t=C3=A9\r\nfin\r\n")), {
    value: "été\nfin\n",
    isEncodingProblem: false,
    isTruncated: false,
  });
  assert.equal((await read(message("x-strange", "abc"))).isEncodingProblem, true);
  assert.equal((await read(message("8bit", "abc", "text/plain; charset=klingon"))).isEncodingProblem, true);
  const wrong = await read(message("quoted-printable", "=C3=28"));
  assert.deepEqual([wrong.isEncodingProblem, wrong.value], [true, "\ufffd("]);
});

test("a body value is cut at the client's limit, at ours, and at what is left for the call", async () => {
  const long = message("8bit", "é".repeat(5_000));
  assert.deepEqual(
    [(await read(long, 5)).value, (await read(long)).value.length, (await read(long, 0, 20)).value.length],
    ["éé", 500, 10],
  );
  assert.equal((await read(long, 5)).isTruncated, true);
  assert.equal((await read(message("8bit", "ééé"), 6)).isTruncated, false);
});

test("text is cut between characters, HTML not inside a tag", () => {
  assert.equal(truncateText("a😀b", 4, false), "a");
  assert.equal(truncateText("a😀b", 5, false), "a😀");
  assert.equal(truncateText("<p>abc</p>", 8, true), "<p>abc");
  assert.equal(truncateText("<p>abc</p>", 8, false), "<p>abc</");
});
