import { SaxesParser } from "saxes";
import { BadXml } from "./bad-xml.ts";
import type { XmlAttribute, XmlElement } from "./xml-element.ts";
import type { XmlName } from "./xml-names.ts";

/** Far beyond what any client sends; a tree of them stays some megabytes. */
export const xmlLimits = { bytes: 1_048_576, depth: 64, elements: 20_000, attributes: 64 };

const xmlNamespace = "http://www.w3.org/XML/1998/namespace";

/**
 * Reads the body of a request into a tree. A document type declaration is refused, whatever it says: entities beyond the five of
 * XML would be one (RFC 4918 section 20.6), and so is what exceeds `xmlLimits`.
 * @throws BadXml
 */
export function readXml(bytes: Uint8Array): XmlElement {
  if (bytes.length > xmlLimits.bytes) throw new BadXml("The XML is too long");
  const text = decode(bytes);
  const parser = new SaxesParser({ xmlns: true });
  const open: Draft[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  parser.on("error", (error) => {
    throw new BadXml(`This is not well-formed XML: ${error.message}`);
  });
  parser.on("doctype", () => {
    throw new BadXml("A document type declaration is not accepted");
  });
  parser.on("opentag", (tag) => {
    count += 1;
    if (count > xmlLimits.elements) throw new BadXml("The XML has too many elements");
    if (open.length >= xmlLimits.depth) throw new BadXml("The XML is too deep");
    const attributes = readAttributes(Object.values(tag.attributes));
    const language = attributes.find((attribute) => attribute.name === `{${xmlNamespace}}lang`)?.value;
    open.push({
      name: `{${tag.uri}}${tag.local}`,
      attributes,
      children: [],
      language: language ?? open.at(-1)?.language,
    });
  });
  parser.on("closetag", () => {
    const element = open.pop()!;
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    else root = element;
  });
  const addText = (data: string): void => void open.at(-1)?.children.push(data);
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.write(text).close();
  if (!root) throw new BadXml("There is no XML");
  return root;
}

interface Draft {
  name: XmlName;
  attributes: XmlAttribute[];
  children: (XmlElement | string)[];
  language: string | undefined;
}

interface ParsedAttribute {
  readonly prefix: string;
  readonly name: string;
  readonly local: string;
  readonly uri: string;
  readonly value: string;
}

function readAttributes(attributes: readonly ParsedAttribute[]): XmlAttribute[] {
  if (attributes.length > xmlLimits.attributes) throw new BadXml("An element has too many attributes");
  return attributes
    .filter((attribute) => attribute.prefix !== "xmlns" && attribute.name !== "xmlns")
    .map((attribute): XmlAttribute => ({ name: `{${attribute.uri}}${attribute.local}`, value: attribute.value }));
}

/** UTF-8 or UTF-16 (RFC 4918 section 19), told by the byte order mark or the first characters. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    (first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)
      ? "utf-16be"
      : (first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)
        ? "utf-16le"
        : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new BadXml("The XML is not valid Unicode", { cause: error });
  }
}
