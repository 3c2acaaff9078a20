import assert from "node:assert/strict";
import { test } from "node:test";
import { readHeaders } from "../../../formats/mime/headers.ts";
import { type HeaderBlock, listHeaders, parseHeaderProperty, readHeaderProperty } from "./header-forms.ts";

function block(...lines: string[]): HeaderBlock {
  const bytes = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  return { bytes, fields: readHeaders(bytes, 0, bytes.length) };
}
const mail = block(
  "From: =?utf-8?Q?L=C3=A9a?= <lea@a.example>, Les services: tom@a.example, ann@a.example;, z@a.example",
  "Subject:  =?utf-8?B?w4k=?= l'heure",
  "X-Twice: one",
  "X-Twice: two",
  "X-Folded: a",
  "\tb",
  "Date: Mon, 2 Feb 2026 10:00:00 +0100",
  "References: <a@x> <b@x>",
  "List-Unsubscribe: <mailto:out@l.example>, <https://l.example/?a=b>",
);
const value = (property: string) => readHeaderProperty(mail, parseHeaderProperty(property)!);

test("each form reads a field in its own way", () => {
  assert.equal(value("header:Subject"), "  =?utf-8?B?w4k=?= l'heure");
  assert.equal(value("header:subject:asText"), "É l'heure");
  assert.deepEqual(value("header:From:asAddresses"), [
    { name: "Léa", email: "lea@a.example" },
    { name: null, email: "tom@a.example" },
    { name: null, email: "ann@a.example" },
    { name: null, email: "z@a.example" },
  ]);
  assert.deepEqual(value("header:From:asGroupedAddresses"), [
    { name: null, addresses: [{ name: "Léa", email: "lea@a.example" }] },
    {
      name: "Les services",
      addresses: [
        { name: null, email: "tom@a.example" },
        { name: null, email: "ann@a.example" },
      ],
    },
    { name: null, addresses: [{ name: null, email: "z@a.example" }] },
  ]);
  assert.equal(value("header:Date:asDate"), "2026-02-02T09:00:00Z");
  assert.deepEqual(value("header:References:asMessageIds"), ["a@x", "b@x"]);
  assert.deepEqual(value("header:List-Unsubscribe:asURLs"), ["mailto:out@l.example", "https://l.example/?a=b"]);
  assert.equal(value("header:X-Folded"), " a\r\n\tb");
});

test("of repeated fields the last counts, or all in order; of missing ones none", () => {
  assert.equal(value("header:X-Twice:asText"), "two");
  assert.deepEqual(value("header:X-Twice:asText:all"), ["one", "two"]);
  assert.deepEqual(value("header:X-None:all"), []);
  assert.equal(value("header:X-None:asDate"), null);
  assert.equal(value("header:X-Twice:asMessageIds"), null);
  assert.equal(value("header:X-Twice:asURLs"), null);
  assert.equal(value("header:X-Twice:asDate"), null);
});

test("a field of RFC 5322 has its own forms only, and malformed names have none", () => {
  for (const property of [
    "header:From:asDate",
    "header:From:asText",
    "header:Subject:asAddresses",
    "header:Received:asText",
    "header:Date:asMessageIds",
    "header:List-Post:asText",
    "header:",
    "header:a b",
    "header:X:asNothing",
    "header:X:all:asText",
    "header:X:asText:asText",
    "header:X:asText:all:all",
    "headers",
    "from",
  ]) {
    assert.equal(parseHeaderProperty(property), undefined, property);
  }
  assert.equal(parseHeaderProperty("header:X-Any:asGroupedAddresses:all")!.all, true);
});

test("all fields are listed raw, without NUL, whatever their bytes", () => {
  const odd = Buffer.concat([Buffer.from("A:\0x"), Buffer.from([0xe9]), Buffer.from("\r\nB: last")]);
  const read = { bytes: odd, fields: readHeaders(odd, 0, odd.length) };
  assert.deepEqual(listHeaders(read), [
    { name: "A", value: "xé" },
    { name: "B", value: " last" },
  ]);
});
