import {
  type NodeCondition,
  type NodeField,
  type NodeOrder,
  searchPlaces,
} from "../../../domain/drive/search-places.ts";
import type { SearchCondition, SearchQuery } from "../../../formats/dav-xml/read-search.ts";
import { parseTime } from "../../../formats/dav-xml/times.ts";
import { dav, nc, oc, type XmlName } from "../../../formats/dav-xml/xml-names.ts";
import { DavError } from "../dav-error.ts";
import type { DavReport } from "../dav-tree.ts";
import { type FileResource, toResource } from "./file-resource.ts";
import type { FileSpace } from "./file-space.ts";

const mostResults = 1_000;

/** Properties by which files are searched and sorted. */
const fields: ReadonlyMap<XmlName, NodeField> = new Map<XmlName, NodeField>([
  [dav("displayname"), "name"],
  [dav("getcontenttype"), "content_type"],
  [dav("getcontentlength"), "size"],
  [oc("size"), "size"],
  [dav("getlastmodified"), "modified_at"],
  [dav("creationdate"), "created_at"],
  [nc("creation_time"), "created_at"],
  [nc("upload_time"), "uploaded_at"],
  // Of a photo, when it was taken: the apps upload it with that as its date.
  [nc("metadata-photos-original_date_time"), "modified_at"],
  [oc("fileid"), "file_id"],
]);

/** RFC 5323 basicsearch. @throws DavError 400 */
export async function searchFiles(tree: FileSpace, scope: FileResource, query: SearchQuery): Promise<DavReport> {
  // What files are not sorted by leaves the order to us.
  const order = query.order.flatMap(toOrder);
  const places = await searchPlaces(tree.deps.store.read, tree.drive, {
    scope: scope.place,
    // Clients that look for numbers say depth 0 and mean all: Nextcloud does not look at it.
    isShallow: query.depth === "1",
    where: query.where ? toCondition(query.where) : { kind: "always" },
    order: order.length > 0 ? order : [{ field: "modified_at", isDescending: true }],
    limit: Math.min(mostResults, query.limit ?? mostResults),
    offset: query.offset,
  });
  return {
    request: query.select,
    matches: places.map((place) => ({ names: place.names, resource: toResource(tree.drive, place) })),
  };
}

function toOrder({ property, isDescending }: SearchQuery["order"][number]): NodeOrder[] {
  const field = fields.get(property);
  return field ? [{ field, isDescending }] : [];
}

function toCondition(condition: SearchCondition): NodeCondition {
  switch (condition.kind) {
    case "and":
    case "or":
      return { kind: condition.kind, parts: condition.parts.map(toCondition) };
    case "not":
      return { kind: "not", part: toCondition(condition.part) };
    case "is_collection":
      return { kind: "is_folder" };
    case "is_defined":
      return { kind: fields.has(condition.property) ? "always" : "never" };
    case "compare":
      return toComparison(condition);
  }
}

function toComparison(condition: SearchCondition & { kind: "compare" }): NodeCondition {
  const { property, operator, literal } = condition;
  if (property === oc("favorite")) {
    const isWanted = !/^(0|no|false)$/i.test(literal);
    return isWanted ? { kind: "is_favorite" } : { kind: "not", part: { kind: "is_favorite" } };
  }
  if (property === oc("tags") || property === nc("system-tags")) return { kind: "has_tag", name: literal };
  if (property === oc("owner-id")) return { kind: "has_owner", uid: literal.replaceAll("\0", "") };
  if (property === dav("resourcetype")) return { kind: "is_folder" };
  const field = fields.get(property);
  if (!field) throw unknownProperty(property);
  // Folders have no type of content but the one that Nextcloud's clients search them by.
  if (field === "content_type" && literal === "httpd/unix-directory") return { kind: "is_folder" };
  return { kind: "compare", field, operator, value: toValue(field, operator, literal) };
}

function toValue(field: NodeField, operator: string, literal: string): string | number | Date {
  if (field === "name" || field === "content_type") return literal.normalize("NFC").toWellFormed().replaceAll("\0", "");
  if (operator === "like") return literal.replaceAll("\0", "");
  const isTime = field === "modified_at" || field === "created_at" || field === "uploaded_at";
  const value = isTime ? parseTime(literal) : Number(literal);
  const isUsable = isTime || Number.isSafeInteger(value);
  if (value === undefined || !isUsable) throw new DavError(400, `${literal} is no value to compare with`);
  return value;
}

function unknownProperty(property: XmlName): DavError {
  return new DavError(400, `Files are not searched by ${property}`);
}
