import type { Place } from "../../../domain/drive/drive-place.ts";
import { listFavorites } from "../../../domain/drive/favorites/list-favorites.ts";
import { listTagged } from "../../../domain/drive/tags/list-tagged.ts";
import { readProp } from "../../../formats/dav-xml/read-property-requests.ts";
import { childElements, findChildElement, textOf, type XmlElement } from "../../../formats/dav-xml/xml-element.ts";
import { oc } from "../../../formats/dav-xml/xml-names.ts";
import { DavError } from "../dav-error.ts";
import type { DavReport } from "../dav-tree.ts";
import { type FileResource, toResource } from "./file-resource.ts";
import type { FileSpace } from "./file-space.ts";

/** `oc:filter-files`: the favorites of the viewer, or what has a tag, beneath a folder. @throws DavError 400, 412 */
export async function filterFiles(tree: FileSpace, folder: FileResource, root: XmlElement): Promise<DavReport> {
  const rules = findChildElement(root, oc("filter-rules"));
  const all = rules ? childElements(rules) : [];
  const tags = all.filter((rule) => rule.name === oc("systemtag")).map((rule) => Number(textOf(rule)));
  const favorite = all.find((rule) => rule.name === oc("favorite"));
  if (all.length === 0) throw new DavError(400, "Missing filter-rule block in request");
  if (tags.some((tag) => !Number.isSafeInteger(tag))) throw new DavError(412, "Cannot filter by non-existing tag");
  const { store } = tree.deps;
  const lists: Place[][] = [];
  if (favorite) lists.push(await listFavorites(store.read, tree.drive));
  for (const tag of tags) lists.push(await listTagged(store.read, tree.drive, tag));
  const [first = [], ...others] = lists;
  const matches = first.filter(
    (place) =>
      folder.names.every((name, index) => place.names[index] === name) &&
      others.every((list) => list.some((each) => each.node.id === place.node.id)),
  );
  return {
    request: readProp(root),
    matches: matches.map((place) => ({ names: place.names, resource: toResource(tree.drive, place) })),
  };
}
