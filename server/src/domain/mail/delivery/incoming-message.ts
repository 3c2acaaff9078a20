import type { AnalyzedMessage } from "../../../formats/mime/analyze-message.ts";
import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { Screening } from "../screening/screening.ts";

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
  /** Absent unless the message was received from another server. */
  readonly screening?: Screening;
}
