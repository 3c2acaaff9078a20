import { sql } from "kysely";
import type { StagedBlob } from "../../store/blobs/blobs.ts";
import { type AccountAccess, requireRight } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import type { MailDeps } from "./model.ts";
import { asTooLarge } from "./stage-message.ts";

export const uploadKind = "upload";

/** Bytes of temporary uploads that one account may hold. */
const uploadAllowance = 1024 * 1024 * 1024;

/**
 * Keeps bytes for an account until a message uses them, or for a day (RFC 8620 section 6.1).
 * @param options.maxSize in bytes
 * @throws DomainError `forbidden`, `too_large`, `over_quota` when the account holds 1 GiB of uploads
 */
export async function uploadBlob(
  deps: MailDeps,
  access: AccountAccess,
  source: AsyncIterable<Uint8Array> | Uint8Array,
  options: { maxSize: number },
): Promise<{ blobId: string; size: number }> {
  requireRight(access, "write");
  const staged = await asTooLarge(deps.blobs.stage(source, { limit: options.maxSize }));
  try {
    await insertUpload(deps, access, staged);
  } catch (error) {
    await deps.blobs.discard(staged);
    throw error;
  }
  return { blobId: staged.id, size: staged.size };
}

async function insertUpload(deps: MailDeps, access: AccountAccess, staged: StagedBlob): Promise<void> {
  const held = await sql<{ bytes: number | null }>`
    SELECT sum(b.size) AS bytes FROM blob_reference r JOIN blob b ON b.organization_id = r.organization_id AND b.id = r.blob_id
    WHERE r.organization_id = ${access.organizationId} AND r.owner_id = ${access.accountId} AND r.kind = ${uploadKind}`.execute(
    deps.store.read,
  );
  if ((held.rows[0]?.bytes ?? 0) + staged.size > uploadAllowance) {
    throw new DomainError("over_quota", "Too many files were uploaded without being used");
  }
  await deps.store.transact(async (tx) => {
    await deps.blobs.insert(tx, access.organizationId, staged);
    await deps.blobs.addReference(tx, access.organizationId, staged.id, uploadKind, access.accountId);
  });
}

/** Lets go of uploads older than `before`: the collector then removes what no message uses. @returns how many */
export async function purgeUploads(deps: Pick<MailDeps, "store">, before: Date): Promise<number> {
  return deps.store.transact(async (tx) => {
    const result = await sql`
      DELETE FROM blob_reference r USING blob b
      WHERE r.kind = ${uploadKind} AND b.organization_id = r.organization_id AND b.id = r.blob_id
        AND b.created_at < ${before}`.execute(tx);
    return Number(result.numAffectedRows ?? 0);
  });
}
