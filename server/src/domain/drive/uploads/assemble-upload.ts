import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import { uuidv7 } from "../../../store/uuid.ts";
import { hashStream } from "../../../workers/hash-stream.ts";
import { DomainError } from "../../errors.ts";
import { readAndChangeTree } from "../change-tree.ts";
import type { DriveAccess, DriveDeps } from "../model.ts";
import { joinSegments } from "../open-file.ts";
import { placeFiles, surveyPlaces } from "../place-files.ts";
import { viewNode } from "../read-node.ts";
import { isInfected, requireCleanBytes, type Scanned, type ScanningDeps } from "../require-clean.ts";
import { checkUpload, type Upload, type Uploaded, uploadFile } from "../upload-file.ts";
import { requireChecksum, verifyChecksums } from "../verify-checksums.ts";
import { abortUpload, removeSessions } from "./abort-upload.ts";
import { orderChunks } from "./order-chunks.ts";
import { lockSession } from "./put-chunk.ts";
import { findUploadSession, listChunks, noSuchUpload, type UploadChunk, type UploadOwner } from "./upload-session.ts";

/**
 * Puts the pieces of an upload together as a file: their blobs become its segments, and no byte moves, except into the account of
 * another organization. Whatever is refused leaves the pieces where they are, except a virus that none of them holds alone.
 * @throws DomainError those of `uploadFile`, `not_found`, `invalid` (`chunks_missing`), `conflict` when a piece was sent again meanwhile
 */
export async function assembleUpload(
  deps: DriveDeps & ScanningDeps,
  owner: UploadOwner,
  name: string,
  access: DriveAccess,
  upload: Upload,
): Promise<Uploaded> {
  const session = await findUploadSession(deps.store.read, owner, name);
  if (!session) throw noSuchUpload();
  const total = upload.expectedSize ?? session.totalBytes ?? undefined;
  const chunks = orderChunks(await listChunks(deps.store.read, owner, session.id), total);
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const whole = { ...upload, expectedSize: size };
  if (access.organizationId !== owner.organizationId) {
    const uploaded = await uploadFile(deps, access, whole, sourceOf(deps, owner, chunks).open());
    // Kept by nobody else, and forgotten in a day otherwise.
    await abortUpload(deps, owner, name).catch(() => {});
    return uploaded;
  }
  await checkUpload(deps.store.read, access, whole);
  await verify(deps, owner, chunks, upload);
  const { isUnscanned } = await requireCleanWhole(deps, owner, name, chunks);
  const versionId = uuidv7();
  const segments = chunks.flatMap(({ blobId, length }) => (blobId === null ? [] : [{ blobId, length }]));
  const content = { versionId, size, sha256: null, checksums: upload.checksums ?? [], segments, isUnscanned };
  const [placed] = await readAndChangeTree(deps, access, {
    prepare: (tx) => takeChunks(tx, owner, name, chunks, versionId),
    read: (tx) => surveyPlaces(tx, access, [whole], { isWrite: true }),
    work: (tx, modseq, surveyed) => placeFiles(tx, access, modseq, [{ place: whole, content }], surveyed),
  });
  const { id, isNew } = placed!;
  return { node: await viewNode(deps.store.read, access.organizationId, id), isNew };
}

function sourceOf(deps: DriveDeps, owner: UploadOwner, chunks: readonly UploadChunk[]) {
  return joinSegments(
    chunks.flatMap(({ blobId, length }) => {
      if (blobId === null) return [];
      const open = async () => {
        const source = await deps.blobs.open(deps.store.read, owner.organizationId, blobId);
        if (!source) throw new DomainError("conflict", "This upload was ended meanwhile");
        return source;
      };
      return [{ length, open }];
    }),
  );
}

/** Each piece was scanned as it came; what is parted between two shows only in the whole. @throws DomainError `forbidden`, `unavailable` */
async function requireCleanWhole(
  deps: DriveDeps & ScanningDeps,
  owner: UploadOwner,
  name: string,
  chunks: readonly UploadChunk[],
): Promise<Scanned> {
  const held = chunks.filter(({ blobId }) => blobId !== null);
  if (held.length < 2) return { isUnscanned: held.some((chunk) => chunk.isUnscanned) };
  try {
    return await requireCleanBytes(deps.scanner, sourceOf(deps, owner, chunks));
  } catch (error) {
    if (isInfected(error)) await abortUpload(deps, owner, name).catch(() => {});
    throw error;
  }
}

/** Up to this many bytes a thread would cost more than it spares. */
const hashedHere = 4 * 1024 * 1024;

/** @throws DomainError `invalid` (`checksum`) */
async function verify(deps: DriveDeps, owner: UploadOwner, chunks: readonly UploadChunk[], upload: Upload) {
  const announced = upload.checksums ?? [];
  if (announced.length === 0) return;
  const { size, open } = sourceOf(deps, owner, chunks);
  if (size <= hashedHere) {
    const verified = verifyChecksums(open(), announced);
    for await (const _bytes of verified.bytes as AsyncIterable<Uint8Array>);
    return verified.verify();
  }
  const names = announced.map(({ name }) => name);
  const found = await hashStream(open(), names);
  for (const [index, { name, value }] of announced.entries()) requireChecksum(name, found[index]!, value);
}

/** Makes the blobs of the pieces those of a version, and ends the upload: in one transaction with the file, before its feed's lock. */
async function takeChunks(
  tx: Transactor,
  owner: UploadOwner,
  name: string,
  chunks: readonly UploadChunk[],
  versionId: string,
): Promise<void> {
  const session = await lockSession(tx, owner, name);
  const now = new Set((await listChunks(tx, owner, session.id)).map((chunk) => chunk.id));
  if (now.size !== chunks.length || !chunks.every((chunk) => now.has(chunk.id))) {
    throw new DomainError("conflict", "A piece of this file was sent again meanwhile");
  }
  await sql`UPDATE blob_reference SET kind = 'file_version', owner_id = ${versionId}
    WHERE organization_id = ${owner.organizationId} AND kind = 'upload_chunk' AND owner_id = ANY(${chunks.map((chunk) => chunk.id)}::uuid[])`.execute(
    tx,
  );
  await removeSessions(tx, [{ organization_id: owner.organizationId, id: session.id }]);
}
