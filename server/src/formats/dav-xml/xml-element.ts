import type { XmlName } from "./xml-names.ts";

export interface XmlElement {
  readonly name: XmlName;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly (XmlElement | string)[];
  /** The xml:lang in force here, which a property keeps (RFC 4918 section 4.3). */
  readonly language: string | undefined;
}

export interface XmlAttribute {
  readonly name: XmlName;
  readonly value: string;
}

export function childElements(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => typeof child !== "string");
}

/** The first child of that name. */
export function findChildElement(element: XmlElement, name: XmlName): XmlElement | undefined {
  return childElements(element).find((child) => child.name === name);
}

/** All the text in an element, without space at its ends. */
export function textOf(element: XmlElement): string {
  return gather(element).trim();
}

function gather(element: XmlElement): string {
  return element.children.map((child) => (typeof child === "string" ? child : gather(child))).join("");
}
