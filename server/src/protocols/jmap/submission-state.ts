import type { DeliveryStatus, EmailSubmission } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../domain/access/account-access.ts";
import {
  readSubmissions,
  type SubmissionRecipientRecord,
  type SubmissionRecord,
} from "../../domain/mail/submission/read-submissions.ts";
import type { CallContext } from "./method.ts";
import { listSenders } from "./methods/identity-get.ts";
import { opaqueState } from "./opaque-state.ts";
import { toUtcDate } from "./utc-date.ts";

/** The submissions of an account and the state of the type; the account's queue is short. */
export async function loadSubmissions(
  context: CallContext,
  access: AccountAccess,
): Promise<{ state: string; list: EmailSubmission[] }> {
  const records = await readSubmissions(context.deps.mail.store.read, access);
  const senders = await listSenders(context, access);
  const list = records.map((record) => toSubmission(record, senders));
  return { state: opaqueState(list), list };
}

export function toSubmission(
  record: SubmissionRecord,
  senders: readonly { id: string; address: string }[],
): EmailSubmission {
  const { recipients } = record;
  return {
    id: record.id,
    identityId: (senders.find((each) => each.address === record.returnPath) ?? senders[0])?.id ?? "unknown",
    emailId: record.messageId ?? "unknown",
    threadId: record.threadId ?? "unknown",
    envelope: {
      mailFrom: { email: record.returnPath, parameters: null },
      rcptTo: recipients.map(({ address }) => ({ email: address, parameters: null })),
    },
    sendAt: toUtcDate(record.sendAt),
    undoStatus: undoStatusOf(record),
    deliveryStatus: Object.fromEntries(recipients.map((each) => [each.address, deliveryOf(each)])),
    dsnBlobIds: [],
    mdnBlobIds: [],
  };
}

/** It can be taken back while it waits for its time, or is held, and nobody has it. */
export function undoStatusOf({ recipients, sendAt }: SubmissionRecord): EmailSubmission["undoStatus"] {
  if (recipients.length > 0 && recipients.every((each) => each.state === "canceled")) return "canceled";
  const waits = recipients.every((each) => each.state === "queued" || each.state === "held");
  const isHeld = recipients.length > 0 && recipients.every((each) => each.state === "held");
  return waits && (isHeld || sendAt.getTime() > Date.now()) ? "pending" : "final";
}

function deliveryOf({ state, lastReply }: SubmissionRecipientRecord): DeliveryStatus {
  const delivered = { queued: "queued", held: "queued", sent: "yes", failed: "no", canceled: "no" } as const;
  const replies = { queued: "250 2.1.5 Queued", held: "250 2.1.5 Queued", sent: "250 2.0.0 Sent" };
  const fallback = state in replies ? replies[state as keyof typeof replies] : "550 5.0.0 Not sent";
  return { smtpReply: lastReply ?? fallback, delivered: delivered[state], displayed: "unknown" };
}
