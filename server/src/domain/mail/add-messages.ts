import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import { type AccountKey, takeModseqs } from "../../store/feed/take-modseq.ts";
import { insertMessages, type ThreadRow } from "../../store/mail/insert-messages.ts";
import { applyMailboxDeltas, type MailboxDelta } from "../../store/mail/mailbox-rows.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import { assignThreads } from "./assign-threads.ts";
import { isSeen } from "./flags.ts";
import type { MessageContent } from "./message-content.ts";

/**
 * `strict`: the message must fit. `if_not_full`: the last message may pass the limit, for deliveries that must not hold back the
 * other recipients. `ignore`: it was promised already.
 */
export type QuotaRule = "strict" | "if_not_full" | "ignore";

export interface MessageAddition {
  account: AccountKey;
  mailboxId: string;
  /** The same object for all who receive the same message. */
  content: MessageContent;
  /** A blob of the account's organization, already inserted. */
  blobId: string;
  /** Normalized. */
  flags: string[];
  receivedAt: Date;
  quota: QuotaRule;
}

export interface AddedMessage {
  accountId: string;
  mailboxId: string;
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
  const taken =
    modseqs ??
    (await takeModseqs(
      tx,
      additions.map((each) => each.account),
      "mail",
      ["Email", "Mailbox", "Thread"],
    ));
  const modseqOf = (addition: MessageAddition): number => taken.get(addition.account.accountId)!;

  const allocated = await allocate(tx, additions, modseqOf);
  await useQuota(tx, additions);
  const assignments = await assignThreads(
    tx,
    additions.map(({ account, content }) => ({
      key: account,
      threadSubject: content.threadSubject,
      threadIds: content.threadIds,
    })),
  );

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
      messageId: messageIds[index]!,
      threadId,
      uid: mailbox.firstUid++,
      uidvalidity: mailbox.uidvalidity,
      modseq,
    };
  });
  await insertMessages(
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

async function allocate(
  tx: Transactor,
  additions: readonly MessageAddition[],
  modseqOf: (addition: MessageAddition) => number,
): Promise<Map<string, { firstUid: number; uidvalidity: number }>> {
  const deltas = new Map<string, MailboxDelta>();
  for (const addition of additions) {
    const delta = deltas.get(addition.mailboxId) ?? {
      ...addition.account,
      mailboxId: addition.mailboxId,
      modseq: modseqOf(addition),
      uids: 0,
      total: 0,
      unseen: 0,
      bytes: 0,
    };
    delta.uids++;
    delta.total++;
    if (!isSeen(addition.flags)) delta.unseen++;
    delta.bytes += addition.content.size;
    deltas.set(addition.mailboxId, delta);
  }
  const allocated = await applyMailboxDeltas(tx, [...deltas.values()]);
  if (allocated.size < deltas.size) throw new DomainError("not_found", "There is no such mailbox");
  return allocated;
}

async function useQuota(tx: Transactor, additions: readonly MessageAddition[]): Promise<void> {
  const needs = new Map<string, { account: AccountKey; bytes: number; rule: QuotaRule }>();
  const counted = new Map<string, Set<MessageContent>>();
  for (const { account, content, quota } of additions) {
    const contents = counted.get(account.accountId) ?? new Set();
    counted.set(account.accountId, contents);
    const isCopy = contents.has(content);
    contents.add(content);
    const need = needs.get(account.accountId) ?? { account, bytes: 0, rule: quota };
    if (!isCopy) need.bytes += content.size;
    if (quota === "strict") need.rule = "strict";
    needs.set(account.accountId, need);
  }
  const list = [...needs.values()];
  const result = await sql<{ account_id: string }>`
    UPDATE quota q SET used_bytes = used_bytes + n.bytes
    FROM unnest(
      ${list.map((need) => need.account.organizationId)}::uuid[], ${list.map((need) => need.account.accountId)}::uuid[],
      ${list.map((need) => need.bytes)}::bigint[], ${list.map((need) => need.rule)}::text[]
    ) AS n (organization_id, account_id, bytes, rule)
    WHERE q.organization_id = n.organization_id AND q.account_id = n.account_id AND q.area = 'mail'
      AND (n.rule = 'ignore' OR (n.rule = 'if_not_full' AND q.used_bytes < q.limit_bytes)
        OR q.used_bytes + n.bytes <= q.limit_bytes)
    RETURNING q.account_id`.execute(tx);
  if (result.rows.length === list.length) return;
  const fitting = new Set(result.rows.map((row) => row.account_id));
  throw new DomainError("over_quota", "The mailbox is full", {
    data: { accountIds: [...needs.keys()].filter((accountId) => !fitting.has(accountId)) },
  });
}
