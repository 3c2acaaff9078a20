import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAddresses } from "./decode-header.ts";
import { parseAddresses } from "./parse-addresses.ts";

const flat = (text: string): string[] =>
  parseAddresses(text).map(({ name, adl, mailbox, host }) =>
    [name, adl, mailbox, host].map((field) => field ?? "~").join("|"),
  );

test("addresses of RFC 5322 are read with names, comments, routes and quotes", () => {
  assert.deepEqual(flat("Jean Dupont <jean@x.fr>, anne@x.fr"), ["Jean Dupont|~|jean|x.fr", "~|~|anne|x.fr"]);
  assert.deepEqual(flat('"Dupré, \\"Jean\\"" <jean@x.fr>'), ['Dupré, "Jean"|~|jean|x.fr']);
  assert.deepEqual(flat("jean@x.fr (Jean (le maire))"), ["Jean (le maire)|~|jean|x.fr"]);
  assert.deepEqual(flat("A <@a.fr,@b.fr:jean@x.fr>"), ["A|@a.fr,@b.fr|jean|x.fr"]);
  assert.deepEqual(flat('"a b"@x.fr, jean . du @ x . fr, x@[192.0.2.1]'), [
    "~|~|a b|x.fr",
    "~|~|jean.du|x.fr",
    "~|~|x|[192.0.2.1]",
  ]);
  assert.deepEqual(flat("J. R. Dupont <j@x.fr>"), ["J. R. Dupont|~|j|x.fr"]);
});

test("groups have markers around their members", () => {
  assert.deepEqual(flat('Conseil: a@x.fr, "B" <b@x.fr>;, c@x.fr'), [
    "~|~|Conseil|~",
    "~|~|a|x.fr",
    "B|~|b|x.fr",
    "~|~|~|~",
    "~|~|c|x.fr",
  ]);
  assert.deepEqual(flat("undisclosed-recipients:;"), ["~|~|undisclosed-recipients|~", "~|~|~|~"]);
  assert.deepEqual(flat("Ouvert: a@x.fr").at(-1), "~|~|~|~");
});

test("what senders get wrong is read as they meant it", () => {
  assert.deepEqual(flat("Jean Dupont jean@x.fr"), ["Jean Dupont|~|jean|x.fr"]);
  assert.deepEqual(flat("a@x.fr; b@x.fr"), ["~|~|a|x.fr", "~|~|b|x.fr"]);
  assert.deepEqual(flat("<a@x.fr> <b@x.fr>"), ["~|~|a|x.fr", "~|~|b|x.fr"]);
  assert.deepEqual(flat("Jean <jean@x.fr"), ["Jean|~|jean|x.fr"]);
  assert.deepEqual(flat("Un <a@x.fr, Deux <b@x.fr>"), ["Un|~|a|x.fr", "Deux|~|b|x.fr"]);
  assert.deepEqual(flat('"Jean <jean@x.fr>'), ["Jean|~|jean|x.fr"]);
  assert.deepEqual(flat("jean@x.fr <jean@x.fr>"), ["jean@x.fr|~|jean|x.fr"]);
  assert.deepEqual(flat("root"), ["~|~|root|"]);
  assert.deepEqual(flat(" , ,;"), []);
});

test("an encoded name is decoded after parsing: its comma and brackets make no address", () => {
  assert.deepEqual(decodeAddresses("=?utf-8?Q?Dupr=C3=A9,_<x@evil.fr>?= <jean@x.fr>"), [
    { name: "Dupré, <x@evil.fr>", email: "jean@x.fr" },
  ]);
  assert.deepEqual(decodeAddresses('"a b"@x.fr'), [{ name: null, email: '"a b"@x.fr' }]);
});

test("a line of any repeated delimiter is read in linear time and never throws", () => {
  for (const piece of [
    "<",
    '"',
    "(",
    "[",
    "=?",
    "a<",
    '<"',
    '"<',
    "(a",
    "\\",
    "@",
    ":",
    "a:",
    "<@",
    "a,",
    "=?a?q?",
    "a@b ",
  ]) {
    const start = performance.now();
    parseAddresses(piece.repeat(200_000));
    // A quadratic parser needs minutes here, so the bound may be wide.
    assert.ok(performance.now() - start < 10_000, piece);
  }
});
