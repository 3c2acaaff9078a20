import type { PropertyRequest } from "../../formats/dav-xml/read-property-requests.ts";
import { escapeText, tagsOf } from "../../formats/dav-xml/write-xml.ts";
import type { XmlName } from "../../formats/dav-xml/xml-names.ts";

/** What a multistatus asks of each of its resources. */
export interface PropertyReader<R> {
  /** The whole element, from its start to its end tag; undefined when the resource has no such property. */
  element(resource: R, name: XmlName): string | undefined;
  /** For allprop: the dead ones and the live ones that RFC 4918 defines. */
  ordinary(resource: R): Iterable<XmlName>;
  /** For propname. */
  all(resource: R): Iterable<XmlName>;
}

/**
 * A live property. `get` gives the XML between its tags (see `text`), undefined when the resource has none. `loaded` is what the
 * tree read for the whole batch.
 */
export interface LiveProperty<R, L> {
  get(resource: R, loaded: L): string | undefined;
  /** Belongs to allprop. */
  readonly isOrdinary?: boolean;
}

export type PropertyTable<R, L> = ReadonlyMap<XmlName, LiveProperty<R, L>>;

export const text: (value: string) => string = escapeText;

/** A row of a table. */
export function live<R, L>(
  name: XmlName,
  get: (resource: R, loaded: L) => string | undefined,
): readonly [XmlName, LiveProperty<R, L>] {
  return [name, { get }];
}

export function ordinary<R, L>(
  name: XmlName,
  get: (resource: R, loaded: L) => string | undefined,
): readonly [XmlName, LiveProperty<R, L>] {
  return [name, { get, isOrdinary: true }];
}

/** The names that a request needs of a table: for `prop` those it names, else all that it may mean. */
export function wantedNames<R, L>(table: PropertyTable<R, L>, request: PropertyRequest): ReadonlySet<XmlName> {
  if (request.kind === "prop") return new Set(request.names);
  if (request.kind === "propname") return new Set(table.keys());
  const names = [...table].filter(([, property]) => property.isOrdinary).map(([name]) => name);
  return new Set([...names, ...request.include]);
}

/** @param dead properties that clients have set, by name, as whole elements */
export function tableReader<R, L>(
  table: PropertyTable<R, L>,
  loaded: L,
  dead: (resource: R) => ReadonlyMap<XmlName, string> | undefined = () => undefined,
): PropertyReader<R> {
  const tags = new Map<XmlName, ReturnType<typeof tagsOf>>();
  const tagsFor = (name: XmlName): ReturnType<typeof tagsOf> => {
    const known = tags.get(name) ?? tagsOf(name);
    tags.set(name, known);
    return known;
  };
  const element = (resource: R, name: XmlName): string | undefined => {
    const property = table.get(name);
    if (!property) return dead(resource)?.get(name);
    const inner = property.get(resource, loaded);
    if (inner === undefined) return undefined;
    const { open, close, empty } = tagsFor(name);
    return inner === "" ? empty : open + inner + close;
  };
  return {
    element,
    ordinary: (resource) => [
      ...[...table].filter(([, property]) => property.isOrdinary).map(([name]) => name),
      ...(dead(resource)?.keys() ?? []),
    ],
    all: (resource) => [
      ...[...table.keys()].filter((name) => element(resource, name) !== undefined),
      ...(dead(resource)?.keys() ?? []),
    ],
  };
}
