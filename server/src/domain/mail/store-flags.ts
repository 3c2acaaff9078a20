import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import { type AccountKey, takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { selectByUids } from "../../store/mail/mailbox-message-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { flagsAllowed } from "../access/mailbox-rights.ts";
import { seenBy } from "../access/seen-by.ts";
import { DomainError } from "../errors.ts";
import { changeFlags, type FlagChange, isSeen, normalizeFlags, sharedFlags } from "./flags.ts";
import { readMailbox } from "./list-mailboxes.ts";
import { mailboxMessageFromRow } from "./mailbox-from-row.ts";
import type { MailboxMessage, MailDeps } from "./model.ts";

export interface StoredFlags {
  /** The mailbox's highest modseq after the change. */
  modseq: number;
  updated: MailboxMessage[];
  /** Found, but nothing to change. */
  unchanged: MailboxMessage[];
  /** Changed by others since `unchangedSince`; uids that do not exist are in none of the three. */
  failed: number[];
}

/**
 * Changes flags of messages of one mailbox. No modseq is taken when nothing changes. Of several flags those change that the viewer may
 * change here, and the others stay (RFC 4314 section 4).
 * @param options.unchangedSince RFC 7162 section 3.1.3
 * @throws DomainError `forbidden` when they may change none of them, `not_found` (mailbox), `invalid` (flags)
 */
export async function storeFlags(
  deps: MailDeps,
  access: AccountAccess,
  mailboxId: string,
  uids: readonly number[],
  change: { mode: "add" | "remove" | "replace"; flags: Iterable<string> },
  options: { unchangedSince?: number } = {},
): Promise<StoredFlags> {
  const flags = normalizeFlags(change.flags);
  const allowed = flagsAllowed(access, mailboxId, flags);
  const mayChangeAny = flagsAllowed(access, mailboxId, ["\\Seen", "\\Deleted", "$any"]).length > 0;
  if (flags.length > 0 ? allowed.length === 0 : !mayChangeAny) {
    await readMailbox(deps.store.read, access, mailboxId);
    throw new DomainError("forbidden", "You may not change these flags here");
  }
  /** Flags that the viewer may not change stay when all are replaced. */
  const changeOf = (current: readonly string[]): FlagChange => {
    if (change.mode !== "replace") return { mode: change.mode, flags: allowed };
    const replaceable = new Set(flagsAllowed(access, mailboxId, current));
    return { mode: "replace", flags: [...allowed, ...current.filter((flag) => !replaceable.has(flag))] };
  };
  return deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    const mailbox = await readMailbox(tx, access, mailboxId);
    const result: StoredFlags = { modseq: mailbox.highestModseq, updated: [], unchanged: [], failed: [] };
    const changes: ChangedCopy[] = [];
    for (const row of await selectByUids(tx, access, mailboxId, uids, seenBy(access))) {
      const message = mailboxMessageFromRow(row);
      if (options.unchangedSince !== undefined && message.modseq > options.unchangedSince) {
        result.failed.push(message.uid);
        continue;
      }
      const flags = changeFlags(message.flags, changeOf(message.flags));
      if (flags === message.flags) {
        result.unchanged.push(message);
        continue;
      }
      changes.push({ ...message, before: message.flags, flags });
      result.updated.push({ ...message, flags });
    }
    if (changes.length === 0) return result;
    result.modseq = await takeModseq(tx, access, "mail", typesMoved(changes));
    for (const message of result.updated) message.modseq = result.modseq;
    await writeFlags(tx, access, result.modseq, changes, seenBy(access));
    return result;
  });
}

export interface ChangedCopy {
  mailboxId: string;
  uid: number;
  messageId: string;
  sharedSeen?: boolean;
  before: readonly string[];
  flags: readonly string[];
}

/** JMAP types that a change of flags moves: a mailbox only when its unseen count does. */
export function typesMoved(changes: readonly ChangedCopy[]): string[] {
  return changes.some((each) => isSeen(each.before) !== isSeen(each.flags)) ? ["Email", "Mailbox"] : ["Email"];
}

/**
 * Writes new flags of copies and the counts of their mailboxes, under the feed lock.
 * @param viewer whose own `\Seen` the flags were read with
 */
export async function writeFlags(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  changes: readonly ChangedCopy[],
  viewer?: string,
): Promise<void> {
  if (viewer === undefined) return writeSharedFlags(tx, key, modseq, changes);
  const shared = changes.map((each) => ({
    ...each,
    before: sharedFlags({ ...each, flags: each.before }),
    flags: sharedFlags(each),
  }));
  const changed = shared.filter(
    ({ before, flags }) => before.length !== flags.length || !flags.every((flag) => before.includes(flag)),
  );
  if (changed.length > 0) await writeSharedFlags(tx, key, modseq, changed);
  const seen = new Map(
    changes
      .filter((each) => isSeen(each.before) !== isSeen(each.flags))
      .map((each) => [each.messageId, isSeen(each.flags)]),
  );
  if (seen.size > 0) await writePersonalSeen(tx, key, modseq, viewer, seen);
}

/** By message, and so for all its copies: the mailboxes that hold one move. */
async function writePersonalSeen(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  viewer: string,
  seen: ReadonlyMap<string, boolean>,
): Promise<void> {
  await sql`
    WITH written AS (
      INSERT INTO personal_seen (organization_id, message_id, principal_id, account_id, is_seen, modseq)
      SELECT ${key.organizationId}::uuid, n.id, ${viewer}::uuid, ${key.accountId}::uuid, n.is_seen, ${modseq}::bigint
      FROM unnest(${[...seen.keys()]}::uuid[], ${[...seen.values()]}::boolean[]) AS n (id, is_seen)
      ON CONFLICT (organization_id, message_id, principal_id) DO UPDATE SET is_seen = excluded.is_seen, modseq = excluded.modseq
    )
    UPDATE mailbox SET highest_modseq = ${modseq}, counts_modseq = ${modseq}
    WHERE organization_id = ${key.organizationId} AND id IN (
      SELECT mailbox_id FROM mailbox_message WHERE organization_id = ${key.organizationId}
        AND message_id = ANY(${[...seen.keys()]}::uuid[]))`.execute(tx);
}

async function writeSharedFlags(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  changes: readonly ChangedCopy[],
): Promise<void> {
  await sql`
    WITH change AS MATERIALIZED (
      SELECT * FROM unnest(
        ${changes.map((each) => each.mailboxId)}::uuid[], ${changes.map((each) => each.uid)}::bigint[],
        ${changes.map((each) => each.flags.join(" "))}::text[],
        ${changes.map((each) => Number(isSeen(each.before)) - Number(isSeen(each.flags)))}::integer[]
      ) AS c (mailbox_id, uid, flags, unseen)
    ), counted AS (
      UPDATE mailbox m SET unseen = m.unseen + d.unseen, highest_modseq = ${modseq},
        counts_modseq = CASE WHEN d.unseen <> 0 THEN ${modseq} ELSE m.counts_modseq END
      FROM (SELECT mailbox_id, sum(unseen) AS unseen FROM change GROUP BY 1) d
      WHERE m.organization_id = ${key.organizationId} AND m.id = d.mailbox_id
    )
    UPDATE mailbox_message c SET
      flags = CASE WHEN n.flags = '' THEN '{}' ELSE string_to_array(n.flags, ' ') END, modseq = ${modseq}
    FROM change n
    WHERE c.organization_id = ${key.organizationId} AND c.mailbox_id = n.mailbox_id AND c.uid = n.uid`.execute(tx);
}
