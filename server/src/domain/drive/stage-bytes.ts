import { BlobTooLarge, type StagedBlob } from "../../store/blobs/blobs.ts";
import { DomainError, toDomainError } from "../errors.ts";
import type { DriveDeps } from "./model.ts";
import { requireClean, type Scanned, type ScanningDeps } from "./require-clean.ts";

type Bytes = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Writes and syncs bytes that belong to nobody yet: before BEGIN.
 * @param room in bytes
 * @throws DomainError `over_quota`, `storage_full`, `unavailable`; errors of the source
 */
export async function stageBytes(deps: Pick<DriveDeps, "blobs">, source: Bytes, room: number): Promise<StagedBlob> {
  try {
    return await deps.blobs.stage(source, { limit: room });
  } catch (error) {
    if (error instanceof BlobTooLarge) {
      throw new DomainError("over_quota", "There is not enough room left", { cause: error });
    }
    throw toDomainError(error) ?? error;
  }
}

/** Runs what gives staged bytes an owner, once they are scanned; what was surely not committed is removed at once. */
export async function keepOrDiscard<T>(
  deps: ScanningDeps,
  staged: StagedBlob,
  keep: (scanned: Scanned) => T | Promise<T>,
): Promise<T> {
  let isScanned = false;
  try {
    const scanned = await requireClean(deps, staged);
    isScanned = true;
    return await keep(scanned);
  } catch (thrown) {
    const error = toDomainError(thrown);
    // Refused: rolled back for sure. After any other error the commit may have happened, and the collector decides.
    if (error && (error.code !== "unavailable" || !isScanned)) await deps.blobs.discard(staged);
    throw error ?? thrown;
  }
}

/** @throws DomainError `invalid` */
export function requireSize(size: number, expected: number | undefined): void {
  if (expected === undefined || size === expected) return;
  throw wrongSize(`${size} of ${expected}`);
}

export function wrongSize(detail: string): DomainError {
  return new DomainError("invalid", "The file is not as long as announced", { detail });
}
