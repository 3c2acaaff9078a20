import { copyNode } from "../../../domain/drive/copy-node.ts";
import { createFolder } from "../../../domain/drive/create-folder.ts";
import { describePlaces } from "../../../domain/drive/describe-places.ts";
import { findPlaceInFolder, listPlaces, type Place, walkPlaces } from "../../../domain/drive/drive-place.ts";
import { setFavorite } from "../../../domain/drive/favorites/set-favorite.ts";
import { leaveMount } from "../../../domain/drive/leave-mount.ts";
import type { DriveNode } from "../../../domain/drive/model.ts";
import { moveMount } from "../../../domain/drive/move-mount.ts";
import { moveNode } from "../../../domain/drive/move-node.ts";
import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import { openReached } from "../../../domain/drive/open-file.ts";
import { trashNode } from "../../../domain/drive/trash-node.ts";
import { DomainError } from "../../../domain/errors.ts";
import type { PropertyChange, PropertyRequest } from "../../../formats/dav-xml/read-property-requests.ts";
import type { SearchQuery } from "../../../formats/dav-xml/read-search.ts";
import type { Depth } from "../../../formats/dav-xml/request-headers.ts";
import type { XmlElement } from "../../../formats/dav-xml/xml-element.ts";
import { dav, oc, type XmlName } from "../../../formats/dav-xml/xml-names.ts";
import { DavError } from "../dav-error.ts";
import type {
  AnswerHeaders,
  DavContent,
  DavDestination,
  DavMethodName,
  DavReport,
  DavUpload,
  DavWritten,
  PropertyStatus,
} from "../dav-tree.ts";
import { unknownReport } from "../methods/report.ts";
import { type PropertyReader, tableReader, wantedNames } from "../property-table.ts";
import { readTime } from "../read-upload.ts";
import { fileContent } from "./file-content.ts";
import { headersOfNode, ocId, writtenHeaders } from "./file-headers.ts";
import { FileLocks } from "./file-locks.ts";
import { detailsFor, fileProperties, mayBeDead } from "./file-properties.ts";
import { type FileResource, toResource } from "./file-resource.ts";
import type { FileSpace, FileTreeDeps } from "./file-space.ts";
import { filterFiles } from "./filter-files.ts";
import { patchFileProperties, readNewProperties } from "./patch-file-properties.ts";
import { putFile } from "./put-file.ts";
import { searchFiles } from "./search-files.ts";
import { readTokenOf, syncCollection } from "./sync-collection.ts";
import { toLockedError } from "./to-locked-error.ts";

const onFile: readonly DavMethodName[] = [
  "OPTIONS",
  "GET",
  "HEAD",
  "PUT",
  "DELETE",
  "PROPFIND",
  "PROPPATCH",
  "COPY",
  "MOVE",
  "LOCK",
  "UNLOCK",
  "REPORT",
];
const onFolder: readonly DavMethodName[] = [
  "OPTIONS",
  "GET",
  "HEAD",
  "DELETE",
  "PROPFIND",
  "PROPPATCH",
  "COPY",
  "MOVE",
  "LOCK",
  "UNLOCK",
  "REPORT",
  "SEARCH",
];
const onRoot: readonly DavMethodName[] = onFolder.filter((name) => name !== "DELETE" && name !== "MOVE");
const onNothing: readonly DavMethodName[] = ["OPTIONS", "PUT", "MKCOL", "LOCK"];

export function methodsOn(resource: FileResource | undefined): readonly DavMethodName[] {
  if (!resource) return onNothing;
  if (resource.names.length === 0) return onRoot;
  return resource.isCollection ? onFolder : onFile;
}

export const fileCompliance = "1, 2, 3, extended-mkcol";

/** What a viewer sees of their drive, as a tree of WebDAV. */
export class FileTree implements FileSpace {
  readonly root: string;
  readonly compliance = fileCompliance;
  readonly drive: OpenedDrive;
  readonly deps: FileTreeDeps;
  readonly locks: FileLocks;
  /** Only with what is asked last: paths are walked once for a request. */
  readonly #found = new Map<string, Promise<FileResource | undefined>>();

  /** @param drive with the lock tokens of the request */
  constructor(deps: FileTreeDeps, drive: OpenedDrive, root: string) {
    this.deps = deps;
    this.drive = drive;
    this.root = root;
    this.locks = new FileLocks(this);
  }

  get space(): object {
    return this.drive;
  }

  allow(resource: FileResource | undefined): readonly DavMethodName[] {
    return methodsOn(resource);
  }

  async find(names: readonly string[]): Promise<FileResource | undefined> {
    const key = names.join("/");
    const found = this.#found.get(key) ?? this.#find(names);
    this.#found.set(key, found);
    return found;
  }

  async #find(names: readonly string[]): Promise<FileResource | undefined> {
    const { place, folder } = await findPlaceInFolder(this.deps.store.read, this.drive, names);
    const above = names.slice(0, -1).join("/");
    if (folder && !this.#found.has(above)) this.#found.set(above, Promise.resolve(toResource(this.drive, folder)));
    return place && toResource(this.drive, place);
  }

  async children(folder: FileResource): Promise<FileResource[]> {
    const places = await listPlaces(this.deps.store.read, this.drive, folder.place);
    return places.map((place) => toResource(this.drive, place));
  }

  async *walk(folder: FileResource): AsyncGenerator<FileResource> {
    for await (const place of walkPlaces(this.deps.store.read, this.drive, folder.place)) {
      yield toResource(this.drive, place);
    }
  }

  async readProperties(
    resources: readonly FileResource[],
    request: PropertyRequest,
  ): Promise<PropertyReader<FileResource>> {
    const names = wantedNames(fileProperties, request);
    const wantsDead = request.kind !== "prop" || request.names.some(mayBeDead);
    const details = await describePlaces(
      this.deps.store.read,
      this.drive,
      resources.map(({ place }) => place),
      detailsFor(names, wantsDead),
    );
    const { instance, origin, mayHavePreview } = this.deps;
    const { drive, root } = this;
    const tokens = new Map<FileResource, string>();
    if (names.has(dav("sync-token"))) {
      for (const folder of resources.filter((each) => each.isCollection)) {
        tokens.set(folder, await readTokenOf(this, folder));
      }
    }
    const listing = {
      ...{ ...details, drive, root, instance, origin, mayHavePreview },
      syncToken: (resource: FileResource) => tokens.get(resource),
    };
    return tableReader(fileProperties, listing, ({ place }) => {
      const properties = details.properties.get(place.node.id);
      return (
        properties &&
        new Map(properties.map((each): [XmlName, string] => [`{${each.namespace}}${each.name}`, each.value]))
      );
    });
  }

  async patchProperties(
    resource: FileResource,
    changes: readonly PropertyChange[],
  ): Promise<ReadonlyMap<XmlName, PropertyStatus>> {
    return this.#locked(() => patchFileProperties(this, resource, changes));
  }

  async open(file: FileResource): Promise<DavContent> {
    const { place } = file;
    return fileContent(this.deps, file, await openReached(this.deps, place.access, place.node));
  }

  async put(
    names: readonly string[],
    existing: FileResource | undefined,
    upload: DavUpload,
    body: AsyncIterable<Uint8Array>,
  ): Promise<DavWritten> {
    const { folder, name } = await this.target(names, existing);
    return this.#locked(() => putFile(this.deps, { ...folder, name }, existing, upload, body));
  }

  async makeCollection(
    names: readonly string[],
    properties: readonly PropertyChange[],
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): Promise<DavWritten> {
    const { folder, name } = await this.target(names, undefined);
    const { isFavorite, ...changes } = readNewProperties(properties);
    const modifiedAt = changes.modifiedAt ?? readTime(headers["x-oc-mtime"], "X-OC-Mtime");
    return this.#locked(async () => {
      const input = { parentId: folder.folderId, name, ...changes, modifiedAt };
      const node = await createFolder(this.deps, folder.access, input).catch(asTaken);
      if (isFavorite) {
        const made = { organization_id: folder.access.organizationId, id: node.id };
        await setFavorite(this.deps, this.drive.viewer, { node: made }, true);
      }
      return { isNew: true, headers: { "oc-fileid": ocId(node.fileId, this.deps.instance) } };
    });
  }

  async remove({ place }: FileResource): Promise<undefined> {
    await this.#locked(() => this.#remove(place));
  }

  async #remove(place: Place): Promise<void> {
    if (place.names.length === 0) throw new DavError(403, "The root of a drive stays");
    if (place.isMountPoint) await leaveMount(this.deps, this.drive, place.mount!);
    else await trashNode(this.deps, place.access, place.node.id);
  }

  async move(source: FileResource, destination: DavDestination): Promise<DavWritten> {
    const to = this.#fileTreeOf(destination);
    const existing = destination.existing as FileResource | undefined;
    const { folder, name } = await to.target(destination.names, undefined);
    const { place } = source;
    if (place.names.length === 0) throw new DavError(403, "The root of a drive stays");
    return this.#locked(async () => {
      requireReplaceable(existing);
      if (place.isMountPoint) {
        if (folder.access.accountId !== this.drive.own.accountId) {
          throw new DavError(403, "What is shared with you stays in your own folders");
        }
        const onConflict = destination.overwrite ? "replace" : "fail";
        await moveMount(this.deps, this.drive, place.mount!, { parentId: folder.folderId, name, onConflict });
        const { version_id, file_id } = place.node;
        const etag = version_id === null ? undefined : source.etag;
        return { isNew: !existing, headers: writtenHeaders({ fileId: file_id, etag }, this.deps.instance) };
      }
      const node = await moveNode(this.deps, place.access, place.node.id, folder.access, {
        parentId: folder.folderId,
        name,
        onConflict: destination.overwrite ? "replace" : "fail",
      });
      return { isNew: !existing, headers: this.headersOf(node) };
    });
  }

  async copy(source: FileResource, destination: DavDestination, depth: Depth): Promise<DavWritten> {
    const to = this.#fileTreeOf(destination);
    const existing = destination.existing as FileResource | undefined;
    const { folder, name } = await to.target(destination.names, undefined);
    const { place } = source;
    return this.#locked(async () => {
      requireReplaceable(existing);
      const node = await copyNode(this.deps, place.access, place.node.id, folder.access, {
        parentId: folder.folderId,
        name,
        onConflict: destination.overwrite ? "replace" : "fail",
        isShallow: depth === "0",
      });
      return { isNew: !existing, headers: this.headersOf(node) };
    });
  }

  async report(resource: FileResource, root: XmlElement): Promise<DavReport> {
    if (root.name === dav("sync-collection")) return syncCollection(this, resource, root);
    if (root.name === oc("filter-files")) return filterFiles(this, resource, root);
    throw unknownReport();
  }

  search(scope: FileResource, query: SearchQuery): Promise<DavReport> {
    return searchFiles(this, scope, query);
  }

  /**
   * The folder in which a name is written, and with which access. What is mounted alone is written where it really is.
   * @throws DavError 409 when there is no such folder
   */
  async target(
    names: readonly string[],
    existing: FileResource | undefined,
  ): Promise<{ folder: { access: Place["access"]; folderId: string }; name: string }> {
    const name = names.at(-1);
    if (name === undefined) throw new DavError(403, "The root of a drive stays");
    if (existing?.place.isMountPoint) {
      const { access, node } = existing.place;
      return { folder: { access, folderId: node.parent_id! }, name: node.name };
    }
    const parent = await this.find(names.slice(0, -1));
    if (!parent?.isCollection) throw new DavError(409, "Parent node does not exist");
    return { folder: { access: parent.place.access, folderId: parent.place.node.id }, name };
  }

  /** Of an answer to what has written a node. */
  headersOf(node: Pick<DriveNode, "fileId" | "versionId">, options: { isTimeAccepted?: boolean } = {}): AnswerHeaders {
    return headersOfNode(node, this.deps.instance, options);
  }

  #fileTreeOf(destination: DavDestination): FileTree {
    if (destination.tree instanceof FileTree) return destination.tree;
    throw new DavError(403, "Files do not go there", { header: "Destination" });
  }

  /** Says of what is locked where it is in this tree. */
  async #locked<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      throw await toLockedError(this, error);
    }
  }
}

/** A mount is left or renamed, never replaced. */
function requireReplaceable(existing: FileResource | undefined): void {
  if (existing?.place.isMountPoint) throw new DavError(403, "What is shared with you is not replaced");
}

function asTaken(error: unknown): never {
  if (error instanceof DomainError && error.code === "already_exists") {
    throw new DavError(405, "The resource you tried to create already exists", { cause: error });
  }
  throw error;
}
