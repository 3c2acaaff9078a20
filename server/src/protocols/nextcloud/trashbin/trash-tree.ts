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
    const { item, names } = resource;
    const reading: readonly DavMethodName[] = ["OPTIONS", "GET", "HEAD", "PROPFIND"];
    if (item) return [...reading, "DELETE", "MOVE"];
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
    return toResource(names, item, node);
  }

  async children({ names, item, node }: TrashResource): Promise<TrashResource[]> {
    if (item && node) {
      return (await listTrashedFolder(this.#reader, node)).map((each) => toResource([...names, each.name], item, each));
    }
    if (names.length === 0) return [trash, restore].map((name) => ({ names: [name], isCollection: true }));
    if (names[0] !== trash) return [];
    const items = await listViewerTrash(this.#reader, this.#drive);
    const named = trashNames(items, ({ node: { name, file_id }, removedAt }) => ({
      ...{ name, second: Math.floor(removedAt.getTime() / 1_000), fileId: file_id },
    }));
    return items.map((item) => toResource([trash, named.get(item)!], item, item.node));
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
    const { size } = source;
    return { name, contentType, size, open: (range) => source.open(range), lend: (range) => source.lend(range) };
  }

  async remove({ item, node }: TrashResource): Promise<undefined> {
    if (item && node) await deleteFromTrash(this.#deps, item.access, node.id);
    // What others deleted from a team folder is emptied one by one, by somebody who looked at it.
    else await emptyTrash(this.#deps, this.#drive.own);
  }

  /** To `restore/`, under whatever name: it goes back to where it was. */
  async move({ item, node }: TrashResource, destination: DavDestination): Promise<DavWritten> {
    if (!item || !node) throw new DavError(403, "Only what was deleted is restored");
    if (destination.tree !== (this as DavTree) || destination.names[0] !== restore || destination.names.length !== 2) {
      throw new DavError(403, "What is in the trash goes to restore/", { header: "Destination" });
    }
    const { fileId } = await restoreNode(this.#deps, item.access, node.id);
    return { isNew: true, headers: { "oc-fileid": ocId(fileId, this.#deps.instance) } };
  }

  get #reader() {
    return this.#deps.store.read;
  }
}

function toResource(names: readonly string[], item: TrashedPlace, node: TrashedPlace["node"]): TrashResource {
  return {
    ...{ names, item, node },
    isCollection: node.kind === "folder",
    modifiedAt: node.modified_at,
    ...(node.version_id !== null && { etag: `"${node.version_id.replaceAll("-", "")}"` }),
  };
}
