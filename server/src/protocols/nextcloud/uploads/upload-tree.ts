import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import { checkUpload } from "../../../domain/drive/upload-file.ts";
import { abortUpload, deleteChunk } from "../../../domain/drive/uploads/abort-upload.ts";
import { assembleUpload } from "../../../domain/drive/uploads/assemble-upload.ts";
import { createUpload } from "../../../domain/drive/uploads/create-upload.ts";
import { checkChunk, putChunk } from "../../../domain/drive/uploads/put-chunk.ts";
import {
  findUploadSession,
  listChunks,
  listUploadSessions,
  type UploadChunk,
  type UploadSession,
} from "../../../domain/drive/uploads/upload-session.ts";
import { DomainError } from "../../../domain/errors.ts";
import type { PropertyChange, PropertyRequest } from "../../../formats/dav-xml/read-property-requests.ts";
import { DavError } from "../../dav/dav-error.ts";
import type {
  AnswerHeaders,
  DavDestination,
  DavMethodName,
  DavTree,
  DavUpload,
  DavWritten,
} from "../../dav/dav-tree.ts";
import type { FileResource } from "../../dav/files/file-resource.ts";
import { FileTree } from "../../dav/files/file-tree.ts";
import { toLockedError } from "../../dav/files/to-locked-error.ts";
import { type PropertyReader, tableReader } from "../../dav/property-table.ts";
import { readChecksums } from "../../dav/read-checksums.ts";
import { readTime } from "../../dav/read-upload.ts";
import { uploadProperties } from "./upload-properties.ts";
import type { UploadResource } from "./upload-resource.ts";

/** What a session becomes when it is moved. */
const wholeFile = ".file";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Files that come in pieces, a folder for each: MKCOL begins one, PUT adds a piece, MOVE of `.file` makes the file, DELETE forgets
 * it. Both versions of the protocol: in the second one the client says from the start where the file goes.
 */
export class UploadTree implements DavTree<UploadResource> {
  readonly root: string;
  readonly compliance = "1, 3, extended-mkcol";
  readonly #files: FileTree;
  readonly #drive: OpenedDrive;
  readonly #locate: (destination: string) => readonly string[] | undefined;

  /**
   * @param files of the same session
   * @param locate the names in `files` of what a Destination header says
   */
  constructor(files: FileTree, root: string, locate: (destination: string) => readonly string[] | undefined) {
    this.#files = files;
    this.#drive = files.drive;
    this.root = root;
    this.#locate = locate;
  }

  allow(resource: UploadResource | undefined): readonly DavMethodName[] {
    switch (resource?.kind) {
      case undefined:
        return ["OPTIONS", "MKCOL", "PUT"];
      case "home":
        return ["OPTIONS", "PROPFIND"];
      case "session":
        return ["OPTIONS", "PROPFIND", "DELETE"];
      case "whole":
        return ["OPTIONS", "PROPFIND", "MOVE"];
      case "chunk":
        return ["OPTIONS", "PROPFIND", "PUT", "DELETE"];
    }
  }

  async find(names: readonly string[]): Promise<UploadResource | undefined> {
    const [sessionName, chunkName, ...rest] = names;
    if (sessionName === undefined) return { names, kind: "home", isCollection: true, size: 0 };
    if (rest.length > 0) return undefined;
    const session = await findUploadSession(this.#reader, this.#drive.viewer, sessionName);
    if (!session) return undefined;
    if (chunkName === undefined) return sessionResource(session);
    if (chunkName === wholeFile) return wholeResource(session);
    const chunks = await listChunks(this.#reader, this.#drive.viewer, session.id);
    const chunk = chunks.find((each) => each.name === chunkName);
    return chunk && chunkResource(session, chunk);
  }

  async children({ kind, names }: UploadResource): Promise<UploadResource[]> {
    const owner = this.#drive.viewer;
    if (kind === "home") return (await listUploadSessions(this.#reader, owner)).map(sessionResource);
    if (kind !== "session") return [];
    const session = await findUploadSession(this.#reader, owner, names[0]!);
    if (!session) return [];
    const chunks = await listChunks(this.#reader, owner, session.id);
    const sorted = chunks.sort((a, b) => (a.name < b.name ? -1 : 1));
    return [wholeResource(session), ...sorted.map((chunk) => chunkResource(session, chunk))];
  }

  async readProperties(
    _resources: readonly UploadResource[],
    _request: PropertyRequest,
  ): Promise<PropertyReader<UploadResource>> {
    return tableReader(uploadProperties, undefined);
  }

  async makeCollection(
    names: readonly string[],
    _properties: readonly PropertyChange[],
    headers: Headers,
  ): Promise<DavWritten> {
    const [name, ...rest] = names;
    if (name === undefined || rest.length > 0) throw new DavError(403, "An upload has no folders");
    const totalBytes = readTotal(headers);
    const target = await this.#target(headers, totalBytes);
    await createUpload(this.#files.deps, this.#drive, { name, totalBytes, targetAccountId: target?.accountId });
    return { isNew: true };
  }

  /** Of the second version, where the file goes: what can be refused is refused before the first byte. */
  async #target(headers: Headers, totalBytes: number | undefined): Promise<{ accountId: string } | undefined> {
    const destination = single(headers.destination);
    if (destination === undefined) return undefined;
    const names = this.#locate(destination);
    if (!names) throw new DavError(400, "The destination is not within reach", { header: "Destination" });
    const existing = await this.#files.find(names);
    const { folder, name } = await this.#files.target(names, existing);
    await checkUpload(this.#reader, folder.access, {
      folderId: folder.folderId,
      name,
      onConflict: "replace",
      ...(totalBytes !== undefined && { expectedSize: totalBytes }),
    });
    return folder.access;
  }

  async checkPut(names: readonly string[], _existing: UploadResource | undefined, upload: DavUpload): Promise<void> {
    const { session, chunk } = chunkOf(names);
    await checkChunk(this.#files.deps, this.#drive, session, { name: chunk, expectedSize: upload.size }).catch(
      asParent,
    );
  }

  async put(
    names: readonly string[],
    _existing: UploadResource | undefined,
    upload: DavUpload,
    body: AsyncIterable<Uint8Array>,
  ): Promise<DavWritten> {
    const { session, chunk } = chunkOf(names);
    const { isNew, id } = await putChunk(
      this.#files.deps,
      this.#drive,
      session,
      { name: chunk, expectedSize: upload.size },
      body,
    ).catch(asParent);
    return { isNew, headers: { etag: chunkEtag(id) } };
  }

  async remove({ kind, names }: UploadResource): Promise<AnswerHeaders | undefined> {
    const [session, chunk] = names;
    if (kind === "chunk") await deleteChunk(this.#files.deps, this.#drive.viewer, session!, chunk!);
    else await abortUpload(this.#files.deps, this.#drive.viewer, session!);
    return undefined;
  }

  async move({ names }: UploadResource, destination: DavDestination): Promise<DavWritten> {
    const { tree, headers } = destination;
    if (!(tree instanceof FileTree)) throw new DavError(403, "Uploads become files", { header: "Destination" });
    const existing = destination.existing as FileResource | undefined;
    if (existing?.isCollection) throw new DavError(409, "There is a folder of that name");
    const { folder, name } = await tree.target(destination.names, existing);
    const totalBytes = readTotal(headers);
    const modifiedAt = readTime(headers["x-oc-mtime"], "X-OC-Mtime");
    // Whoever says what it replaces must not replace what came since.
    const isConditional = headers.if !== undefined;
    try {
      const { node, isNew } = await assembleUpload(tree.deps, this.#drive.viewer, names[0]!, folder.access, {
        folderId: folder.folderId,
        name,
        onConflict: destination.overwrite ? "replace" : "fail",
        checksums: readChecksums(single(headers["oc-checksum"])),
        ...(totalBytes !== undefined && { expectedSize: totalBytes }),
        ...(modifiedAt && { modifiedAt }),
        ...(isConditional && { replacesVersion: existing?.place.node.version_id ?? null }),
      });
      return { isNew, headers: tree.headersOf(node, { isTimeAccepted: modifiedAt !== undefined }) };
    } catch (error) {
      throw await toLockedError(tree, error);
    }
  }

  get #reader() {
    return this.#files.deps.store.read;
  }
}

function sessionResource(session: UploadSession): UploadResource {
  const { name, receivedBytes, touchedAt } = session;
  return { names: [name], kind: "session", isCollection: true, size: receivedBytes, modifiedAt: touchedAt };
}

function wholeResource(session: UploadSession): UploadResource {
  const { name, receivedBytes, touchedAt } = session;
  return { names: [name, wholeFile], kind: "whole", isCollection: false, size: receivedBytes, modifiedAt: touchedAt };
}

function chunkResource(session: UploadSession, chunk: UploadChunk): UploadResource {
  return {
    names: [session.name, chunk.name],
    kind: "chunk",
    isCollection: false,
    size: chunk.length,
    modifiedAt: chunk.receivedAt,
    etag: chunkEtag(chunk.id),
  };
}

function chunkEtag(id: string): string {
  return `"${id.replaceAll("-", "")}"`;
}

/** @throws DavError 403, 409 */
function chunkOf(names: readonly string[]): { session: string; chunk: string } {
  const [session, chunk, ...rest] = names;
  if (session === undefined || rest.length > 0) throw new DavError(409, "A piece belongs to an upload");
  if (chunk === undefined || chunk === wholeFile) throw new DavError(403, "This is made of pieces");
  return { session, chunk };
}

/** A PUT into a folder that is not there is a conflict (RFC 4918 section 9.7.1), but clients look for 404 to begin again. */
function asParent(error: unknown): never {
  if (error instanceof DomainError && error.code === "not_found") {
    throw new DavError(404, "There is no such upload", { cause: error });
  }
  throw error;
}

/** OC-Total-Length, in bytes. @throws DavError 400 */
function readTotal(headers: Headers): number | undefined {
  const text = single(headers["oc-total-length"]);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    throw new DavError(400, "OC-Total-Length is a number of bytes", { header: "OC-Total-Length" });
  }
  return Number(text);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
