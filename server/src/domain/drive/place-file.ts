import type { Checksum, ChecksumName } from "../../formats/oc-checksum/checksum.ts";
import type { Reader, Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { recordHistory } from "../../store/drive/record-history.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { requireRight } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { chargeQuota } from "../quota/charge-quota.ts";
import { contentTypeOf } from "./content-type-of.ts";
import { findTaker, freeName, nameTaken } from "./find-child.ts";
import { insertNode } from "./insert-node.ts";
import { requireUnlocked } from "./locks/require-unlocked.ts";
import type { DriveAccess, OnConflict } from "./model.ts";
import { checkName } from "./node-name.ts";
import { notAFolder, notFound, reachFolder, reachNode, requireDepth } from "./reach-node.ts";

/** Where a file goes, and what is said of it. */
export interface FilePlace {
  folderId: string;
  name: string;
  onConflict?: OnConflict;
  /** Used when the name tells nothing. */
  contentType?: string;
  /** The file's own date. */
  modifiedAt?: Date;
  /** When the sender says that it was made; one that is there keeps its own. */
  createdAt?: Date;
  /** The content that it replaces, null for none: what came between, came first. */
  replacesVersion?: string | null;
}

/** Bytes that are safe, as the blobs that hold them. */
export interface FileContent {
  size: number;
  /** Null when nobody has read them in one go. */
  sha256: Buffer | null;
  /** What the client said they were, verified. */
  checksums: readonly Checksum[];
  segments: readonly { blobId: string; length: number }[];
}

export interface Placed {
  id: string;
  /** False when it is a new version of a file that was there. */
  isNew: boolean;
}

interface Reached {
  folder: NodeRow;
  replaced: NodeRow | undefined;
}

/**
 * Finds where a file may be put: nothing is written.
 * @throws DomainError `forbidden`, `not_found`, `invalid`, `already_exists`, `conflict`, `locked`, `state_mismatch`
 */
export async function reachPlace(reader: Reader, access: DriveAccess, place: FilePlace): Promise<Reached> {
  const reached = (await reachSharedFile(reader, access, place)) ?? (await reachByName(reader, access, place));
  const { folder, replaced } = reached;
  requireRight(access, replaced ? "write" : "create");
  if (place.replacesVersion !== undefined && place.replacesVersion !== (replaced?.version_id ?? null)) {
    throw new DomainError("state_mismatch", "This file was changed meanwhile");
  }
  await requireUnlocked(reader, access, { nodes: [replaced?.id ?? folder.id] });
  return reached;
}

/** A file that is shared alone is written where its owner keeps it, in a folder that is none of the viewer's business. */
async function reachSharedFile(reader: Reader, access: DriveAccess, place: FilePlace): Promise<Reached | undefined> {
  if (access.subtreeId === undefined || access.subtreeId === place.folderId) return undefined;
  const { node } = await reachNode(reader, access, access.subtreeId);
  if (node.kind !== "file") return undefined;
  if (node.parent_id !== place.folderId || node.name !== checkName(place.name)) throw notFound();
  return { folder: { ...node, id: node.parent_id }, replaced: requireReplaceable(node, place.onConflict) };
}

async function reachByName(reader: Reader, access: DriveAccess, place: FilePlace): Promise<Reached> {
  const name = checkName(place.name);
  const folder = await reachFolder(reader, access, place.folderId);
  requireDepth(folder.depth + 1);
  // Whoever takes another name when it is taken need not know by what.
  const existing = place.onConflict === "rename" ? undefined : await findTaker(reader, folder.node, name);
  return { folder: folder.node, replaced: existing && requireReplaceable(existing, place.onConflict) };
}

function requireReplaceable(existing: NodeRow, onConflict: OnConflict | undefined): NodeRow {
  if (onConflict !== "replace") throw nameTaken(existing.name);
  if (existing.kind === "folder") throw notAFolder();
  return existing;
}

/**
 * Gives bytes a node, or makes them the content of the one that has the name; under the feed's lock. What is refused has written
 * nothing but the quota's count, so the transaction must not commit then.
 * @param versionId of the content; its blobs' references have it as their owner
 * @throws DomainError those of `reachPlace`, `over_quota`
 */
export async function placeFile(
  tx: Transactor,
  access: DriveAccess,
  modseq: number,
  place: FilePlace,
  content: FileContent & { versionId: string },
): Promise<Placed> {
  const { folder, replaced } = await reachPlace(tx, access, place);
  const wanted = checkName(place.name);
  const { size, versionId } = content;
  const contentType = contentTypeOf(wanted, place.contentType);
  const modifiedAt = place.modifiedAt ?? new Date();
  await chargeQuota(tx, access, "files", size - (replaced?.size ?? 0));
  if (replaced) {
    await insertVersion(tx, access, replaced.id, content, modifiedAt);
    await setCurrentVersion(tx, access, modseq, replaced, { id: versionId, size, contentType, modifiedAt });
    return { id: replaced.id, isNew: false };
  }
  const name = place.onConflict === "rename" ? await freeName(tx, folder, wanted, "file") : wanted;
  const id = await insertNode(tx, access, modseq, {
    ...{ parentId: folder.id, name, kind: "file", size, contentType, versionId, modifiedAt },
    ...{ createdAt: place.createdAt },
  });
  await insertVersion(tx, access, id, content, modifiedAt);
  return { id, isNew: true };
}

async function insertVersion(
  tx: Transactor,
  access: DriveAccess,
  nodeId: string,
  content: FileContent & { versionId: string },
  modifiedAt: Date,
): Promise<void> {
  const { versionId, size, sha256, checksums, segments } = content;
  const known = new Map<ChecksumName, Buffer>(checksums.map(({ name, value }) => [name, value]));
  await tx
    .insertInto("file_version")
    .values({
      organization_id: access.organizationId,
      id: versionId,
      account_id: access.accountId,
      node_id: nodeId,
      size,
      sha256: sha256 ?? known.get("SHA256") ?? null,
      sha1: known.get("SHA1") ?? null,
      md5: known.get("MD5") ?? null,
      adler32: known.get("ADLER32") ?? null,
      sha3_256: known.get("SHA3-256") ?? null,
      modified_at: modifiedAt,
      created_by: access.viewer?.principalId ?? null,
      created_by_organization: access.viewer?.organizationId ?? null,
    })
    .execute();
  if (segments.length === 0) return;
  await tx
    .insertInto("file_segment")
    .values(
      segments.map(({ blobId, length }, ordinal) => ({
        organization_id: access.organizationId,
        version_id: versionId,
        ordinal,
        blob_id: blobId,
        length,
      })),
    )
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
