import { BlobTooLarge, type StagedBlob } from "../../store/blobs/blobs.ts";
import type { Reader, Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { recordHistory } from "../../store/drive/record-history.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { requireRight } from "../access/account-access.ts";
import { DomainError, toDomainError } from "../errors.ts";
import { chargeQuota, readQuota, requireRoom } from "../quota/charge-quota.ts";
import { changeTree } from "./change-tree.ts";
import { contentTypeOf } from "./content-type-of.ts";
import { findTaker, freeName, nameTaken } from "./find-child.ts";
import { insertNode } from "./insert-node.ts";
import type { DriveAccess, DriveDeps, DriveNode, OnConflict } from "./model.ts";
import { checkName } from "./node-name.ts";
import { notAFolder, reachFolder, requireDepth } from "./reach-node.ts";
import { viewNode } from "./read-node.ts";
import { requireNotPaused } from "./require-not-paused.ts";

export interface Upload {
  folderId: string;
  name: string;
  onConflict?: OnConflict;
  /** When the sender says it: checked before a byte is read, and against what came. Bytes. */
  expectedSize?: number;
  /** Used when the name tells nothing. */
  contentType?: string;
  /** The file's own date. */
  modifiedAt?: Date;
}

export interface Uploaded {
  node: DriveNode;
  /** False when it is a new version of a file that was there. */
  isNew: boolean;
}

/**
 * Everything that can be known before the first byte: rights, name, place, room. Nothing is written.
 * @returns how many bytes the upload may have
 * @throws DomainError `forbidden`, `not_found`, `invalid`, `already_exists`, `conflict`, `over_quota`, `paused`
 */
export async function checkUpload(reader: Reader, access: DriveAccess, upload: Upload): Promise<number> {
  const name = checkName(upload.name);
  await requireNotPaused(reader, access);
  const folder = await reachFolder(reader, access, upload.folderId);
  requireDepth(folder.depth + 1);
  const existing = await findExisting(reader, folder.node, name, upload.onConflict);
  const replaced = existing && requireReplaceable(existing, upload.onConflict ?? "fail");
  requireRight(access, replaced ? "write" : "create");
  const quota = await readQuota(reader, access, "files");
  const room = Math.max(0, quota.limit - quota.used) + (replaced?.size ?? 0);
  if (upload.expectedSize !== undefined) requireRoom(quota, upload.expectedSize - (replaced?.size ?? 0));
  return room;
}

/**
 * Puts a file in a folder. The bytes are written and synced first, and belong to nobody until one transaction gives them a
 * node; whatever fails before its commit leaves nothing. Once this resolves the file is safe.
 * @throws DomainError those of `checkUpload`, `storage_full`, `invalid` when the size is not the one announced; errors of the source
 */
export async function uploadFile(
  deps: DriveDeps,
  access: DriveAccess,
  upload: Upload,
  source: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Uploaded> {
  const room = await checkUpload(deps.store.read, access, upload);
  const staged = await stage(deps, source, room);
  const { id, isNew } = await commitOrDiscard(deps, access, upload, staged);
  return { node: await viewNode(deps.store.read, access.organizationId, id), isNew };
}

async function commitOrDiscard(
  deps: DriveDeps,
  access: DriveAccess,
  upload: Upload,
  staged: StagedBlob,
): Promise<{ id: string; isNew: boolean }> {
  try {
    if (upload.expectedSize !== undefined && staged.size !== upload.expectedSize) {
      throw new DomainError("invalid", "The file is not as long as announced", {
        detail: `${staged.size} of ${upload.expectedSize}`,
      });
    }
    return await commit(deps, access, upload, staged);
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
): Promise<{ id: string; isNew: boolean }> {
  const wanted = checkName(upload.name);
  const versionId = uuidv7();
  const contentType = contentTypeOf(wanted, upload.contentType);
  const modifiedAt = upload.modifiedAt ?? new Date();
  const prepare = async (tx: Transactor): Promise<void> => {
    if (staged.size === 0) return;
    await deps.blobs.insert(tx, access.organizationId, staged);
    await deps.blobs.addReference(tx, access.organizationId, staged.id, "file_version", versionId);
  };
  return changeTree(
    deps,
    access,
    async (tx, modseq) => {
      const folder = await reachFolder(tx, access, upload.folderId);
      requireDepth(folder.depth + 1);
      const existing = await findExisting(tx, folder.node, wanted, upload.onConflict);
      const replaced = existing && requireReplaceable(existing, upload.onConflict ?? "fail");
      requireRight(access, replaced ? "write" : "create");
      if (replaced) {
        await chargeQuota(tx, access, "files", staged.size - replaced.size);
        await insertVersion(tx, access, { id: versionId, nodeId: replaced.id, staged, modifiedAt });
        await setCurrentVersion(tx, access, modseq, replaced, {
          id: versionId,
          size: staged.size,
          contentType,
          modifiedAt,
        });
        return { id: replaced.id, isNew: false };
      }
      await chargeQuota(tx, access, "files", staged.size);
      const name = upload.onConflict === "rename" ? await freeName(tx, folder.node, wanted, "file") : wanted;
      const nodeId = await insertNode(tx, access, modseq, {
        parentId: folder.node.id,
        name,
        kind: "file",
        size: staged.size,
        contentType,
        versionId,
        modifiedAt,
      });
      await insertVersion(tx, access, { id: versionId, nodeId, staged, modifiedAt });
      return { id: nodeId, isNew: true };
    },
    prepare,
  );
}

/** Whoever takes another name when it is taken need not know by what. */
async function findExisting(reader: Reader, folder: NodeRow, name: string, onConflict: OnConflict | undefined) {
  return onConflict === "rename" ? undefined : findTaker(reader, folder, name);
}

function requireReplaceable(existing: NodeRow, onConflict: OnConflict): NodeRow {
  if (onConflict !== "replace") throw nameTaken(existing.name);
  if (existing.kind === "folder") throw notAFolder();
  return existing;
}

async function insertVersion(
  tx: Transactor,
  access: DriveAccess,
  version: { id: string; nodeId: string; staged: StagedBlob; modifiedAt: Date },
): Promise<void> {
  const { staged } = version;
  await tx
    .insertInto("file_version")
    .values({
      organization_id: access.organizationId,
      id: version.id,
      account_id: access.accountId,
      node_id: version.nodeId,
      size: staged.size,
      sha256: staged.sha256,
      modified_at: version.modifiedAt,
      created_by: access.viewer?.principalId ?? null,
    })
    .execute();
  if (staged.size === 0) return;
  await tx
    .insertInto("file_segment")
    .values({
      organization_id: access.organizationId,
      version_id: version.id,
      ordinal: 0,
      blob_id: staged.id,
      length: staged.size,
    })
    .execute();
}

/** Makes a version of a file its content; the one before stays recoverable, outside the quota. */
export async function setCurrentVersion(
  tx: Transactor,
  access: DriveAccess,
  modseq: number,
  file: NodeRow,
  version: { id: string; size: number; contentType: string; modifiedAt: Date },
): Promise<void> {
  await tx
    .updateTable("file_version")
    .set({ superseded_at: new Date() })
    .where("organization_id", "=", access.organizationId)
    .where("node_id", "=", file.id)
    .where("id", "!=", version.id)
    .where("superseded_at", "is", null)
    .execute();
  await tx
    .updateTable("drive_node")
    .set({
      size: version.size,
      content_type: version.contentType,
      version_id: version.id,
      modified_at: version.modifiedAt,
      modified_by: access.viewer?.principalId ?? null,
      modseq,
    })
    .where("organization_id", "=", access.organizationId)
    .where("id", "=", file.id)
    .execute();
  // The file's own tree_modseq and tree_bytes move with its ancestors'.
  recordHistory(tx, access, modseq, access, {
    ...{ action: "overwritten", nodeId: file.id, kind: "file", files: 1 },
    before: { parentId: file.parent_id!, name: file.name, versionId: file.version_id },
    after: { parentId: file.parent_id!, name: file.name, versionId: version.id },
  });
  await touchAncestors(tx, access.organizationId, modseq, [
    { folderId: file.id, bytes: version.size - file.size, files: 0 },
  ]);
}
