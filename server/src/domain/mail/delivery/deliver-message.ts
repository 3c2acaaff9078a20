import type { AnalyzedMessage } from "../../../formats/mime/analyze-message.ts";
import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { Transactor } from "../../../store/database.ts";
import { enqueue } from "../../../store/outbox/outbox.ts";
import { uuidv7 } from "../../../store/uuid.ts";
import { type AddedMessage, addMessages, type MessageAddition, type QuotaRule } from "../add-messages.ts";
import { type MessageContent, prepareContent } from "../message-content.ts";
import type { MailDeps } from "../model.ts";
import { type FanOut, fanOutBatch, fanOutReferenceKind, fanOutTopic } from "./fan-out.ts";
import type { RecipientAccount, ResolvedRecipient } from "./resolve-recipient.ts";

export interface Delivery {
  /** The bytes as they are kept, with Return-Path, Received and Authentication-Results already in front. */
  staged: StagedBlob;
  /** Of exactly these bytes. */
  analyzed: AnalyzedMessage;
  recipients: readonly ResolvedRecipient[];
  receivedAt: Date;
}

/**
 * Delivers to the inboxes of all recipients, of all organizations, in one transaction: when it returns, the message is committed and
 * synced everywhere, or, for the accounts of a large group, a durable row says that it will be. An account that several recipients
 * lead to gets it once.
 * @throws DomainError `over_quota` (data.accountIds), `not_found` when an account was deleted meanwhile: nothing is delivered
 */
export async function deliverMessage(deps: MailDeps, delivery: Delivery): Promise<AddedMessage[]> {
  const prepared = await prepareDelivery(deps, delivery);
  return deps.store.transact(async (tx) => {
    const additions = await beginDelivery(tx, deps, prepared);
    return addMessages(tx, additions);
  });
}

interface OrganizationDelivery {
  staged: StagedBlob;
  now: { account: RecipientAccount; quota: QuotaRule }[];
  later: RecipientAccount[];
}

export interface PreparedDelivery {
  content: MessageContent;
  receivedAt: Date;
  organizations: ReadonlyMap<string, OrganizationDelivery>;
}

/**
 * What can be done before BEGIN: which accounts now, which by fan-out, and a blob for each organization, because a blob belongs to
 * one.
 */
export async function prepareDelivery(
  deps: Pick<MailDeps, "blobs">,
  { staged, analyzed, recipients, receivedAt }: Delivery,
): Promise<PreparedDelivery> {
  const direct = recipients.filter((each) => each.kind === "account");
  // A sender with one recipient is told of a message that does not fit. With several, 452 after DATA would come at each
  // retry and hold back the others, so the last message may pass the limit; a full mailbox is refused alone, at RCPT.
  const rule: QuotaRule = direct.length === 1 && recipients.length === 1 ? "strict" : "if_not_full";
  const rules = new Map<string, { account: RecipientAccount; quota: QuotaRule }>();
  const later = new Map<string, RecipientAccount>();
  for (const account of direct) rules.set(account.accountId, { account, quota: rule });
  for (const group of recipients) {
    if (group.kind !== "group") continue;
    for (const account of group.accounts) {
      if (rules.has(account.accountId)) continue;
      if (group.accounts.length > fanOutBatch) later.set(account.accountId, account);
      else rules.set(account.accountId, { account, quota: "ignore" });
    }
  }
  for (const accountId of rules.keys()) later.delete(accountId);

  const organizations = new Map<string, OrganizationDelivery>();
  const placeFor = async (account: RecipientAccount): Promise<OrganizationDelivery> => {
    const known = organizations.get(account.organizationId);
    if (known) return known;
    const blob = organizations.size === 0 ? staged : await stageAgain(deps, staged);
    const place: OrganizationDelivery = { staged: blob, now: [], later: [] };
    organizations.set(account.organizationId, place);
    return place;
  };
  for (const each of rules.values()) (await placeFor(each.account)).now.push(each);
  for (const account of later.values()) (await placeFor(account)).later.push(account);
  return { content: prepareContent(analyzed, staged.size), receivedAt, organizations };
}

async function stageAgain(deps: Pick<MailDeps, "blobs">, staged: StagedBlob): Promise<StagedBlob> {
  return deps.blobs.stage(staged.data ?? deps.blobs.storage.read(staged.id));
}

/**
 * Writes the blobs and the rows of the fan-out, before the feeds are taken.
 * @returns what the caller must give to `addMessages` in the same transaction, with additions of its own if it has some
 */
export async function beginDelivery(
  tx: Transactor,
  deps: Pick<MailDeps, "blobs">,
  { content, receivedAt, organizations }: PreparedDelivery,
): Promise<MessageAddition[]> {
  const additions: MessageAddition[] = [];
  for (const [organizationId, { staged, now, later }] of organizations) {
    await deps.blobs.insert(tx, organizationId, staged);
    for (const { account, quota } of now) {
      additions.push({
        account: { organizationId, accountId: account.accountId },
        mailboxId: account.inboxId,
        content,
        blobId: staged.id,
        flags: [],
        receivedAt,
        quota,
      });
    }
    if (later.length > 0) {
      const deliveryId = uuidv7();
      // Holds the blob until the last batch has references of its own.
      await deps.blobs.addReference(tx, organizationId, staged.id, fanOutReferenceKind, deliveryId);
      const payload: FanOut = {
        deliveryId,
        blobId: staged.id,
        content,
        receivedAt: receivedAt.toISOString(),
        accounts: later.map(({ accountId, inboxId }) => ({ accountId, inboxId })),
      };
      await enqueue(tx, { topic: fanOutTopic, organizationId, payload });
    }
  }
  return additions;
}
