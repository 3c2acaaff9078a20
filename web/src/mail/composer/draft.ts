import type { Id } from "@bouquet/contract/jmap.ts";
import type { EmailAddress } from "@bouquet/contract/jmap-mail.ts";

export interface DraftAttachment {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Where its bytes are on the server; null until they are. */
  readonly blob: { readonly accountId: Id; readonly blobId: Id } | null;
  /** What this browser holds of it. */
  readonly file: Blob | null;
  /** 0 to 1 while it is sent. */
  readonly fraction: number;
  readonly error: string | null;
  /** Whether sending it once more may help. */
  readonly canRetry: boolean;
  /** Of an image that the quoted text shows. */
  readonly cid: string | null;
}

/** A message being written. */
export interface Draft {
  readonly key: string;
  /** Whose drafts and sent mail it goes to: that of the sender. */
  readonly accountId: Id;
  readonly identityId: Id;
  readonly from: EmailAddress;
  readonly to: readonly EmailAddress[];
  readonly cc: readonly EmailAddress[];
  readonly bcc: readonly EmailAddress[];
  readonly subject: string;
  /** What the editor holds. */
  readonly html: string;
  /** What is answered or forwarded, as HTML made safe; empty when there is none. */
  readonly quote: string;
  readonly attachments: readonly DraftAttachment[];
  readonly inReplyTo: string[] | null;
  readonly references: string[] | null;
  /** What is to be marked once this has left. */
  readonly original: {
    readonly accountId: Id;
    readonly emailId: Id;
    readonly keyword: "$answered" | "$forwarded";
  } | null;
  /** The draft on the server that this one replaces. */
  readonly saved: { readonly accountId: Id; readonly emailId: Id } | null;
}

const emptyParagraphs = /^(?:\s|<p>(?:\s|<br[^>]*>|&nbsp;)*<\/p>)*$/;

/** Nothing that would be missed. */
export function isEmptyDraft(draft: Draft): boolean {
  return (
    draft.to.length + draft.cc.length + draft.bcc.length + draft.attachments.length === 0 &&
    draft.subject.trim() === "" &&
    emptyParagraphs.test(draft.html)
  );
}
