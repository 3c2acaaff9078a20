import { Readable } from "node:stream";
import type { ByteRange, ByteSource } from "../../store/blobs/byte-source.ts";
import { isUuid } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import type { DriveAccess, DriveDeps } from "./model.ts";
import { notFound, reachNode } from "./reach-node.ts";

export interface OpenedFile {
  name: string;
  contentType: string;
  modifiedAt: Date;
  /** Identifies the bytes: what a strong ETag is made of. */
  versionId: string;
  source: ByteSource;
}

/**
 * The bytes of a file, of its current version or of one that is still kept; ranges may cross segments.
 * @throws DomainError `not_found`, `conflict` for a folder
 */
export async function openFile(
  deps: DriveDeps,
  access: DriveAccess,
  nodeId: string,
  versionId?: string,
): Promise<OpenedFile> {
  const { node } = await reachNode(deps.store.read, access, nodeId);
  if (node.kind !== "file" || node.version_id === null) {
    throw new DomainError("conflict", "This is a folder", { data: { reason: "not_a_file" } });
  }
  const wanted = versionId ?? node.version_id;
  if (!isUuid(wanted)) throw notFound();
  const version = await deps.store.read
    .selectFrom("file_version")
    .select(["id", "size", "modified_at"])
    .where("organization_id", "=", access.organizationId)
    .where("node_id", "=", node.id)
    .where("id", "=", wanted)
    .executeTakeFirst();
  if (!version) throw notFound();
  return {
    name: node.name,
    contentType: node.content_type,
    modifiedAt: version.modified_at,
    versionId: version.id,
    source: await openVersion(deps, access.organizationId, version.id),
  };
}

/** For a version that was reached already. */
export async function openVersion(deps: DriveDeps, organizationId: string, versionId: string): Promise<ByteSource> {
  const segments = await deps.store.read
    .selectFrom("file_segment")
    .select(["blob_id", "length"])
    .where("organization_id", "=", organizationId)
    .where("version_id", "=", versionId)
    .orderBy("ordinal")
    .execute();
  return joinSegments(
    segments.map((row) => ({ length: row.length, open: () => openBlob(deps, organizationId, row.blob_id) })),
  );
}

async function openBlob(deps: DriveDeps, organizationId: string, blobId: string): Promise<ByteSource> {
  const source = await deps.blobs.open(deps.store.read, organizationId, blobId);
  if (!source) throw new Error(`Blob ${blobId} of a live file is missing`);
  return source;
}

export interface Segment {
  length: number;
  open(): Promise<ByteSource>;
}

/** One source over several, opened one after the other as the reader gets to them. */
export function joinSegments(segments: readonly Segment[]): ByteSource {
  const size = segments.reduce((sum, segment) => sum + segment.length, 0);
  async function* read(range: ByteRange) {
    let begin = 0;
    for (const segment of segments) {
      const start = Math.max(0, range.start - begin);
      const end = Math.min(segment.length, range.end - begin);
      begin += segment.length;
      if (start < end) yield* (await segment.open()).open({ start, end });
    }
  }
  return {
    size,
    open: (range) => {
      const start = Math.max(0, range?.start ?? 0);
      const end = Math.min(size, range?.end ?? size);
      return Readable.from(read({ start, end }), { objectMode: false, highWaterMark: 256 * 1024 });
    },
  };
}
