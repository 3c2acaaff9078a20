import { takeModseqs } from "../../store/feed/take-modseq.ts";
import { selectByUids } from "../../store/mail/mailbox-message-rows.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { flagsAllowed, requireMailboxRight } from "../access/mailbox-rights.ts";
import { DomainError } from "../errors.ts";
import { type AddedMessage, addMessages } from "./add-messages.ts";
import type { MessageToAppend } from "./append-messages.ts";
import { normalizeFlags } from "./flags.ts";
import { mailboxMessageFromRow } from "./mailbox-from-row.ts";
import { prepareContent } from "./message-content.ts";
import type { MailDeps } from "./model.ts";
import { readMailQuota } from "./read-mail-quota.ts";
import { removeCopies } from "./remove-copies.ts";

/**
 * Adds a message and takes another away in one transaction; what was replaced stays recoverable. The two may be in different
 * mailboxes, also of different accounts. Only what the new message has more than the old one has to fit in the quota.
 * @throws DomainError `forbidden`, `not_found` (mailbox, message to be replaced), `over_quota`
 */
export async function replaceMessage(
  deps: MailDeps,
  access: AccountAccess,
  message: MessageToAppend,
  replaced: { readonly access: AccountAccess; readonly mailboxId: string; readonly uid: number },
): Promise<AddedMessage> {
  requireMailboxRight(access, message.mailboxId, "write");
  requireMailboxRight(replaced.access, replaced.mailboxId, "delete");
  if (!("staged" in message)) throw new Error("only new bytes replace a message");
  if (!isUuid(message.mailboxId)) throw new DomainError("not_found", "There is no such mailbox");
  const { staged } = message;
  const content = prepareContent(message.analyzed, staged.size);
  const flags = flagsAllowed(access, message.mailboxId, normalizeFlags(message.flags));
  const account = { organizationId: access.organizationId, accountId: access.accountId };
  const from = { organizationId: replaced.access.organizationId, accountId: replaced.access.accountId };
  return deps.store.transact(async (tx) => {
    await deps.blobs.insert(tx, access.organizationId, staged);
    const modseqs = await takeModseqs(tx, [account, from], "mail", ["Email", "Mailbox", "Thread"]);
    const rows = await selectByUids(tx, replaced.access, replaced.mailboxId, [replaced.uid]);
    const copies = rows.map(mailboxMessageFromRow);
    if (copies.length === 0) throw new DomainError("not_found", "There is no such message");
    const { mailboxId, receivedAt } = message;
    const addition = { account, mailboxId, content, blobId: staged.id, flags, receivedAt, quota: "ignore" as const };
    // First: a draft stays in its thread, which would end with the only message in it.
    const [added] = await addMessages(tx, [addition], modseqs);
    await removeCopies(tx, replaced.access, modseqs.get(from.accountId)!, copies, { recoverable: true });
    const isLarger = staged.size > (account.accountId === from.accountId ? copies[0]!.size : 0);
    const { usedBytes, limitBytes } = await readMailQuota(tx, access);
    if (isLarger && limitBytes !== null && usedBytes > limitBytes) {
      throw new DomainError("over_quota", "The mailbox is full", { data: { accountIds: [access.accountId] } });
    }
    return added!;
  });
}
