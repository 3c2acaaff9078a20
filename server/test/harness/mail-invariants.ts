import { sql } from "kysely";
import type { Store } from "../../src/store/database.ts";

/** Everything that counts, kept beside what it counts: each row found is a sentence about what does not fit. */
export async function findMailFaults(store: Store): Promise<string[]> {
  const result = await sql<{ fault: string }>`
    SELECT format('mailbox %s counts %s/%s/%s, has %s/%s/%s', m.name, m.total, m.unseen, m.size_bytes, c.total, c.unseen, c.bytes) AS fault
    FROM mailbox m CROSS JOIN LATERAL (
      SELECT count(*) AS total, count(*) FILTER (WHERE NOT '\\Seen' = ANY(flags)) AS unseen, coalesce(sum(size), 0) AS bytes,
        coalesce(max(uid), 0) AS last_uid, coalesce(max(modseq), 0) AS last_modseq
      FROM mailbox_message x WHERE x.mailbox_id = m.id) c
    WHERE (m.total, m.unseen, m.size_bytes) IS DISTINCT FROM (c.total, c.unseen, c.bytes)
    UNION ALL
    SELECT format('mailbox %s: uidnext %s, last uid %s', m.name, m.uidnext, max(x.uid))
    FROM mailbox m JOIN mailbox_message x ON x.mailbox_id = m.id GROUP BY m.name, m.uidnext, m.id HAVING max(x.uid) >= m.uidnext
    UNION ALL
    SELECT format('mailbox %s: modseq %s, a message has %s', m.name, m.highest_modseq, max(x.modseq))
    FROM mailbox m JOIN mailbox_message x ON x.mailbox_id = m.id GROUP BY m.name, m.highest_modseq, m.id
    HAVING max(x.modseq) > m.highest_modseq
    UNION ALL
    SELECT format('feed of %s is at %s, a mailbox at %s', f.account_id, f.modseq, max(m.highest_modseq))
    FROM feed f JOIN mailbox m ON m.account_id = f.account_id WHERE f.area = 'mail' GROUP BY f.account_id, f.modseq
    HAVING max(m.highest_modseq) > f.modseq
    UNION ALL
    SELECT format('quota of %s says %s, messages have %s', q.account_id, q.used_bytes, c.bytes)
    FROM quota q CROSS JOIN LATERAL (
      SELECT coalesce(sum(m.size), 0) AS bytes FROM message m
      WHERE m.account_id = q.account_id AND EXISTS (SELECT FROM mailbox_message x WHERE x.message_id = m.id)) c
    WHERE q.area = 'mail' AND q.used_bytes <> c.bytes
    UNION ALL
    SELECT format('the thread %s of a message does not exist', x.thread_id) FROM mailbox_message x
    WHERE NOT EXISTS (SELECT FROM thread t WHERE t.id = x.thread_id AND t.account_id = x.account_id)
    UNION ALL
    SELECT format('the thread %s is empty', t.id) FROM thread t
    WHERE NOT EXISTS (SELECT FROM mailbox_message x WHERE x.thread_id = t.id)
    UNION ALL
    SELECT format('the message %s holds no blob', m.id) FROM message m
    WHERE NOT EXISTS (SELECT FROM blob_reference r WHERE r.organization_id = m.organization_id AND r.blob_id = m.blob_id
      AND r.kind = 'message' AND r.owner_id = m.id)
    UNION ALL
    SELECT format('the uid %s came back', x.uid) FROM mailbox_message x
    JOIN changes c ON c.collection_id = x.mailbox_id AND c.uid = x.uid AND c.kind = 'message'`.execute(store.read);
  return result.rows.map((row) => row.fault);
}
