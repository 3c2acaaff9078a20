import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { DomainError } from "../../../domain/errors.ts";
import { appendMessage } from "../../../domain/mail/append-messages.ts";
import { setMessage } from "../../../domain/mail/set-messages.ts";
import type { StagedMessage } from "../../../domain/mail/stage-message.ts";
import { toBlobId } from "../blob-id.ts";
import type { CallContext } from "../method.ts";
import { invalidProperties } from "../standard-set.ts";

export interface AddedEmail {
  id: string;
  blobId: string;
  threadId: string;
  size: number;
}

/**
 * Puts a message that is ready into its mailboxes.
 * @throws SetFailure `invalidProperties` for a mailbox that does not exist; DomainError `over_quota`, `forbidden`
 */
export async function addEmail(
  context: CallContext,
  access: AccountAccess,
  mailboxIds: readonly string[],
  message: StagedMessage & { flags: readonly string[]; receivedAt: Date },
): Promise<AddedEmail> {
  const { mail } = context.deps;
  const { id, size } = message.staged;
  try {
    const added = await appendMessage(mail, access, { ...message, mailboxId: mailboxIds[0]! });
    if (mailboxIds.length > 1) await setMessage(mail, access, added.messageId, { mailboxIds });
    return { id: added.messageId, blobId: toBlobId(id), threadId: added.threadId, size };
  } catch (error) {
    if (error instanceof DomainError && error.code === "not_found")
      throw invalidProperties(["mailboxIds"], error.message);
    throw error;
  }
}
