import type { Blobs, StagedBlob } from "../../../store/blobs/blobs.ts";
import type { Transactor } from "../../../store/database.ts";
import { enqueue } from "../../../store/outbox/outbox.ts";
import { uuidv7 } from "../../../store/uuid.ts";
import { storableLine } from "../storable-line.ts";
import { recordTrace } from "../trace/record-trace.ts";
import { type NotificationOrder, notificationTopic } from "./notification-order.ts";
import { lifetimeMs } from "./retry-schedule.ts";

export interface QueuedMessage {
  organizationId: string;
  /** Undefined: a notification of ours. */
  accountId: string | undefined;
  /** The Email that this is the sending of, when one is kept. */
  messageId: string | undefined;
  /** A blob of the organization, or one to be given to it. */
  blob: { id: string; size: number } | StagedBlob;
  returnPath: string;
  prependedHeaders: string;
  isEightBit: boolean;
  isSmtpUtf8: boolean;
  dsn: { ret: string | null; envid: string | null };
  recipients: readonly QueuedRecipient[];
  /** Of its header, by which the trace is searched: the Message-ID with its angle brackets, the subject decoded. */
  header?: { messageId: string; subject: string } | undefined;
  /** Undefined: at once. */
  sendAt: Date | undefined;
  /** Kept back until `releaseHeld` is told the same reason. */
  heldReason?: string | undefined;
  /** REQUIRETLS (RFC 8689). */
  requiresTls?: boolean | undefined;
  /** "TLS-Required: No" (RFC 8689 section 5); REQUIRETLS wins. */
  isTlsOptional?: boolean | undefined;
}

export interface QueuedRecipient {
  address: string;
  domain: string;
  notify: readonly string[] | null;
  orcpt: string | null;
  /** Undefined: when the message is due. */
  firstAttemptAt?: Date;
  /** Ours, and delivered in this transaction: kept in the queue as the record of it. */
  isDelivered?: boolean;
}

/** The kind of the reference that keeps the bytes while the queue may need them. */
export const outboundReference = "outbound";

/** Puts a message in the outbound queue, in the transaction of what causes it. @returns the id of the outbound message */
export async function queueMessage(tx: Transactor, blobs: Blobs, message: QueuedMessage): Promise<string> {
  const { organizationId, blob } = message;
  const id = uuidv7();
  const header = headerOf(message);
  const now = new Date();
  const sendAt = message.sendAt && message.sendAt > now ? message.sendAt : now;
  if ("sha256" in blob) await blobs.insert(tx, organizationId, blob);
  await tx
    .insertInto("outbound_message")
    .values({
      organization_id: organizationId,
      id,
      account_id: message.accountId ?? null,
      message_id: message.messageId ?? null,
      blob_id: blob.id,
      size: blob.size,
      return_path: message.returnPath,
      header_message_id: header.messageId,
      subject: header.subject,
      prepended_headers: message.prependedHeaders,
      body_type: message.isEightBit ? "8BITMIME" : "7BIT",
      is_smtputf8: message.isSmtpUtf8,
      dsn_ret: message.dsn.ret,
      dsn_envid: message.dsn.envid,
      requires_tls: message.requiresTls ?? false,
      is_tls_optional: message.isTlsOptional === true && !message.requiresTls,
      send_at: sendAt,
      expires_at: new Date(sendAt.getTime() + lifetimeMs),
    })
    .execute();
  await blobs.addReference(tx, organizationId, blob.id, outboundReference, id);
  const rows = message.recipients.map((recipient) => ({
    organization_id: organizationId,
    id: uuidv7(),
    outbound_id: id,
    address: recipient.address,
    domain: recipient.domain,
    next_attempt_at: recipient.firstAttemptAt ?? sendAt,
    dsn_notify: recipient.notify && [...recipient.notify],
    dsn_orcpt: recipient.orcpt,
    ...(message.heldReason !== undefined && { state: "held", held_reason: message.heldReason }),
    ...(recipient.isDelivered && {
      state: "sent",
      held_reason: null,
      attempts: 1,
      finished_at: now,
      last_status: "2.1.5",
      last_reply: "Delivered here",
    }),
  }));
  await tx.insertInto("outbound_recipient").values(rows).execute();
  await recordTrace(
    tx,
    rows
      .filter((row) => row.state !== "sent")
      .map((row) => ({
        direction: "out" as const,
        at: now,
        organizationId,
        sender: message.returnPath,
        recipient: row.address,
        outcome: row.state === "held" ? ("held" as const) : ("queued" as const),
        status: "",
        detail: message.heldReason ?? "",
        remoteAddress: "",
        ...header,
        size: blob.size,
      })),
  );
  const recipientIds = rows
    .filter((row) => row.state === "sent" && row.dsn_notify?.includes("SUCCESS"))
    .map((row) => row.id);
  if (recipientIds.length > 0 && message.returnPath !== "") {
    const payload: NotificationOrder = { outboundId: id, kind: "sent", recipientIds };
    await enqueue(tx, { topic: notificationTopic, organizationId, payload });
  }
  if (rows.some((row) => row.state !== "sent")) tx.hint({ kind: "work", id: "outbound" });
  return id;
}

function headerOf({ header }: QueuedMessage): { messageId: string; subject: string } {
  return { messageId: storableLine(header?.messageId ?? "", 300), subject: storableLine(header?.subject ?? "", 300) };
}
