import { PassThrough, pipeline, Readable } from "node:stream";
import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import { recordChange, requireDownload, takeDownload } from "../../../domain/sharing/link-visits.ts";
import { isFileRequest, receiveByLink } from "../../../domain/sharing/receive-by-link.ts";
import type { LinkContent } from "../../../domain/sharing/resolve-share-link.ts";
import type { PropertyChange } from "../../../formats/dav-xml/read-property-requests.ts";
import type { Depth } from "../../../formats/dav-xml/request-headers.ts";
import { DavError } from "../../dav/dav-error.ts";
import type {
  DavContent,
  DavDestination,
  DavMethodName,
  DavReport,
  DavUpload,
  DavWritten,
} from "../../dav/dav-tree.ts";
import type { FileResource } from "../../dav/files/file-resource.ts";
import type { FileTreeDeps } from "../../dav/files/file-space.ts";
import { FileTree } from "../../dav/files/file-tree.ts";
import { readChecksums } from "../../dav/read-checksums.ts";

export interface LinkTreeOptions {
  readonly link: LinkContent;
  readonly drive: OpenedDrive;
  readonly root: string;
  /** Calls back when the link ends; returns what stops that. */
  readonly watch: (onEnd: () => void) => () => void;
}

/** Of nobody by name: no locks, and no searching, which looks past what is shared. */
const never: ReadonlySet<DavMethodName> = new Set(["LOCK", "UNLOCK", "REPORT", "SEARCH"]);
const onRequest: readonly DavMethodName[] = ["OPTIONS", "PUT"];

/** What a link leads to, as WebDAV: each byte that is taken is counted, and what is under way ends with the link. */
export class LinkTree extends FileTree {
  readonly #options: LinkTreeOptions;

  constructor(deps: FileTreeDeps, options: LinkTreeOptions) {
    super(deps, options.drive, options.root);
    this.#options = options;
  }

  get #link(): LinkContent {
    return this.#options.link;
  }

  override allow(resource: FileResource | undefined): readonly DavMethodName[] {
    if (isFileRequest(this.#link)) return onRequest;
    const isTop = resource?.names.length === 0;
    const names = super.allow(resource).filter((name) => !never.has(name));
    return isTop && !resource.isCollection ? [...names, "PUT"] : names;
  }

  /** A file request shows nothing: not even whether a name is taken. */
  override async find(names: readonly string[]): Promise<FileResource | undefined> {
    return isFileRequest(this.#link) ? undefined : super.find(names);
  }

  override async open(file: FileResource): Promise<DavContent> {
    requireDownload(this.#link);
    const content = await super.open(file);
    const { link, watch } = this.#options;
    const isOfTop = file.names.length === 0;
    return {
      ...content,
      name: isOfTop ? link.node.name : content.name,
      lend: undefined,
      open: (range) => {
        const counts = link.downloadLimit !== null || (range?.start ?? 0) === 0;
        const bytes = async function* (take: () => Promise<void>): AsyncGenerator<Buffer> {
          if (counts) await take();
          yield* content.open(range) as AsyncIterable<Buffer>;
        };
        const out = new PassThrough();
        const stop = watch(() => out.destroy(new Error("The link has ended")));
        pipeline(Readable.from(bytes(() => takeDownload(this.deps, link, file.place.node.id))), out, stop);
        return out;
      },
    };
  }

  override async put(
    names: readonly string[],
    existing: FileResource | undefined,
    upload: DavUpload,
    body: AsyncIterable<Uint8Array>,
  ): Promise<DavWritten> {
    const link = this.#link;
    const isAlone = names.length === 0 || isFileRequest(link);
    const name = names.at(-1) ?? link.node.name;
    const parent = isAlone ? undefined : await this.find(names.slice(0, -1));
    if (!isAlone && !parent?.isCollection) throw new DavError(409, "Parent node does not exist");
    const { node, isNew } = await receiveByLink(
      this.deps,
      link,
      {
        folderId: parent?.place.node.id,
        name,
        onConflict: "replace",
        ...(upload.size !== undefined && { expectedSize: upload.size }),
        ...(upload.contentType !== undefined && { contentType: upload.contentType }),
        ...(upload.modifiedAt && { modifiedAt: upload.modifiedAt }),
        ...(upload.isConditional && { replacesVersion: existing?.place.node.version_id ?? null }),
        checksums: readChecksums(upload.checksum),
      },
      this.#untilTheEnd(body),
    );
    return { isNew, headers: isFileRequest(link) ? {} : this.headersOf(node) };
  }

  /** A body that is cut when the link ends. */
  async *#untilTheEnd(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let isOver = false;
    const stop = this.#options.watch(() => {
      isOver = true;
    });
    try {
      for await (const chunk of body) {
        if (isOver) throw new DavError(403, "This link has ended");
        yield chunk;
      }
      if (isOver) throw new DavError(403, "This link has ended");
    } finally {
      stop();
    }
  }

  override async makeCollection(
    names: readonly string[],
    properties: readonly PropertyChange[],
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): Promise<DavWritten> {
    return this.#recorded(await super.makeCollection(names, properties, headers));
  }

  override async remove(resource: FileResource): Promise<undefined> {
    await super.remove(resource);
    await this.#recorded(undefined);
  }

  override async move(source: FileResource, destination: DavDestination): Promise<DavWritten> {
    return this.#recorded(await super.move(source, destination));
  }

  override async copy(source: FileResource, destination: DavDestination, depth: Depth): Promise<DavWritten> {
    requireDownload(this.#link);
    return this.#recorded(await super.copy(source, destination, depth));
  }

  override async report(): Promise<DavReport> {
    throw new DavError(403, "Reports are for people who sign in");
  }

  override async search(): Promise<DavReport> {
    throw new DavError(403, "Searching is for people who sign in");
  }

  async #recorded<T>(done: T): Promise<T> {
    await recordChange(this.deps, this.#link);
    return done;
  }
}
