import type { Tag } from "../../../domain/drive/tags/tag-row.ts";
import { dav, nc, oc } from "../../../formats/dav-xml/xml-names.ts";
import type { DavResource } from "../../dav/dav-tree.ts";
import { live, type PropertyTable, text } from "../../dav/property-table.ts";

type Tagged = DavResource & { readonly tag?: Tag };

const ofTag = (name: string, get: (tag: Tag) => string) =>
  live<Tagged, undefined>(oc(name), ({ tag }) => tag && get(tag));

/** Every tag is seen and put on by everybody of its organization. */
export const tagProperties: PropertyTable<Tagged, undefined> = new Map([
  live<Tagged, undefined>(dav("resourcetype"), ({ isCollection }) => (isCollection ? "<d:collection/>" : "")),
  ofTag("id", ({ number }) => String(number)),
  ofTag("display-name", ({ name }) => text(name)),
  ofTag("user-visible", () => "true"),
  ofTag("user-assignable", () => "true"),
  ofTag("can-assign", () => "true"),
  live<Tagged, undefined>(nc("color"), ({ tag }) => tag && ""),
]);
