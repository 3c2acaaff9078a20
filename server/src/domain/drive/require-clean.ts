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

/**
 * Has bytes scanned that belong to nobody yet. What is longer than the scanner takes is not scanned.
 * @throws DomainError `forbidden` (`infected`), `unavailable` while the scanner does not answer: clients come back
 */
export async function requireClean({ blobs, scanner }: ScanningDeps, staged: StagedBlob): Promise<void> {
  if (!scanner || staged.size === 0) return;
  const { data } = staged;
  const open = () => (data ? Readable.from([data]) : blobs.stored(staged.id, staged.size).open());
  const found = await scanner.scan({ size: staged.size, open }).catch((cause: unknown) => {
    throw new DomainError("unavailable", "Files cannot be scanned for a moment", { cause, retryAfterSeconds: 60 });
  });
  if (found.outcome !== "infected") return;
  throw new DomainError("forbidden", "This file holds a virus", { detail: found.virus, data: { reason: "infected" } });
}
