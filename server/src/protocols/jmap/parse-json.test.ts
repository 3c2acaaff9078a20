import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestProblem } from "./jmap-errors.ts";
import { parseJson } from "./parse-json.ts";

const limits = { maxDepth: 5, maxValues: 100 };
const parse = (text: string | Buffer) => parseJson(Buffer.from(text), limits);

async function refusal(text: string | Buffer): Promise<string> {
  const error = await parse(text).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof RequestProblem, String(error));
  return error.body.type.split(":").at(-1)!;
}

test("JSON is parsed, brackets and commas inside strings do not count", async () => {
  const value = { a: "[[[[[[[[{{{{{{{", b: [1, 2], c: ",".repeat(500), d: 'a\\"[[[[[[', e: "\\" };
  assert.deepEqual(await parse(JSON.stringify(value)), value);
});

test("what is no JSON in UTF-8 is told as such", async () => {
  for (const text of ["", "{", "nope", '{"a":1}}', Buffer.from([0x22, 0xc3, 0x28, 0x22]), '{"a":"\\'])
    assert.equal(await refusal(text), "notJSON");
});

test("deep and wide values are refused before they are parsed", async () => {
  assert.equal(await refusal("[".repeat(6)), "limit");
  assert.equal(await refusal(`[${"0,".repeat(200)}0]`), "limit");
  assert.deepEqual(await parse("[[[[[]]]]]"), [[[[[]]]]]);
});

test("a string that spans the slices of a long body is read whole", async () => {
  const long = `${"x".repeat(600 * 1024)}\\"[[[[[[[[`;
  assert.equal(((await parse(`{"a":"${long}"}`)) as { a: string }).a.length, 600 * 1024 + 9);
});
