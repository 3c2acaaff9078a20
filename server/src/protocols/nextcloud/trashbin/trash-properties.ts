import { dav, nc, oc } from "../../../formats/dav-xml/xml-names.ts";
import { ocId } from "../../dav/files/file-headers.ts";
import { live, ordinary, type PropertyTable, text } from "../../dav/property-table.ts";
import type { TrashResource } from "./trash-resource.ts";

export interface TrashListing {
  readonly instance: string;
  readonly mayHavePreview: (contentType: string) => boolean;
}

type Row = Parameters<typeof live<TrashResource, TrashListing>>[1];

const ofItem =
  (get: (item: NonNullable<TrashResource["item"]>, resource: TrashResource) => string | undefined): Row =>
  (resource) =>
    resource.item && get(resource.item, resource);
const ofNode =
  (get: (node: NonNullable<TrashResource["node"]>, listing: TrashListing) => string | undefined): Row =>
  ({ node }, listing) =>
    node && get(node, listing);

/** Beneath what was deleted itself, names are as they were. */
function originalPath({ node, from }: NonNullable<TrashResource["item"]>, { names }: TrashResource): string {
  return [...from, node.name, ...names.slice(2)].join("/");
}

export const trashProperties: PropertyTable<TrashResource, TrashListing> = new Map([
  ordinary<TrashResource, TrashListing>(dav("resourcetype"), ({ isCollection }) =>
    isCollection ? "<d:collection/>" : "",
  ),
  ordinary<TrashResource, TrashListing>(dav("getlastmodified"), ({ modifiedAt }) => modifiedAt?.toUTCString()),
  ordinary<TrashResource, TrashListing>(dav("getetag"), ({ etag }) => etag && text(etag)),
  ordinary(
    dav("getcontentlength"),
    ofNode(({ kind, size }) => (kind === "file" ? String(size) : undefined)),
  ),
  ordinary(
    dav("getcontenttype"),
    ofNode(({ kind, content_type }) => (kind === "file" ? text(content_type) : undefined)),
  ),
  live(
    dav("displayname"),
    ofNode(({ name }) => text(name)),
  ),
  live(
    oc("size"),
    ofNode(({ tree_bytes }) => String(tree_bytes)),
  ),
  live(
    oc("fileid"),
    ofNode(({ file_id }) => String(file_id)),
  ),
  live(
    oc("id"),
    ofNode(({ file_id }, { instance }) => ocId(file_id, instance)),
  ),
  live(
    oc("permissions"),
    ofNode(() => "GD"),
  ),
  live(
    nc("trashbin-filename"),
    ofNode(({ name }) => text(name)),
  ),
  live(
    nc("trashbin-original-location"),
    ofItem((item, resource) => text(originalPath(item, resource))),
  ),
  live(
    nc("trashbin-deletion-time"),
    ofItem(({ removedAt }) => String(Math.floor(removedAt.getTime() / 1_000))),
  ),
  live(
    nc("trashbin-title"),
    ofItem((item, resource) => text(originalPath(item, resource))),
  ),
  live(
    nc("trashbin-deleted-by-id"),
    ofItem(({ removedBy }) => text(removedBy?.uid ?? "")),
  ),
  live(
    nc("trashbin-deleted-by-display-name"),
    ofItem(({ removedBy }) => text(removedBy?.displayName ?? "")),
  ),
  live(
    nc("has-preview"),
    ofNode(({ kind, content_type }, { mayHavePreview }) =>
      kind === "file" && mayHavePreview(content_type) ? "true" : "false",
    ),
  ),
]);
