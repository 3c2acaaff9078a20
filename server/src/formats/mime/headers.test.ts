import assert from "node:assert/strict";
import { test } from "node:test";
import { allHeaders, firstHeader, readHeaders, selectHeaderFields } from "./headers.ts";
import { parseParameters } from "./parse-parameters.ts";

const read = (text: string): [string, string][] => {
  const bytes = Buffer.from(text, "latin1");
  return readHeaders(bytes, 0, bytes.length).map((field) => [field.name, field.value]);
};

test("fields are unfolded, and lines that are no field are skipped with their continuations", () => {
  assert.deepEqual(read("From x@y Mon Nov 23 10:14:47\r\n suite: 1\r\nA : un\r\n\tdeux\nsans\nB:\r\n\r\nC: corps"), [
    ["A", "un\tdeux"],
    ["B", ""],
  ]);
  assert.deepEqual(read(": x\nA: 1\0\n:"), [["A", "1"]]);
});

test("raw header bytes are UTF-8 when they can be, else windows-1252", () => {
  assert.deepEqual(read("A: \xc3\xa9\nB: \xe9\n"), [
    ["A", "é"],
    ["B", "é"],
  ]);
});

test("fields are found by name, first and all", () => {
  const bytes = Buffer.from("A: 1\na: 2\n");
  const fields = readHeaders(bytes, 0, bytes.length);
  assert.equal(firstHeader(fields, "a"), "1");
  assert.deepEqual(allHeaders(fields, "a"), ["1", "2"]);
  assert.equal(firstHeader(fields, "b"), null);
});

test("HEADER.FIELDS and HEADER.FIELDS.NOT give exact bytes and the blank line if there is one", () => {
  const bytes = Buffer.from("A: 1\r\nB: x\r\n y\r\na:3\r\n\r\n");
  const select = (names: string[], exclude: boolean): string =>
    selectHeaderFields(bytes, 0, bytes.length, names, exclude).toString();
  assert.equal(select(["A"], false), "A: 1\r\na:3\r\n\r\n");
  assert.equal(select(["a"], true), "B: x\r\n y\r\n\r\n");
  assert.equal(select(["Z"], false), "\r\n");
  assert.equal(selectHeaderFields(Buffer.from("A: 1\r\n"), 0, 6, ["a"], false).toString(), "A: 1\r\n");
});

test("parameters are read with quotes, comments, RFC 2231 and the usual mistakes", () => {
  const params = (text: string): Record<string, string> => parseParameters(`x/y; ${text}`).params;
  assert.deepEqual(params('charset="utf-8" (c); Name=a b.pdf'), { charset: "utf-8", name: "a b.pdf" });
  assert.deepEqual(params("charset=us-ascii (Plain text)"), { charset: "us-ascii" });
  assert.deepEqual(params('name="a;\\"b\\".txt"; n2="C:\\temp\\x"'), { name: 'a;"b".txt', n2: "C:\\temp\\x" });
  assert.deepEqual(params("filename=x; filename*=iso-8859-1'fr'%E9t%E9"), { filename: "été" });
  assert.deepEqual(params("f*1*=%A9t; f*0*=utf-8''%C3; f*2=\"é%41\"; f*4=perdu"), { f: "été%41" });
  assert.deepEqual(params('f*1=x; ; =; a; __proto__=z; name="ouvert'), { name: "ouvert" });
  assert.deepEqual(parseParameters(""), { value: "", params: {} });
});
