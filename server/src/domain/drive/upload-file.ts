import type { Checksum } from "../../formats/oc-checksum/checksum.ts";
import { inlineLimit } from "../../store/blobs/blobs.ts";
import type { Reader } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import { requireRoom } from "../quota/charge-quota.ts";
import type { DriveAccess, DriveDeps, DriveNode } from "./model.ts";
import type { FilePlace, Placed } from "./place-file.ts";
import { quotaOf, reachSurveyed, surveyPlaces } from "./place-files.ts";
import { viewNode } from "./read-node.ts";
import { requireNotPaused } from "./require-not-paused.ts";
import { keepOrDiscard, requireSize, stageBytes, wrongSize } from "./stage-bytes.ts";
import { uploadTogether } from "./upload-together.ts";
import { verifyChecksums } from "./verify-checksums.ts";

export interface Upload extends FilePlace {
  /** When the sender says it: checked before a byte is read, and against what came. Bytes. */
  expectedSize?: number;
  /** What the sender says that the bytes are: verified, and kept. */
  checksums?: readonly Checksum[];
  /** The sender waits for a yes before it sends the bytes. */
  isAwaited?: boolean;
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
  const [surveyed] = await Promise.all([surveyPlaces(reader, access, [upload]), requireNotPaused(reader, access)]);
  const { replaced } = await reachSurveyed(reader, access, upload, surveyed);
  const quota = quotaOf(surveyed);
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
export async function storeFile(
  deps: DriveDeps,
  access: DriveAccess,
  upload: Upload,
  source: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Placed> {
  const { expectedSize: size } = upload;
  // Few bytes are read before they are refused: they wait in memory, and the transaction checks all the same.
  const isSmall = size !== undefined && size <= inlineLimit && !upload.isAwaited;
  const room = isSmall ? size : await checkUpload(deps.store.read, access, upload);
  const verified = verifyChecksums(source, upload.checksums ?? []);
  const staged = await stageBytes(deps, verified.bytes, room).catch((error: unknown) => {
    if (isSmall && error instanceof DomainError && error.code === "over_quota") throw wrongSize(`more than ${size}`);
    throw error;
  });
  return keepOrDiscard(deps, staged, ({ isUnscanned }) => {
    requireSize(staged.size, size);
    verified.verify();
    return uploadTogether(deps, access, { upload, staged, isUnscanned });
  });
}

/** The same, for whoever shows the file. @throws DomainError those of `storeFile` */
export async function uploadFile(
  deps: DriveDeps,
  access: DriveAccess,
  upload: Upload,
  source: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Uploaded> {
  const { id, isNew } = await storeFile(deps, access, upload, source);
  return { node: await viewNode(deps.store.read, access.organizationId, id), isNew };
}
