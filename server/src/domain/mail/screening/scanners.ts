import type { Readable } from "node:stream";
import type { RspamdFindings } from "./screening.ts";

/** What a spam filter is told beside the bytes. */
export interface FilteredMessage {
  /** For its log. */
  readonly id: string;
  readonly remoteAddress: string;
  readonly helo: string;
  readonly clientHostName?: string | undefined;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly size: number;
  open(): Readable;
}

/** rspamd, or what speaks like it. */
export interface SpamFilter {
  /** @throws Error when it does not answer, or not in time, or with nonsense */
  check(message: FilteredMessage): Promise<RspamdFindings>;
}

export type VirusFindings =
  | { readonly outcome: "clean" }
  | { readonly outcome: "infected"; readonly virus: string }
  /** Larger than the scanner takes: nobody knows. */
  | { readonly outcome: "too_large" };

export interface VirusScanner {
  /** @throws Error when it does not answer, or not in time, or with an error of its own */
  scan(message: { readonly size: number; open(): Readable }): Promise<VirusFindings>;
}
