import { isAscii } from "node:buffer";
import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { QuotaRule } from "../add-messages.ts";
import { domainOf } from "../domain-of.ts";
import type { FilterOutcome, Placement } from "../filters/filter-outcome.ts";
import { runFilters } from "../filters/run-filters.ts";
import { judgeForAccount } from "../screening/judge-for-account.ts";
import type { Judgement } from "../screening/judge-screening.ts";
import { signOwnMail } from "../submission/sign-own-mail.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import { type MessageRoute, stageForwardCopy } from "./message-route.ts";
import type { AccountRoute } from "./read-account-routes.ts";
import type { RecipientAccount } from "./resolve-recipient.ts";
import { forgesDomain, returnPathOf } from "./return-path.ts";

export interface PlannedAccount {
  account: RecipientAccount;
  /** The address that led to it, normalized. */
  address: string;
  quota: QuotaRule;
}

/** A message to be put in the outbound queue with the delivery. */
export interface OutgoingMail {
  returnPath: string;
  recipients: readonly string[];
  /** Undefined: the delivered message itself, without its Return-Path. */
  staged: StagedBlob | undefined;
  /** Of `staged`; of the message itself its copy says it. */
  isEightBit: boolean;
  isSmtpUtf8: boolean;
  /** The message goes on to somebody else, with the notifications that its sender asked for. */
  isOnward: boolean;
  /** CRLF-ended. */
  prependedHeaders: string;
}

export interface Refusal {
  /** RFC 3463. */
  status: string;
  /** For the sender. */
  text: string;
  /** The text is better in a report than in the dialogue: SMTP replies are ASCII, which `reject` (RFC 5429) need not be. */
  isForReport?: boolean;
}

/** What a delivery does for one account, decided before the transaction. */
export interface AccountPlan extends PlannedAccount {
  judgement: Judgement;
  /** Empty: nothing is kept in the account's mailboxes. */
  placements: Placement[];
  sends: OutgoingMail[];
  /** To be recorded with the delivery. */
  filtered: FilterOutcome | undefined;
  refusal: Refusal | undefined;
  /** The filters have a report of their own for the sender. */
  reportsItself: boolean;
  /** The account's own address, for what it sends on. */
  ownAddress: string;
}

/**
 * Decides where a message goes for one account: the screening says whether it is junk; if not, it is sent on as the account wants,
 * and what is kept goes through the account's filters. Junk is neither sent on, which would cost our reputation, nor filtered. A
 * message that would go round is kept instead of being sent on again, as is one that forges our own domain, or that comes while the
 * owner may not send: it is never lost.
 * @param mayRefuse the sender's server can still be told no; otherwise what is not wanted goes to the quarantine
 */
export async function planAccount(
  deps: DeliveryDeps,
  message: IncomingMessage,
  target: PlannedAccount,
  route: AccountRoute,
  way: MessageRoute,
  mayRefuse: boolean,
): Promise<AccountPlan> {
  const { account, address } = target;
  const ownAddress = route.addresses[0] ?? address;
  const plan: AccountPlan = {
    ...target,
    judgement: await judgeForAccount(deps, account, message, route.corpora),
    placements: [],
    sends: [],
    filtered: undefined,
    refusal: undefined,
    reportsItself: false,
    ownAddress,
  };
  const inbox: Placement = { mailboxId: account.inboxId, flags: [] };
  const { folder, text } = plan.judgement;
  if (folder === "refuse" && mayRefuse) {
    plan.refusal = { status: "5.7.1", text };
    return plan;
  }
  if (isQuarantined(plan.judgement)) return plan;
  if (folder === "junk") {
    plan.placements.push({ mailboxId: route.junkId ?? account.inboxId, flags: [] });
    return plan;
  }
  const addresses = route.addresses.length > 0 ? route.addresses : [address];
  const sendOn = async (recipients: readonly string[], edited?: StagedBlob): Promise<boolean> => {
    if (!route.sendsOn || forgesDomain(message, domainOf(ownAddress)) || (await way.turnsAt(addresses))) return false;
    const copy = edited && (await stageForwardCopy(deps, edited));
    plan.sends.push({
      returnPath: await returnPathOf(deps.store.read, deps.secrets, message, domainOf(ownAddress)),
      recipients,
      staged: copy?.staged,
      isEightBit: copy?.isEightBit ?? false,
      isSmtpUtf8: copy?.isSmtpUtf8 === true || !recipients.every((each) => isAscii(Buffer.from(each))),
      isOnward: true,
      prependedHeaders: `Delivered-To: ${ownAddress}\r\n`,
    });
    return true;
  };

  if (route.forward && (await sendOn(route.forward.addresses)) && !route.forward.keepsCopy) return plan;
  const outcome = await runFilters(deps, { ...account, address }, message, route.script);
  plan.filtered = outcome;
  plan.placements = outcome.placements;
  if (outcome.rejection) {
    const { text, isExtended } = outcome.rejection;
    plan.refusal = { status: "5.7.1", text, isForReport: !isExtended && !isAscii(Buffer.from(text)) };
  }
  for (const send of outcome.sends) {
    if (send.kind === "redirect") {
      const sent = await sendOn(send.recipients, send.staged);
      if (!sent && plan.placements.length === 0) plan.placements.push(inbox);
      continue;
    }
    if (send.kind === "reject") plan.reportsItself = true;
    const { composed, staged, ...envelope } = send;
    if (!staged || !route.sendsOn) continue;
    const signature = composed ? await signOwnMail(deps, composed.author, composed.bytes) : "";
    plan.sends.push({ ...envelope, staged, prependedHeaders: signature, isOnward: false });
  }
  return plan;
}

export function isQuarantined({ folder }: Judgement): boolean {
  return folder === "quarantine" || folder === "refuse";
}
