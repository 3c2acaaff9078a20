import { decodeWords } from "../../../formats/mime/decode-header.ts";
import { firstHeader } from "../../../formats/mime/headers.ts";
import type { Inspection } from "../../../formats/mime/inspect-message.ts";
import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { ByteSource } from "../../../store/blobs/byte-source.ts";
import { DomainError } from "../../errors.ts";
import { normalizeAddress, normalizeDomain } from "../../identity/normalize-address.ts";
import type { ServerSecrets } from "../../identity/server-secrets.ts";
import type { Viewer } from "../../identity/viewer.ts";
import { type AddedMessage, addMessages, type MessageAddition, type QuotaRule } from "../add-messages.ts";
import { admitSender } from "../delivery/admit-sender.ts";
import { checkRecipientQuota } from "../delivery/check-recipient-quota.ts";
import { beginDelivery } from "../delivery/deliver-message.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import { prepareDelivery } from "../delivery/prepare-delivery.ts";
import type { PreparedDelivery } from "../delivery/prepared-delivery.ts";
import { findRecipient, type ResolvedRecipient } from "../delivery/resolve-recipient.ts";
import { stageIncoming } from "../delivery/stage-incoming.ts";
import { isInMailbox } from "../delivery/tell-delivered.ts";
import { normalizeFlags } from "../flags.ts";
import type { SendingLimits } from "../limits/sending-limits.ts";
import { listIdentities } from "../list-identities.ts";
import { prepareContent } from "../message-content.ts";
import { scanOutgoing } from "../screening/scan-for-viruses.ts";
import { unscannedReason } from "../screening/scan-held-mail.ts";
import type { ScanningDeps } from "../screening/screening-deps.ts";
import { findSentMailbox, lacksSentCopy, recordSentCopy } from "../sent-copies.ts";
import { checkSender, senderFieldFor } from "./check-sender.ts";
import { learnCorrespondents } from "./learn-correspondents.ts";
import { inspectSource, prepareMessage } from "./prepare-message.ts";
import { type QueuedRecipient, queueMessage } from "./queue-message.ts";
import { retryDelayMs } from "./retry-schedule.ts";
import { signMessage } from "./sign-message.ts";

export interface SubmissionDeps extends DeliveryDeps {
  readonly secrets: ServerSecrets;
  /** Without a virus scanner in it: nothing is scanned. */
  readonly screening?: Omit<ScanningDeps, "store">;
  /** Without: everybody may send as much as they like. */
  readonly limits?: SendingLimits;
}

export interface Submission {
  /** As the user's program made it, Bcc included. */
  source: ByteSource;
  /** When the bytes were read already. */
  inspection?: Inspection;
  /** Empty when nothing must come back, such as for a read receipt. */
  returnPath: string;
  recipients: readonly SubmissionRecipient[];
  /** RFC 3461. */
  dsn?: { ret: string | null; envid: string | null };
  /** REQUIRETLS (RFC 8689). */
  requiresTls?: boolean;
  /** A Received field to put first, ended by CRLF. */
  trace?: string;
  /** The blob that the source is, and the Email it belongs to, when it is kept already: then it is not stored again. */
  kept?: { blobId: string; messageId: string | undefined };
  /**
   * Puts a copy in a mailbox of the account that sends, in the same transaction; Bcc stays in it. Without, what is sent as a shared
   * mailbox is filed in its Sent, unless that has it already.
   */
  saveTo?: { mailboxId: string; flags: Iterable<string> };
  /** Until then it can be taken back with `cancelSubmission`. */
  sendAt?: Date;
}

export interface SubmissionRecipient {
  address: string;
  notify?: readonly string[] | null;
  orcpt?: string | null;
}

export interface Submitted {
  /** Of the queue: names the submission later, also when every recipient was ours. */
  outboundId: string;
  /** The account that sends: the viewer's, or one they were granted. */
  organizationId: string;
  accountId: string;
  saved: AddedMessage | undefined;
}

/**
 * Sends a message for a user. Our own recipients have it when this returns (unless `sendAt` is later), others are queued, signed
 * with DKIM; all in one transaction. A local mailbox that is full is tried again like a server that puts off.
 * @throws DomainError `sender_not_allowed`, `unknown_recipient` (data.addresses), `message_refused` (a group that does not
 * take mail from the sender), `invalid`, `not_found` (saveTo), `over_quota` (saveTo),
 * `sending_limited`
 */
export async function submitMessage(deps: SubmissionDeps, viewer: Viewer, submission: Submission): Promise<Submitted> {
  const { source, recipients } = submission;
  if (recipients.length === 0) throw new DomainError("invalid", "The message has no recipient");
  const now = new Date();
  const inspection = submission.inspection ?? (await inspectSource(source));
  const written = prepareMessage(source, inspection, submission.trace ?? "", now);
  const identities = await listIdentities(deps.store.read, viewer);
  const identity = checkSender(identities, submission.returnPath, written.from, written.sender);
  const senderField = senderFieldFor(identities, identity, viewer, written.sender);
  const prepared =
    senderField === undefined ? written : prepareMessage(source, inspection, submission.trace ?? "", now, senderField);
  const returnPath = submission.returnPath === "" ? "" : normalizeAddress(submission.returnPath).address;
  const account = { organizationId: identity.organizationId, accountId: identity.accountId };
  await deps.limits?.admit(viewer, recipients.length);
  const scan = await scanOutgoing(
    { ...deps.screening, store: deps.store },
    { size: source.size, open: () => prepared.open() },
  );
  if (scan.outcome === "infected") {
    throw new DomainError("message_refused", `The message holds malicious software (${scan.virus})`, {
      data: { status: "5.7.1" },
    });
  }
  const isHeld = scan.outcome === "unavailable";
  const isLater = isHeld || (submission.sendAt !== undefined && submission.sendAt > now);
  const split = await splitRecipients(deps, recipients, returnPath, isLater, source.size);
  const signature =
    split.outside.length > 0
      ? await signMessage(deps.store.read, deps.secrets, domainOf(identity.address), () => prepared.open())
      : "";

  const staged: StagedBlob[] = [];
  const stage = async () => {
    const made = await stageIncoming(deps, prepared.open());
    staged.push(made.staged);
    return made;
  };
  let delivery: PreparedDelivery | undefined;
  if (split.inside.length > 0) {
    const made = await stage();
    delivery = await prepareDelivery(deps, {
      ...made,
      arrival: "submitted",
      sender: returnPath,
      recipients: split.inside.map((each) => each.resolved),
      receivedAt: now,
    });
  }
  const reached = new Set(
    delivery?.outcomes.filter(({ outcome }) => isInMailbox(outcome)).map(({ address }) => address),
  );
  const ours = delivery?.organizations.get(account.organizationId)?.staged;
  const outgoing: StagedBlob | { id: string; size: number } =
    submission.kept && !prepared.isChanged
      ? { id: submission.kept.blobId, size: source.size }
      : ours
        ? { id: ours.id, size: ours.size }
        : (await stage()).staged;
  const filedIn = submission.saveTo
    ? undefined
    : await findSentMailbox(deps.store.read, account, submission.kept?.messageId);
  const saveTo = submission.saveTo ?? (filedIn === undefined ? undefined : { mailboxId: filedIn, flags: ["\\Seen"] });
  const copy =
    saveTo && (await prepareCopy(deps, source, saveTo, account, filedIn === undefined ? "strict" : "ignore"));

  try {
    return await deps.store.transact(async (tx) => {
      const isFiled =
        filedIn === undefined || (copy !== undefined && (await lacksSentCopy(tx, account, filedIn, copy.messageId)));
      const kept = isFiled ? copy : undefined;
      const additions: MessageAddition[] = delivery ? await beginDelivery(tx, deps, delivery) : [];
      if (kept) await deps.blobs.insert(tx, account.organizationId, kept.staged);
      const outboundId = await queueMessage(tx, deps.blobs, {
        ...account,
        messageId: submission.kept?.messageId,
        blob: outgoing,
        returnPath,
        prependedHeaders: signature,
        isEightBit: prepared.isEightBit,
        isSmtpUtf8: prepared.isSmtpUtf8,
        dsn: submission.dsn ?? { ret: null, envid: null },
        recipients: [
          ...split.outside,
          ...split.inside.map(
            (each): QueuedRecipient => ({
              ...each.queued,
              // What a moderator, a filter or the quarantine holds back is nobody's success.
              ...(!reached.has(each.resolved.address) && { notify: null }),
              isDelivered: true,
            }),
          ),
        ],
        header: {
          messageId: firstHeader(inspection.fields, "message-id") ?? "",
          subject: decodeWords(firstHeader(inspection.fields, "subject") ?? ""),
        },
        sendAt: submission.sendAt,
        heldReason: isHeld ? unscannedReason : undefined,
        requiresTls: submission.requiresTls,
        isTlsOptional: prepared.isTlsOptional,
      });
      await learnCorrespondents(
        tx,
        account,
        recipients.map((recipient) => recipient.address),
        prepared.addressees,
      );
      const added = await addMessages(tx, kept ? [...additions, kept.addition] : additions);
      const saved = kept ? added.at(-1) : undefined;
      if (saved && filedIn !== undefined) await recordSentCopy(tx, account, copy!.messageId, saved.messageId);
      return { ...account, outboundId, saved };
    });
  } catch (error) {
    if (error instanceof DomainError && error.code !== "unavailable") {
      for (const each of staged) await deps.blobs.discard(each);
      if (copy?.staged) await deps.blobs.discard(copy.staged);
    }
    throw error;
  }
}

interface Split {
  inside: { resolved: ResolvedRecipient; queued: QueuedRecipient }[];
  /** Other servers' recipients; ours too when the message leaves later or their mailbox is full. */
  outside: QueuedRecipient[];
}

async function splitRecipients(
  deps: SubmissionDeps,
  recipients: readonly SubmissionRecipient[],
  returnPath: string,
  isLater: boolean,
  size: number,
): Promise<Split> {
  const split: Split = { inside: [], outside: [] };
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

/** The copy for Sent is what the user wrote: with Bcc, without our trace. */
async function prepareCopy(
  deps: SubmissionDeps,
  source: ByteSource,
  saveTo: NonNullable<Submission["saveTo"]>,
  account: { organizationId: string; accountId: string },
  quota: QuotaRule,
): Promise<{ addition: MessageAddition; staged: StagedBlob; messageId: string | null }> {
  const { staged, analyzed } = await stageIncoming(deps, source.open());
  return {
    staged,
    messageId: analyzed.messageId,
    addition: {
      account,
      mailboxId: saveTo.mailboxId,
      content: prepareContent(analyzed, staged.size),
      blobId: staged.id,
      flags: normalizeFlags(saveTo.flags),
      receivedAt: new Date(),
      quota,
    },
  };
}

async function hasRoom(deps: SubmissionDeps, recipient: ResolvedRecipient, size: number): Promise<boolean> {
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

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}
