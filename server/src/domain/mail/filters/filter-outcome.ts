import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { StagedMessage } from "../stage-message.ts";

/** One copy of the message in a mailbox of the account. */
export interface Placement {
  mailboxId: string;
  /** In the store's spelling. */
  flags: string[];
  /** The bytes of this copy when `addheader` or `deleteheader` (RFC 5293) changed them. */
  edited?: StagedMessage;
}

/** A message that the filters send, put in the outbound queue in the delivery's transaction. */
export interface FilterSend {
  kind: "redirect" | "vacation" | "notify" | "reject" | "notice";
  /** `redirect`: the sender of the message, to be rewritten (SRS) by who queues it. The others: empty. */
  returnPath: string;
  recipients: string[];
  /** Undefined: the message itself, as it was received. */
  staged: StagedBlob | undefined;
  isEightBit: boolean;
  isSmtpUtf8: boolean;
  /** The address of From and the bytes, of what is written here. */
  composed?: { author: string; bytes: Buffer };
}

export interface FilterOutcome {
  /** Empty: the message is not kept. A mailbox appears once. */
  placements: Placement[];
  sends: FilterSend[];
  /** `reject` or `ereject` (RFC 5429): at SMTP time refused with this text, otherwise answered by a report to the sender. */
  rejection?: { text: string; isExtended: boolean };
  /** What `recordOutcome` writes in the transaction of the delivery: ids of `duplicate`, answers of `vacation`. */
  seen: { kind: "duplicate" | "vacation" | "notice"; handle: string; expiresAt: Date }[];
}
