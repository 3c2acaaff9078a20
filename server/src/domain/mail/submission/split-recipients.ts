import { DomainError } from "../../errors.ts";
import { normalizeDomain } from "../../identity/normalize-address.ts";
import { admitSender } from "../delivery/admit-sender.ts";
import { checkRecipientQuota } from "../delivery/check-recipient-quota.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import { findRecipient, type ResolvedRecipient } from "../delivery/resolve-recipient.ts";
import { domainOf } from "../domain-of.ts";
import type { QueuedRecipient } from "./queue-message.ts";
import { retryDelayMs } from "./retry-schedule.ts";

export interface SubmissionRecipient {
  address: string;
  notify?: readonly string[] | null;
  orcpt?: string | null;
}

export interface SplitRecipients {
  inside: { resolved: ResolvedRecipient; queued: QueuedRecipient }[];
  /** Other servers' recipients; ours too when the message leaves later or their mailbox is full. */
  outside: QueuedRecipient[];
}

/**
 * Tells those who get a submitted message at once, in this house, from those whom the queue brings it to; each once.
 * @param returnPath decides which groups take the message
 * @param size of the message, in bytes
 * @throws DomainError `unknown_recipient` (data.addresses), `message_refused`: nobody gets it
 */
export async function splitRecipients(
  deps: DeliveryDeps,
  recipients: readonly SubmissionRecipient[],
  returnPath: string,
  isLater: boolean,
  size: number,
): Promise<SplitRecipients> {
  const split: SplitRecipients = { inside: [], outside: [] };
  const unknown: string[] = [];
  let refusal: DomainError | undefined;
  const seen = new Set<string>();
  for (const recipient of recipients) {
    if (seen.has(recipient.address)) continue;
    seen.add(recipient.address);
    try {
      const resolved = await findRecipient(deps.store.read, recipient.address, deps.secrets);
      if (resolved) await admitSender(deps.store.read, resolved, returnPath);
      const queued: QueuedRecipient = {
        ...writtenAddress(recipient.address),
        notify: recipient.notify ?? null,
        orcpt: recipient.orcpt ?? null,
      };
      if (!resolved || isLater) {
        split.outside.push(queued);
        continue;
      }
      if (await hasRoom(deps, resolved, size)) split.inside.push({ resolved, queued });
      else split.outside.push({ ...queued, firstAttemptAt: new Date(Date.now() + retryDelayMs(1)) });
    } catch (error) {
      if (!(error instanceof DomainError) || (error.code !== "unknown_recipient" && error.code !== "message_refused")) {
        throw error;
      }
      if (error.code === "message_refused") refusal ??= error;
      else unknown.push(recipient.address);
    }
  }
  if (unknown.length > 0) {
    throw new DomainError("unknown_recipient", "There is no such mailbox", { data: { addresses: unknown } });
  }
  if (refusal) throw refusal;
  return split;
}

async function hasRoom(
  deps: Pick<DeliveryDeps, "store">,
  recipient: ResolvedRecipient,
  size: number,
): Promise<boolean> {
  try {
    await checkRecipientQuota(deps.store.read, recipient, size);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === "over_quota") return false;
    throw error;
  }
}

/** The local part as it was written, since others may distinguish case; the domain in A-labels. */
function writtenAddress(text: string): { address: string; domain: string } {
  const address = text.trim().normalize("NFC");
  const domain = normalizeDomain(domainOf(address));
  return { address: `${address.slice(0, address.lastIndexOf("@"))}@${domain}`, domain };
}
