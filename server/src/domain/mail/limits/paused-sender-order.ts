/** Payload of the outbox rows that tell of a paused sender. */
export interface PausedSenderOrder {
  principalId: string;
  reason: string;
  detail: string;
}

export const pausedSenderTopic = "mail.sender-paused";
