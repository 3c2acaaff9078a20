import { fileEtag } from "../../../domain/drive/drive-etag.ts";
import type { Place } from "../../../domain/drive/drive-place.ts";
import { findOwnFile, findOwnPath } from "../../../domain/drive/find-own-path.ts";
import type { OpenedFile } from "../../../domain/drive/open-file.ts";
import { DomainError } from "../../../domain/errors.ts";
import type { DavContext } from "../dav-context.ts";
import type { DavContent, DavMethodName, DavTree, DavUpload, DavWritten } from "../dav-tree.ts";
import type { PropertyReader } from "../property-table.ts";
import { fileContent } from "./file-content.ts";
import type { FileResource } from "./file-resource.ts";
import type { FileTreeDeps } from "./file-space.ts";
import { type FileTree, fileCompliance, methodsOn } from "./file-tree.ts";
import { putFile } from "./put-file.ts";
import { toLockedError } from "./to-locked-error.ts";

/** Found for one request, about one path. */
interface Found {
  readonly names: readonly string[];
  readonly file: FileResource | undefined;
  /** Of what is read. */
  readonly open?: () => Promise<OpenedFile>;
  /** Of what is written. */
  readonly folder?: Place;
}

/**
 * One file of one's own, there or to be written: what most requests are about. The drive with all that is mounted in it is opened
 * only when something else turns out to be asked.
 */
export class OwnFileTree implements DavTree<FileResource> {
  readonly root: string;
  readonly compliance = fileCompliance;
  readonly #deps: FileTreeDeps;
  readonly #found: Found;
  readonly #openWhole: () => Promise<FileTree>;

  private constructor(deps: FileTreeDeps, root: string, found: Found, openWhole: () => Promise<FileTree>) {
    this.root = root;
    this.#deps = deps;
    this.#found = found;
    this.#openWhole = openWhole;
  }

  /** @returns undefined when the request needs the whole drive */
  static async find(
    deps: FileTreeDeps,
    { session: { viewer, device }, method, headers }: DavContext,
    root: string,
    names: readonly string[],
    openWhole: () => Promise<FileTree>,
  ): Promise<OwnFileTree | undefined> {
    // What an If header names may be anywhere.
    if (headers.if !== undefined) return undefined;
    if (method === "GET" || method === "HEAD") {
      const own = await findOwnFile(deps, viewer, device, names);
      return own && new OwnFileTree(deps, root, { names, file: toResource(own.place), open: own.open }, openWhole);
    }
    if (method !== "PUT") return undefined;
    const own = await findOwnPath(deps, viewer, device, names);
    const file = own?.file && toResource(own.file);
    return own && new OwnFileTree(deps, root, { names, file, folder: own.folder }, openWhole);
  }

  allow(resource: FileResource | undefined): readonly DavMethodName[] {
    return methodsOn(resource);
  }

  async find(names: readonly string[]): Promise<FileResource | undefined> {
    const { names: known, file } = this.#found;
    if (isSame(names, known)) return file;
    return (await this.#openWhole()).find(names);
  }

  async children(collection: FileResource): Promise<FileResource[]> {
    return (await this.#openWhole()).children(collection);
  }

  async readProperties(...asked: Parameters<FileTree["readProperties"]>): Promise<PropertyReader<FileResource>> {
    return (await this.#openWhole()).readProperties(...asked);
  }

  async open(file: FileResource): Promise<DavContent> {
    const { open, file: known } = this.#found;
    if (file !== known || !open) return (await this.#openWhole()).open(file);
    return fileContent(this.#deps, file, await open());
  }

  async put(
    names: readonly string[],
    existing: FileResource | undefined,
    upload: DavUpload,
    body: AsyncIterable<Uint8Array>,
  ): Promise<DavWritten> {
    const { names: known, file, folder } = this.#found;
    if (!isSame(names, known) || existing !== file || !folder) {
      return (await this.#openWhole()).put(names, existing, upload, body);
    }
    const to = { access: folder.access, folderId: folder.node.id, name: names.at(-1)! };
    try {
      return await putFile(this.#deps, to, existing, upload, body);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== "locked") throw error;
      throw await toLockedError(await this.#openWhole(), error);
    }
  }
}

function isSame(names: readonly string[], others: readonly string[]): boolean {
  return names.length === others.length && names.every((name, index) => name === others[index]);
}

function toResource(place: Place): FileResource {
  const { names, node } = place;
  return {
    ...{ place, names, isCollection: false, modifiedAt: node.modified_at },
    etag: `"${fileEtag(node.version_id!)}"`,
  };
}
