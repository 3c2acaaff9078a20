import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { readFeed } from "../../store/feed/take-modseq.ts";
import { columnsSeenBy, copiesSeenBy, type MailboxMessageRow } from "../../store/mail/mailbox-message-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { seenBy } from "../access/seen-by.ts";
import { DomainError } from "../errors.ts";
import { readMailbox } from "./list-mailboxes.ts";
import { mailboxMessageFromRow } from "./mailbox-from-row.ts";
import type { Mailbox, MailboxMessage } from "./model.ts";

export interface MailboxChanges {
  mailbox: Mailbox;
  /** Arrived or changed since, by uid. */
  changed: MailboxMessage[];
  /** Uids that left since, ascending; some may never have been seen by the caller. On the first page only. */
  vanished: number[];
  /** Ask again with `afterUid` of the last one. */
  hasMore: boolean;
}

/**
 * What happened in a mailbox since a modseq. The mailbox row is read first: going on from its `highestModseq` misses nothing, though
 * it may tell something twice.
 * @throws DomainError `not_found`, `cannot_calculate_changes` when the feed does not remember that far
 */
export async function readMailboxChanges(
  reader: Reader,
  access: AccountAccess,
  mailboxId: string,
  sinceModseq: number,
  options: { afterUid?: number; limit: number },
): Promise<MailboxChanges> {
  const mailbox = await readMailbox(reader, access, mailboxId);
  if (sinceModseq >= mailbox.highestModseq) return { mailbox, changed: [], vanished: [], hasMore: false };
  const afterUid = options.afterUid ?? 0;
  const vanished =
    afterUid > 0
      ? []
      : await reader
          .selectFrom("changes")
          .select("uid")
          .where("organization_id", "=", access.organizationId)
          .where("collection_id", "=", mailboxId)
          .where("modseq", ">", sinceModseq)
          .where("kind", "=", "message")
          .orderBy("uid")
          .execute();
  // After the departures, which may be purged at any moment.
  const feed = await readFeed(reader, access, "mail");
  if (!feed || sinceModseq < feed.oldestModseq - 1) {
    throw new DomainError("cannot_calculate_changes", "Too much has happened since");
  }
  const viewer = seenBy(access);
  // By two indexes: the modseq of a copy that the viewer sees is the greater of two columns, which no index holds.
  const changed =
    viewer === undefined
      ? sql`c.modseq > ${sinceModseq}`
      : sql`c.uid IN (
          SELECT n.uid FROM mailbox_message n WHERE n.organization_id = ${access.organizationId} AND n.mailbox_id = ${mailboxId}
            AND n.modseq > ${sinceModseq}
          UNION SELECT n.uid FROM personal_seen p
            JOIN mailbox_message n ON n.organization_id = p.organization_id AND n.message_id = p.message_id AND n.mailbox_id = ${mailboxId}
            WHERE p.organization_id = ${access.organizationId} AND p.account_id = ${access.accountId} AND p.principal_id = ${viewer}
              AND p.modseq > ${sinceModseq})`;
  const result = await sql<MailboxMessageRow>`
    SELECT ${columnsSeenBy(viewer)} FROM ${copiesSeenBy(viewer)} c
    WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailboxId} AND c.account_id = ${access.accountId}
      AND ${changed} AND c.uid > ${afterUid}
    ORDER BY c.uid LIMIT ${options.limit + 1}`.execute(reader);
  return {
    mailbox,
    changed: result.rows.slice(0, options.limit).map(mailboxMessageFromRow),
    vanished: vanished.map((row) => row.uid),
    hasMore: result.rows.length > options.limit,
  };
}
