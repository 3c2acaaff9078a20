import type { Transactor } from "../../../store/database.ts";
import type { MessageAddition } from "../add-messages.ts";
import { recordOutcome } from "../filters/run-filters.ts";
import { type MessageContent, prepareContent } from "../message-content.ts";
import { quarantineMessage } from "../screening/quarantine-message.ts";
import { queueMessage } from "../submission/queue-message.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import type { ForwardCopy } from "./message-route.ts";
import { type AccountPlan, domainOf, isQuarantined, type OutgoingMail } from "./plan-account.ts";

export interface PlannedWrites {
  organizationId: string;
  message: IncomingMessage;
  content: MessageContent;
  /** Of the organization, inserted. */
  blobId: string;
  plans: readonly AccountPlan[];
  sends: readonly OutgoingMail[];
  /** Staged; there when a send needs it. */
  forwardCopy: ForwardCopy | undefined;
}

/**
 * Writes what was decided for accounts of one organization, up to the feeds: mail sent on, what filters remember, quarantine.
 * @returns what goes into mailboxes
 */
export async function writePlans(
  tx: Transactor,
  deps: DeliveryDeps,
  { organizationId, message, content, blobId, plans, sends, forwardCopy }: PlannedWrites,
): Promise<MessageAddition[]> {
  if (forwardCopy) await deps.blobs.insert(tx, organizationId, forwardCopy.staged);
  for (const send of sends) {
    const own = send.staged === undefined ? forwardCopy : undefined;
    const envelope = own ? message.envelope : undefined;
    // RFC 3461 section 5.2.7.1. With several recipients nothing says which of them this is sent on for.
    const asked = envelope?.recipients.length === 1 ? envelope.recipients[0] : undefined;
    await queueMessage(tx, deps.blobs, {
      organizationId,
      accountId: undefined,
      messageId: undefined,
      blob: own ? { id: own.staged.id, size: own.staged.size } : send.staged!,
      returnPath: send.returnPath,
      prependedHeaders: send.prependedHeaders,
      isEightBit: own ? own.isEightBit : send.isEightBit,
      isSmtpUtf8: own ? own.isSmtpUtf8 : send.isSmtpUtf8,
      dsn: { ret: asked ? envelope!.ret : null, envid: asked ? envelope!.envid : null },
      recipients: send.recipients.map((address) => ({
        address,
        domain: domainOf(address),
        notify: asked?.notify ?? null,
        orcpt: asked?.orcpt ?? null,
      })),
      sendAt: undefined,
      requiresTls: envelope?.requiresTls,
    });
  }
  for (const group of Map.groupBy(plans.filter(isKeptApart), (plan) => plan.judgement.text).values()) {
    const accountIds = group.map((plan) => plan.account.accountId);
    const quarantined = { message, blobId, judgement: group[0]!.judgement };
    await quarantineMessage(tx, deps, organizationId, accountIds, quarantined);
  }
  const present = await presentMailboxes(tx, organizationId, plans);
  const additions: MessageAddition[] = [];
  for (const plan of plans) {
    const account = { organizationId, accountId: plan.account.accountId };
    if (plan.filtered) await recordOutcome(tx, account, plan.filtered);
    const placed = new Set<string>();
    for (const { mailboxId, flags, edited } of plan.placements) {
      // A mailbox that was deleted since its filters named it: the inbox takes what it would have got.
      const target = mailboxId === plan.account.inboxId || present.has(mailboxId) ? mailboxId : plan.account.inboxId;
      if (placed.has(target)) continue;
      placed.add(target);
      if (edited) await deps.blobs.insert(tx, organizationId, edited.staged);
      additions.push({
        account,
        mailboxId: target,
        content: edited ? prepareContent(edited.analyzed, edited.staged.size) : content,
        blobId: edited ? edited.staged.id : blobId,
        flags,
        receivedAt: message.receivedAt,
        quota: plan.quota,
      });
    }
  }
  return additions;
}

function isKeptApart(plan: AccountPlan): boolean {
  return plan.refusal === undefined && isQuarantined(plan.judgement);
}

async function presentMailboxes(
  tx: Transactor,
  organizationId: string,
  plans: readonly AccountPlan[],
): Promise<Set<string>> {
  const wanted = plans.flatMap(({ account, placements }) =>
    placements.flatMap((each) => (each.mailboxId === account.inboxId ? [] : [each.mailboxId])),
  );
  if (wanted.length === 0) return new Set();
  const found = await tx
    .selectFrom("mailbox")
    .select("id")
    .where("organization_id", "=", organizationId)
    .where("id", "in", [...new Set(wanted)])
    .where("deleted_at", "is", null)
    .execute();
  return new Set(found.map((row) => row.id));
}
