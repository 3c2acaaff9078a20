import type { Transactor } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import { addMessages } from "../add-messages.ts";
import { beginDelivery } from "../delivery/deliver-message.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import { prepareDelivery } from "../delivery/prepare-delivery.ts";
import { findRecipient } from "../delivery/resolve-recipient.ts";
import { stageIncoming } from "../delivery/stage-incoming.ts";
import type { Lease } from "./lease-next.ts";
import type { MailTransport, OutboundRecipient, RecipientResult } from "./mail-transport.ts";
import { recordAttempt, recordResults } from "./record-attempt.ts";

export interface AttemptDeps extends DeliveryDeps {
  readonly transport: MailTransport;
}

/**
 * Tries to bring what a lease allows to its recipients and records what came of it. Mail for a domain of ours never leaves: it is
 * delivered in the transaction that records it.
 * @param signal stops the attempt; recipients not reached yet are tried again later
 * @throws StoreError when the database does not answer: the lease then ends by itself
 */
export async function attemptDelivery(
  deps: AttemptDeps,
  lease: Lease,
  signal: AbortSignal,
): Promise<RecipientResult[]> {
  const ours = await deps.store.read
    .selectFrom("domain")
    .select("name")
    .where("name", "=", lease.domain)
    .executeTakeFirst();
  if (ours) {
    const results: RecipientResult[] = [];
    for (const recipient of lease.recipients) results.push(await deliverHere(deps, lease, recipient));
    return results;
  }
  if (lease.pausedReply !== undefined) {
    const reply = lease.pausedReply || "The destination cannot be reached";
    const waiting = lease.recipients.map((recipient) => resultOf(recipient, "retry", "4.4.1", reply));
    await recordAttempt(deps.store, lease, waiting);
    return waiting;
  }
  const message = await deps.blobs.open(deps.store.read, lease.organizationId, lease.blobId);
  if (!message) {
    const lost = lease.recipients.map((recipient) =>
      resultOf(recipient, "failed", "5.3.0", "The message was lost here"),
    );
    await recordAttempt(deps.store, lease, lost);
    return lost;
  }
  const results = await deps.transport.deliver(
    lease.domain,
    {
      returnPath: lease.returnPath,
      recipients: lease.recipients,
      prependedHeaders: lease.prependedHeaders,
      message,
      isEightBit: lease.isEightBit,
      isSmtpUtf8: lease.isSmtpUtf8,
      requiresTls: lease.requiresTls,
      isTlsOptional: lease.isTlsOptional,
      dsn: lease.dsn,
    },
    signal,
  );
  await recordAttempt(deps.store, lease, results);
  return results;
}

async function deliverHere(deps: AttemptDeps, lease: Lease, recipient: OutboundRecipient): Promise<RecipientResult> {
  try {
    const resolved = await findRecipient(deps.store.read, recipient.address, deps.secrets);
    const message = await deps.blobs.open(deps.store.read, lease.organizationId, lease.blobId);
    if (!resolved || !message) throw new DomainError("unknown_recipient", "There is no such mailbox");
    const now = new Date();
    const made = await stageIncoming(
      deps,
      (async function* () {
        yield Buffer.from(`Return-Path: <${lease.returnPath}>\r\n${lease.prependedHeaders}`);
        yield* message.open();
      })(),
    );
    const delivery = await prepareDelivery(deps, {
      ...made,
      arrival: await arrivalOf(deps, lease),
      sender: lease.returnPath,
      recipients: [resolved],
      receivedAt: now,
      envelope: {
        requiresTls: lease.requiresTls,
        isTlsOptional: lease.isTlsOptional,
        ...lease.dsn,
        recipients: [{ notify: recipient.notify, orcpt: recipient.orcpt }],
      },
    });
    const sent = resultOf(recipient, "sent", "2.1.5", "Delivered here");
    const isDelivered = await deps.store.transact(async (tx) => {
      if (!(await isStillLeased(tx, lease, recipient))) return false;
      const additions = await beginDelivery(tx, deps, delivery);
      await recordResults(tx, lease, [sent], now);
      await addMessages(tx, additions);
      return true;
    });
    return isDelivered ? sent : resultOf(recipient, "retry", "4.3.0", "Another copy of the program took it");
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const result = resultOf(recipient, ...outcomeOf(error));
    await recordAttempt(deps.store, lease, [result]);
    return result;
  }
}

/** A lease that ended while the delivery was prepared belongs to another copy, which may have delivered: it would come twice. */
async function isStillLeased(tx: Transactor, lease: Lease, recipient: OutboundRecipient): Promise<boolean> {
  const row = await tx
    .selectFrom("outbound_recipient")
    .select("id")
    .where("organization_id", "=", lease.organizationId)
    .where("id", "=", recipient.id)
    .where("state", "=", "queued")
    .where("lease_owner", "=", lease.token)
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

function outcomeOf(error: DomainError): [outcome: RecipientResult["outcome"], status: string, reply: string] {
  switch (error.code) {
    case "over_quota":
      return ["retry", "4.2.2", "The mailbox is full"];
    case "unavailable":
    case "storage_full":
    case "conflict":
      return ["retry", "4.3.0", error.message];
    case "message_refused":
      return ["failed", String(error.data?.status ?? "5.7.1"), error.message];
    default:
      return ["failed", "5.1.1", "There is no such mailbox"];
  }
}

/** What nobody here submitted was sent on for somebody: its sender is as unproved as when it came. */
async function arrivalOf(deps: AttemptDeps, lease: Lease): Promise<"submitted" | "received" | "notification"> {
  if (lease.returnPath === "") return "notification";
  const message = await deps.store.read
    .selectFrom("outbound_message")
    .select("account_id")
    .where("organization_id", "=", lease.organizationId)
    .where("id", "=", lease.outboundId)
    .executeTakeFirst();
  return message?.account_id ? "submitted" : "received";
}

function resultOf(
  recipient: OutboundRecipient,
  outcome: RecipientResult["outcome"],
  status: string,
  reply: string,
): RecipientResult {
  return { recipientId: recipient.id, outcome, status, reply, remoteHost: null, relayedWithDsn: false };
}
