import { BadXml } from "./bad-xml.ts";
import type { PropertyRequest } from "./read-property-requests.ts";
import { readProp } from "./read-property-requests.ts";
import { childElements, findChildElement, textOf, type XmlElement } from "./xml-element.ts";
import { dav, splitName, type XmlName } from "./xml-names.ts";

/** A condition of RFC 5323 section 5.5. */
export type SearchCondition =
  | { readonly kind: "and" | "or"; readonly parts: readonly SearchCondition[] }
  | { readonly kind: "not"; readonly part: SearchCondition }
  | { readonly kind: "compare"; readonly operator: Comparison; readonly property: XmlName; readonly literal: string }
  | { readonly kind: "is_collection" }
  | { readonly kind: "is_defined"; readonly property: XmlName };

export type Comparison = "eq" | "lt" | "lte" | "gt" | "gte" | "like";

export interface SearchQuery {
  readonly select: PropertyRequest;
  /** As written. */
  readonly scope: string;
  readonly depth: "0" | "1" | "infinity";
  readonly where: SearchCondition | undefined;
  readonly order: readonly { readonly property: XmlName; readonly isDescending: boolean }[];
  readonly limit: number | undefined;
  readonly offset: number;
}

const comparisons: ReadonlySet<string> = new Set<Comparison>(["eq", "lt", "lte", "gt", "gte", "like"]);
const mostConditions = 200;

/** @throws BadXml for what is no basicsearch, or uses an operator that is not known */
export function readSearch(root: XmlElement): SearchQuery {
  if (root.name !== dav("searchrequest")) throw new BadXml("A searchrequest is expected");
  const basic = findChildElement(root, dav("basicsearch"));
  if (!basic) throw new BadXml("The only grammar is basicsearch");
  const select = findChildElement(basic, dav("select"));
  const from = findChildElement(basic, dav("from"));
  const scope = from && findChildElement(from, dav("scope"));
  const href = scope && findChildElement(scope, dav("href"));
  if (!select || !scope || !href) throw new BadXml("A search selects properties in a scope");
  const where = findChildElement(basic, dav("where"));
  const condition = where && childElements(where)[0];
  const limit = findChildElement(basic, dav("limit"));
  const counter = { left: mostConditions };
  return {
    select: readProp(select),
    scope: textOf(href),
    depth: readDepthOf(scope),
    where: condition && readCondition(condition, counter),
    order: readOrder(findChildElement(basic, dav("orderby"))),
    limit: limit && readNumber(limit, "nresults"),
    offset: (limit && readNumber(limit, "firstresult")) ?? 0,
  };
}

function readDepthOf(scope: XmlElement): SearchQuery["depth"] {
  const depth = findChildElement(scope, dav("depth"));
  const value = depth ? textOf(depth).toLowerCase() : "infinity";
  return value === "0" || value === "1" ? value : "infinity";
}

function readCondition(element: XmlElement, counter: { left: number }): SearchCondition {
  counter.left -= 1;
  if (counter.left < 0) throw new BadXml("The search has too many conditions");
  const { local } = splitName(element.name);
  const children = childElements(element);
  if (element.name === dav("and") || element.name === dav("or")) {
    return { kind: local as "and" | "or", parts: children.map((child) => readCondition(child, counter)) };
  }
  if (element.name === dav("not")) {
    if (!children[0]) throw new BadXml("not has a condition");
    return { kind: "not", part: readCondition(children[0], counter) };
  }
  if (element.name === dav("is-collection")) return { kind: "is_collection" };
  if (element.name === dav("is-defined")) return { kind: "is_defined", property: propertyOf(element) };
  if (element.name.startsWith("{DAV:}") && comparisons.has(local)) {
    const literal = findChildElement(element, dav("literal")) ?? findChildElement(element, dav("typed-literal"));
    if (!literal) throw new BadXml(`${local} compares with a literal`);
    return { kind: "compare", operator: local as Comparison, property: propertyOf(element), literal: textOf(literal) };
  }
  throw new BadXml(`The operator ${local} is not known`);
}

function propertyOf(element: XmlElement): XmlName {
  const prop = findChildElement(element, dav("prop"));
  const name = prop && childElements(prop)[0]?.name;
  if (!name) throw new BadXml("A condition names a property");
  return name;
}

function readOrder(orderby: XmlElement | undefined): SearchQuery["order"] {
  if (!orderby) return [];
  return childElements(orderby)
    .filter((child) => child.name === dav("order"))
    .slice(0, 5)
    .map((order) => ({
      property: propertyOf(order),
      isDescending: findChildElement(order, dav("descending")) !== undefined,
    }));
}

/** In a namespace of its own in some clients. */
function readNumber(limit: XmlElement, name: string): number | undefined {
  const found = childElements(limit).find((child) => splitName(child.name).local === name);
  const text = found && textOf(found);
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
