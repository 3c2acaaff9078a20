import type { Transactor } from "../database.ts";
import { prepare } from "../prepared.ts";

/** What messages that arrive take of a mailbox. */
export interface PlaceDelta {
  organizationId: string;
  accountId: string;
  mailboxId: string;
  /** How many messages. */
  count: number;
  unseen: number;
  bytes: number;
}

export interface QuotaNeed {
  organizationId: string;
  accountId: string;
  bytes: number;
  rule: "strict" | "if_not_full" | "ignore";
}

export interface SoughtReference {
  organizationId: string;
  accountId: string;
  hash: Buffer;
}

export interface TakenPlaces {
  /** A mailbox that is gone is missing; `modseq` is that of its properties. */
  mailboxes: { id: string; firstUid: number; uidvalidity: number; role: string | null; modseq: number }[];
  /** Accounts whose quota took the bytes. */
  paid: string[];
  /** Threads that know a reference. */
  known: { accountId: string; hash: string; threadId: string; createdModseq: number }[];
}

interface Row {
  mailboxes: [string, number, number, string | null, number][] | null;
  paid: string[] | null;
  known: [string, string, string, number][] | null;
}

// The modseq is that of the feed, which this transaction has taken.
const statement = prepare<Row>(
  "mail_take_places",
  `WITH delta AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::integer[], $6::bigint[])
      AS d (organization_id, account_id, mailbox_id, count, unseen, bytes)
  ), moved AS (
    UPDATE mailbox m SET
      uidnext = m.uidnext + d.count, total = m.total + d.count, unseen = m.unseen + d.unseen, size_bytes = m.size_bytes + d.bytes,
      highest_modseq = f.modseq, counts_modseq = f.modseq
    FROM delta d JOIN feed f ON f.organization_id = d.organization_id AND f.account_id = d.account_id AND f.area = 'mail'
    WHERE m.organization_id = d.organization_id AND m.id = d.mailbox_id AND m.account_id = d.account_id AND m.deleted_at IS NULL
    RETURNING m.id, m.uidnext - d.count AS first_uid, m.uidvalidity, m.role, m.modseq
  ), paid AS (
    UPDATE quota q SET used_bytes = used_bytes + n.bytes
    FROM unnest($7::uuid[], $8::uuid[], $9::bigint[], $10::text[]) AS n (organization_id, account_id, bytes, rule)
    WHERE q.organization_id = n.organization_id AND q.account_id = n.account_id AND q.area = 'mail'
      AND (n.rule = 'ignore' OR (n.rule = 'if_not_full' AND q.used_bytes < q.limit_bytes)
        OR q.used_bytes + n.bytes <= q.limit_bytes)
    RETURNING q.account_id
  ), known AS (
    SELECT DISTINCT r.account_id, w.hash, r.thread_id, t.created_modseq
    FROM unnest($11::uuid[], $12::uuid[], $13::text[]) AS w (organization_id, account_id, hash)
    JOIN thread_reference r ON r.organization_id = w.organization_id AND r.account_id = w.account_id
      AND r.reference_hash = decode(w.hash, 'hex')
    JOIN thread t ON t.organization_id = r.organization_id AND t.id = r.thread_id
  )
  SELECT (SELECT json_agg(json_build_array(id, first_uid, uidvalidity, role, modseq)) FROM moved) AS mailboxes,
    (SELECT json_agg(account_id) FROM paid) AS paid,
    (SELECT json_agg(json_build_array(account_id, hash, thread_id, created_modseq)) FROM known) AS known`,
);

/**
 * For messages that arrive, under the feeds of their accounts and in one statement: hands out uids and counts, takes the bytes from
 * the quotas and finds the threads that know their references. The caller gives up the transaction when something is missing.
 */
export async function takePlaces(
  tx: Transactor,
  deltas: readonly PlaceDelta[],
  needs: readonly QuotaNeed[],
  references: readonly SoughtReference[],
): Promise<TakenPlaces> {
  const [row] = await statement.execute(tx, [
    deltas.map((each) => each.organizationId),
    deltas.map((each) => each.accountId),
    deltas.map((each) => each.mailboxId),
    deltas.map((each) => each.count),
    deltas.map((each) => each.unseen),
    deltas.map((each) => each.bytes),
    needs.map((each) => each.organizationId),
    needs.map((each) => each.accountId),
    needs.map((each) => each.bytes),
    needs.map((each) => each.rule),
    references.map((each) => each.organizationId),
    references.map((each) => each.accountId),
    references.map((each) => each.hash.toString("hex")),
  ]);
  return {
    mailboxes: (row?.mailboxes ?? []).map(([id, firstUid, uidvalidity, role, modseq]) => ({
      id,
      firstUid,
      uidvalidity,
      role,
      modseq,
    })),
    paid: row?.paid ?? [],
    known: (row?.known ?? []).map(([accountId, hash, threadId, createdModseq]) => ({
      accountId,
      hash,
      threadId,
      createdModseq,
    })),
  };
}
