import type { Transactor } from "../../store/database.ts";
import { type AccountKey, takeModseqs } from "../../store/feed/take-modseq.ts";
import { insertMessages, type ThreadRow } from "../../store/mail/insert-messages.ts";
import { type PlaceDelta, type QuotaNeed, takePlaces } from "../../store/mail/take-places.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import { assignThreads, referencesOf } from "./assign-threads.ts";
import { isSeen } from "./flags.ts";
import type { MessageContent } from "./message-content.ts";
import type { MailboxRole } from "./model.ts";

/**
 * `strict`: the message must fit. `if_not_full`: the last message may pass the limit, for deliveries that must not hold back the
 * other recipients. `ignore`: it was promised already.
 */
export type QuotaRule = "strict" | "if_not_full" | "ignore";

export interface MessageAddition {
  account: AccountKey;
  mailboxId: string;
  /** Given: the mailbox must have this modseq still, the name by which it was found is an old one otherwise. */
  mailboxModseq?: number | undefined;
  /** The same object for all who receive the same message. */
  content: MessageContent;
  /** A blob of the account's organization, already inserted. */
  blobId: string;
  /** Normalized. */
  flags: string[];
  receivedAt: Date;
  quota: QuotaRule;
}

const types = ["Email", "Mailbox", "Thread"];

export interface AddedMessage {
  accountId: string;
  mailboxId: string;
  mailboxRole: MailboxRole | null;
  messageId: string;
  threadId: string;
  uid: number;
  uidvalidity: number;
  modseq: number;
}

/**
 * Adds messages to mailboxes of any number of accounts, in a transaction that holds no feed yet.
 * @param modseqs given when the caller took the feeds of all these accounts already
 * @returns in the order of `additions`
 * @throws DomainError `over_quota` (data.accountIds), `not_found` when a mailbox is gone
 */
export async function addMessages(
  tx: Transactor,
  additions: readonly MessageAddition[],
  modseqs?: ReadonlyMap<string, number>,
): Promise<AddedMessage[]> {
  if (additions.length === 0) return [];
  // Both are sent at once: the second runs when the feeds are locked.
  const taking = modseqs
    ? Promise.resolve(modseqs)
    : takeModseqs(
        tx,
        additions.map((each) => each.account),
        "mail",
        types,
      );
  const needs = quotaNeeds(additions);
  const seekers = referencesOf(
    additions.map(({ account, content }) => ({
      key: account,
      threadSubject: content.threadSubject,
      threadIds: content.threadIds,
    })),
  );
  const sought = seekers.flatMap(({ key, hashes }) => hashes.map((hash) => ({ ...key, hash })));
  const placing = takePlaces(tx, placeDeltas(additions), needs, sought);
  const [taken, places] = await Promise.all([taking, placing]);
  const modseqOf = (addition: MessageAddition): number => taken.get(addition.account.accountId)!;
  const allocated = new Map(places.mailboxes.map((each) => [each.id, each]));
  const isThere = ({ mailboxId, mailboxModseq }: MessageAddition): boolean => {
    const mailbox = allocated.get(mailboxId);
    return mailbox !== undefined && (mailboxModseq === undefined || mailbox.modseq === mailboxModseq);
  };
  if (!additions.every(isThere)) {
    throw new DomainError("not_found", "There is no such mailbox");
  }
  const paid = new Set(places.paid);
  const unpaid = needs.filter(({ accountId }) => !paid.has(accountId)).map(({ accountId }) => accountId);
  if (unpaid.length > 0) throw new DomainError("over_quota", "The mailbox is full", { data: { accountIds: unpaid } });
  const assignments = assignThreads(seekers, places.known);

  const contents = [...new Set(additions.map((each) => each.content))];
  const threads = new Map<string, ThreadRow>();
  const messageIds = messageIdsOf(additions);
  const added = additions.map((addition, index): AddedMessage => {
    const { threadId, isNew } = assignments[index]!;
    const mailbox = allocated.get(addition.mailboxId)!;
    const modseq = modseqOf(addition);
    // A thread made by an earlier addition of this call is inserted, not updated.
    if (!threads.has(threadId)) threads.set(threadId, { ...addition.account, threadId, modseq, isNew });
    return {
      accountId: addition.account.accountId,
      mailboxId: addition.mailboxId,
      mailboxRole: mailbox.role as MailboxRole | null,
      messageId: messageIds[index]!,
      threadId,
      uid: mailbox.firstUid++,
      uidvalidity: mailbox.uidvalidity,
      modseq,
    };
  });
  const inserting = insertMessages(
    tx,
    contents,
    additions.map((addition, index) => ({
      ...added[index]!,
      organizationId: addition.account.organizationId,
      blobId: addition.blobId,
      content: contents.indexOf(addition.content),
      flags: addition.flags,
      receivedAt: addition.receivedAt,
    })),
    [...threads.values()],
    additions.flatMap(({ account }, index) =>
      assignments[index]!.newHashes.map((hash) => ({ ...account, threadId: assignments[index]!.threadId, hash })),
    ),
  );
  tx.trail(inserting);
  return added;
}

/**
 * What goes to several mailboxes of an account is one message (RFC 8474 section 5.1): the same content object says so, and the
 * mailboxes must differ.
 */
function messageIdsOf(additions: readonly MessageAddition[]): string[] {
  const known = new Map<MessageContent, Map<string, string>>();
  return additions.map(({ account, content }) => {
    const ofContent = known.get(content) ?? new Map<string, string>();
    known.set(content, ofContent);
    const messageId = ofContent.get(account.accountId) ?? uuidv7();
    ofContent.set(account.accountId, messageId);
    return messageId;
  });
}

function placeDeltas(additions: readonly MessageAddition[]): PlaceDelta[] {
  const deltas = new Map<string, PlaceDelta>();
  for (const { account, mailboxId, flags, content } of additions) {
    const known = deltas.get(mailboxId);
    const { organizationId, accountId } = account;
    const delta = known ?? { organizationId, accountId, mailboxId, count: 0, unseen: 0, bytes: 0 };
    delta.count++;
    if (!isSeen(flags)) delta.unseen++;
    delta.bytes += content.size;
    deltas.set(mailboxId, delta);
  }
  return [...deltas.values()];
}

/** One message in several mailboxes of an account counts once. */
function quotaNeeds(additions: readonly MessageAddition[]): QuotaNeed[] {
  const needs = new Map<string, QuotaNeed>();
  const counted = new Map<string, Set<MessageContent>>();
  for (const { account, content, quota } of additions) {
    const contents = counted.get(account.accountId) ?? new Set();
    counted.set(account.accountId, contents);
    const isCopy = contents.has(content);
    contents.add(content);
    const { organizationId, accountId } = account;
    const need = needs.get(accountId) ?? { organizationId, accountId, bytes: 0, rule: quota };
    if (!isCopy) need.bytes += content.size;
    if (quota === "strict") need.rule = "strict";
    needs.set(accountId, need);
  }
  return [...needs.values()];
}
