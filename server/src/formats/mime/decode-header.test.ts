import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeWords, parseMessageIds } from "./decode-header.ts";
import { parseDate } from "./parse-date.ts";

test("encoded words of any charset are decoded, adjacent ones without the space between", () => {
  assert.equal(decodeWords("=?iso-8859-1?Q?=C9t=E9?= =?utf-8?B?w6lsdQ==?= ok"), "Étéélu ok");
  assert.equal(decodeWords("a =?utf-8?Q?=C3=A9?= b"), "a é b");
  assert.equal(decodeWords("=?UTF-8*fr?q?No=C3=ABl_2026?="), "Noël 2026");
  assert.equal(decodeWords("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?="), "日本");
});

test("a character split between two words is put together", () => {
  assert.equal(decodeWords("=?utf-8?Q?=C3?=\t=?utf-8?Q?=A9?="), "é");
  assert.equal(decodeWords("=?utf-8?B?w6k=?= =?utf-8?B?w6k=?="), "éé");
});

test("an encoded line end or NUL cannot leave the header", () => {
  assert.equal(decodeWords("=?utf-8?Q?a=0D=0ABcc:_x=00?="), "a Bcc: x");
});

test("what is not an encoded word stays", () => {
  for (const text of ["=?", "=?x?=", "=?utf-8?X?a?=", "1 =? 2", "=?utf-8?q?a"]) assert.equal(decodeWords(text), text);
});

test("message ids lose brackets and doubles", () => {
  assert.deepEqual(parseMessageIds("<a@x> (c) <b@\r\n x><a@x>"), ["a@x", "b@x"]);
  assert.deepEqual(parseMessageIds("a@x, b@y"), ["a@x", "b@y"]);
  assert.deepEqual(parseMessageIds("<a <b@x> <>"), ["b@x"]);
  assert.deepEqual(parseMessageIds("<unclosed"), []);
});

test("dates of RFC 5322 and its obsolete forms are read", () => {
  const iso = (text: string): string | undefined => parseDate(text)?.toISOString();
  assert.equal(iso("Mon, 23 Nov 2026 10:14:47 +0100"), "2026-11-23T09:14:47.000Z");
  assert.equal(iso("23 Nov 2026 10:14 -0230 (un (commentaire))"), "2026-11-23T12:44:00.000Z");
  assert.equal(iso("Mon, 3 Nov 97 10:14:47 EST"), "1997-11-03T15:14:47.000Z");
  assert.equal(iso("3 Nov 126 10:14:47 Z"), "2026-11-03T10:14:47.000Z");
  assert.equal(iso("3 Nov 26 10:14:47 A"), "2026-11-03T10:14:47.000Z");
  assert.equal(iso("Mon Nov 23 10:14:47 2026"), "2026-11-23T10:14:47.000Z");
  assert.equal(iso("2026-11-23T10:14:47+0100"), "2026-11-23T09:14:47.000Z");
  assert.equal(iso("Thu, 29 Feb 2024 23:59:60 GMT"), "2024-03-01T00:00:00.000Z");
});

test("dates that do not exist are null", () => {
  for (const text of [
    "",
    "hier",
    "30 Feb 2026 10:00:00 +0000",
    "1 Nov 2026 24:00 +0000",
    "1 Foo 2026 10:00",
    "2026-13-01T10:00Z",
    "0 Jan 2026 10:00",
  ]) {
    assert.equal(parseDate(text), null, text);
  }
});
