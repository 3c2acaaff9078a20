import { sql } from "kysely";
import type { Reader, Transactor } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import type { Mailbox } from "../schema.generated.ts";

/** A column as `select` gives it. */
type Selected<T> = { [K in keyof T]: T[K] extends { __select__: infer S } ? S : T[K] };
export type MailboxRow = Selected<Mailbox>;

/** Every mailbox that is not deleted, or the ones named. */
export async function selectMailboxes(
  reader: Reader,
  key: AccountKey,
  mailboxIds?: readonly string[],
): Promise<MailboxRow[]> {
  let query = reader
    .selectFrom("mailbox")
    .selectAll()
    .where("organization_id", "=", key.organizationId)
    .where("account_id", "=", key.accountId)
    .where("deleted_at", "is", null);
  if (mailboxIds) query = query.where("id", "in", [...mailboxIds]);
  return (await query.orderBy("sort_order").orderBy("name").orderBy("id").execute()) as unknown as MailboxRow[];
}

/** What a transaction adds to (or, negative, takes from) a mailbox. */
export interface MailboxDelta {
  organizationId: string;
  accountId: string;
  mailboxId: string;
  modseq: number;
  /** How many uids to hand out. */
  uids: number;
  total: number;
  unseen: number;
  bytes: number;
}

export interface DeltaResult {
  /** The first of the uids handed out. */
  firstUid: number;
  uidvalidity: number;
}

/**
 * Moves counts, uidnext and modseq of mailboxes in one statement, under the feed locks of their accounts.
 * @returns by mailbox id; a mailbox that is gone is missing
 */
export async function applyMailboxDeltas(
  tx: Transactor,
  deltas: readonly MailboxDelta[],
): Promise<Map<string, DeltaResult>> {
  const result = await sql<{ id: string; first_uid: number; uidvalidity: number }>`
    UPDATE mailbox m SET
      uidnext = m.uidnext + d.uids, total = m.total + d.total, unseen = m.unseen + d.unseen,
      size_bytes = m.size_bytes + d.bytes, highest_modseq = d.modseq,
      counts_modseq = CASE WHEN d.total <> 0 OR d.unseen <> 0 THEN d.modseq ELSE m.counts_modseq END
    FROM unnest(
      ${deltas.map((each) => each.organizationId)}::uuid[], ${deltas.map((each) => each.accountId)}::uuid[],
      ${deltas.map((each) => each.mailboxId)}::uuid[], ${deltas.map((each) => each.modseq)}::bigint[],
      ${deltas.map((each) => each.uids)}::integer[], ${deltas.map((each) => each.total)}::integer[],
      ${deltas.map((each) => each.unseen)}::integer[], ${deltas.map((each) => each.bytes)}::bigint[]
    ) AS d (organization_id, account_id, mailbox_id, modseq, uids, total, unseen, bytes)
    WHERE m.organization_id = d.organization_id AND m.id = d.mailbox_id AND m.account_id = d.account_id
      AND m.deleted_at IS NULL
    RETURNING m.id, m.uidnext - d.uids AS first_uid, m.uidvalidity`.execute(tx);
  return new Map(
    result.rows.map((row) => [row.id, { firstUid: row.first_uid, uidvalidity: row.uidvalidity }] as const),
  );
}
