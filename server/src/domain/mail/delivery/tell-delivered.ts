import { randomUUID } from "node:crypto";
import { writeDeliveryStatus } from "../../../formats/delivery-status/write-delivery-status.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import { domainOf } from "../domain-of.ts";
import { queueMessage } from "../submission/queue-message.ts";
import { signOwnMail } from "../submission/sign-own-mail.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import type { RecipientOutcome } from "./prepared-delivery.ts";
import { proofOfSender } from "./proof-of-sender.ts";
import type { ResolvedRecipient } from "./resolve-recipient.ts";

export interface DeliveredMessage {
  readonly message: IncomingMessage;
  readonly recipients: readonly {
    readonly resolved: ResolvedRecipient;
    readonly notify: readonly string[] | null;
    readonly orcpt: string | null;
  }[];
  readonly outcomes: readonly RecipientOutcome[];
  /** The header section as it came: RET=FULL is for failures (RFC 3461 section 4.3). */
  readonly header: Buffer;
  readonly envid: string | null;
}

/**
 * Sends the notification of success that the sender asked for with NOTIFY=SUCCESS (RFC 3461 section 5.2.1), for what is in mailboxes;
 * for what was sent on, the queue does. To be called after the commit and before the sender is answered: who is not answered sends
 * again. Never throws. A sender that SPF or DMARC disproves is told nothing: it is somebody else.
 */
export async function tellDelivered(
  deps: DeliveryDeps,
  log: Logger,
  { message, recipients, outcomes, header, envid }: DeliveredMessage,
): Promise<void> {
  if (message.sender === "") return;
  const told = recipients.filter(
    ({ resolved, notify }) =>
      notify?.includes("SUCCESS") &&
      outcomes.some(({ address, outcome }) => address === resolved.address && isInMailbox(outcome)),
  );
  const first = told[0];
  if (!first || proofOfSender(message) === "disproved") return;
  const now = new Date();
  const { organizationId, address } = first.resolved;
  const subject = message.analyzed.subject;
  try {
    const bytes = writeDeliveryStatus(
      {
        from: { name: "Service de messagerie", address: `postmaster@${domainOf(address)}` },
        to: message.sender,
        subject: `Message remis${subject === "" ? "" : ` : ${subject}`}`,
        date: now,
        messageId: `${randomUUID()}@${deps.hostName}`,
        inReplyTo: message.analyzed.messageId ?? undefined,
        text: [
          `Votre message${subject === "" ? "" : ` « ${subject} »`} a été remis à :`,
          told.map(({ resolved }) => `  ${resolved.address}`).join("\n"),
          "Cet avis vous est envoyé parce que vous l’avez demandé. Il ne dit pas que le message a été lu.",
          "",
        ].join("\n\n"),
        language: "fr",
        reportingMta: deps.hostName,
        arrivalDate: message.receivedAt,
        originalEnvelopeId: envid ?? undefined,
        recipients: told.map(({ resolved, orcpt }) => ({
          address: resolved.address,
          originalRecipient: orcpt ?? undefined,
          action: "delivered" as const,
          status: "2.0.0",
          remoteMta: undefined,
          diagnostic: undefined,
          lastAttempt: now,
          willRetryUntil: undefined,
        })),
        originalHeader: header,
      },
      `=_${randomUUID()}`,
    );
    const staged = await deps.blobs.stage(bytes);
    const signature = await signOwnMail(deps, address, bytes);
    await deps.store.transact((tx) =>
      queueMessage(tx, deps.blobs, {
        organizationId,
        accountId: undefined,
        messageId: undefined,
        blob: staged,
        returnPath: "",
        prependedHeaders: signature,
        isEightBit: true,
        isSmtpUtf8: false,
        // RFC 8689 section 5: a notification about a message that required TLS may say as much as the message.
        requiresTls: message.envelope?.requiresTls,
        dsn: { ret: null, envid: null },
        recipients: [{ address: message.sender, domain: domainOf(message.sender), notify: ["NEVER"], orcpt: null }],
        sendAt: undefined,
      }),
    );
  } catch (error) {
    log.warn({ error }, "a sender could not be told that a message was delivered");
  }
}

export function isInMailbox(outcome: RecipientOutcome["outcome"]): boolean {
  return outcome === "delivered" || outcome === "junk";
}
