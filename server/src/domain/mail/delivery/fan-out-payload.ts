import type { Screening } from "../screening/screening.ts";
import type { IncomingMessage } from "./incoming-message.ts";

export const fanOutTopic = "mail.fan-out";
export const fanOutReferenceKind = "fan-out";

/** Accounts of one transaction: their feeds are locked together. A group with more is fanned out after the 250. */
export const fanOutBatch = 50;

/** Outbox payload: the accounts of a large group that a message must still reach. */
export interface FanOut {
  deliveryId: string;
  blobId: string;
  arrival: IncomingMessage["arrival"];
  sender: string;
  isSenderKnown?: boolean;
  screening: Screening | undefined;
  /** ISO 8601. */
  receivedAt: string;
  accounts: { accountId: string; address: string }[];
}
