import { dav, oc } from "../../../formats/dav-xml/xml-names.ts";
import { live, ordinary, type PropertyTable, text } from "../../dav/property-table.ts";
import type { UploadResource } from "./upload-resource.ts";

const fileOnly =
  (get: (resource: UploadResource) => string) =>
  (resource: UploadResource): string | undefined =>
    resource.isCollection ? undefined : get(resource);

export const uploadProperties: PropertyTable<UploadResource, undefined> = new Map([
  ordinary<UploadResource, undefined>(dav("resourcetype"), ({ isCollection }) =>
    isCollection ? "<d:collection/>" : "",
  ),
  ordinary<UploadResource, undefined>(dav("getlastmodified"), ({ modifiedAt }) => modifiedAt?.toUTCString()),
  ordinary<UploadResource, undefined>(
    dav("getcontentlength"),
    fileOnly(({ size }) => String(size)),
  ),
  ordinary<UploadResource, undefined>(
    dav("getcontenttype"),
    fileOnly(() => "application/octet-stream"),
  ),
  ordinary<UploadResource, undefined>(dav("getetag"), ({ etag }) => etag && text(etag)),
  live<UploadResource, undefined>(oc("size"), ({ size }) => String(size)),
]);
