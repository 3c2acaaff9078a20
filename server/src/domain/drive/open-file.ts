import { Readable } from "node:stream";
import { bytesOf, within } from "../../store/blobs/blobs.ts";
import type { ByteRange, LendingSource } from "../../store/blobs/byte-source.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { type ContentRow, readContent } from "../../store/drive/read-content.ts";
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
  source: LendingSource;
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
  return openReached(deps, access, node, versionId);
}

/**
 * The same of a node that this request has reached already.
 * @throws DomainError `not_found`, `conflict` for a folder
 */
export async function openReached(
  deps: DriveDeps,
  access: Pick<DriveAccess, "rights">,
  node: NodeRow,
  versionId?: string,
): Promise<OpenedFile> {
  if (!access.rights.has("read")) throw notFound();
  if (node.kind !== "file" || node.version_id === null) {
    throw new DomainError("conflict", "This is a folder", { data: { reason: "not_a_file" } });
  }
  const wanted = versionId ?? node.version_id;
  if (!isUuid(wanted)) throw notFound();
  const rows = await readContent(deps.store.read, node.organization_id, wanted);
  const [first] = rows;
  if (first?.node_id !== node.id) throw notFound();
  return {
    name: node.name,
    contentType: node.content_type,
    modifiedAt: first.modified_at,
    versionId: wanted,
    source: sourceOf(deps, node.organization_id, rows),
  };
}

/** A file whose bytes came with it. */
export function openSmall(node: NodeRow, bytes: Buffer): OpenedFile {
  const { name, content_type: contentType, modified_at: modifiedAt, version_id: versionId } = node;
  return { name, contentType, modifiedAt, versionId: versionId!, source: bytesOf(bytes) };
}

/** For a version that was reached already. */
export async function openVersion(deps: DriveDeps, organizationId: string, versionId: string): Promise<LendingSource> {
  return sourceOf(deps, organizationId, await readContent(deps.store.read, organizationId, versionId));
}

function sourceOf(deps: DriveDeps, organizationId: string, rows: readonly ContentRow[]): LendingSource {
  const pieces = rows.flatMap(({ blob_id, length, is_row, data }): Segment[] => {
    if (blob_id === null || length === null) return [];
    if (is_row === null) throw new Error(`Blob ${blob_id} of a live file is missing`);
    if (data) return [{ length, source: bytesOf(data) }];
    if (!is_row) return [{ length, source: deps.blobs.stored(blob_id, length) }];
    return [{ length, open: () => openBlob(deps, organizationId, blob_id) }];
  });
  const [first, second] = pieces;
  const [row] = rows;
  if (first && !second && row?.data?.length === row?.size) return bytesOf(row!.data!);
  return joinSegments(pieces);
}

async function openBlob(deps: DriveDeps, organizationId: string, blobId: string): Promise<LendingSource> {
  const source = await deps.blobs.open(deps.store.read, organizationId, blobId);
  if (!source) throw new Error(`Blob ${blobId} of a live file is missing`);
  return source;
}

/** Known at once, or opened when the reader gets to it. */
export type Segment = { length: number } & (
  | { source: LendingSource; open?: never }
  | { source?: never; open(): Promise<LendingSource> }
);

/** One source over several, opened one after the other as the reader gets to them. */
export function joinSegments(segments: readonly Segment[]): LendingSource {
  const size = segments.reduce((sum, segment) => sum + segment.length, 0);
  const opened = (range: ByteRange): { segment: Segment; range: ByteRange }[] => {
    let begin = 0;
    return segments.flatMap((segment) => {
      const start = Math.max(0, range.start - begin);
      const end = Math.min(segment.length, range.end - begin);
      begin += segment.length;
      return start < end ? [{ segment, range: { start, end } }] : [];
    });
  };
  async function* each(pieces: ReturnType<typeof opened>) {
    for (const { segment, range } of pieces) yield { source: segment.source ?? (await segment.open()), range };
  }
  async function* read(pieces: ReturnType<typeof opened>) {
    for await (const { source, range } of each(pieces)) yield* source.open(range);
  }
  return {
    size,
    open: (asked) => {
      const pieces = opened(within(asked, size));
      const [first] = pieces;
      // Read as it comes: one stream less for each byte of a large file.
      if (first?.segment.source && pieces.length === 1) return first.segment.source.open(first.range);
      return Readable.from(read(pieces), { objectMode: false, highWaterMark: 256 * 1024 });
    },
    async *lend(asked) {
      for await (const { source, range } of each(opened(within(asked, size)))) yield* source.lend(range);
    },
  };
}
