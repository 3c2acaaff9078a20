import { BadXml } from "./bad-xml.ts";
import { childElements, findChildElement, type XmlElement } from "./xml-element.ts";
import { dav, type XmlName } from "./xml-names.ts";

/** What a PROPFIND (RFC 4918 section 14.20) or a report asks of each resource. */
export type PropertyRequest =
  | { readonly kind: "prop"; readonly names: readonly XmlName[] }
  | { readonly kind: "allprop"; readonly include: readonly XmlName[] }
  | { readonly kind: "propname" };

/** @throws BadXml */
export function readPropfind(root: XmlElement): PropertyRequest {
  if (root.name !== dav("propfind")) throw new BadXml("A propfind is expected");
  if (findChildElement(root, dav("propname"))) return { kind: "propname" };
  if (findChildElement(root, dav("allprop"))) {
    const include = findChildElement(root, dav("include"));
    return { kind: "allprop", include: include ? namesIn(include) : [] };
  }
  const prop = findChildElement(root, dav("prop"));
  if (!prop) throw new BadXml("A propfind asks for prop, allprop or propname");
  return { kind: "prop", names: namesIn(prop) };
}

/** The prop of a report; a request without one asks for nothing. */
export function readProp(parent: XmlElement): PropertyRequest {
  if (findChildElement(parent, dav("allprop"))) return { kind: "allprop", include: [] };
  const prop = findChildElement(parent, dav("prop"));
  return { kind: "prop", names: prop ? namesIn(prop) : [] };
}

function namesIn(prop: XmlElement): XmlName[] {
  return [...new Set(childElements(prop).map((child) => child.name))];
}

export type PropertyChange =
  | { readonly kind: "set"; readonly name: XmlName; readonly element: XmlElement }
  | { readonly kind: "remove"; readonly name: XmlName };

/** In document order, as they must be carried out (RFC 4918 section 9.2). @throws BadXml */
export function readPropertyUpdate(root: XmlElement): PropertyChange[] {
  if (root.name !== dav("propertyupdate")) throw new BadXml("A propertyupdate is expected");
  const changes = childElements(root).flatMap((instruction): PropertyChange[] => {
    if (instruction.name === dav("set")) return setsIn(instruction);
    if (instruction.name !== dav("remove")) return [];
    return propertiesIn(instruction).map((element) => ({ kind: "remove", name: element.name }));
  });
  if (changes.length === 0) throw new BadXml("A propertyupdate sets or removes something");
  return changes;
}

/** The properties that an extended MKCOL gives to its collection (RFC 5689 section 5.1). @throws BadXml */
export function readMkcol(root: XmlElement): PropertyChange[] {
  if (root.name !== dav("mkcol")) throw new BadXml("A mkcol is expected");
  return childElements(root)
    .filter((child) => child.name === dav("set"))
    .flatMap(setsIn);
}

function setsIn(instruction: XmlElement): PropertyChange[] {
  return propertiesIn(instruction).map((element) => ({ kind: "set", name: element.name, element }));
}

function propertiesIn(instruction: XmlElement): XmlElement[] {
  return childElements(instruction)
    .filter((child) => child.name === dav("prop"))
    .flatMap(childElements);
}
