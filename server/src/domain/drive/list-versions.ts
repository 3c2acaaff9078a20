import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { isUuid, uuidv7 } from "../../store/uuid.ts";
import { requireRight } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { chargeQuota } from "../quota/charge-quota.ts";
import { changeTree } from "./change-tree.ts";
import { requireUnlocked } from "./locks/require-unlocked.ts";
import type { DriveAccess, DriveDeps, DriveNode } from "./model.ts";
import { notFound, reachNode } from "./reach-node.ts";
import { viewNode } from "./read-node.ts";
import { setCurrentVersion } from "./set-current-version.ts";
import { pickMilestones } from "./versions/thinning-schedule.ts";

export interface FileVersion {
  id: string;
  size: number;
  createdAt: Date;
  createdBy: string | null;
  /** The uid of the same person. */
  createdByUid: string | null;
  isCurrent: boolean;
  /** What somebody called it. */
  label: string | null;
  /** Kept by the schedule; the others stay for the recovery period only. */
  isMilestone: boolean;
  /** More than the virus scanner takes. */
  isUnscanned: boolean;
}

/** Newest first. @throws DomainError `not_found` */
export async function listVersions(reader: Reader, access: DriveAccess, nodeId: string): Promise<FileVersion[]> {
  // A link shows what is, not what was.
  if (access.viewer === undefined) throw notFound();
  const { node } = await reachNode(reader, access, nodeId);
  const rows = await reader
    .selectFrom("file_version as v")
    .leftJoin("principal as p", (join) =>
      join
        .on((eb) => eb("p.organization_id", "=", eb.fn.coalesce("v.created_by_organization", "v.organization_id")))
        .onRef("p.id", "=", "v.created_by"),
    )
    .select(["v.id", "v.size", "v.created_at", "v.label", "v.is_unscanned", "p.display_name", "p.uid"])
    .where("v.organization_id", "=", access.organizationId)
    .where("v.node_id", "=", node.id)
    .where((eb) => eb.or([eb("v.removed_at", "is", null), eb("v.id", "=", node.version_id)]))
    .orderBy("v.created_at", "desc")
    .orderBy("v.id", "desc")
    .limit(1_000)
    .execute();
  const versions = rows.map((row) => ({
    id: row.id,
    size: row.size,
    createdAt: row.created_at,
    createdBy: row.display_name,
    createdByUid: row.uid,
    isCurrent: row.id === node.version_id,
    label: row.label,
    isUnscanned: row.is_unscanned,
  }));
  const milestones = pickMilestones(versions, new Date());
  return versions.map((version) => ({ ...version, isMilestone: milestones.has(version.id) }));
}

/**
 * Makes an old version the content again, as a new version over the same blobs: the one it replaces is kept.
 * @throws DomainError `forbidden`, `not_found`, `over_quota`, `conflict` for a folder
 */
export async function restoreVersion(
  deps: DriveDeps,
  access: DriveAccess,
  nodeId: string,
  versionId: string,
): Promise<DriveNode> {
  requireRight(access, "write");
  if (!isUuid(versionId)) throw notFound();
  await changeTree(deps, access, async (tx, modseq) => {
    const { node } = await reachNode(tx, access, nodeId);
    if (node.kind !== "file") throw new DomainError("conflict", "This is a folder", { data: { reason: "not_a_file" } });
    if (node.version_id === versionId) return;
    await requireUnlocked(tx, access, { nodes: [node.id] });
    const old = await tx
      .selectFrom("file_version")
      .select(["size", "modified_at"])
      .where("organization_id", "=", access.organizationId)
      .where("node_id", "=", node.id)
      .where("id", "=", versionId)
      .forUpdate()
      .executeTakeFirst();
    if (!old) throw notFound();
    const id = uuidv7();
    await chargeQuota(tx, access, "files", old.size - node.size);
    await sql`
      WITH version AS (
        INSERT INTO file_version (organization_id, id, account_id, node_id, size, sha256, sha1, md5, adler32, sha3_256, modified_at,
          created_by, created_by_organization, is_unscanned)
        SELECT organization_id, ${id}::uuid, account_id, node_id, size, sha256, sha1, md5, adler32, sha3_256, modified_at,
          ${access.viewer?.principalId ?? null}::uuid, ${access.viewer?.organizationId ?? null}::uuid, is_unscanned
        FROM file_version WHERE organization_id = ${access.organizationId} AND id = ${versionId}
      ), segments AS (
        INSERT INTO file_segment (organization_id, version_id, ordinal, blob_id, length)
        SELECT organization_id, ${id}::uuid, ordinal, blob_id, length FROM file_segment
        WHERE organization_id = ${access.organizationId} AND version_id = ${versionId}
      )
      INSERT INTO blob_reference (organization_id, blob_id, kind, owner_id)
      SELECT DISTINCT organization_id, blob_id, 'file_version', ${id}::uuid FROM file_segment
      WHERE organization_id = ${access.organizationId} AND version_id = ${versionId}`.execute(tx);
    await setCurrentVersion(tx, access, modseq, node, {
      id,
      size: old.size,
      contentType: node.content_type,
      modifiedAt: old.modified_at,
    });
  });
  return viewNode(deps.store.read, access.organizationId, nodeId);
}
