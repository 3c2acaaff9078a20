import { deleteFromTrash, emptyTrash } from "../../../domain/drive/delete-from-trash.ts";
import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import { restoreNode } from "../../../domain/drive/restore-node.ts";
import {
  findInTrashed,
  listTrashedFolder,
  listViewerTrash,
  openTrashedFile,
  type TrashedPlace,
} from "../../../domain/drive/viewer-trash.ts";
import type { PropertyRequest } from "../../../formats/dav-xml/read-property-requests.ts";
import { DavError } from "../../dav/dav-error.ts";
import type { DavContent, DavDestination, DavMethodName, DavTree, DavWritten } from "../../dav/dav-tree.ts";
import { ocId } from "../../dav/files/file-headers.ts";
import type { FileTreeDeps } from "../../dav/files/file-space.ts";
import { type PropertyReader, tableReader } from "../../dav/property-table.ts";
import { readTrashName, trashNames } from "./trash-name.ts";
import { trashProperties } from "./trash-properties.ts";
import type { TrashResource } from "./trash-resource.ts";

const trash = "trash";
const restore = "restore";

/** The trash of a person, and of the team folders from which they may delete, as Nextcloud's clients see it. */
export class TrashTree implements DavTree<TrashResource> {
  readonly root: string;
  readonly compliance = "1, 3, extended-mkcol";
  readonly #deps: FileTreeDeps;
  readonly #drive: OpenedDrive;

  constructor(deps: FileTreeDeps, drive: OpenedDrive, root: string) {
    this.#deps = deps;
    this.#drive = drive;
    this.root = root;
  }

  allow(resource: TrashResource | undefined): readonly DavMethodName[] {
    if (!resource) return ["OPTIONS"];
    const { item, node, names } = resource;
    const reading: readonly DavMethodName[] = ["OPTIONS", "GET", "HEAD", "PROPFIND"];
    if (item) return [...reading, "DELETE", "MOVE"];
    if (node) return reading;
    return names[0] === trash ? [...reading, "DELETE"] : reading;
  }

  async find(names: readonly string[]): Promise<TrashResource | undefined> {
    const [area, itemName, ...rest] = names;
    if (itemName === undefined) {
      return area === undefined || area === trash || area === restore ? { names, isCollection: true } : undefined;
    }
    const wanted = area === trash ? readTrashName(itemName) : undefined;
    if (!wanted) return undefined;
    const items = await listViewerTrash(this.#reader, this.#drive, { ...wanted, name: wanted.name.normalize("NFC") });
    const item = items.find(({ node }) =>
      wanted.fileId === undefined ? items.length === 1 : node.file_id === wanted.fileId,
    );
    const node = item && (await findInTrashed(this.#reader, item.node, rest));
    if (!node) return undefined;
    return rest.length === 0 ? itemResource(itemName, item) : nodeResource(names, node);
  }

  async children({ names, node }: TrashResource): Promise<TrashResource[]> {
    if (node) {
      return (await listTrashedFolder(this.#reader, node)).map((each) => nodeResource([...names, each.name], each));
    }
    if (names.length === 0) return [trash, restore].map((name) => ({ names: [name], isCollection: true }));
    if (names[0] !== trash) return [];
    const items = await listViewerTrash(this.#reader, this.#drive);
    const named = trashNames(items, ({ node: { name, file_id }, removedAt }) => ({
      ...{ name, second: Math.floor(removedAt.getTime() / 1_000), fileId: file_id },
    }));
    return items.map((item) => itemResource(named.get(item)!, item));
  }

  async readProperties(
    _resources: readonly TrashResource[],
    _request: PropertyRequest,
  ): Promise<PropertyReader<TrashResource>> {
    const { instance, mayHavePreview } = this.#deps;
    return tableReader(trashProperties, { instance, mayHavePreview });
  }

  async open({ node }: TrashResource): Promise<DavContent> {
    if (!node) throw new DavError(404, "This is not a file");
    const { name, contentType, source } = await openTrashedFile(this.#deps, node);
    return { name, contentType, size: source.size, open: (range) => source.open(range) };
  }

  async remove({ item }: TrashResource): Promise<undefined> {
    if (item) await deleteFromTrash(this.#deps, item.access, item.node.id);
    // What others deleted from a team folder is emptied one by one, by somebody who looked at it.
    else await emptyTrash(this.#deps, this.#drive.own);
  }

  /** To `restore/`, under whatever name: it goes back to where it was. */
  async move({ item }: TrashResource, destination: DavDestination): Promise<DavWritten> {
    if (!item) throw new DavError(403, "Only what was deleted itself is restored");
    if (destination.tree !== (this as DavTree) || destination.names[0] !== restore || destination.names.length !== 2) {
      throw new DavError(403, "What is in the trash goes to restore/", { header: "Destination" });
    }
    const node = await restoreNode(this.#deps, item.access, item.node.id);
    return { isNew: true, headers: { "oc-fileid": ocId(node.fileId, this.#deps.instance) } };
  }

  get #reader() {
    return this.#deps.store.read;
  }
}

function itemResource(name: string, item: TrashedPlace): TrashResource {
  return { ...nodeResource([trash, name], item.node), item };
}

function nodeResource(names: readonly string[], node: TrashedPlace["node"]): TrashResource {
  return {
    names,
    node,
    isCollection: node.kind === "folder",
    modifiedAt: node.modified_at,
    ...(node.version_id !== null && { etag: `"${node.version_id.replaceAll("-", "")}"` }),
  };
}
