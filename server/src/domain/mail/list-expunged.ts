import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { AccountAccess } from "../access/account-access.ts";
import type { MessageSummary } from "./model.ts";

export interface ExpungedMessage {
  id: string;
  messageId: string;
  /** Where it was; the mailbox may be deleted too. */
  mailboxId: string;
  mailboxName: string;
  subject: string;
  preview: string;
  from: MessageSummary["from"];
  receivedAt: Date;
  size: number;
  expungedAt: Date;
}

/**
 * What can be restored, last expunged first.
 * @param options.before goes on after the last one of a page
 * @param options.text only what has it in its subject, its beginning or its sender; accents and case aside
 */
export async function listExpunged(
  reader: Reader,
  access: AccountAccess,
  options: { limit: number; before?: { expungedAt: Date; id: string }; text?: string },
): Promise<ExpungedMessage[]> {
  const { before, text = "" } = options;
  // What was deleted within two weeks is little: no index is needed.
  const words =
    text.trim() === ""
      ? sql``
      : sql`AND strpos(search_form(concat_ws(' ', m.subject, m.preview, m.summary ->> 'from')),
    search_form(${text.trim().replaceAll("\0", "")})) > 0`;
  // A Date ends at milliseconds: compared with microseconds, the rest of what was deleted with the last one would be left out.
  const at = sql`date_trunc('milliseconds', e.expunged_at)`;
  const page = before ? sql`AND (${at}, e.id) < (${before.expungedAt}, ${before.id}::uuid)` : sql``;
  const result = await sql<ExpungedMessage>`
    SELECT e.id, e.message_id AS "messageId", e.mailbox_id AS "mailboxId", b.name AS "mailboxName", m.subject, m.preview,
      m.summary -> 'from' AS "from", m.received_at AS "receivedAt", m.size, e.expunged_at AS "expungedAt"
    FROM expunged_message e
    JOIN message m ON m.organization_id = e.organization_id AND m.id = e.message_id
    JOIN mailbox b ON b.organization_id = e.organization_id AND b.id = e.mailbox_id
    WHERE e.organization_id = ${access.organizationId} AND e.account_id = ${access.accountId} ${page} ${words}
    ORDER BY ${at} DESC, e.id DESC LIMIT ${options.limit}`.execute(reader);
  return result.rows;
}
