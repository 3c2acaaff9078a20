import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { Transactor } from "../../../store/database.ts";
import type { MessageAddition } from "../add-messages.ts";
import { domainOf } from "../domain-of.ts";
import { recordOutcome } from "../filters/run-filters.ts";
import { type MessageContent, prepareContent } from "../message-content.ts";
import { quarantineMessage } from "../screening/quarantine-message.ts";
import type { StagedMessage } from "../stage-message.ts";
import { queueMessage } from "../submission/queue-message.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import type { ForwardCopy } from "./message-route.ts";
import { type AccountPlan, isQuarantined, type OutgoingMail } from "./plan-account.ts";

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
  // Filters may use one set of bytes for several copies.
  const inserted = new Map<string, { id: string; size: number }>();
  const insert = async (staged: StagedBlob): Promise<{ id: string; size: number }> => {
    const known = inserted.get(staged.id);
    if (known) return known;
    await deps.blobs.insert(tx, organizationId, staged);
    const blob = { id: staged.id, size: staged.size };
    inserted.set(staged.id, blob);
    return blob;
  };
  for (const send of sends) {
    const own = send.staged === undefined ? forwardCopy : undefined;
    const envelope = send.isOnward ? message.envelope : undefined;
    // RFC 3461 section 5.2.7.1. With several recipients nothing says which of them this is sent on for.
    const asked = envelope?.recipients.length === 1 ? envelope.recipients[0] : undefined;
    await queueMessage(tx, deps.blobs, {
      organizationId,
      accountId: undefined,
      messageId: undefined,
      blob: await insert(own?.staged ?? send.staged!),
      returnPath: send.returnPath,
      prependedHeaders: send.prependedHeaders,
      isEightBit: own ? own.isEightBit : send.isEightBit,
      isSmtpUtf8: send.isSmtpUtf8 || own?.isSmtpUtf8 === true,
      dsn: { ret: asked ? envelope!.ret : null, envid: asked ? envelope!.envid : null },
      recipients: send.recipients.map((address) => ({
        address,
        domain: domainOf(address),
        notify: asked?.notify ?? null,
        orcpt: asked?.orcpt ?? null,
      })),
      sendAt: undefined,
      requiresTls: own || send.isOnward ? message.envelope?.requiresTls : undefined,
      isTlsOptional: envelope?.isTlsOptional,
    });
  }
  for (const group of Map.groupBy(plans.filter(isKeptApart), (plan) => plan.judgement.text).values()) {
    const accountIds = group.map((plan) => plan.account.accountId);
    const quarantined = { message, blobId, judgement: group[0]!.judgement };
    await quarantineMessage(tx, deps, organizationId, accountIds, quarantined);
  }
  // In one order, so that two deliveries never wait for each other.
  for (const { account, filtered } of plans.toSorted((a, b) => (a.account.accountId < b.account.accountId ? -1 : 1))) {
    if (filtered) await recordOutcome(tx, { organizationId, accountId: account.accountId }, filtered);
  }
  const present = await presentMailboxes(tx, organizationId, plans);
  const edits = new Map<StagedMessage, MessageContent>();
  const contentOf = (edited: StagedMessage): MessageContent => {
    const made = edits.get(edited) ?? prepareContent(edited.analyzed, edited.staged.size);
    edits.set(edited, made);
    return made;
  };
  const additions: MessageAddition[] = [];
  for (const plan of plans) {
    const account = { organizationId, accountId: plan.account.accountId };
    const placed = new Set<string>();
    for (const { mailboxId, flags, edited } of plan.placements) {
      // A mailbox that was deleted since its filters named it: the inbox takes what it would have got.
      const target = mailboxId === plan.account.inboxId || present.has(mailboxId) ? mailboxId : plan.account.inboxId;
      if (placed.has(target)) continue;
      placed.add(target);
      if (edited) await insert(edited.staged);
      additions.push({
        account,
        mailboxId: target,
        content: edited ? contentOf(edited) : content,
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
