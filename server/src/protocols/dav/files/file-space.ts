import type { DriveAccess, DriveDeps } from "../../../domain/drive/model.ts";
import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import type { DavTree } from "../dav-tree.ts";
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
  /** The folder in which a name is written, and with which access. @throws DavError 409 when there is no such folder */
  target(
    names: readonly string[],
    existing: FileResource | undefined,
  ): Promise<{ folder: { access: DriveAccess; folderId: string }; name: string }>;
}
