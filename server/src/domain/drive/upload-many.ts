import type { StagedBlob } from "../../store/blobs/blobs.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { type DomainError, toDomainError } from "../errors.ts";
import { changeTree } from "./change-tree.ts";
import type { DriveAccess, DriveDeps } from "./model.ts";
import { type Placed, placeFile } from "./place-file.ts";
import type { Upload } from "./upload-file.ts";

/** Bytes that are safe, their size and checksums found to be what was announced. */
export interface StagedUpload {
  readonly upload: Upload;
  readonly staged: StagedBlob;
}

export type UploadOutcome = Placed | DomainError;

/**
 * Puts several files in one account in one transaction, which costs one sync of the disk. When one of them is refused, each gets its
 * own: what is refused then is refused alone.
 * @returns for each, in their order, what became of it
 * @throws DomainError `paused`, `unavailable`, `storage_full`: none of them
 */
export async function uploadMany(
  deps: DriveDeps,
  access: DriveAccess,
  uploads: readonly StagedUpload[],
): Promise<UploadOutcome[]> {
  try {
    return await commit(deps, access, uploads);
  } catch (thrown) {
    const error = toDomainError(thrown);
    if (!error || concernsAll(error)) throw error ?? thrown;
    if (uploads.length > 1) {
      const outcomes: UploadOutcome[] = [];
      for (const upload of uploads) outcomes.push(...(await uploadMany(deps, access, [upload])));
      return outcomes;
    }
    for (const { staged } of uploads) await deps.blobs.discard(staged);
    return [error];
  }
}

function concernsAll(error: DomainError): boolean {
  return error.code === "paused" || error.code === "unavailable" || error.code === "storage_full";
}

function commit(deps: DriveDeps, access: DriveAccess, uploads: readonly StagedUpload[]): Promise<Placed[]> {
  const contents = uploads.map(({ upload, staged: { id, size, sha256 } }) => ({
    ...{ versionId: uuidv7(), size, sha256, checksums: upload.checksums ?? [] },
    segments: size === 0 ? [] : [{ blobId: id, length: size }],
  }));
  return changeTree(
    deps,
    access,
    async (tx, modseq) => {
      const placed: Placed[] = [];
      for (const [index, { upload }] of uploads.entries()) {
        placed.push(await placeFile(tx, access, modseq, upload, contents[index]!));
      }
      return placed;
    },
    async (tx) => {
      for (const [index, { staged }] of uploads.entries()) {
        if (staged.size === 0) continue;
        await deps.blobs.insert(tx, access.organizationId, staged);
        const { versionId } = contents[index]!;
        await deps.blobs.addReference(tx, access.organizationId, staged.id, "file_version", versionId);
      }
    },
  );
}
