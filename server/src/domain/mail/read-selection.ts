import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { AccountAccess } from "../access/account-access.ts";
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
  const mailbox = await readMailbox(reader, access, mailboxId);
  const result = await sql<{ uids: number[] | null; first_unseen: number | null; keywords: string[] | null }>`
    WITH copies AS MATERIALIZED (
      SELECT uid, flags FROM mailbox_message
      WHERE organization_id = ${access.organizationId} AND mailbox_id = ${mailboxId} AND account_id = ${access.accountId}
        AND uid < ${mailbox.uidnext}
      ORDER BY uid
    )
    SELECT (SELECT array_agg(uid::float8) FROM copies) AS uids,
      (SELECT min(uid) FROM copies WHERE NOT flags @> '{"\\\\Seen"}') AS first_unseen,
      (SELECT array_agg(DISTINCT flag ORDER BY flag) FROM copies, unnest(flags) AS flag WHERE flag NOT LIKE '\\\\%') AS keywords`.execute(
    reader,
  );
  const row = result.rows[0]!;
  return { mailbox, uids: row.uids ?? [], firstUnseenUid: row.first_unseen, keywords: row.keywords ?? [] };
}
