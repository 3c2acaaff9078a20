import { randomUUID } from "node:crypto";
import { writeDeliveryStatus } from "../../../formats/delivery-status/write-delivery-status.ts";
import type { AnalyzedMessage } from "../../../formats/mime/analyze-message.ts";
import { domainOf } from "../domain-of.ts";

export interface ReportedRefusal {
  hostName: string;
  /** Whom it is for. */
  sender: string;
  /** Of the recipient that did not take the message. */
  recipient: string;
  status: string;
  /** What the recipient's side says. */
  text: string;
  /** One sentence in French, for people: what happened. */
  reason: string;
  message: Pick<AnalyzedMessage, "subject" | "messageId">;
  header: Buffer;
  receivedAt: Date;
}

/** A report (RFC 3464) on a message that was taken and then not delivered to one of its recipients. */
export function composeRefusalReport(refusal: ReportedRefusal, now: Date = new Date()): Buffer {
  const { hostName, sender, recipient, status, text, reason, message, header, receivedAt } = refusal;
  const subject = message.subject === "" ? "" : ` : ${message.subject}`;
  const named = message.subject === "" ? "Votre message" : `Votre message « ${message.subject} »`;
  return writeDeliveryStatus(
    {
      from: { name: "Service de messagerie", address: `postmaster@${domainOf(recipient)}` },
      to: sender,
      subject: `Message non remis${subject}`,
      date: now,
      messageId: `${randomUUID()}@${hostName}`,
      inReplyTo: message.messageId ?? undefined,
      text: [
        `${named} n’a pas été remis à ${recipient}.`,
        reason,
        ...(text === "" ? [] : [`Réponse du destinataire :\n  ${text.replace(/\r?\n/g, "\n  ")}`]),
        "S’il avait d’autres destinataires, cet avis ne les concerne pas.",
        "",
      ].join("\n\n"),
      language: "fr",
      reportingMta: hostName,
      arrivalDate: receivedAt,
      originalEnvelopeId: undefined,
      recipients: [
        {
          address: recipient,
          originalRecipient: undefined,
          action: "failed",
          status,
          remoteMta: undefined,
          diagnostic: undefined,
          lastAttempt: now,
          willRetryUntil: undefined,
        },
      ],
      originalHeader: header,
    },
    `=_${randomUUID()}`,
  );
}
