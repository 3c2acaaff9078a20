import type { XmlElement } from "./xml-element.ts";
import { prefixes, splitName, type XmlName } from "./xml-names.ts";

/** Text between tags. What XML 1.0 cannot hold (section 2.2) becomes a replacement character. */
export function escapeText(text: string): string {
  // Most of what is written needs no escape.
  if (!/[&<>\r]|[^\t\n\x20-\x7e\x80-\ud7ff\ue000-\ufffd]/.test(text)) return text;
  return withoutForbidden(text).replace(/[&<>\r]/g, (character) => textEscapes[character]!);
}

export function escapeAttribute(text: string): string {
  return withoutForbidden(text).replace(/[&<>"\t\n\r]/g, (character) => attributeEscapes[character]!);
}

const textEscapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;" };
const attributeEscapes: Record<string, string> = {
  ...textEscapes,
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
};

function withoutForbidden(text: string): string {
  return text.toWellFormed().replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}

/** The start of the root of a document of ours; prefixes of `xml-names.ts` may be used within. */
export function startDocument(root: string): string {
  const declared = [...prefixes].map(([namespace, prefix]) => ` xmlns:${prefix}="${namespace}"`).join("");
  return `<?xml version="1.0" encoding="utf-8"?>\n<${root}${declared}>`;
}

/** The tags around a value: of a namespace without a prefix of ours, declared on the spot. */
export function tagsOf(name: XmlName): { open: string; close: string; empty: string } {
  const { namespace, local } = splitName(name);
  const prefix = prefixes.get(namespace);
  if (prefix !== undefined) return tags(`${prefix}:${local}`, "");
  if (namespace === "") return tags(local, ' xmlns=""');
  return tags(`x:${local}`, ` xmlns:x="${escapeAttribute(namespace)}"`);
}

function tags(qualified: string, declaration: string): { open: string; close: string; empty: string } {
  return {
    open: `<${qualified}${declaration}>`,
    close: `</${qualified}>`,
    empty: `<${qualified}${declaration}/>`,
  };
}

/** An element around a value that is XML already. */
export function wrap(name: XmlName, inner: string): string {
  const { open, close, empty } = tagsOf(name);
  return inner === "" ? empty : open + inner + close;
}

/**
 * An element as XML that stands by itself wherever it is put: each element declares the namespace it needs, with the language
 * that was in force around it.
 */
export function serializeElement(element: XmlElement): string {
  const lacksLanguage = !element.attributes.some((attribute) => attribute.name === languageAttribute);
  const language: XmlElement["attributes"] =
    element.language !== undefined && lacksLanguage ? [{ name: languageAttribute, value: element.language }] : [];
  return serialize({ ...element, attributes: [...element.attributes, ...language] });
}

const xmlNamespace = "http://www.w3.org/XML/1998/namespace";
const languageAttribute: XmlName = `{${xmlNamespace}}lang`;

function serialize(element: XmlElement): string {
  const { namespace, local } = splitName(element.name);
  const declarations = new Map<string, string>();
  const qualified = qualify(namespace, local, declarations);
  const attributes = element.attributes.map((attribute) => {
    const { namespace: uri, local: name } = splitName(attribute.name);
    return ` ${uri === "" ? name : qualify(uri, name, declarations)}="${escapeAttribute(attribute.value)}"`;
  });
  const declared = [...declarations].map(([uri, prefix]) => ` xmlns:${prefix}="${escapeAttribute(uri)}"`).join("");
  // An element without a namespace must not inherit a default one.
  const start = `<${qualified}${namespace === "" ? ' xmlns=""' : ""}${declared}${attributes.join("")}`;
  const inner = element.children.map((child) => (typeof child === "string" ? escapeText(child) : serialize(child)));
  return inner.length === 0 ? `${start}/>` : `${start}>${inner.join("")}</${qualified}>`;
}

function qualify(namespace: string, local: string, declarations: Map<string, string>): string {
  if (namespace === "") return local;
  if (namespace === xmlNamespace) return `xml:${local}`;
  const known = prefixes.get(namespace);
  const prefix = known ?? declarations.get(namespace) ?? `x${declarations.size + 1}`;
  declarations.set(namespace, prefix);
  return `${prefix}:${local}`;
}
