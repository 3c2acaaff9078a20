import { dav, nc, oc } from "../../../formats/dav-xml/xml-names.ts";
import { live, ordinary, type PropertyTable, text } from "../../dav/property-table.ts";
import type { VersionResource } from "./version-resource.ts";

type Row = Parameters<typeof live<VersionResource, (contentType: string) => boolean>>[1];

const ofVersion =
  (get: (version: NonNullable<VersionResource["version"]>, resource: VersionResource) => string | undefined): Row =>
  (resource) =>
    resource.version && get(resource.version, resource);

export const versionLabel = nc("version-label");

/** Given what may have a preview. */
export const versionProperties: PropertyTable<VersionResource, (contentType: string) => boolean> = new Map([
  ordinary<VersionResource, (contentType: string) => boolean>(dav("resourcetype"), ({ isCollection }) =>
    isCollection ? "<d:collection/>" : "",
  ),
  ordinary<VersionResource, (contentType: string) => boolean>(dav("getlastmodified"), ({ modifiedAt }) =>
    modifiedAt?.toUTCString(),
  ),
  ordinary<VersionResource, (contentType: string) => boolean>(dav("getetag"), ({ etag }) => etag && text(etag)),
  ordinary(
    dav("getcontentlength"),
    ofVersion(({ size }) => String(size)),
  ),
  ordinary(
    dav("getcontenttype"),
    ofVersion((_version, { place }) => place && text(place.node.content_type)),
  ),
  live(
    oc("size"),
    ofVersion(({ size }) => String(size)),
  ),
  live(
    versionLabel,
    ofVersion(({ label }) => text(label ?? "")),
  ),
  live(
    nc("version-author"),
    ofVersion(({ createdByUid }) => text(createdByUid ?? "")),
  ),
  live<VersionResource, (contentType: string) => boolean>(nc("has-preview"), ({ version, place }, mayHavePreview) =>
    version && place && mayHavePreview(place.node.content_type) ? "true" : "false",
  ),
]);
