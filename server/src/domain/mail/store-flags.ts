import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import { type AccountKey, takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { selectByUids } from "../../store/mail/mailbox-message-rows.ts";
import { type AccountAccess, requireRight } from "../access/account-access.ts";
import { changeFlags, type FlagChange, isSeen, normalizeFlags } from "./flags.ts";
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
 * Changes flags of messages of one mailbox. No modseq is taken when nothing changes.
 * @param options.unchangedSince RFC 7162 section 3.1.3
 * @throws DomainError `forbidden`, `not_found` (mailbox), `invalid` (flags)
 */
export async function storeFlags(
  deps: MailDeps,
  access: AccountAccess,
  mailboxId: string,
  uids: readonly number[],
  change: { mode: "add" | "remove" | "replace"; flags: Iterable<string> },
  options: { unchangedSince?: number } = {},
): Promise<StoredFlags> {
  requireRight(access, "write");
  const normalized: FlagChange = { mode: change.mode, flags: normalizeFlags(change.flags) };
  return deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    const mailbox = await readMailbox(tx, access, mailboxId);
    const result: StoredFlags = { modseq: mailbox.highestModseq, updated: [], unchanged: [], failed: [] };
    const changes: ChangedCopy[] = [];
    for (const row of await selectByUids(tx, access, mailboxId, uids)) {
      const message = mailboxMessageFromRow(row);
      if (options.unchangedSince !== undefined && message.modseq > options.unchangedSince) {
        result.failed.push(message.uid);
        continue;
      }
      const flags = changeFlags(message.flags, normalized);
      if (flags === message.flags) {
        result.unchanged.push(message);
        continue;
      }
      changes.push({ mailboxId, uid: message.uid, before: message.flags, flags });
      result.updated.push({ ...message, flags });
    }
    if (changes.length === 0) return result;
    result.modseq = await takeModseq(tx, access, "mail", typesMoved(changes));
    for (const message of result.updated) message.modseq = result.modseq;
    await writeFlags(tx, access, result.modseq, changes);
    return result;
  });
}

export interface ChangedCopy {
  mailboxId: string;
  uid: number;
  before: readonly string[];
  flags: readonly string[];
}

/** JMAP types that a change of flags moves: a mailbox only when its unseen count does. */
export function typesMoved(changes: readonly ChangedCopy[]): string[] {
  return changes.some((each) => isSeen(each.before) !== isSeen(each.flags)) ? ["Email", "Mailbox"] : ["Email"];
}

/** Writes new flags of copies and the counts of their mailboxes, under the feed lock. */
export async function writeFlags(
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
