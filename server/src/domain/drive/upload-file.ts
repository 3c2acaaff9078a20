import { BlobTooLarge, type StagedBlob } from "../../store/blobs/blobs.ts";
import type { Reader } from "../../store/database.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { DomainError, toDomainError } from "../errors.ts";
import { readQuota, requireRoom } from "../quota/charge-quota.ts";
import { changeTree } from "./change-tree.ts";
import { type Checksums, checkBytes, parseChecksums } from "./file-checksums.ts";
import type { DriveAccess, DriveDeps, DriveNode } from "./model.ts";
import { checkName } from "./node-name.ts";
import { type FilePlace, putFile, reachFilePlace } from "./put-file.ts";
import { viewNode } from "./read-node.ts";
import { requireNotPaused } from "./require-not-paused.ts";

export interface Upload extends FilePlace {
  /** When the sender says it: checked before a byte is read, and against what came. Bytes. */
  expectedSize?: number | undefined;
  /** What the sender says of the bytes, such as « SHA1:da39… »: verified, and kept. */
  checksum?: string | undefined;
  /** Used when the name tells nothing. */
  contentType?: string | undefined;
  /** The file's own dates; of a file that is there the second stays. */
  modifiedAt?: Date | undefined;
  createdAt?: Date | undefined;
}

export interface Uploaded {
  node: DriveNode;
  /** False when it is a new version of a file that was there. */
  isNew: boolean;
}

/**
 * Everything that can be known before the first byte: rights, name, place, room. Nothing is written.
 * @returns how many bytes the upload may have
 * @throws DomainError `forbidden`, `not_found`, `invalid` (name, `too_deep`, `checksum`), `already_exists`, `conflict`,
 *   `state_mismatch`, `over_quota`, `paused`
 */
export async function checkUpload(reader: Reader, access: DriveAccess, upload: Upload): Promise<number> {
  const name = checkName(upload.name);
  if (upload.checksum !== undefined) parseChecksums(upload.checksum);
  const [quota, { replaced }] = await Promise.all([
    readQuota(reader, access, "files"),
    reachFilePlace(reader, access, { ...upload, name }),
    requireNotPaused(reader, access),
  ]);
  const room = Math.max(0, quota.limit - quota.used) + (replaced?.size ?? 0);
  if (upload.expectedSize !== undefined) requireRoom(quota, upload.expectedSize - (replaced?.size ?? 0));
  return room;
}

/**
 * Puts a file in a folder. The bytes are written and synced first, and belong to nobody until one transaction gives them a
 * node; whatever fails before its commit leaves nothing. Once this resolves the file is safe.
 * @throws DomainError those of `checkUpload`, `storage_full`, `invalid` when the size or the checksum is not the one announced;
 *   errors of the source
 */
export async function uploadFile(
  deps: DriveDeps,
  access: DriveAccess,
  upload: Upload,
  source: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Uploaded> {
  const room = await checkUpload(deps.store.read, access, upload);
  const checked = checkBytes(source, parseChecksums(upload.checksum ?? ""));
  const staged = await stage(deps, checked.bytes, room);
  const { id, isNew } = await commitOrDiscard(deps, access, upload, staged, checked.verify);
  return { node: await viewNode(deps.store.read, access.organizationId, id), isNew };
}

async function commitOrDiscard(
  deps: DriveDeps,
  access: DriveAccess,
  upload: Upload,
  staged: StagedBlob,
  verify: () => Checksums,
): Promise<{ id: string; isNew: boolean }> {
  try {
    if (upload.expectedSize !== undefined && staged.size !== upload.expectedSize) {
      throw new DomainError("invalid", "The file is not as long as announced", {
        detail: `${staged.size} of ${upload.expectedSize}`,
      });
    }
    return await commit(deps, access, upload, staged, verify());
  } catch (thrown) {
    const error = toDomainError(thrown);
    // Refused: rolled back for sure. After any other error the commit may have happened, and the collector decides.
    if (error && error.code !== "unavailable") await deps.blobs.discard(staged);
    throw error ?? thrown;
  }
}

async function stage(deps: DriveDeps, source: Uint8Array | AsyncIterable<Uint8Array>, room: number) {
  try {
    return await deps.blobs.stage(source, { limit: room });
  } catch (error) {
    if (error instanceof BlobTooLarge) {
      throw new DomainError("over_quota", "There is not enough room left", { cause: error });
    }
    throw toDomainError(error) ?? error;
  }
}

async function commit(
  deps: DriveDeps,
  access: DriveAccess,
  upload: Upload,
  staged: StagedBlob,
  checksums: Checksums,
): Promise<{ id: string; isNew: boolean }> {
  const { size, sha256 } = staged;
  const content = {
    ...{ versionId: uuidv7(), size, sha256, checksums, contentType: upload.contentType },
    ...{ modifiedAt: upload.modifiedAt ?? new Date(), createdAt: upload.createdAt },
    segments: size === 0 ? [] : [{ blobId: staged.id, length: size }],
  };
  return changeTree(
    deps,
    access,
    (tx, modseq) => putFile(tx, access, modseq, { ...upload, name: checkName(upload.name) }, content),
    async (tx) => {
      if (size === 0) return;
      await deps.blobs.insert(tx, access.organizationId, staged);
      await deps.blobs.addReference(tx, access.organizationId, staged.id, "file_version", content.versionId);
    },
  );
}
