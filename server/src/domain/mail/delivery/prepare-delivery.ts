import { isAscii } from "node:buffer";
import { domainOf } from "../domain-of.ts";
import { prepareContent } from "../message-content.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import { DeliveryDraft } from "./delivery-draft.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import type { AccountPlan, OutgoingMail } from "./plan-account.ts";
import { outcomeOf, planAccounts } from "./plan-accounts.ts";
import type { Delivery, PreparedDelivery } from "./prepared-delivery.ts";
import { routesOf } from "./read-account-routes.ts";
import type { GroupRecipient, OutsideRecipient } from "./resolve-recipient.ts";
import { returnPathOf } from "./return-path.ts";
import { type DeliveryTargets, sortRecipients } from "./sort-recipients.ts";

/**
 * Everything that can be done before BEGIN: who gets the message now, who by fan-out, where the filters of each account put it, what
 * is sent on, who must let it through; and a blob for each organization, because a blob belongs to one.
 * @throws DomainError `message_refused` (data.status) when the only recipient of a received message does not take it. With several
 * recipients the others get it, and the sender a report
 */
export async function prepareDelivery(deps: DeliveryDeps, delivery: Delivery): Promise<PreparedDelivery> {
  const draft = new DeliveryDraft(deps, delivery);
  const { message, organizations, outcomes } = draft;
  const targets = await sortRecipients(deps, draft, delivery);
  const now = [...targets.now.values()];
  const accounts = now.map((each) => each.account);
  const routes = await routesOf(deps.store.read, accounts, message.screening);
  for (const plan of await planAccounts(deps, message, now, routes, draft.way, draft.mayRefuse)) {
    await addPlan(draft, delivery.recipients, plan);
  }
  await addOthers(deps, draft, targets);
  for (const place of organizations.values()) {
    if (place.sends.some((each) => each.staged === undefined)) place.forwardCopy = await draft.way.stageForwardCopy();
  }
  return { message, content: prepareContent(message.analyzed, message.staged.size), organizations, outcomes };
}

/** Several addresses of one account: one copy, and an answer for each. */
async function addPlan(draft: DeliveryDraft, recipients: Delivery["recipients"], plan: AccountPlan): Promise<void> {
  const { organizationId, accountId } = plan.account;
  const place = await draft.placeFor(organizationId);
  place.plans.push(plan);
  place.sends.push(...plan.sends);
  const named = recipients.flatMap((each) =>
    each.kind === "account" && each.accountId === accountId ? [each.address] : [],
  );
  const [address = plan.ownAddress, ...others] = named;
  if (plan.refusal) await draft.refuse({ organizationId, address }, plan.refusal, plan.reportsItself);
  else draft.tell({ organizationId, address }, ...outcomeOf(plan));
  for (const other of others) draft.tell({ organizationId, address: other }, ...outcomeOf(plan));
}

/** Those whom the message does not reach now and here: by fan-out, elsewhere, after a moderator. */
async function addOthers(
  deps: DeliveryDeps,
  draft: DeliveryDraft,
  { later, outside, holds }: DeliveryTargets,
): Promise<void> {
  for (const target of later.values()) (await draft.placeFor(target.account.organizationId)).later.push(target);
  for (const { recipient, address } of outside) {
    const place = await draft.placeFor(recipient.organizationId);
    place.outside.push(address);
    place.sends.push(await sentOn(deps, draft.message, recipient, address));
  }
  for (const { organizationId, hold } of holds) (await draft.placeFor(organizationId)).holds.push(hold);
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
        : await returnPathOf(deps.store.read, deps.secrets, message, domain),
    recipients: [address],
    staged: undefined,
    isEightBit: false,
    isSmtpUtf8: !isAscii(Buffer.from(address)),
    // A list answers for itself (RFC 3461 section 5.2.7): its members are not told of to the sender one by one.
    isOnward: recipient.kind === "outside",
    prependedHeaders: `Delivered-To: ${recipient.address.toLowerCase()}\r\n`,
  };
}
