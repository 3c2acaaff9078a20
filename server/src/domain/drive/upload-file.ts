import type { Checksum } from "../../formats/oc-checksum/checksum.ts";
import type { StagedBlob } from "../../store/blobs/blobs.ts";
import type { Reader } from "../../store/database.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { readQuota, requireRoom } from "../quota/charge-quota.ts";
import { changeTree } from "./change-tree.ts";
import type { DriveAccess, DriveDeps, DriveNode } from "./model.ts";
import { type FilePlace, type Placed, placeFile, reachPlace } from "./place-file.ts";
import { viewNode } from "./read-node.ts";
import { requireNotPaused } from "./require-not-paused.ts";
import { keepOrDiscard, requireSize, stageBytes } from "./stage-bytes.ts";
import { verifyChecksums } from "./verify-checksums.ts";

export interface Upload extends FilePlace {
  /** When the sender says it: checked before a byte is read, and against what came. Bytes. */
  expectedSize?: number;
  /** What the sender says that the bytes are: verified, and kept. */
  checksums?: readonly Checksum[];
}

export interface Uploaded {
  node: DriveNode;
  /** False when it is a new version of a file that was there. */
  isNew: boolean;
}

/**
 * Everything that can be known before the first byte: rights, name, place, room. Nothing is written.
 * @returns how many bytes the upload may have
 * @throws DomainError `forbidden`, `not_found`, `invalid` (name, `too_deep`), `already_exists`, `conflict`, `locked`,
 *   `state_mismatch`, `over_quota`, `paused`
 */
export async function checkUpload(reader: Reader, access: DriveAccess, upload: Upload): Promise<number> {
  const [quota, { replaced }] = await Promise.all([
    readQuota(reader, access, "files"),
    reachPlace(reader, access, upload),
    requireNotPaused(reader, access),
  ]);
  const room = Math.max(0, quota.limit - quota.used) + (replaced?.size ?? 0);
  if (upload.expectedSize !== undefined) requireRoom(quota, upload.expectedSize - (replaced?.size ?? 0));
  return room;
}

/**
 * Puts a file in a folder. The bytes are written and synced first, and belong to nobody until one transaction gives them a
 * node; whatever fails before its commit leaves nothing. Once this resolves the file is safe.
 * @throws DomainError those of `checkUpload`, `storage_full`, `invalid` when the size or a checksum (`checksum`) is not the one
 *   announced; errors of the source
 */
export async function uploadFile(
  deps: DriveDeps,
  access: DriveAccess,
  upload: Upload,
  source: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Uploaded> {
  const room = await checkUpload(deps.store.read, access, upload);
  const verified = verifyChecksums(source, upload.checksums ?? []);
  const staged = await stageBytes(deps, verified.bytes, room);
  const { id, isNew } = await keepOrDiscard(deps, staged, async () => {
    requireSize(staged.size, upload.expectedSize);
    verified.verify();
    return commit(deps, access, upload, staged);
  });
  return { node: await viewNode(deps.store.read, access.organizationId, id), isNew };
}

async function commit(deps: DriveDeps, access: DriveAccess, upload: Upload, staged: StagedBlob): Promise<Placed> {
  const { size, sha256 } = staged;
  const versionId = uuidv7();
  const segments = size === 0 ? [] : [{ blobId: staged.id, length: size }];
  const content = { versionId, size, sha256, segments, checksums: upload.checksums ?? [] };
  return changeTree(
    deps,
    access,
    (tx, modseq) => placeFile(tx, access, modseq, upload, content),
    async (tx) => {
      if (size === 0) return;
      await deps.blobs.insert(tx, access.organizationId, staged);
      await deps.blobs.addReference(tx, access.organizationId, staged.id, "file_version", versionId);
    },
  );
}
