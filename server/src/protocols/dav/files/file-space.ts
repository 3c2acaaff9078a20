import type { DriveDeps } from "../../../domain/drive/model.ts";
import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import type { DavTree, DavUpload, DavWritten } from "../dav-tree.ts";
import type { FileResource } from "./file-resource.ts";

export interface FileTreeDeps extends DriveDeps {
  /** Behind the numbers of files: see `instanceId`. */
  readonly instance: string;
  /** Where the drive's pages are, without a slash at its end. */
  readonly origin: string;
  readonly mayHavePreview: (contentType: string) => boolean;
}

/** A tree of files, as what it is put together from sees it. */
export interface FileSpace extends DavTree<FileResource> {
  readonly deps: FileTreeDeps;
  /** With the lock tokens of the request. */
  readonly drive: OpenedDrive;
  /** Past what this request knows already: after it has written. */
  findAgain(names: readonly string[]): Promise<FileResource | undefined>;
  put(
    names: readonly string[],
    existing: FileResource | undefined,
    upload: DavUpload,
    body: AsyncIterable<Uint8Array>,
  ): Promise<DavWritten>;
}
