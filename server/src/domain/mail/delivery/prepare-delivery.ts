import { isAscii } from "node:buffer";
import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import { DomainError } from "../../errors.ts";
import type { QuotaRule } from "../add-messages.ts";
import { type MessageContent, prepareContent } from "../message-content.ts";
import type { MailDeps } from "../model.ts";
import type { TraceOutcome } from "../trace/trace-entry.ts";
import { admitMessage, isFromModerator, proofOfSender } from "./admit-sender.ts";
import { composeRefusalReport } from "./compose-refusal-report.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import { expandGroup } from "./expand-group.ts";
import { fanOutBatch } from "./fan-out-payload.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import { judgeForOrganization } from "./judge-for-organization.ts";
import { type ForwardCopy, MessageRoute } from "./message-route.ts";
import {
  type AccountPlan,
  domainOf,
  isQuarantined,
  type OutgoingMail,
  type PlannedAccount,
  planAccount,
  type Refusal,
} from "./plan-account.ts";
import { readAccountRoutes } from "./read-account-routes.ts";
import type { GroupRecipient, OutsideRecipient, RecipientAccount, ResolvedRecipient } from "./resolve-recipient.ts";
import { returnPathOf } from "./return-path.ts";

export interface Delivery extends IncomingMessage {
  readonly recipients: readonly ResolvedRecipient[];
  /** Moderated groups that let the message through already. */
  readonly acceptedBy?: readonly string[];
  /** Who had the message before and is left out: account ids, and addresses elsewhere. */
  readonly reached?: { readonly accounts: readonly string[]; readonly addresses: readonly string[] };
}

/** What became of the message for one of the recipients that the sender named. */
export interface RecipientOutcome {
  address: string;
  outcome: TraceOutcome;
  /** RFC 3463. */
  status: string;
  /** One line; empty when there is nothing to say. */
  text: string;
}

/** A moderated group that must let the message through. */
export interface Hold {
  groupId: string;
  /** As the sender wrote the address that led to it. */
  address: string;
  acceptedBy: readonly string[];
}

export interface OrganizationDelivery {
  staged: StagedBlob;
  plans: AccountPlan[];
  /** Of large groups, with the address that led to each. */
  later: PlannedAccount[];
  holds: Hold[];
  sends: OutgoingMail[];
  /** Addresses elsewhere among `sends`. */
  outside: string[];
  forwardCopy: ForwardCopy | undefined;
}

export interface PreparedDelivery {
  message: IncomingMessage;
  content: MessageContent;
  organizations: ReadonlyMap<string, OrganizationDelivery>;
  outcomes: readonly (RecipientOutcome & { organizationId: string })[];
}

/** Accounts whose filters run at once. */
const plannedAtOnce = 8;

/**
 * Everything that can be done before BEGIN: who gets the message now, who by fan-out, where the filters of each account put it, what
 * is sent on, who must let it through; and a blob for each organization, because a blob belongs to one.
 * @throws DomainError `message_refused` (data.status) when the only recipient of a received message does not take it. With several
 * recipients the others get it, and the sender a report
 */
export async function prepareDelivery(deps: DeliveryDeps, delivery: Delivery): Promise<PreparedDelivery> {
  const { recipients } = delivery;
  const message: IncomingMessage = {
    arrival: delivery.arrival,
    sender: delivery.sender,
    staged: delivery.staged,
    analyzed: delivery.analyzed,
    receivedAt: delivery.receivedAt,
    ...(delivery.screening && { screening: delivery.screening }),
    ...(delivery.envelope && { envelope: delivery.envelope }),
  };
  const way = new MessageRoute(deps, message);
  const mayRefuse = message.arrival === "received" && recipients.length === 1;
  const organizations = new Map<string, OrganizationDelivery>();
  const outcomes: (RecipientOutcome & { organizationId: string })[] = [];
  const placeFor = async (organizationId: string): Promise<OrganizationDelivery> => {
    const known = organizations.get(organizationId);
    if (known) return known;
    const blob = organizations.size === 0 ? message.staged : await stageAgain(deps, message.staged);
    const place: OrganizationDelivery = {
      staged: blob,
      plans: [],
      later: [],
      holds: [],
      sends: [],
      outside: [],
      forwardCopy: undefined,
    };
    organizations.set(organizationId, place);
    return place;
  };
  const tell = (
    recipient: { organizationId: string; address: string },
    outcome: TraceOutcome,
    status = "2.0.0",
    text = "",
  ): void => {
    outcomes.push({ organizationId: recipient.organizationId, address: recipient.address, outcome, status, text });
  };
  const refuse = async (
    recipient: { organizationId: string; address: string },
    refusal: Refusal,
    isReported = false,
  ): Promise<void> => {
    const isProved = proofOfSender(message) === "proved";
    if (mayRefuse && !(refusal.isForReport && isProved)) {
      throw new DomainError("message_refused", refusal.text, {
        data: { status: refusal.status, text: refusal.text },
        detail: recipient.address,
      });
    }
    tell(recipient, "refused", refusal.status, refusal.text);
    // A report to a sender that anyone may have forged would go to somebody who wrote nothing.
    if (isReported || message.sender === "" || message.arrival === "notification") return;
    if (!isProved) return;
    const asked = message.envelope?.recipients[recipients.findIndex((each) => each.address === recipient.address)];
    if (asked?.notify && !asked.notify.includes("FAILURE")) return;
    const bytes = composeRefusalReport({
      hostName: deps.hostName,
      sender: message.sender,
      recipient: recipient.address,
      status: refusal.status,
      text: refusal.text,
      reason: "Le destinataire ou les règles de sa messagerie ne l’acceptent pas.",
      message: message.analyzed,
      header: await way.header(),
      receivedAt: message.receivedAt,
    });
    (await placeFor(recipient.organizationId)).sends.push({
      returnPath: "",
      recipients: [message.sender],
      staged: await deps.blobs.stage(bytes),
      isEightBit: true,
      isSmtpUtf8: false,
      isOnward: false,
      prependedHeaders: "",
    });
  };

  // A sender with one recipient is told of a message that does not fit. With several, 452 after DATA would come at each
  // retry and hold back the others, so the last message may pass the limit; a full mailbox is refused alone, at RCPT.
  const rule: QuotaRule =
    message.arrival === "notification" || message.arrival === "released"
      ? "ignore"
      : recipients.length === 1 && recipients[0]!.kind === "account"
        ? "strict"
        : "if_not_full";
  const now = new Map<string, PlannedAccount>();
  const later = new Map<string, PlannedAccount>();
  const outside: { recipient: GroupRecipient | OutsideRecipient; address: string }[] = [];
  const holds: { organizationId: string; hold: Hold }[] = [];
  const addressesOut = new Set<string>(delivery.reached?.addresses);
  for (const recipient of recipients) {
    if (recipient.kind !== "account" || now.has(recipient.accountId)) continue;
    now.set(recipient.accountId, planned(recipient, recipient.address, rule));
  }
  for (const recipient of recipients) {
    if (recipient.kind === "account") continue;
    if (recipient.kind === "outside") {
      if (await way.turnsAt([recipient.address.toLowerCase()])) {
        await refuse(recipient, { status: "5.4.6", text: "The message turns in a circle" });
        continue;
      }
      const judgement = await judgeForOrganization(deps, recipient.organizationId, message);
      if (judgement.folder !== "inbox") {
        await refuse(recipient, { status: "5.7.1", text: judgement.text }, true);
        continue;
      }
      outside.push({ recipient, address: recipient.target });
      tell(recipient, "queued", "2.0.0", `sent on to ${recipient.target}`);
      continue;
    }
    try {
      await admitMessage(deps.store.read, recipient, message);
    } catch (error) {
      if (!(error instanceof DomainError && error.code === "message_refused")) throw error;
      await refuse(recipient, { status: String(error.data?.status ?? "5.7.1"), text: error.message });
      continue;
    }
    const { group, acceptedBy } = await passModerators(deps, recipient, message, delivery.acceptedBy ?? []);
    if (group.outside.length + group.holds.length > 0) {
      // What is not wanted here is not sent on, and does not trouble moderators.
      const judgement = await judgeForOrganization(deps, group.organizationId, message);
      if (judgement.folder !== "inbox") group.outside = [];
      if (isQuarantined(judgement)) group.holds = [];
      if (group.accounts.length + group.outside.length + group.holds.length === 0) {
        await refuse(recipient, { status: "5.7.1", text: judgement.text }, true);
        continue;
      }
    }
    if (group.outside.length > 0 && (await way.turnsAt([group.address]))) {
      await refuse(recipient, { status: "5.4.6", text: "The message turns in a circle" });
      continue;
    }
    for (const account of group.accounts) {
      if (now.has(account.accountId) || delivery.reached?.accounts.includes(account.accountId)) continue;
      const isLarge = group.accounts.length > fanOutBatch;
      if (isLarge) later.set(account.accountId, planned(account, group.address, "ignore"));
      else now.set(account.accountId, planned(account, group.address, "ignore"));
    }
    for (const address of group.outside) {
      if (addressesOut.has(address)) continue;
      addressesOut.add(address);
      outside.push({ recipient: group, address });
    }
    for (const groupId of group.holds) {
      if (holds.some((each) => each.hold.groupId === groupId)) continue;
      const hold = { groupId, address: group.address, acceptedBy };
      holds.push({ organizationId: group.organizationId, hold });
    }
    if (group.accounts.length > 0) tell(group, "delivered");
    else if (group.outside.length > 0) tell(group, "queued");
    else tell(group, "held", "2.0.0", "awaits a moderator");
  }
  for (const accountId of now.keys()) later.delete(accountId);

  const plans = await planAccounts(deps, message, [...now.values()], way, mayRefuse);
  for (const plan of plans) {
    const { organizationId, accountId } = plan.account;
    const place = await placeFor(organizationId);
    place.plans.push(plan);
    place.sends.push(...plan.sends);
    const named = recipients.flatMap((each) =>
      each.kind === "account" && each.accountId === accountId ? [each.address] : [],
    );
    const [address = plan.ownAddress, ...others] = named;
    if (plan.refusal) await refuse({ organizationId, address }, plan.refusal, plan.reportsItself);
    else tell({ organizationId, address }, ...outcomeOf(plan));
    // Several addresses of one account: one copy, and an answer for each.
    for (const other of others) tell({ organizationId, address: other }, ...outcomeOf(plan));
  }
  for (const target of later.values()) (await placeFor(target.account.organizationId)).later.push(target);
  for (const { recipient, address } of outside) {
    const place = await placeFor(recipient.organizationId);
    place.outside.push(address);
    place.sends.push(await sentOn(deps, message, recipient, address));
  }
  for (const { organizationId, hold } of holds) (await placeFor(organizationId)).holds.push(hold);
  for (const place of organizations.values()) {
    if (place.sends.some((each) => each.staged === undefined)) place.forwardCopy = await way.stageForwardCopy();
  }
  return { message, content: prepareContent(message.analyzed, message.staged.size), organizations, outcomes };
}

/** Decides for many accounts; those that are gone meanwhile are left out. */
export async function planAccounts(
  deps: DeliveryDeps,
  message: IncomingMessage,
  targets: readonly PlannedAccount[],
  way: MessageRoute,
  mayRefuse = false,
): Promise<AccountPlan[]> {
  const routes = await readAccountRoutes(
    deps.store.read,
    targets.map((each) => each.account),
  );
  const plans: AccountPlan[] = [];
  for (let at = 0; at < targets.length; at += plannedAtOnce) {
    const made = await Promise.all(
      targets.slice(at, at + plannedAtOnce).map(async (target) => {
        const route = routes.get(target.account.accountId);
        return route && planAccount(deps, message, target, route, way, mayRefuse);
      }),
    );
    plans.push(...made.filter((plan) => plan !== undefined));
  }
  // The only recipient's account is gone: the caller must not answer that it was delivered.
  if (targets.length === 1 && plans.length === 0) throw new DomainError("not_found", "There is no such mailbox");
  return plans;
}

/** What a plan comes to, for the trace and the sender. */
export function outcomeOf(plan: AccountPlan): [outcome: TraceOutcome, status: string, text: string] {
  if (plan.refusal) return ["refused", plan.refusal.status, plan.refusal.text];
  if (isQuarantined(plan.judgement)) return ["quarantined", "2.0.0", plan.judgement.text];
  if (plan.judgement.folder === "junk") return ["junk", "2.0.0", plan.judgement.text];
  const sentOn = plan.sends.flatMap((each) => (each.isOnward ? each.recipients : []));
  const text = sentOn.length > 0 ? `sent on to ${sentOn.join(", ")}` : "";
  if (plan.placements.length > 0) return ["delivered", "2.0.0", text];
  return sentOn.length > 0 ? ["queued", "2.0.0", text] : ["discarded", "2.0.0", "by the filters of the mailbox"];
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

/** A bounce names the address that it is about: members whom a group hides must not be named to who writes to it. */
async function sentOn(
  deps: DeliveryDeps,
  message: IncomingMessage,
  recipient: GroupRecipient | OutsideRecipient,
  address: string,
): Promise<OutgoingMail> {
  const domain = domainOf(recipient.address);
  const isHidden = recipient.kind === "group" && recipient.hidesMembers;
  return {
    returnPath:
      isHidden && message.sender !== ""
        ? `postmaster@${domain}`
        : await returnPathOf(deps.store.read, deps.secrets, message.sender, domain),
    recipients: [address],
    staged: undefined,
    isEightBit: false,
    isSmtpUtf8: !isAscii(Buffer.from(address)),
    // A list answers for itself (RFC 3461 section 5.2.7): its members are not told of to the sender one by one.
    isOnward: recipient.kind === "outside",
    prependedHeaders: `Delivered-To: ${recipient.address.toLowerCase()}\r\n`,
  };
}

async function stageAgain(deps: Pick<MailDeps, "blobs">, staged: StagedBlob): Promise<StagedBlob> {
  return deps.blobs.stage(staged.data ?? deps.blobs.storage.read(staged.id));
}
