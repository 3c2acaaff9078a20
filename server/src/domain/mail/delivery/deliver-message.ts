import type { Transactor } from "../../../store/database.ts";
import { enqueue } from "../../../store/outbox/outbox.ts";
import { uuidv7 } from "../../../store/uuid.ts";
import { type AddedMessage, addMessages, type MessageAddition } from "../add-messages.ts";
import { holdMessage } from "../moderation/hold-message.ts";
import { orderReport } from "../reports/receive-report.ts";
import { recordTrace } from "../trace/record-trace.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import { type FanOut, fanOutReferenceKind, fanOutTopic } from "./fan-out-payload.ts";
import { prepareDelivery } from "./prepare-delivery.ts";
import type { Delivery, PreparedDelivery, RecipientOutcome } from "./prepared-delivery.ts";
import { writePlans } from "./write-plans.ts";

export interface Delivered {
  /** The copies that are in mailboxes now. */
  added: AddedMessage[];
  /** One for each recipient, and one for each member of its groups who got the message now. */
  outcomes: readonly RecipientOutcome[];
}

/**
 * Delivers to all recipients, of all organizations, in one transaction: when it returns, the message is committed and synced
 * everywhere it goes, or, for the accounts of a large group, a durable row says that it will be. An account that several recipients
 * lead to gets it once.
 * @throws DomainError `over_quota` (data.accountIds), `not_found` when an account was deleted meanwhile, `message_refused`
 * (data.status): nothing is delivered
 */
export async function deliverMessage(deps: DeliveryDeps, delivery: Delivery): Promise<Delivered> {
  const prepared = await prepareDelivery(deps, delivery);
  const added = await deps.store.transact(async (tx) => {
    const additions = await beginDelivery(tx, deps, prepared);
    return addMessages(tx, additions);
  });
  return { added, outcomes: prepared.outcomes };
}

/**
 * Writes everything of a delivery but what is in mailboxes, before the feeds are taken: blobs, what is sent on, what is quarantined
 * or held, the rows of the fan-out, the trace.
 * @returns what the caller must give to `addMessages` in the same transaction, with additions of its own if it has some
 */
export async function beginDelivery(
  tx: Transactor,
  deps: DeliveryDeps,
  { message, content, organizations, outcomes }: PreparedDelivery,
): Promise<MessageAddition[]> {
  const additions: MessageAddition[] = [];
  for (const [organizationId, place] of organizations) {
    const { staged, plans, later, holds, sends, outside, forwardCopy } = place;
    await deps.blobs.insert(tx, organizationId, staged);
    for (const recipient of new Set(
      outcomes.flatMap((each) => (each.organizationId === organizationId ? [each.address] : [])),
    )) {
      await orderReport(tx, deps.blobs, { organizationId, recipient, blobId: staged.id });
    }
    const delivered = { organizationId, message, content, blobId: staged.id, plans, sends, forwardCopy };
    additions.push(...(await writePlans(tx, deps, delivered)));
    for (const hold of holds) {
      await holdMessage(tx, deps.blobs, {
        organizationId,
        hold,
        message,
        blob: { id: staged.id, size: staged.size },
        reachedAccounts: [...plans, ...later].map((each) => each.account.accountId),
        reachedAddresses: outside,
      });
    }
    if (later.length > 0) {
      const deliveryId = uuidv7();
      // Holds the blob until the last batch has references of its own.
      await deps.blobs.addReference(tx, organizationId, staged.id, fanOutReferenceKind, deliveryId);
      const payload: FanOut = {
        deliveryId,
        blobId: staged.id,
        arrival: message.arrival,
        sender: message.sender,
        ...(message.isSenderKnown && { isSenderKnown: true }),
        screening: message.screening,
        receivedAt: message.receivedAt.toISOString(),
        accounts: later.map(({ account, address }) => ({ accountId: account.accountId, address })),
      };
      await enqueue(tx, { topic: fanOutTopic, organizationId, payload });
    }
  }
  await recordTrace(
    tx,
    outcomes.map((each) => traceOf(message, each.organizationId, each)),
  );
  return additions;
}

export function traceOf(
  message: PreparedDelivery["message"],
  organizationId: string,
  { address, outcome, status, text }: RecipientOutcome,
) {
  const { messageId, subject } = message.analyzed;
  return {
    direction: "in" as const,
    at: message.receivedAt,
    organizationId,
    sender: message.sender,
    recipient: address,
    outcome,
    status,
    detail: text,
    remoteAddress: message.screening?.remoteAddress ?? "",
    messageId: messageId === null ? "" : `<${messageId}>`,
    subject,
    size: message.staged.size,
  };
}
