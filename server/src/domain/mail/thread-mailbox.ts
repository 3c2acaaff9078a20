import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";
import { baseSubject, isReplySubject } from "../../formats/mime/thread-key.ts";
import type { AccountAccess } from "../access/account-access.ts";
import type { MailDeps } from "./model.ts";
import { amongUids } from "./search/sort-uids.ts";
import { type ThreadableMessage, type ThreadNode, threadByReferences } from "./search/thread-by-references.ts";
import { threadBySubject } from "./search/thread-by-subject.ts";
import type { SearchKey } from "./search-key.ts";
import { searchMailbox } from "./search-mailbox.ts";

export type ThreadAlgorithm = "ORDEREDSUBJECT" | "REFERENCES";

/** Messages read at once. */
const BATCH = 1000;

/**
 * The messages of a mailbox that match an IMAP search, in threads (RFC 5256). These are computed from what the messages say, unlike the
 * threads of an account that JMAP and THREADID tell of.
 * @throws DomainError `not_found`
 */
export async function threadMailbox(
  deps: MailDeps,
  access: AccountAccess,
  mailboxId: string,
  key: SearchKey,
  algorithm: ThreadAlgorithm,
): Promise<ThreadNode[]> {
  const uids = await searchMailbox(deps, access, mailboxId, key);
  const messages: ThreadableMessage[] = [];
  for (let start = 0; start < uids.length; start += BATCH) {
    messages.push(...(await readMessages(deps, access, mailboxId, uids.slice(start, start + BATCH))));
  }
  const threading = algorithm === "REFERENCES" ? threadByReferences(messages) : threadBySubject(messages);
  for (let step = threading.next(); ; step = threading.next()) {
    if (step.done) return step.value;
    await setImmediate();
  }
}

async function readMessages(
  { store }: MailDeps,
  access: AccountAccess,
  mailboxId: string,
  ascending: readonly number[],
): Promise<ThreadableMessage[]> {
  const { rows } = await sql<{
    uid: number;
    subject: string;
    date: number;
    message_id: string | null;
    reference_ids: string[];
  }>`
    SELECT c.uid, m.subject, (extract(epoch FROM coalesce(m.sent_at, c.received_at)) * 1000)::float8 AS date,
      m.summary ->> 'messageId' AS message_id, m.summary -> 'references' AS reference_ids
    FROM mailbox_message c JOIN message m ON m.organization_id = c.organization_id AND m.id = c.message_id
    WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailboxId} AND c.account_id = ${access.accountId}
      AND ${amongUids(ascending)}
    ORDER BY c.uid`.execute(store.read);
  return rows.map((row) => ({
    uid: row.uid,
    messageId: row.message_id,
    references: row.reference_ids,
    subject: baseSubject(row.subject).toUpperCase().normalize("NFKD"),
    isReply: isReplySubject(row.subject),
    date: row.date,
  }));
}
