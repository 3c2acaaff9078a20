import { randomUUID } from "node:crypto";
import { type RecipientStatus, writeDeliveryStatus } from "../../../formats/delivery-status/write-delivery-status.ts";
import { decodeWords } from "../../../formats/mime/decode-header.ts";
import { firstHeader } from "../../../formats/mime/headers.ts";
import { type Inspection, MessageInspector } from "../../../formats/mime/inspect-message.ts";
import type { Transactor } from "../../../store/database.ts";
import type { OutboxRow } from "../../../store/outbox/outbox.ts";
import { addMessages } from "../add-messages.ts";
import { beginNotice } from "../delivery/begin-notice.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import { findRecipient, type ResolvedRecipient } from "../delivery/resolve-recipient.ts";
import { domainOf } from "../domain-of.ts";
import type { AnalyzingMailDeps } from "../model.ts";
import type { NotificationOrder } from "./notification-order.ts";
import { type NotificationKind, notificationSubject, notificationText } from "./notification-text.ts";

const actions: Readonly<Record<NotificationKind, RecipientStatus["action"]>> = {
  failed: "failed",
  delayed: "delayed",
  sent: "relayed",
};

/**
 * Outbox handler: tells the sender what became of a message, by a mail from nobody (so that it can cause no other) put in their
 * mailbox in the transaction that ends the row, even when the mailbox is full.
 */
export function notificationHandler(deps: DeliveryDeps): (tx: Transactor, row: OutboxRow) => Promise<void> {
  return async (tx, { organizationId, payload }) => {
    const order = payload as NotificationOrder;
    const message = await tx
      .selectFrom("outbound_message")
      .select(["blob_id", "return_path", "send_at", "expires_at", "dsn_envid", "account_id"])
      .where("organization_id", "=", organizationId)
      .where("id", "=", order.outboundId)
      .executeTakeFirst();
    if (!message || message.return_path === "") return;
    const sender = await findSender(deps, tx, message.return_path);
    if (!sender) return;
    const recipients = await tx
      .selectFrom("outbound_recipient")
      .select(["address", "last_status", "last_reply", "remote_host", "dsn_orcpt", "finished_at"])
      .where("organization_id", "=", organizationId)
      .where("outbound_id", "=", order.outboundId)
      .where("id", "in", order.recipientIds)
      .orderBy("address")
      .execute();
    const { header, fields } = await readHeader(deps, tx, organizationId, message.blob_id);
    const subject = decodeWords(firstHeader(fields, "subject") ?? "");
    const originalId = /<([^<>\s]+)>/.exec(firstHeader(fields, "message-id") ?? "")?.[1];
    const domain = domainOf(message.return_path);
    const now = new Date();
    const isDelayed = order.kind === "delayed";
    const bytes = writeDeliveryStatus(
      {
        from: { name: "Service de messagerie", address: `postmaster@${domain}` },
        to: message.return_path,
        subject: notificationSubject(order.kind, subject),
        date: now,
        messageId: `${randomUUID()}@${deps.hostName}`,
        inReplyTo: originalId,
        text: notificationText({
          kind: order.kind,
          subject,
          sentAt: message.send_at,
          timeZone: await readTimeZone(tx, organizationId, message.account_id),
          recipients: recipients.map((row) => ({
            address: row.address,
            status: row.last_status ?? "5.0.0",
            reply: row.last_reply ?? "",
          })),
          triesUntil: isDelayed ? message.expires_at : undefined,
        }),
        language: "fr",
        reportingMta: deps.hostName,
        arrivalDate: message.send_at,
        originalEnvelopeId: message.dsn_envid ?? undefined,
        recipients: recipients.map(
          (row): RecipientStatus => ({
            address: row.address,
            originalRecipient: row.dsn_orcpt ?? undefined,
            action: order.kind === "sent" && row.remote_host === null ? "delivered" : actions[order.kind],
            status: row.last_status ?? "5.0.0",
            remoteMta: row.remote_host ?? undefined,
            diagnostic: row.last_reply ?? undefined,
            lastAttempt: row.finished_at ?? now,
            willRetryUntil: isDelayed ? message.expires_at : undefined,
          }),
        ),
        originalHeader: header,
      },
      `=_${randomUUID()}`,
    );
    await addMessages(tx, await beginNotice(tx, deps, bytes, [sender], now));
  };
}

/** The sender's account may be gone meanwhile: then nobody is to be told. A return path that was rewritten leads elsewhere. */
async function findSender(deps: DeliveryDeps, tx: Transactor, address: string): Promise<ResolvedRecipient | undefined> {
  return findRecipient(tx, address, deps.secrets).catch(() => undefined);
}

const headerRead = 64 * 1024;

async function readHeader(
  deps: AnalyzingMailDeps,
  tx: Transactor,
  organizationId: string,
  blobId: string,
): Promise<Inspection> {
  const inspector = new MessageInspector();
  const source = await deps.blobs.open(tx, organizationId, blobId);
  if (source) {
    for await (const chunk of source.open({ start: 0, end: headerRead })) inspector.push(chunk as Buffer);
  }
  return inspector.end();
}

async function readTimeZone(tx: Transactor, organizationId: string, accountId: string | null): Promise<string> {
  const row = await tx
    .selectFrom("account as a")
    .innerJoin("principal as p", (join) =>
      join.onRef("p.organization_id", "=", "a.organization_id").onRef("p.id", "=", "a.owner_id"),
    )
    .select("p.time_zone")
    .where("a.organization_id", "=", organizationId)
    .where("a.id", "=", accountId ?? "00000000-0000-0000-0000-000000000000")
    .executeTakeFirst();
  return row?.time_zone ?? "Europe/Paris";
}
