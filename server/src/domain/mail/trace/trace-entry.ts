/** What became of one message for one recipient. */
export type TraceOutcome =
  | "delivered"
  | "refused"
  | "deferred"
  | "quarantined"
  | "held"
  | "junk"
  | "discarded"
  | "queued"
  | "sent"
  | "failed";

export const traceOutcomes: readonly TraceOutcome[] = [
  "delivered",
  "refused",
  "deferred",
  "quarantined",
  "held",
  "junk",
  "discarded",
  "queued",
  "sent",
  "failed",
];

export interface TraceEntry {
  readonly direction: "in" | "out";
  readonly at: Date;
  /** Whose administrator sees it; null when no organization of ours is concerned. */
  readonly organizationId: string | null;
  /** The return path; empty for notifications. */
  readonly sender: string;
  /** Empty when the sender was refused before a recipient was named. */
  readonly recipient: string;
  readonly outcome: TraceOutcome;
  /** Enhanced status code (RFC 3463), such as "2.0.0"; may be empty. */
  readonly status: string;
  /** A sentence: the reply of the other server, why it was refused. Cut to 500 characters. */
  readonly detail: string;
  /** The other server's or program's; empty for what began inside. */
  readonly remoteAddress: string;
  /** The Message-ID field with its angle brackets; empty when there is none or it is not known yet. */
  readonly messageId: string;
  readonly subject?: string;
  /** Bytes; 0 when it is not known yet. */
  readonly size: number;
}
