import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import type { DriveDeps } from "../model.ts";
import type { OpenedDrive } from "../open-drive.ts";
import { requireRoomSomewhere } from "./upload-room.ts";
import type { UploadOwner } from "./upload-session.ts";

/** Uploads of one person that are under way: a computer has some at once, and leaves those that were cut. */
export const mostSessions = 200;

export interface NewUpload {
  name: string;
  /** Bytes; when the client says it. */
  totalBytes?: number | undefined;
  /** Where it goes, when the client says it. */
  targetAccountId?: string | undefined;
}

/**
 * Begins a file that comes in pieces.
 * @throws DomainError `invalid` (name), `already_exists`, `over_quota`, `throttled` when too many are under way
 */
export async function createUpload(deps: DriveDeps, drive: OpenedDrive, upload: NewUpload): Promise<void> {
  if (!/^[\w.-]{1,200}$/.test(upload.name) || /^\.+$/.test(upload.name)) {
    throw new DomainError("invalid", "The name of an upload is made of letters, digits, dots and dashes");
  }
  await requireRoomSomewhere(deps.store.read, drive, upload.totalBytes ?? 0);
  const { organizationId, principalId } = drive.viewer;
  await deps.store.transact(async (tx) => {
    await requireFewSessions(tx, drive.viewer);
    const made = await tx
      .insertInto("upload_session")
      .values({
        organization_id: organizationId,
        principal_id: principalId,
        name: upload.name,
        total_bytes: upload.totalBytes ?? null,
        target_account_id: upload.targetAccountId ?? null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning("id")
      .executeTakeFirst();
    if (!made) throw new DomainError("already_exists", "There is an upload of that name");
  });
}

async function requireFewSessions(tx: Transactor, owner: UploadOwner): Promise<void> {
  const result = await sql<{ count: number }>`SELECT count(*) AS count FROM upload_session
    WHERE organization_id = ${owner.organizationId} AND principal_id = ${owner.principalId}`.execute(tx);
  if (result.rows[0]!.count < mostSessions) return;
  throw new DomainError("throttled", "Too many uploads are under way", { retryAfterSeconds: 3_600 });
}
