import type { Checksum } from "../../formats/oc-checksum/checksum.ts";
import type { StagedBlob } from "../../store/blobs/blobs.ts";
import { keepPlans } from "../../store/prepared.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { type DomainError, toDomainError } from "../errors.ts";
import { readAndChangeTree } from "./change-tree.ts";
import type { DriveAccess, DriveDeps } from "./model.ts";
import type { FilePlace, Placed } from "./place-file.ts";
import { placeFiles, surveyPlaces } from "./place-files.ts";

/** Bytes that are safe, their size and checksums found to be what was announced. */
export interface StagedUpload {
  readonly upload: FilePlace & { readonly checksums?: readonly Checksum[] };
  readonly staged: StagedBlob;
  readonly isUnscanned: boolean;
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
  const files = uploads.map(({ upload, isUnscanned, staged: { id, size, sha256 } }) => ({
    place: upload,
    content: {
      ...{ versionId: uuidv7(), size, sha256, checksums: upload.checksums ?? [], isUnscanned },
      segments: size === 0 ? [] : [{ blobId: id, length: size }],
    },
  }));
  return readAndChangeTree(deps, access, {
    prepare: async (tx) => {
      keepPlans(tx);
      for (const { staged } of uploads) if (staged.size > 0) await deps.blobs.insert(tx, access.organizationId, staged);
      const references = files.flatMap(({ content: { versionId, segments } }) =>
        segments.map(({ blobId }) => ({ blobId, ownerId: versionId })),
      );
      deps.blobs.addReferences(tx, access.organizationId, "file_version", references);
    },
    read: (tx) =>
      surveyPlaces(
        tx,
        access,
        uploads.map(({ upload }) => upload),
        { isWrite: true },
      ),
    work: (tx, modseq, surveyed) => placeFiles(tx, access, modseq, files, surveyed),
  });
}
