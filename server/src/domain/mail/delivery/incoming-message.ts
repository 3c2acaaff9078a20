import type { AnalyzedMessage } from "../../../formats/mime/analyze-message.ts";
import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { Screening } from "../screening/screening.ts";

/** What the sender asked for in SMTP, for what is sent on. */
export interface IncomingEnvelope {
  /** REQUIRETLS (RFC 8689). */
  readonly requiresTls: boolean;
  /** "TLS-Required: No" (RFC 8689 section 5). */
  readonly isTlsOptional: boolean;
  /** RFC 3461. */
  readonly ret: string | null;
  readonly envid: string | null;
  /** One for each recipient that the sender named. */
  readonly recipients: readonly { readonly notify: readonly string[] | null; readonly orcpt: string | null }[];
}

/** A message on its way into mailboxes, whatever brought it. */
export interface IncomingMessage {
  /** `released`: from the quarantine or by a moderator; it is not screened again. */
  readonly arrival: "received" | "submitted" | "notification" | "released";
  /** The return path; empty for a notification. */
  readonly sender: string;
  /** The bytes as they are kept, with the trace headers in front. */
  readonly staged: StagedBlob;
  /** Of exactly these bytes. */
  readonly analyzed: AnalyzedMessage;
  readonly receivedAt: Date;
  /** Of a released one: its sender was proved when it was received. */
  readonly isSenderKnown?: boolean;
  /** Absent unless the message was received from another server. */
  readonly screening?: Screening;
  /** Absent when nothing was asked for, and in the deliveries of large groups. */
  readonly envelope?: IncomingEnvelope;
}
