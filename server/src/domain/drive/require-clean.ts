import { Readable } from "node:stream";
import type { StagedBlob } from "../../store/blobs/blobs.ts";
import { DomainError } from "../errors.ts";
import type { DriveDeps } from "./model.ts";

/** What looks for viruses in files: clamd, when it is configured. */
export interface FileScanner {
  /** @throws Error when it does not answer, or not in time, or with an error of its own */
  scan(file: {
    readonly size: number;
    open(): Readable;
  }): Promise<{ readonly outcome: "clean" | "too_large" } | { readonly outcome: "infected"; readonly virus: string }>;
}

export interface ScanningDeps extends Pick<DriveDeps, "blobs"> {
  readonly scanner?: FileScanner | undefined;
}

/** What is known of bytes that are kept. `isUnscanned`: they are more than the scanner takes. */
export interface Scanned {
  readonly isUnscanned: boolean;
}

/** Has bytes scanned that belong to nobody yet. @throws DomainError those of `requireCleanBytes` */
export async function requireClean({ blobs, scanner }: ScanningDeps, staged: StagedBlob): Promise<Scanned> {
  const { id, data, size } = staged;
  return requireCleanBytes(scanner, {
    size,
    open: () => (data ? Readable.from([data]) : blobs.stored(id, size).open()),
  });
}

/**
 * Has bytes scanned. What is longer than the scanner takes is kept without: to refuse every long film would help nobody.
 * @throws DomainError `forbidden` (`infected`), `unavailable` while the scanner does not answer: clients come back
 */
export async function requireCleanBytes(
  scanner: FileScanner | undefined,
  file: { readonly size: number; open(): Readable },
): Promise<Scanned> {
  if (!scanner || file.size === 0) return { isUnscanned: false };
  const found = await scanner.scan(file).catch((cause: unknown) => {
    throw new DomainError("unavailable", "Files cannot be scanned for viruses for a moment", {
      ...{ cause, retryAfterSeconds: 60, data: { reason: "not_scanned" } },
    });
  });
  if (found.outcome !== "infected") return { isUnscanned: found.outcome === "too_large" };
  throw new DomainError("forbidden", "This file holds a virus", { detail: found.virus, data: { reason: "infected" } });
}

export function isInfected(error: unknown): boolean {
  return error instanceof DomainError && error.data?.reason === "infected";
}
