import type { Place } from "../../../domain/drive/drive-place.ts";
import type { FileVersion } from "../../../domain/drive/list-versions.ts";
import type { DavResource } from "../../dav/dav-tree.ts";

/** `/versions/<number of the file>/<version>`, and `/restore/` where a version is moved to become the content again. */
export interface VersionResource extends DavResource {
  readonly place?: Place;
  readonly version?: FileVersion;
}
