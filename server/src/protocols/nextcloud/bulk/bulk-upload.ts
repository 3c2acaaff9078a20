import type { DriveAccess } from "../../../domain/drive/model.ts";
import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import { placeNodes } from "../../../domain/drive/place-nodes.ts";
import { keepOrDiscard, requireSize, stageBytes } from "../../../domain/drive/stage-bytes.ts";
import { checkUpload, type Upload } from "../../../domain/drive/upload-file.ts";
import { type StagedUpload, uploadMany } from "../../../domain/drive/upload-many.ts";
import { verifyChecksums } from "../../../domain/drive/verify-checksums.ts";
import { DomainError } from "../../../domain/errors.ts";
import { readPathNames } from "../../../formats/dav-xml/path-names.ts";
import type { Part } from "../../../formats/multipart-related/read-parts.ts";
import { DavError } from "../../dav/dav-error.ts";
import { ocId } from "../../dav/files/file-headers.ts";
import type { FileTreeDeps } from "../../dav/files/file-space.ts";
import { FileTree } from "../../dav/files/file-tree.ts";
import { permissionLetters } from "../../dav/files/permission-letters.ts";
import { readChecksums } from "../../dav/read-checksums.ts";
import { readTime } from "../../dav/read-upload.ts";

/** What is told of one file. */
type Outcome =
  | { readonly error: false; readonly etag: string; readonly fileid: string; readonly permissions: string }
  | { readonly error: true; readonly message: string };

/** What one transaction takes: so many files, so many bytes in memory. */
const filesAtOnce = 100;
const bytesAtOnce = 4 * 1024 * 1024;

/** Up to this many bytes a file is in memory only until its commit: whether there is room is asked then. */
const small = 64 * 1024;

interface Pending extends StagedUpload {
  readonly path: string;
  readonly access: DriveAccess;
}

/** The files of one request, written in transactions of many. */
export class BulkUpload {
  readonly #deps: FileTreeDeps;
  readonly #drive: OpenedDrive;
  readonly #files: FileTree;
  readonly #outcomes = new Map<string, Outcome>();
  #pending: Pending[] = [];
  #bytes = 0;

  constructor(deps: FileTreeDeps, drive: OpenedDrive) {
    this.#deps = deps;
    this.#drive = drive;
    this.#files = new FileTree(deps, drive, "/remote.php/dav/files");
  }

  /** By the paths as they were sent. */
  get results(): Record<string, Outcome> {
    // Defines properties, whatever they are called.
    return Object.fromEntries(this.#outcomes);
  }

  /**
   * Takes a file; what is refused of it is an outcome.
   * @throws DavError 400 without a path; DomainError `paused`, `unavailable`, `storage_full`
   */
  async add(part: Part): Promise<void> {
    const path = part.headers.get("x-file-path");
    if (path === undefined) throw new DavError(400, "A part has no X-File-Path", { header: "X-File-Path" });
    try {
      const pending = await this.#stage(path, part);
      this.#pending.push(pending);
      this.#bytes += pending.staged.data?.length ?? 0;
    } catch (error) {
      this.#outcomes.set(path, { error: true, message: sayWhy(error) });
    }
    if (this.#pending.length >= filesAtOnce || this.#bytes >= bytesAtOnce) await this.flush();
  }

  /** Commits what waits. @throws DomainError */
  async flush(): Promise<void> {
    const batch = this.#pending;
    this.#pending = [];
    this.#bytes = 0;
    for (const those of Map.groupBy(batch, ({ access }) => access).values()) await this.#commit(those);
  }

  async #stage(path: string, { headers, length, body }: Part): Promise<Pending> {
    const { folder, name } = await this.#target(path);
    const md5 = headers.get("x-file-md5");
    const checksums = readChecksums(headers.get("oc-checksum") ?? (md5 && `MD5:${md5}`));
    const modifiedAt = readTime(headers.get("x-file-mtime"), "X-File-Mtime");
    const upload: Upload = {
      ...{ folderId: folder.folderId, name, onConflict: "replace", expectedSize: length, checksums },
      ...(modifiedAt && { modifiedAt }),
    };
    if (length > small) await checkUpload(this.#deps.store.read, folder.access, upload);
    const verified = verifyChecksums(body, checksums);
    const staged = await stageBytes(this.#deps, verified.bytes, length);
    return keepOrDiscard(this.#deps, staged, ({ isUnscanned }) => {
      requireSize(staged.size, length);
      verified.verify();
      return { path, access: folder.access, upload, staged, isUnscanned };
    });
  }

  async #target(path: string) {
    const names = readPathNames(path.split("/").map(encodeURIComponent).join("/"));
    if (!names || names.length === 0) throw new DavError(400, "X-File-Path is no path");
    // Only what is shared alone is written elsewhere than where its name stands.
    const isMount = this.#drive.mounts.some((mount) => mount.names.join("/") === names.join("/"));
    return this.#files.target(names, isMount ? await this.#files.find(names) : undefined);
  }

  async #commit(those: readonly Pending[]): Promise<void> {
    const { access } = those[0]!;
    const outcomes = await uploadMany(this.#deps, access, those);
    const ids = outcomes.flatMap((each) => (each instanceof DomainError ? [] : [each.id]));
    const places = await placeNodes(this.#deps.store.read, this.#drive, access.organizationId, ids);
    const byId = new Map(places.map((place) => [place.node.id, place]));
    for (const [index, outcome] of outcomes.entries()) {
      const { path } = those[index]!;
      if (outcome instanceof DomainError) {
        this.#outcomes.set(path, { error: true, message: outcome.message });
        continue;
      }
      const place = byId.get(outcome.id);
      // Moved or deleted already by somebody else.
      if (!place) {
        this.#outcomes.set(path, { error: true, message: "This file went away at once" });
        continue;
      }
      this.#outcomes.set(path, {
        error: false,
        etag: place.node.version_id!.replaceAll("-", ""),
        fileid: ocId(place.node.file_id, this.#deps.instance),
        permissions: permissionLetters(place),
      });
    }
  }
}

/** @throws what concerns more than this file */
function sayWhy(error: unknown): string {
  if (error instanceof DavError) return error.message;
  if (!(error instanceof DomainError)) throw error;
  if (error.code === "paused" || error.code === "unavailable" || error.code === "storage_full") throw error;
  return error.message;
}
