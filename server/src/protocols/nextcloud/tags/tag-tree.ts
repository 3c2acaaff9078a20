import type { DriveDeps } from "../../../domain/drive/model.ts";
import { deleteTag, listTags, readTag, renameTag } from "../../../domain/drive/tags/manage-tags.ts";
import type { Tag } from "../../../domain/drive/tags/tag-row.ts";
import { toDomainError } from "../../../domain/errors.ts";
import type { Viewer } from "../../../domain/identity/viewer.ts";
import type { PropertyChange } from "../../../formats/dav-xml/read-property-requests.ts";
import { textOf } from "../../../formats/dav-xml/xml-element.ts";
import { oc, type XmlName } from "../../../formats/dav-xml/xml-names.ts";
import { DavError } from "../../dav/dav-error.ts";
import type { DavMethodName, DavResource, DavTree, PropertyStatus } from "../../dav/dav-tree.ts";
import { type PropertyReader, tableReader } from "../../dav/property-table.ts";
import { tagProperties } from "./tag-properties.ts";

export interface TagResource extends DavResource {
  readonly tag?: Tag;
}

/** `systemtags/<number>`: the tags of the viewer's organization. */
export class TagTree implements DavTree<TagResource> {
  readonly root: string;
  readonly compliance = "1, 3";
  readonly #deps: DriveDeps;
  readonly #viewer: Viewer;

  constructor(deps: DriveDeps, viewer: Viewer, root: string) {
    this.#deps = deps;
    this.#viewer = viewer;
    this.root = root;
  }

  allow(resource: TagResource | undefined): readonly DavMethodName[] {
    return resource?.tag ? ["OPTIONS", "PROPFIND", "PROPPATCH", "DELETE"] : ["OPTIONS", "PROPFIND", "POST"];
  }

  async find(names: readonly string[]): Promise<TagResource | undefined> {
    const [number, ...more] = names;
    if (number === undefined) return { names, isCollection: true };
    if (more.length > 0 || !/^\d{1,15}$/.test(number)) return undefined;
    try {
      return { names, isCollection: false, tag: await readTag(this.#deps.store.read, this.#viewer, Number(number)) };
    } catch (error) {
      if (toDomainError(error)?.code === "not_found") return undefined;
      throw error;
    }
  }

  async children(): Promise<readonly TagResource[]> {
    const tags = await listTags(this.#deps.store.read, this.#viewer);
    return tags.map((tag) => ({ names: [String(tag.number)], isCollection: false, tag }));
  }

  async readProperties(): Promise<PropertyReader<TagResource>> {
    return tableReader(tagProperties, undefined);
  }

  async patchProperties(
    { tag }: TagResource,
    changes: readonly PropertyChange[],
  ): Promise<ReadonlyMap<XmlName, PropertyStatus>> {
    const name = changes.findLast((change) => change.name === oc("display-name"));
    // Whether others see and use a tag is not for anybody to choose: all do.
    const ignored = new Set([oc("display-name"), oc("user-visible"), oc("user-assignable"), oc("groups")]);
    if (!tag || changes.some((change) => !ignored.has(change.name)) || name?.kind === "remove") {
      return new Map(changes.map((change) => [change.name, { status: ignored.has(change.name) ? 424 : 403 }]));
    }
    if (name) await renameTag(this.#deps.store, this.#viewer, tag.number, textOf(name.element));
    return new Map(changes.map((change) => [change.name, { status: 200 }]));
  }

  async remove({ tag }: TagResource): Promise<undefined> {
    if (!tag) throw new DavError(403, "Permission denied to delete this");
    await deleteTag(this.#deps.store, this.#viewer, tag.number);
  }
}
