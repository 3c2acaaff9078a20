import type { Transactor } from "../../../store/database.ts";
import type { MessageAddition } from "../add-messages.ts";
import { stageBytes } from "../stage-message.ts";
import { beginDelivery } from "./deliver-message.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import { prepareDelivery } from "./prepare-delivery.ts";
import type { ResolvedRecipient } from "./resolve-recipient.ts";

/**
 * Delivers a mail that the server itself writes, from nobody so that it can cause no other, in the transaction of the outbox row that
 * orders it: also to a mailbox that is full.
 * @returns what the caller must give to `addMessages` in the same transaction
 */
export async function beginNotice(
  tx: Transactor,
  deps: DeliveryDeps,
  bytes: Buffer,
  recipients: readonly ResolvedRecipient[],
  now: Date,
): Promise<MessageAddition[]> {
  const made = await stageBytes(deps, Buffer.concat([Buffer.from("Return-Path: <>\r\n"), bytes]));
  const delivery = await prepareDelivery(deps, {
    ...made,
    arrival: "notification",
    sender: "",
    recipients,
    receivedAt: now,
  });
  return beginDelivery(tx, deps, delivery);
}
