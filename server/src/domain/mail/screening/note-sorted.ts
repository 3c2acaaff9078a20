import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { trainingTopic } from "./training-order.ts";

/**
 * Notes, for the classifier, that a person moved or copied messages: into Junk is spam, out of Junk (not to the trash) is not, and
 * what is put by into the archive is wanted too. One statement, which waits for nothing: it may be called under the feed lock.
 * @param fromMailboxIds of each message; null for a message that comes from elsewhere
 */
export async function noteSorted(
  tx: Transactor,
  key: AccountKey,
  messages: readonly { readonly messageId: string; readonly fromMailboxId: string | null }[],
  toMailboxId: string,
): Promise<void> {
  if (messages.length === 0) return;
  const written = await sql`
    INSERT INTO outbox (topic, organization_id, payload)
    SELECT ${trainingTopic}, ${key.organizationId}::uuid, jsonb_build_object('accountId', ${key.accountId}::text,
      'verdict', CASE WHEN t.role = 'junk' THEN 'spam' ELSE 'ham' END, 'messageIds', jsonb_agg(DISTINCT m.message_id))
    FROM mailbox t
    CROSS JOIN unnest(${messages.map((each) => each.messageId)}::uuid[], ${messages.map((each) => each.fromMailboxId)}::uuid[])
      AS m (message_id, mailbox_id)
    LEFT JOIN mailbox s ON s.organization_id = t.organization_id AND s.id = m.mailbox_id
    WHERE t.organization_id = ${key.organizationId} AND t.id = ${toMailboxId} AND (
      (t.role = 'junk' AND coalesce(s.role, '') NOT IN ('junk', 'drafts', 'sent'))
      OR (s.role = 'junk' AND coalesce(t.role, '') NOT IN ('junk', 'trash', 'drafts', 'sent'))
      OR (t.role = 'archive' AND s.role = 'inbox'))
    GROUP BY t.role`.execute(tx);
  if (written.numAffectedRows) tx.hint({ kind: "work", id: "outbox" });
}
