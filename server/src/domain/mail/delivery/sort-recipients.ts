import { DomainError } from "../../errors.ts";
import type { QuotaRule } from "../add-messages.ts";
import { admitMessage, isFromModerator } from "./admit-sender.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import type { DeliveryDraft } from "./delivery-draft.ts";
import { expandGroup } from "./expand-group.ts";
import { fanOutBatch } from "./fan-out-payload.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import { judgeForOrganization } from "./judge-for-organization.ts";
import { isQuarantined, type PlannedAccount, type Refusal } from "./plan-account.ts";
import type { Delivery, Hold } from "./prepared-delivery.ts";
import type { GroupRecipient, OutsideRecipient, RecipientAccount } from "./resolve-recipient.ts";

/** Whom a message goes to, once each, whatever recipients lead there. */
export interface DeliveryTargets {
  /** By account id. */
  now: Map<string, PlannedAccount>;
  /** Members of large groups, by fan-out; by account id, none that is in `now`. */
  later: Map<string, PlannedAccount>;
  /** Addresses elsewhere, with the recipient that leads to each. */
  outside: { recipient: GroupRecipient | OutsideRecipient; address: string }[];
  /** Addresses elsewhere that a group led to, or that had the message before. */
  reachedOutside: Set<string>;
  holds: { organizationId: string; hold: Hold }[];
}

const circle: Refusal = { status: "5.4.6", text: "The message turns in a circle" };

/**
 * Follows the recipients to whom they lead: accounts, members of groups, addresses elsewhere, moderators. Recipients that are no
 * accounts get their outcome here; accounts get theirs from their plan.
 * @throws DomainError `message_refused`, see `DeliveryDraft.refuse`
 */
export async function sortRecipients(
  deps: DeliveryDeps,
  draft: DeliveryDraft,
  delivery: Delivery,
): Promise<DeliveryTargets> {
  const targets: DeliveryTargets = {
    now: new Map(),
    later: new Map(),
    outside: [],
    reachedOutside: new Set(delivery.reached?.addresses),
    holds: [],
  };
  const rule = quotaRuleOf(delivery);
  for (const recipient of delivery.recipients) {
    if (recipient.kind !== "account" || targets.now.has(recipient.accountId)) continue;
    targets.now.set(recipient.accountId, planned(recipient, recipient.address, rule));
  }
  for (const recipient of delivery.recipients) {
    if (recipient.kind === "outside") await sortOutside(deps, draft, recipient, targets);
    if (recipient.kind === "group") await sortGroup(deps, draft, recipient, delivery, targets);
  }
  for (const accountId of targets.now.keys()) targets.later.delete(accountId);
  return targets;
}

/**
 * A sender with one recipient is told of a message that does not fit. With several, 452 after DATA would come at each retry and hold
 * back the others, so the last message may pass the limit; a full mailbox is refused alone, at RCPT.
 */
function quotaRuleOf({ arrival, recipients }: Delivery): QuotaRule {
  if (arrival === "notification" || arrival === "released") return "ignore";
  return recipients.length === 1 && recipients[0]!.kind === "account" ? "strict" : "if_not_full";
}

async function sortOutside(
  deps: DeliveryDeps,
  draft: DeliveryDraft,
  recipient: OutsideRecipient,
  targets: DeliveryTargets,
): Promise<void> {
  if (await draft.way.turnsAt([recipient.address.toLowerCase()])) return draft.refuse(recipient, circle);
  const judgement = await judgeForOrganization(deps, recipient.organizationId, draft.message);
  if (judgement.folder !== "inbox") return draft.refuse(recipient, { status: "5.7.1", text: judgement.text }, true);
  targets.outside.push({ recipient, address: recipient.target });
  draft.tell(recipient, "queued", "2.0.0", `sent on to ${recipient.target}`);
}

async function sortGroup(
  deps: DeliveryDeps,
  draft: DeliveryDraft,
  recipient: GroupRecipient,
  delivery: Delivery,
  targets: DeliveryTargets,
): Promise<void> {
  const { message } = draft;
  try {
    await admitMessage(deps.store.read, recipient, message);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === "message_refused")) throw error;
    return draft.refuse(recipient, { status: String(error.data?.status ?? "5.7.1"), text: error.message });
  }
  const { group, acceptedBy } = await passModerators(deps, recipient, message, delivery.acceptedBy ?? []);
  if (group.outside.length + group.holds.length > 0) {
    // What is not wanted here is not sent on, and does not trouble moderators.
    const judgement = await judgeForOrganization(deps, group.organizationId, message);
    if (judgement.folder !== "inbox") group.outside = [];
    if (isQuarantined(judgement)) group.holds = [];
    if (group.accounts.length + group.outside.length + group.holds.length === 0) {
      return draft.refuse(recipient, { status: "5.7.1", text: judgement.text }, true);
    }
  }
  if (group.outside.length > 0 && (await draft.way.turnsAt([group.address]))) return draft.refuse(recipient, circle);
  addGroup(targets, group, acceptedBy, delivery.reached?.accounts ?? []);
  if (group.accounts.length > 0) draft.tell(group, "delivered");
  else if (group.outside.length > 0) draft.tell(group, "queued");
  else draft.tell(group, "held", "2.0.0", "awaits a moderator");
}

/** Adds those whom nothing led to before; a large group's accounts get theirs by fan-out. */
function addGroup(
  targets: DeliveryTargets,
  group: GroupRecipient,
  acceptedBy: readonly string[],
  reachedAccounts: readonly string[],
): void {
  const added = group.accounts.length > fanOutBatch ? targets.later : targets.now;
  for (const account of group.accounts) {
    if (targets.now.has(account.accountId) || reachedAccounts.includes(account.accountId)) continue;
    added.set(account.accountId, planned(account, group.address, "ignore"));
  }
  for (const address of group.outside) {
    if (targets.reachedOutside.has(address)) continue;
    targets.reachedOutside.add(address);
    targets.outside.push({ recipient: group, address });
  }
  for (const groupId of group.holds) {
    if (targets.holds.some((each) => each.hold.groupId === groupId)) continue;
    targets.holds.push({ organizationId: group.organizationId, hold: { groupId, address: group.address, acceptedBy } });
  }
}

function planned(
  { organizationId, accountId, inboxId }: RecipientAccount,
  address: string,
  quota: QuotaRule,
): PlannedAccount {
  return { account: { organizationId, accountId, inboxId }, address, quota };
}

/** Moderators need no other moderator for what they write themselves. */
async function passModerators(
  deps: DeliveryDeps,
  recipient: GroupRecipient,
  message: IncomingMessage,
  before: readonly string[],
): Promise<{ group: GroupRecipient; acceptedBy: readonly string[] }> {
  let group = { ...recipient };
  const acceptedBy = [...before];
  for (;;) {
    const passed: string[] = [];
    for (const groupId of group.holds) {
      if (await isFromModerator(deps.store.read, { organizationId: group.organizationId, groupId }, message)) {
        passed.push(groupId);
      }
    }
    if (passed.length === 0) return { group, acceptedBy };
    acceptedBy.push(...passed);
    group = { ...group, ...(await expandGroup(deps.store.read, group, acceptedBy)) };
  }
}
