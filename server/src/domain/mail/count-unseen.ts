import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { unseen } from "../../store/mail/flag-conditions.ts";
import { copiesSeenBy } from "../../store/mail/mailbox-message-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { seenBy } from "../access/seen-by.ts";
import type { Mailbox } from "./model.ts";

/** Counts kept of one reader, the oldest of which go first. */
const maxKept = 20_000;

/**
 * What was counted at which modseq of the mailbox. By reader: what a transaction counts is forgotten with it, and may never have been.
 */
const kept = new WeakMap<Reader, Map<string, { modseq: number; unseen: number }>>();

/**
 * Unseen copies in mailboxes of one account, by mailbox id, for a viewer with a `\Seen` of their own. A count reads the whole
 * mailbox; it is kept until the mailbox's modseq moves, as it does for whatever changes it, also for another person.
 */
export async function countUnseen(
  reader: Reader,
  access: AccountAccess,
  mailboxes: readonly Pick<Mailbox, "id" | "highestModseq">[],
): Promise<Map<string, number>> {
  const counts = kept.get(reader) ?? new Map<string, { modseq: number; unseen: number }>();
  kept.set(reader, counts);
  const keyOf = (mailboxId: string) => `${access.viewer.principalId} ${mailboxId}`;
  const stale = mailboxes.filter(({ id, highestModseq }) => counts.get(keyOf(id))?.modseq !== highestModseq);
  if (stale.length > 0) {
    const ids = stale.map(({ id }) => id);
    const { rows } = await sql<{ mailbox_id: string; count: number }>`
      SELECT c.mailbox_id, count(*) AS count FROM ${copiesSeenBy(seenBy(access))} c
      WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ANY(${ids}::uuid[]) AND ${unseen("c")}
      GROUP BY 1`.execute(reader);
    const counted = new Map(rows.map((row) => [row.mailbox_id, row.count]));
    for (const { id, highestModseq } of stale) {
      counts.delete(keyOf(id));
      counts.set(keyOf(id), { modseq: highestModseq, unseen: counted.get(id) ?? 0 });
    }
  }
  const result = new Map(mailboxes.map(({ id }) => [id, counts.get(keyOf(id))?.unseen ?? 0] as const));
  for (const oldest of counts.keys()) {
    if (counts.size <= maxKept) break;
    counts.delete(oldest);
  }
  return result;
}
