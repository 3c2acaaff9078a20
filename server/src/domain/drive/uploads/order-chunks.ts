import { DomainError } from "../../errors.ts";

interface ChunkName {
  /** A number of the piece, or the offset of its first byte. */
  start: number;
  /** The offset of its last byte, or of the one behind it: clients differ. */
  end: number | undefined;
}

/** @returns undefined for what names no piece of a file */
export function readChunkName(name: string): ChunkName | undefined {
  const [, start, end] = /^(\d{1,16})(?:-(\d{1,16}))?$/.exec(name) ?? [];
  if (start === undefined) return undefined;
  return { start: Number(start), end: end === undefined ? undefined : Number(end) };
}

/**
 * Puts pieces in the order of the file that they make, whole: numbered from 0 or 1 without a gap, or each named by where it
 * begins.
 * @param total bytes, when the client says it
 * @throws DomainError `invalid` (`chunks_missing`) when one is missing, there twice, or the file would not be of that length
 */
export function orderChunks<C extends { name: string; length: number }>(
  chunks: readonly C[],
  total: number | undefined,
): C[] {
  const named = chunks
    .map((chunk) => ({ chunk, ...(readChunkName(chunk.name) ?? { start: Number.NaN, end: undefined }) }))
    .sort((a, b) => a.start - b.start);
  const first = named[0]?.start ?? 0;
  let isNumbered = first <= 1;
  let isByOffset = true;
  let offset = 0;
  for (const [index, { chunk, start, end }] of named.entries()) {
    isNumbered &&= end === undefined && start === first + index;
    const fits = end === undefined || end === offset + chunk.length || end === offset + chunk.length - 1;
    isByOffset &&= start === offset && fits;
    offset += chunk.length;
  }
  if (!isNumbered && !isByOffset) throw incomplete("there is a gap between them, or one is there twice");
  if (total !== undefined && offset !== total) throw incomplete(`they are ${offset} bytes, not ${total}`);
  return named.map(({ chunk }) => chunk);
}

function incomplete(why: string): DomainError {
  return new DomainError("invalid", `The pieces of this file do not make it: ${why}`, {
    data: { reason: "chunks_missing" },
  });
}
