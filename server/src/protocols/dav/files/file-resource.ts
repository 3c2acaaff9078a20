import { placeEtag } from "../../../domain/drive/drive-etag.ts";
import type { Place } from "../../../domain/drive/drive-place.ts";
import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import type { DavResource } from "../dav-tree.ts";

/** A file or folder where a viewer sees it. */
export interface FileResource extends DavResource {
  readonly place: Place;
  readonly etag: string;
  readonly modifiedAt: Date;
}

class PlaceResource implements FileResource {
  readonly place: Place;
  readonly #drive: OpenedDrive;

  constructor(drive: OpenedDrive, place: Place) {
    this.#drive = drive;
    this.place = place;
  }

  get names(): readonly string[] {
    return this.place.names;
  }

  get isCollection(): boolean {
    return this.place.node.kind === "folder";
  }

  // Worked out only when it is asked for.
  get etag(): string {
    return `"${placeEtag(this.#drive, this.place)}"`;
  }

  get modifiedAt(): Date {
    return this.place.node.modified_at;
  }
}

export function toResource(drive: OpenedDrive, place: Place): FileResource {
  return new PlaceResource(drive, place);
}
