import type { TrashedPlace } from "../../../domain/drive/viewer-trash.ts";
import type { DavResource } from "../../dav/dav-tree.ts";

/** `/`, `/trash/` with what was deleted, `/restore/` where it is moved to go back. */
export interface TrashResource extends DavResource {
  /** What was deleted: this, or a folder above it. */
  readonly item?: TrashedPlace;
  /** What this is. */
  readonly node?: TrashedPlace["node"];
}
