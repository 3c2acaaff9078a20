import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { unseen } from "../../store/mail/flag-conditions.ts";
import { copiesSeenBy } from "../../store/mail/mailbox-message-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { seenBy } from "../access/seen-by.ts";
import { readMailbox } from "./list-mailboxes.ts";
import type { Mailbox } from "./model.ts";

export interface Selection {
  mailbox: Mailbox;
  /** Ascending; all below `mailbox.uidnext`. */
  uids: number[];
  firstUnseenUid: number | null;
  /** In use, sorted, without system flags. */
  keywords: string[];
}

/**
 * What SELECT needs to know of a mailbox: uids only, because a mailbox may hold 100,000 messages. The mailbox row is read first, so
 * what changes meanwhile is found again by `readMailboxChanges` since `mailbox.highestModseq`.
 * @throws DomainError `not_found`
 */
export async function readSelection(reader: Reader, access: AccountAccess, mailboxId: string): Promise<Selection> {
  return readSelectionOf(reader, access, await readMailbox(reader, access, mailboxId));
}

/** The same for a mailbox that was just read. */
export async function readSelectionOf(reader: Reader, access: AccountAccess, mailbox: Mailbox): Promise<Selection> {
  const copies = sql`${copiesSeenBy(seenBy(access))} c WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailbox.id}
    AND c.account_id = ${access.accountId} AND c.uid < ${mailbox.uidnext}`;
  // As one text: of 100,000 values, an array would take the driver ten times longer to parse.
  const result = await sql<{ uids: string | null; first_unseen: number | null; keywords: string[] | null }>`
    SELECT string_agg(c.uid::text, ',' ORDER BY c.uid) AS uids, min(c.uid) FILTER (WHERE ${unseen("c")}) AS first_unseen,
      (SELECT array_agg(DISTINCT flag ORDER BY flag) FROM (
        SELECT unnest(c.flags) AS flag FROM ${copies}
          AND NOT c.flags <@ ARRAY['\\Seen', '\\Answered', '\\Flagged', '\\Draft', '\\Deleted']
      ) f WHERE flag NOT LIKE '\\\\%') AS keywords
    FROM ${copies}`.execute(reader);
  const row = result.rows[0]!;
  const uids = row.uids === null ? [] : row.uids.split(",").map(Number);
  return { mailbox, uids, firstUnseenUid: row.first_unseen, keywords: row.keywords ?? [] };
}
