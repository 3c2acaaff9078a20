import { sql } from "kysely";
import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { ByteSource } from "../../../store/blobs/byte-source.ts";
import type { DriveDeps } from "../model.ts";
import type { PreviewFailureReason, PreviewVariant, RenderedPreview } from "./preview-renderer.ts";

export interface Preview {
  contentType: string;
  source: ByteSource;
}

interface VersionKey {
  readonly organizationId: string;
  readonly versionId: string;
}

/** A process that died while it drew is not waited for longer. */
const longestDrawing = "3 minutes";
const mostAttempts = 3;

/** @returns undefined while nobody has drawn it */
export async function findPreview(
  deps: DriveDeps,
  key: VersionKey,
  variant: PreviewVariant,
): Promise<Preview | undefined> {
  const row = await deps.store.read
    .selectFrom("file_preview")
    .select(["blob_id", "content_type"])
    .where("organization_id", "=", key.organizationId)
    .where("version_id", "=", key.versionId)
    .where("variant", "=", variant)
    .executeTakeFirst();
  const source = row && (await deps.blobs.open(deps.store.read, key.organizationId, row.blob_id));
  return source && { contentType: row.content_type, source };
}

/**
 * Takes a version on, so that it is drawn once whichever process is asked. What failed is tried again an hour after, then a day
 * after, then never.
 * @returns `mine` to whoever is to draw it now
 */
export async function claimDrawing(
  deps: DriveDeps,
  { organizationId, versionId }: VersionKey,
): Promise<"mine" | "running" | "made" | "failed"> {
  const claimed = await deps.store.transact((tx) =>
    sql`
      INSERT INTO preview_attempt AS a (organization_id, version_id)
      SELECT organization_id, id FROM file_version WHERE organization_id = ${organizationId} AND id = ${versionId} FOR KEY SHARE
      ON CONFLICT (organization_id, version_id) DO UPDATE
        SET attempts = a.attempts + 1, began_at = now(), state = 'running', reason = NULL
        WHERE a.attempts < ${mostAttempts} AND (
          a.state = 'running' AND a.began_at < now() - ${longestDrawing}::interval
          OR a.state = 'failed' AND a.began_at < now() - interval '1 hour' * power(24, a.attempts - 1))
      RETURNING attempts`.execute(tx),
  );
  if (claimed.rows.length > 0) return "mine";
  const row = await deps.store.read
    .selectFrom("preview_attempt")
    .select(["state", sql<boolean>`began_at < now() - ${longestDrawing}::interval`.as("is_old")])
    .where("organization_id", "=", organizationId)
    .where("version_id", "=", versionId)
    .executeTakeFirst();
  if (!row || (row.state === "running" && row.is_old)) return "failed";
  return row.state as "running" | "made" | "failed";
}

/** Keeps the pictures with the version that they show, unless it is gone meanwhile. */
export async function keepPreviews(
  deps: DriveDeps,
  { organizationId, versionId }: VersionKey,
  previews: readonly RenderedPreview[],
): Promise<void> {
  const staged: { blob: StagedBlob; preview: RenderedPreview }[] = [];
  try {
    for (const preview of previews) staged.push({ blob: await deps.blobs.stage(preview.bytes), preview });
    await deps.store.transact(async (tx) => {
      const version = await sql`
        SELECT FROM file_version WHERE organization_id = ${organizationId} AND id = ${versionId} FOR KEY SHARE`.execute(
        tx,
      );
      if (version.rows.length === 0) return;
      for (const { blob, preview } of staged) {
        await deps.blobs.insert(tx, organizationId, blob);
        await deps.blobs.addReference(tx, organizationId, blob.id, "file_preview", versionId);
        await tx
          .insertInto("file_preview")
          .values({
            organization_id: organizationId,
            version_id: versionId,
            variant: preview.variant,
            blob_id: blob.id,
            content_type: preview.contentType,
          })
          .execute();
      }
      await tx
        .updateTable("preview_attempt")
        .set({ state: "made", reason: null })
        .where("organization_id", "=", organizationId)
        .where("version_id", "=", versionId)
        .execute();
    });
  } catch (error) {
    // After a commit whose answer was lost the collector would find them in use: only what surely belongs to nobody goes at once.
    if (staged.length < previews.length) for (const { blob } of staged) await deps.blobs.discard(blob);
    throw error;
  }
}

export async function noteFailure(
  deps: DriveDeps,
  { organizationId, versionId }: VersionKey,
  reason: PreviewFailureReason,
): Promise<void> {
  await deps.store.transact((tx) =>
    tx
      .updateTable("preview_attempt")
      .set({ state: "failed", reason })
      .where("organization_id", "=", organizationId)
      .where("version_id", "=", versionId)
      .execute(),
  );
}

/** It was not the file's fault: as if nobody had tried. */
export async function forgetAttempt(deps: DriveDeps, { organizationId, versionId }: VersionKey): Promise<void> {
  await deps.store.transact((tx) =>
    tx
      .deleteFrom("preview_attempt")
      .where("organization_id", "=", organizationId)
      .where("version_id", "=", versionId)
      .where("state", "=", "running")
      .execute(),
  );
}
