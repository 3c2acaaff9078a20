import { sql } from "kysely";
import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { Transactor } from "../../../store/database.ts";
import { uuidv7 } from "../../../store/uuid.ts";
import { DomainError } from "../../errors.ts";
import type { DriveDeps } from "../model.ts";
import type { OpenedDrive } from "../open-drive.ts";
import { keepOrDiscard, requireSize, stageBytes } from "../stage-bytes.ts";
import { readChunkName } from "./order-chunks.ts";
import { requireRoomSomewhere } from "./upload-room.ts";
import { findUploadSession, noSuchUpload, type UploadOwner } from "./upload-session.ts";

/** Pieces of one file. */
export const mostChunks = 10_000;

/** Of a piece whose length the client does not say, in bytes. */
const longestUnknown = 5 * 1024 * 1024 * 1024;

export interface NewChunk {
  name: string;
  /** Bytes; when the client says it. */
  expectedSize?: number | undefined;
}

/**
 * What can be known before the first byte of a piece.
 * @throws DomainError `not_found`, `invalid`, `over_quota`
 */
export async function checkChunk(
  deps: DriveDeps,
  drive: OpenedDrive,
  sessionName: string,
  chunk: NewChunk,
): Promise<void> {
  if (!readChunkName(chunk.name)) {
    throw new DomainError("invalid", "A piece is named by its number, or by its first and last byte");
  }
  const session = await findUploadSession(deps.store.read, drive.viewer, sessionName);
  if (!session) throw noSuchUpload();
  const known = session.receivedBytes + (chunk.expectedSize ?? 0);
  // A piece that is sent again is counted twice here; the total, when it is known, is more than both.
  await requireRoomSomewhere(deps.store.read, drive, session.totalBytes ?? known);
}

/**
 * Keeps a piece of a file, in the place of one of that name. Once this resolves it is safe until the upload ends or expires.
 * @throws DomainError those of `checkChunk`, `storage_full`, `invalid` when it is not as long as announced; errors of the source
 */
export async function putChunk(
  deps: DriveDeps,
  drive: OpenedDrive,
  sessionName: string,
  chunk: NewChunk,
  source: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<{ isNew: boolean; id: string }> {
  await checkChunk(deps, drive, sessionName, chunk);
  const staged = await stageBytes(deps, source, chunk.expectedSize ?? longestUnknown);
  return keepOrDiscard(deps, staged, async ({ isUnscanned }) => {
    requireSize(staged.size, chunk.expectedSize);
    const arrived = { sessionName, name: chunk.name, staged, isUnscanned };
    return deps.store.transact((tx) => keepChunk(deps, tx, drive.viewer, arrived));
  });
}

async function keepChunk(
  deps: DriveDeps,
  tx: Transactor,
  owner: UploadOwner,
  arrived: { sessionName: string; name: string; staged: StagedBlob; isUnscanned: boolean },
): Promise<{ isNew: boolean; id: string }> {
  const { organizationId } = owner;
  const { sessionName, name, staged } = arrived;
  const id = uuidv7();
  if (staged.size > 0) {
    await deps.blobs.insert(tx, organizationId, staged);
    await deps.blobs.addReference(tx, organizationId, staged.id, "upload_chunk", id);
  }
  const session = await lockSession(tx, owner, sessionName);
  const replaced = await tx
    .deleteFrom("upload_chunk")
    .where("organization_id", "=", organizationId)
    .where("session_id", "=", session.id)
    .where("name", "=", name)
    .returning(["id", "length"])
    .executeTakeFirst();
  if (replaced) await deps.blobs.removeReferences(tx, organizationId, "upload_chunk", [replaced.id]);
  await tx
    .insertInto("upload_chunk")
    .values({
      organization_id: organizationId,
      session_id: session.id,
      name,
      id,
      blob_id: staged.size > 0 ? staged.id : null,
      length: staged.size,
      is_unscanned: arrived.isUnscanned,
    })
    .execute();
  await sql`UPDATE upload_session SET received_bytes = received_bytes + ${staged.size - (replaced?.length ?? 0)}, touched_at = now()
    WHERE organization_id = ${organizationId} AND id = ${session.id}`.execute(tx);
  if (!replaced) await requireFewChunks(tx, owner, session.id);
  return { isNew: !replaced, id };
}

/** Nothing is added to an upload while it is put together, nor by two at once. @throws DomainError `not_found` */
export async function lockSession(tx: Transactor, owner: UploadOwner, name: string): Promise<{ id: string }> {
  const row = await tx
    .selectFrom("upload_session")
    .select("id")
    .where("organization_id", "=", owner.organizationId)
    .where("principal_id", "=", owner.principalId)
    .where("name", "=", name)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw noSuchUpload();
  return row;
}

async function requireFewChunks(tx: Transactor, owner: UploadOwner, sessionId: string): Promise<void> {
  const { count } = await tx
    .selectFrom("upload_chunk")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("organization_id", "=", owner.organizationId)
    .where("session_id", "=", sessionId)
    .executeTakeFirstOrThrow();
  if (count > mostChunks) throw new DomainError("invalid", `A file comes in at most ${mostChunks} pieces`);
}
