import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIfHeader, submittedTokens } from "./if-header.ts";

test("the examples of RFC 4918 section 10.4 are read", () => {
  assert.deepEqual(parseIfHeader('(<urn:uuid:181d4fae> ["I am an ETag"]) (["I am another ETag"])'), [
    {
      resource: undefined,
      conditions: [
        { negated: false, token: "urn:uuid:181d4fae" },
        { negated: false, etag: '"I am an ETag"' },
      ],
    },
    { resource: undefined, conditions: [{ negated: false, etag: '"I am another ETag"' }] },
  ]);
  assert.deepEqual(parseIfHeader("(Not <urn:uuid:1> <urn:uuid:2>)"), [
    {
      resource: undefined,
      conditions: [
        { negated: true, token: "urn:uuid:1" },
        { negated: false, token: "urn:uuid:2" },
      ],
    },
  ]);
  assert.deepEqual(
    parseIfHeader("(<urn:uuid:1>) (Not <DAV:no-lock>)")?.map(({ conditions }) => conditions),
    [[{ negated: false, token: "urn:uuid:1" }], [{ negated: true, token: "DAV:no-lock" }]],
  );
  assert.deepEqual(
    parseIfHeader('</resource1> (<urn:uuid:1> [W/"A weak ETag"]) (["strong ETag"])')?.map((list) => list.resource),
    ["/resource1", "/resource1"],
  );
  assert.deepEqual(
    parseIfHeader('<http://a.example/specs/> (<urn:uuid:1>) </specs/rfc2518.doc> (["4217"])')?.map(
      (list) => list.resource,
    ),
    ["http://a.example/specs/", "/specs/rfc2518.doc"],
  );
});

test("what the desktop client sends before it replaces a file is read", () => {
  assert.deepEqual(parseIfHeader('</remote.php/dav/files/alice/a%20b.txt> (["6b03"])'), [
    { resource: "/remote.php/dav/files/alice/a%20b.txt", conditions: [{ negated: false, etag: '"6b03"' }] },
  ]);
});

test("an entity tag may hold brackets and parentheses", () => {
  assert.deepEqual(
    parseIfHeader("<http://a.example/dav/un nom.odt> (<t:1>)")?.[0]?.resource,
    "http://a.example/dav/un nom.odt",
  );
  assert.deepEqual(parseIfHeader('(["a](b"])')?.[0]?.conditions, [{ negated: false, etag: '"a](b"' }]);
});

test("every token counts as submitted, negated ones and those for other resources too", () => {
  const lists = parseIfHeader("</a> (<t:1> Not <t:2>) </b> (<t:3>)")!;
  assert.deepEqual([...submittedTokens(lists)], ["t:1", "t:2", "t:3"]);
});

test("malformed headers are refused", () => {
  for (const header of [
    "",
    " ",
    "(",
    "()",
    "<a>",
    "<a> <b> (<c>)",
    "(<a>) </b> (<c>)",
    "</b> (<c>) (",
    "(<a>",
    "(<a b>)",
    "(<>)",
    "(etag)",
    '(["open])',
    '(["a" "b"])',
    "(Not)",
    "<a> (<b>) <c>",
    "< a> (<b>)",
    "<a\tb> (<c>)",
    "x (<a>)",
  ]) {
    assert.equal(parseIfHeader(header), undefined, header);
  }
});

test("headers made to be slow or large are refused", () => {
  assert.equal(parseIfHeader("(<a>)".repeat(65)), undefined);
  assert.equal(parseIfHeader(`(${"<a>".repeat(257)})`), undefined);
  assert.equal(parseIfHeader(`(<${"a".repeat(9_000)}>)`), undefined);
});
