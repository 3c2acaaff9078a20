import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { Transactor } from "../../../store/database.ts";
import { enqueue, type OutboxRow } from "../../../store/outbox/outbox.ts";
import { addMessages } from "../add-messages.ts";
import { prepareContent } from "../message-content.ts";
import { analyzeBytes } from "../stage-message.ts";
import { recordTrace } from "../trace/record-trace.ts";
import { traceOf } from "./deliver-message.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import { type FanOut, fanOutBatch, fanOutReferenceKind, fanOutTopic } from "./fan-out-payload.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import { MessageRoute } from "./message-route.ts";
import { outcomeOf, planAccounts } from "./plan-accounts.ts";
import { readAccountRoutes } from "./read-account-routes.ts";
import { readStaged } from "./stage-incoming.ts";
import { writePlans } from "./write-plans.ts";

/**
 * Outbox handler: delivers to the first accounts of a large group and writes a row for the others, in the transaction that ends this
 * row, so each account gets the message once. The sender was answered 250: full mailboxes take it, deleted ones are skipped. The
 * filters of the accounts run here, before their feeds are locked.
 */
export function fanOutHandler(deps: DeliveryDeps): (tx: Transactor, row: OutboxRow) => Promise<void> {
  return async (tx, { organizationId, payload }) => {
    const fanOut = payload as FanOut;
    const batch = fanOut.accounts.slice(0, fanOutBatch);
    const rest = fanOut.accounts.slice(fanOutBatch);
    const message = await readMessage(deps, tx, organizationId, fanOut);
    const way = new MessageRoute(deps, message);
    const routes = await readAccountRoutes(
      deps.store.read,
      batch.map(({ accountId }) => ({ organizationId, accountId })),
    );
    const targets = batch.flatMap(({ accountId, address }) => {
      const route = routes.get(accountId);
      if (!route) return [];
      return { account: { organizationId, accountId, inboxId: route.inboxId }, address, quota: "ignore" as const };
    });
    // The sender was told that it was taken: nothing can be refused any more.
    const plans = await planAccounts(deps, message, targets, routes, way, false);
    const sends = plans.flatMap((plan) => plan.sends);
    const forwardCopy = sends.some((each) => each.staged === undefined) ? await way.stageForwardCopy() : undefined;

    if (rest.length > 0) {
      await enqueue(tx, { topic: fanOutTopic, organizationId, payload: { ...fanOut, accounts: rest } });
    }
    const additions = await writePlans(tx, deps, {
      organizationId,
      message,
      content: prepareContent(message.analyzed, message.staged.size),
      blobId: fanOut.blobId,
      plans,
      sends,
      forwardCopy,
    });
    await recordTrace(
      tx,
      plans.map((plan) => {
        const [outcome, status, text] = outcomeOf(plan);
        return traceOf(message, organizationId, { address: plan.ownAddress, outcome, status, text });
      }),
    );
    await addMessages(tx, additions);
    if (rest.length === 0) {
      await deps.blobs.removeReferences(tx, organizationId, fanOutReferenceKind, [fanOut.deliveryId]);
    }
  };
}

/** @throws Error when the bytes are gone: the row stays and says so */
async function readMessage(
  deps: DeliveryDeps,
  tx: Transactor,
  organizationId: string,
  fanOut: FanOut,
): Promise<IncomingMessage> {
  const row = await tx
    .selectFrom("blob")
    .select(["id", "size", "sha256", "data"])
    .where("organization_id", "=", organizationId)
    .where("id", "=", fanOut.blobId)
    .executeTakeFirst();
  if (!row) throw new Error(`The blob ${fanOut.blobId} of a delivery is gone`);
  const staged: StagedBlob = { id: row.id, size: row.size, sha256: row.sha256, data: row.data };
  return {
    arrival: fanOut.arrival,
    sender: fanOut.sender,
    staged,
    analyzed: await analyzeBytes(deps, await readStaged(deps, staged)),
    receivedAt: new Date(fanOut.receivedAt),
    ...(fanOut.isSenderKnown && { isSenderKnown: true }),
    ...(fanOut.screening && { screening: fanOut.screening }),
  };
}
