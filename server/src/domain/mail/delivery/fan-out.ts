import type { Blobs } from "../../../store/blobs/blobs.ts";
import type { Transactor } from "../../../store/database.ts";
import { enqueue, type OutboxRow } from "../../../store/outbox/outbox.ts";
import { addMessages } from "../add-messages.ts";
import type { MessageContent } from "../message-content.ts";

export const fanOutTopic = "mail.fan-out";
export const fanOutReferenceKind = "fan-out";

/** Accounts of one transaction: their feeds are locked together. A group with more is fanned out after the 250. */
export const fanOutBatch = 50;

export interface FanOut {
  deliveryId: string;
  blobId: string;
  content: MessageContent;
  /** ISO 8601. */
  receivedAt: string;
  accounts: { accountId: string; inboxId: string }[];
}

/**
 * Outbox handler: delivers to the first accounts of a large group and writes a row for the others, in the transaction that ends this
 * row, so each account gets the message once. The sender was answered 250: full mailboxes take it, deleted ones are skipped.
 */
export function fanOutHandler(blobs: Blobs): (tx: Transactor, row: OutboxRow) => Promise<void> {
  return async (tx, { organizationId, payload }) => {
    const fanOut = payload as FanOut;
    const batch = fanOut.accounts.slice(0, fanOutBatch);
    const rest = fanOut.accounts.slice(fanOutBatch);
    if (rest.length > 0) {
      await enqueue(tx, { topic: fanOutTopic, organizationId, payload: { ...fanOut, accounts: rest } });
    }
    const inboxes = await tx
      .selectFrom("mailbox")
      .select("id")
      .where("organization_id", "=", organizationId)
      .where(
        "id",
        "in",
        batch.map((each) => each.inboxId),
      )
      .where("deleted_at", "is", null)
      .execute();
    const present = new Set(inboxes.map((row) => row.id));
    await addMessages(
      tx,
      batch
        .filter((each) => present.has(each.inboxId))
        .map(({ accountId, inboxId }) => ({
          account: { organizationId, accountId },
          mailboxId: inboxId,
          content: fanOut.content,
          blobId: fanOut.blobId,
          flags: [],
          receivedAt: new Date(fanOut.receivedAt),
          quota: "ignore" as const,
        })),
    );
    if (rest.length === 0) await blobs.removeReferences(tx, organizationId, fanOutReferenceKind, [fanOut.deliveryId]);
  };
}
