import type { Checksum } from "../../formats/oc-checksum/checksum.ts";
import type { Reader } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { requireRight } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { findTaker, nameTaken } from "./find-child.ts";
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
  /** More than the virus scanner takes. */
  isUnscanned: boolean;
}

export interface Placed {
  id: string;
  /** Global number: oc:fileid. */
  fileId: number;
  versionId: string;
  /** False when it is a new version of a file that was there. */
  isNew: boolean;
}

/** A place that was found, and may be written. */
export interface ReachedPlace {
  folder: Pick<NodeRow, "organization_id" | "id">;
  replaced: NodeRow | undefined;
}

/**
 * Finds where a file may be put: nothing is written.
 * @throws DomainError `forbidden`, `not_found`, `invalid`, `already_exists`, `conflict`, `locked`, `state_mismatch`
 */
export async function reachPlace(reader: Reader, access: DriveAccess, place: FilePlace): Promise<ReachedPlace> {
  const reached = (await reachSharedFile(reader, access, place)) ?? (await reachByName(reader, access, place));
  const { folder, replaced } = reached;
  requireWritable(access, place, replaced);
  await requireUnlocked(reader, access, { nodes: [replaced?.id ?? folder.id] });
  return reached;
}

/** @throws DomainError `forbidden`, `state_mismatch` */
export function requireWritable(access: DriveAccess, place: FilePlace, replaced: NodeRow | undefined): void {
  requireRight(access, replaced ? "write" : "create");
  if (place.replacesVersion !== undefined && place.replacesVersion !== (replaced?.version_id ?? null)) {
    throw new DomainError("state_mismatch", "This file was changed meanwhile");
  }
}

/** A file that is shared alone is written where its owner keeps it, in a folder that is none of the viewer's business. */
async function reachSharedFile(
  reader: Reader,
  access: DriveAccess,
  place: FilePlace,
): Promise<ReachedPlace | undefined> {
  if (access.subtreeId === undefined || access.subtreeId === place.folderId) return undefined;
  const { node } = await reachNode(reader, access, access.subtreeId);
  if (node.kind !== "file") return undefined;
  if (node.parent_id !== place.folderId || node.name !== checkName(place.name)) throw notFound();
  return { folder: { ...node, id: node.parent_id }, replaced: requireReplaceable(node, place.onConflict) };
}

async function reachByName(reader: Reader, access: DriveAccess, place: FilePlace): Promise<ReachedPlace> {
  const name = checkName(place.name);
  const folder = await reachFolder(reader, access, place.folderId);
  requireDepth(folder.depth + 1);
  // Whoever takes another name when it is taken need not know by what.
  const existing = place.onConflict === "rename" ? undefined : await findTaker(reader, folder.node, name);
  return { folder: folder.node, replaced: existing && requireReplaceable(existing, place.onConflict) };
}

/** @throws DomainError `already_exists`, `conflict` */
export function requireReplaceable(existing: NodeRow, onConflict: OnConflict | undefined): NodeRow {
  if (onConflict !== "replace") throw nameTaken(existing.name);
  if (existing.kind === "folder") throw notAFolder();
  return existing;
}
