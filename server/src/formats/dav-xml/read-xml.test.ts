import assert from "node:assert/strict";
import { test } from "node:test";
import { BadXml } from "./bad-xml.ts";
import { readXml, xmlLimits } from "./read-xml.ts";
import { childElements, findChildElement, textOf } from "./xml-element.ts";

const read = (text: string) => readXml(Buffer.from(text));
const refused = (text: string | Uint8Array, why: RegExp) =>
  assert.throws(
    () => readXml(typeof text === "string" ? Buffer.from(text) : text),
    (error) => error instanceof BadXml && why.test(error.message),
  );

test("elements carry their namespace whatever the prefix, and text keeps its entities", () => {
  const root = read(
    '<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><prop xmlns="DAV:"><x xmlns="urn:a">a &lt;b&gt; &#233;</x></prop></D:propfind>',
  );
  assert.equal(root.name, "{DAV:}propfind");
  const prop = findChildElement(root, "{DAV:}prop");
  assert.deepEqual(
    childElements(prop!).map(({ name }) => name),
    ["{urn:a}x"],
  );
  assert.equal(textOf(prop!), "a <b> é");
});

test("CDATA is text, comments and instructions are nothing", () => {
  assert.equal(textOf(read("<a>one<!-- <b/> --><?php x?><![CDATA[<two> & ]]>three</a>")), "one<two> & three");
});

test("a language is that of the nearest element which says one", () => {
  const root = read('<a xml:lang="fr"><b/><c xml:lang="en"><d/></c></a>');
  const [b, c] = childElements(root);
  assert.deepEqual([b!.language, c!.language, childElements(c!)[0]!.language], ["fr", "en", "en"]);
});

test("UTF-16 of both orders is read, with a mark or without", () => {
  const text = "<a>é</a>";
  const little = Buffer.from(text, "utf16le");
  const big = Buffer.from(little).swap16();
  for (const bytes of [
    little,
    big,
    Buffer.concat([Buffer.from([0xff, 0xfe]), little]),
    Buffer.concat([Buffer.from([0xfe, 0xff]), big]),
  ]) {
    assert.equal(textOf(readXml(bytes)), "é");
  }
});

test("entities of one's own, from within or from outside, are refused before they are expanded", () => {
  const bomb = `<!DOCTYPE a [<!ENTITY a0 "ha">${Array.from(
    { length: 30 },
    (_, index) => `<!ENTITY a${index + 1} "&a${index};&a${index};">`,
  ).join("")}]><a>&a30;</a>`;
  refused(bomb, /document type/);
  refused('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', /document type/);
  refused("<!DOCTYPE a><a/>", /document type/);
  refused("<a>&unknown;</a>", /well-formed/);
});

test("what is too deep, too wide or too long is refused", () => {
  const { depth, elements, attributes, bytes } = xmlLimits;
  const nested = (levels: number) => "<a>".repeat(levels) + "</a>".repeat(levels);
  assert.equal(read(nested(depth)).name, "{}a");
  refused(nested(depth + 1), /too deep/);
  refused(`<a>${"<b/>".repeat(elements)}</a>`, /too many elements/);
  refused(
    `<a ${Array.from({ length: attributes + 1 }, (_, index) => `a${index}=""`).join(" ")}/>`,
    /too many attributes/,
  );
  refused(Buffer.alloc(bytes + 1, " "), /too long/);
  // Deep enough to exhaust a stack that would grow with it.
  refused("<a>".repeat(200_000), /too deep/);
});

test("what is malformed is refused: tags, prefixes, characters, encodings, leftovers", () => {
  for (const text of [
    "",
    "   ",
    "hello",
    "<a>",
    "<a></b>",
    "<a/><b/>",
    "<p:a/>",
    '<a xmlns:p=""/>',
    '<a b="1" b="2"/>',
    "<a>\u0001</a>",
    "<a>&#0;</a>",
    "<a><b",
  ]) {
    refused(text, /well-formed|no XML/);
  }
  refused(Buffer.from([0x3c, 0x61, 0x3e, 0xc0, 0xaf, 0x3c, 0x2f, 0x61, 0x3e]), /Unicode/); // overlong UTF-8
});
