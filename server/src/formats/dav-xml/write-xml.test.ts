import assert from "node:assert/strict";
import { test } from "node:test";
import { readXml } from "./read-xml.ts";
import { escapeAttribute, escapeText, serializeElement, startDocument, tagsOf, wrap } from "./write-xml.ts";
import { textOf, type XmlElement } from "./xml-element.ts";

test("text and attributes come back as they went", () => {
  for (const text of ["a & b < c > d", "]]>", "\ttab\nline\rreturn", "é 🦊 \u{10ffff}", "\"'", ""]) {
    assert.equal(textOfRaw(`<a>${escapeText(text)}</a>`), text);
    const [attribute] = readXml(Buffer.from(`<a b="${escapeAttribute(text)}"/>`)).attributes;
    assert.equal(attribute!.value, text);
  }
});

function textOfRaw(xml: string): string {
  return readXml(Buffer.from(xml)).children.join("");
}

test("what XML cannot hold is replaced, not sent", () => {
  assert.equal(textOfRaw(`<a>${escapeText("a\u0000b\u001fc\ud800d\uffffe")}</a>`), "a\ufffdb\ufffdc\ufffdd\ufffde");
});

test("names of our namespaces use the prefixes of the document, others bring their own", () => {
  const document = `${startDocument("d:prop")}${wrap("{DAV:}getetag", "x")}${wrap("{http://owncloud.org/ns}id", "")}${wrap('{urn:"q"}z', "y")}${wrap("{}plain", "")}</d:prop>`;
  const names = readXml(Buffer.from(document)).children.map((child) => (child as XmlElement).name);
  assert.deepEqual(names, ["{DAV:}getetag", "{http://owncloud.org/ns}id", '{urn:"q"}z', "{}plain"]);
  assert.equal(tagsOf("{DAV:}href").open, "<d:href>");
});

test("an element that a client sent stands by itself wherever it is put", () => {
  const sent = `<o:root xmlns:o="urn:outer" xmlns:i="urn:inner" xml:lang="fr">
    <o:owner i:kind="a&quot;b" plain="1"><i:x><![CDATA[<é>]]></i:x><none xmlns=""/>tail</o:owner></o:root>`;
  const owner = readXml(Buffer.from(sent)).children.find((child) => typeof child !== "string") as XmlElement;
  const placed = readXml(Buffer.from(`<x xmlns="urn:elsewhere">${serializeElement(owner)}</x>`));
  const again = placed.children[0] as XmlElement;
  assert.equal(again.name, "{urn:outer}owner");
  assert.equal(again.language, "fr");
  assert.deepEqual(
    again.attributes.map(({ name, value }) => [name, value]),
    [
      ["{urn:inner}kind", 'a"b'],
      ["{}plain", "1"],
      ["{http://www.w3.org/XML/1998/namespace}lang", "fr"],
    ],
  );
  assert.deepEqual(
    again.children.map((child) => (typeof child === "string" ? child : child.name)),
    ["{urn:inner}x", "{}none", "tail"],
  );
  assert.equal(textOf(again.children[0] as XmlElement), "<é>");
});
