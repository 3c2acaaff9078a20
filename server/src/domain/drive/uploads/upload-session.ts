import type { Reader } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";

/** Whose upload it is: nobody else knows of it. */
export interface UploadOwner {
  readonly organizationId: string;
  readonly principalId: string;
}

/** A file that comes in pieces. */
export interface UploadSession {
  id: string;
  /** As the client calls it. */
  name: string;
  /** Null when the client does not say it. */
  totalBytes: number | null;
  receivedBytes: number;
  touchedAt: Date;
}

export interface UploadChunk {
  id: string;
  name: string;
  /** Null when it is empty. */
  blobId: string | null;
  /** Bytes. */
  length: number;
  receivedAt: Date;
  /** More than the virus scanner takes. */
  isUnscanned: boolean;
}

const columns = ["id", "name", "total_bytes", "received_bytes", "touched_at"] as const;

export async function findUploadSession(
  reader: Reader,
  owner: UploadOwner,
  name: string,
): Promise<UploadSession | undefined> {
  const row = await reader
    .selectFrom("upload_session")
    .select(columns)
    .where("organization_id", "=", owner.organizationId)
    .where("principal_id", "=", owner.principalId)
    .where("name", "=", name)
    .executeTakeFirst();
  return row && toSession(row);
}

/** The one touched last comes first. */
export async function listUploadSessions(reader: Reader, owner: UploadOwner): Promise<UploadSession[]> {
  const rows = await reader
    .selectFrom("upload_session")
    .select(columns)
    .where("organization_id", "=", owner.organizationId)
    .where("principal_id", "=", owner.principalId)
    .orderBy("touched_at", "desc")
    .execute();
  return rows.map(toSession);
}

/** In no order: see `orderChunks`. */
export async function listChunks(reader: Reader, owner: UploadOwner, sessionId: string): Promise<UploadChunk[]> {
  const rows = await reader
    .selectFrom("upload_chunk")
    .select(["id", "name", "blob_id", "length", "received_at", "is_unscanned"])
    .where("organization_id", "=", owner.organizationId)
    .where("session_id", "=", sessionId)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    blobId: row.blob_id,
    length: row.length,
    receivedAt: row.received_at,
    isUnscanned: row.is_unscanned,
  }));
}

export function noSuchUpload(): DomainError {
  return new DomainError("not_found", "There is no such upload");
}

function toSession(row: {
  id: string;
  name: string;
  total_bytes: number | null;
  received_bytes: number;
  touched_at: Date;
}): UploadSession {
  return {
    id: row.id,
    name: row.name,
    totalBytes: row.total_bytes,
    receivedBytes: row.received_bytes,
    touchedAt: row.touched_at,
  };
}
