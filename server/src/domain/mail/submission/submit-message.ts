import { decodeWords } from "../../../formats/mime/decode-header.ts";
import { firstHeader } from "../../../formats/mime/headers.ts";
import type { Inspection } from "../../../formats/mime/inspect-message.ts";
import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { ByteSource } from "../../../store/blobs/byte-source.ts";
import type { Reader, Transactor } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { DomainError } from "../../errors.ts";
import { normalizeAddress } from "../../identity/normalize-address.ts";
import type { ServerSecrets } from "../../identity/server-secrets.ts";
import type { Viewer } from "../../identity/viewer.ts";
import { type AddedMessage, addMessages, type MessageAddition, type QuotaRule } from "../add-messages.ts";
import { beginDelivery } from "../delivery/deliver-message.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import { prepareDelivery } from "../delivery/prepare-delivery.ts";
import type { PreparedDelivery } from "../delivery/prepared-delivery.ts";
import { stageIncoming } from "../delivery/stage-incoming.ts";
import { isInMailbox } from "../delivery/tell-delivered.ts";
import { domainOf } from "../domain-of.ts";
import { normalizeFlags } from "../flags.ts";
import type { SendingLimits } from "../limits/sending-limits.ts";
import { listIdentities, type SenderIdentity } from "../list-identities.ts";
import { prepareContent } from "../message-content.ts";
import { scanForViruses } from "../screening/scan-for-viruses.ts";
import { unscannedReason } from "../screening/scan-held-mail.ts";
import type { ScanningDeps } from "../screening/screening-deps.ts";
import { findSentMailbox, lacksSentCopy, recordSentCopy } from "../sent-copies.ts";
import { checkSender, senderFieldFor } from "./check-sender.ts";
import { learnCorrespondents } from "./learn-correspondents.ts";
import { inspectSource, type PreparedMessage, prepareMessage } from "./prepare-message.ts";
import { type QueuedMessage, type QueuedRecipient, queueMessage } from "./queue-message.ts";
import { signMessage } from "./sign-message.ts";
import { type SplitRecipients, type SubmissionRecipient, splitRecipients } from "./split-recipients.ts";

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
  const { source, recipients, sendAt } = submission;
  if (recipients.length === 0) throw new DomainError("invalid", "The message has no recipient");
  const now = new Date();
  const message = await prepareSubmitted(deps.store.read, viewer, submission, now);
  await deps.limits?.admit(viewer, recipients.length);
  const isHeld = await mustAwaitScan(deps, source, message.prepared);
  const isLater = isHeld || (sendAt !== undefined && sendAt > now);
  const split = await splitRecipients(deps, recipients, message.returnPath, isLater, source.size);
  const staged = await stageSubmission(deps, submission, message, split, now);
  try {
    return await deps.store.transact((tx) => writeSubmission(tx, deps, { submission, message, split, staged, isHeld }));
  } catch (error) {
    if (error instanceof DomainError && error.code !== "unavailable") {
      for (const each of staged.blobs) await deps.blobs.discard(each);
    }
    throw error;
  }
}

/** A message as it leaves, and who sends it. */
interface SubmittedMessage {
  readonly prepared: PreparedMessage;
  readonly inspection: Inspection;
  readonly identity: SenderIdentity;
  readonly account: AccountKey;
  /** Normalized. */
  readonly returnPath: string;
}

/** @throws DomainError `sender_not_allowed`, `invalid` */
async function prepareSubmitted(
  reader: Reader,
  viewer: Viewer,
  submission: Submission,
  now: Date,
): Promise<SubmittedMessage> {
  const { source, returnPath, trace = "" } = submission;
  const inspection = submission.inspection ?? (await inspectSource(source));
  const written = prepareMessage(source, inspection, trace, now);
  const identities = await listIdentities(reader, viewer);
  const identity = checkSender(identities, returnPath, written.from, written.sender);
  const senderField = senderFieldFor(identities, identity, viewer, written.sender);
  return {
    prepared: senderField === undefined ? written : prepareMessage(source, inspection, trace, now, senderField),
    inspection,
    identity,
    account: { organizationId: identity.organizationId, accountId: identity.accountId },
    returnPath: returnPath === "" ? "" : normalizeAddress(returnPath).address,
  };
}

/**
 * Whether the message must wait for the scanner, which does not answer.
 * @throws DomainError `message_refused` when it holds a virus
 */
async function mustAwaitScan(deps: SubmissionDeps, { size }: ByteSource, prepared: PreparedMessage): Promise<boolean> {
  const scan = await scanForViruses({ ...deps.screening, store: deps.store }, { size, open: () => prepared.open() });
  if (scan.outcome === "infected") {
    throw new DomainError("message_refused", `The message holds malicious software (${scan.virus})`, {
      data: { status: "5.7.1" },
    });
  }
  return scan.outcome === "unavailable";
}

/** What was made before the transaction. */
interface StagedSubmission {
  /** Of the recipients who are ours. */
  readonly delivery: PreparedDelivery | undefined;
  /** What the queue keeps. */
  readonly outgoing: { id: string; size: number } | StagedBlob;
  /** A DKIM-Signature field; empty when nobody elsewhere gets the message. */
  readonly signature: string;
  /** For Sent, or where the user wants it. */
  readonly copy: SentCopy | undefined;
  /** The Sent that we file it in by ourselves, unless its program does. */
  readonly filedIn: string | undefined;
  /** To be discarded when nothing comes of it. */
  readonly blobs: readonly StagedBlob[];
}

async function stageSubmission(
  deps: SubmissionDeps,
  { source, kept, saveTo: wanted }: Submission,
  { prepared, identity, account, returnPath }: SubmittedMessage,
  split: SplitRecipients,
  now: Date,
): Promise<StagedSubmission> {
  const { read } = deps.store;
  const signature =
    split.outside.length > 0
      ? await signMessage(read, deps.secrets, domainOf(identity.address), () => prepared.open())
      : "";
  const blobs: StagedBlob[] = [];
  const stage = async () => {
    const made = await stageIncoming(deps, prepared.open());
    blobs.push(made.staged);
    return made;
  };
  const delivery =
    split.inside.length > 0
      ? await prepareDelivery(deps, {
          ...(await stage()),
          arrival: "submitted",
          sender: returnPath,
          recipients: split.inside.map((each) => each.resolved),
          receivedAt: now,
        })
      : undefined;
  const ours = delivery?.organizations.get(account.organizationId)?.staged;
  const outgoing =
    kept && !prepared.isChanged
      ? { id: kept.blobId, size: source.size }
      : ours
        ? { id: ours.id, size: ours.size }
        : (await stage()).staged;
  const filedIn = wanted ? undefined : await findSentMailbox(read, account, kept?.messageId);
  const saveTo = wanted ?? (filedIn === undefined ? undefined : { mailboxId: filedIn, flags: ["\\Seen"] });
  const copy = saveTo && (await stageCopy(deps, source, saveTo, account, filedIn === undefined ? "strict" : "ignore"));
  if (copy) blobs.push(copy.staged);
  return { delivery, outgoing, signature, copy, filedIn, blobs };
}

interface SentCopy {
  readonly addition: MessageAddition;
  readonly staged: StagedBlob;
  readonly messageId: string | null;
}

/** The copy for Sent is what the user wrote: with Bcc, without our trace. */
async function stageCopy(
  deps: SubmissionDeps,
  source: ByteSource,
  saveTo: NonNullable<Submission["saveTo"]>,
  account: AccountKey,
  quota: QuotaRule,
): Promise<SentCopy> {
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

interface SubmissionToWrite {
  readonly submission: Submission;
  readonly message: SubmittedMessage;
  readonly split: SplitRecipients;
  readonly staged: StagedSubmission;
  readonly isHeld: boolean;
}

/** Everything of a submission, the feeds last. */
async function writeSubmission(tx: Transactor, deps: SubmissionDeps, what: SubmissionToWrite): Promise<Submitted> {
  const { message, submission, staged } = what;
  const { account, prepared } = message;
  const { delivery, copy, filedIn } = staged;
  const isFiled =
    filedIn === undefined || (copy !== undefined && (await lacksSentCopy(tx, account, filedIn, copy.messageId)));
  const kept = isFiled ? copy : undefined;
  const additions: MessageAddition[] = delivery ? await beginDelivery(tx, deps, delivery) : [];
  if (kept) await deps.blobs.insert(tx, account.organizationId, kept.staged);
  const outboundId = await queueMessage(tx, deps.blobs, queuedMessage(what));
  const addresses = submission.recipients.map((recipient) => recipient.address);
  await learnCorrespondents(tx, account, addresses, prepared.addressees);
  const added = await addMessages(tx, kept ? [...additions, kept.addition] : additions);
  const saved = kept ? added.at(-1) : undefined;
  if (saved && filedIn !== undefined) await recordSentCopy(tx, account, copy!.messageId, saved.messageId);
  return { ...account, outboundId, saved };
}

function queuedMessage({ submission, message, split, staged, isHeld }: SubmissionToWrite): QueuedMessage {
  const { prepared, inspection, account, returnPath } = message;
  const reached = new Set(
    staged.delivery?.outcomes.filter(({ outcome }) => isInMailbox(outcome)).map(({ address }) => address),
  );
  return {
    ...account,
    messageId: submission.kept?.messageId,
    blob: staged.outgoing,
    returnPath,
    prependedHeaders: staged.signature,
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
  };
}
