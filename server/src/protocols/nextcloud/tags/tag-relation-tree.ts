import { findPlaceByFileId, type Place } from "../../../domain/drive/drive-place.ts";
import type { DriveDeps } from "../../../domain/drive/model.ts";
import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import { listTagsOf, setTagged } from "../../../domain/drive/tags/tag-nodes.ts";
import type { Tag } from "../../../domain/drive/tags/tag-row.ts";
import { DavError } from "../../dav/dav-error.ts";
import type { DavMethodName, DavResource, DavTree, DavWritten } from "../../dav/dav-tree.ts";
import { type PropertyReader, tableReader } from "../../dav/property-table.ts";
import { tagProperties } from "./tag-properties.ts";

interface RelationResource extends DavResource {
  readonly place?: Place;
  readonly tag?: Tag;
}

/** `systemtags-relations/files/<number of the file>/<number of the tag>`: PUT puts the tag on, DELETE takes it off. */
export class TagRelationTree implements DavTree<RelationResource> {
  readonly root: string;
  readonly compliance = "1, 3";
  readonly #deps: DriveDeps;
  readonly #drive: OpenedDrive;

  constructor(deps: DriveDeps, drive: OpenedDrive, root: string) {
    this.#deps = deps;
    this.#drive = drive;
    this.root = root;
  }

  allow(resource: RelationResource | undefined): readonly DavMethodName[] {
    if (!resource) return ["OPTIONS", "PUT"];
    if (resource.tag) return ["OPTIONS", "PROPFIND", "PUT", "DELETE"];
    return resource.place ? ["OPTIONS", "PROPFIND", "POST"] : ["OPTIONS", "PROPFIND"];
  }

  async find(names: readonly string[]): Promise<RelationResource | undefined> {
    const [file, tag, ...more] = names;
    if (file === undefined) return { names, isCollection: true };
    const place = more.length === 0 ? await this.#place(file) : undefined;
    if (!place) return undefined;
    if (tag === undefined) return { names, isCollection: true, place };
    const found = (await listTagsOf(this.#deps.store.read, place)).find(({ number }) => String(number) === tag);
    return found && { names, isCollection: false, place, tag: found };
  }

  async children({ place, names }: RelationResource): Promise<readonly RelationResource[]> {
    if (!place) return [];
    const tags = await listTagsOf(this.#deps.store.read, place);
    return tags.map((tag) => ({ names: [...names, String(tag.number)], isCollection: false, place, tag }));
  }

  async readProperties(): Promise<PropertyReader<RelationResource>> {
    return tableReader(tagProperties, undefined);
  }

  async put(names: readonly string[], existing: RelationResource | undefined): Promise<DavWritten> {
    const [file, tag, ...more] = names;
    const place = file === undefined || more.length > 0 ? undefined : await this.#place(file);
    if (!place || tag === undefined || !/^\d{1,15}$/.test(tag)) throw new DavError(404, "There is no such file or tag");
    if (existing) throw new DavError(409, "The tag is on this file already");
    await setTagged(this.#deps, this.#drive.viewer, place, Number(tag), true);
    return { isNew: true };
  }

  async remove({ place, tag }: RelationResource): Promise<undefined> {
    if (!place || !tag) throw new DavError(403, "Permission denied to delete this");
    await setTagged(this.#deps, this.#drive.viewer, place, tag.number, false);
  }

  async #place(file: string): Promise<Place | undefined> {
    if (!/^\d{1,15}$/.test(file)) return undefined;
    return findPlaceByFileId(this.#deps.store.read, this.#drive, Number(file));
  }
}
