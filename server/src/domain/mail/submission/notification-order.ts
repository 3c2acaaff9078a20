import type { NotificationKind } from "./notification-text.ts";

/** Payload of the outbox rows that make notifications. */
export interface NotificationOrder {
  outboundId: string;
  kind: NotificationKind;
  recipientIds: string[];
}

export const notificationTopic = "mail.notification";
