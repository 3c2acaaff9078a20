import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Store } from "../../../store/database.ts";
import { highestConcurrency, initialConcurrency, isPressing } from "./destinations.ts";
import type { OutboundRecipient } from "./mail-transport.ts";

/** The right to send one message to some recipients of one domain, for a time. */
export interface Lease {
  readonly token: string;
  readonly organizationId: string;
  readonly outboundId: string;
  readonly domain: string;
  readonly blobId: string;
  readonly returnPath: string;
  readonly prependedHeaders: string;
  readonly isEightBit: boolean;
  readonly isSmtpUtf8: boolean;
  readonly requiresTls: boolean;
  readonly isTlsOptional: boolean;
  readonly dsn: { readonly ret: string | null; readonly envid: string | null };
  readonly recipients: readonly OutboundRecipient[];
  /** The destination is left alone now: this lease only serves to say that the message waits, or that its time is over. */
  readonly pausedReply: string | undefined;
}

export interface LeaseOptions {
  /** Messages under way to one domain, all copies of the program together. */
  readonly maxPerDomain: number;
  readonly leaseSeconds: number;
}

export const defaultLease: LeaseOptions = { maxPerDomain: highestConcurrency, leaseSeconds: 120 };
const maxRecipients = 100;

/**
 * Takes what is due longest. While a lease lasts no other copy takes the same recipients: `next_attempt_at` is the end of the
 * lease, so an attempt whose process died is due again by itself.
 * @returns undefined when nothing is due that may be sent now
 */
export async function leaseNext(store: Store, options: LeaseOptions = defaultLease): Promise<Lease | undefined> {
  const full: string[] = [];
  for (;;) {
    const taken = await tryLease(store, options, full);
    if (typeof taken !== "string") return taken;
    full.push(taken);
  }
}

/** Leased rows are due when their lease ends, so the index by that time finds them among a long queue. */
const isLeased = sql`b.state = 'queued' AND b.next_attempt_at > now() AND b.next_attempt_at = b.lease_until`;

/** @returns the domain when it turned out to have all its messages under way */
async function tryLease(store: Store, options: LeaseOptions, full: string[]): Promise<Lease | string | undefined> {
  const { maxPerDomain, leaseSeconds } = options;
  return store.transact(async (tx) => {
    const due = await sql<{
      organization_id: string;
      outbound_id: string;
      domain: string;
      paused_reply: string | null;
    }>`
      WITH busy AS (
        SELECT b.domain FROM outbound_recipient b LEFT JOIN outbound_destination d ON d.domain = b.domain
        WHERE ${isLeased} GROUP BY b.domain, d.concurrency
        HAVING count(DISTINCT b.outbound_id) >= least(${maxPerDomain}, coalesce(d.concurrency, ${initialConcurrency})))
      SELECT r.organization_id, r.outbound_id, r.domain,
        CASE WHEN d.paused_until > now() THEN coalesce(d.last_reply, '') END AS paused_reply
      FROM outbound_recipient r LEFT JOIN outbound_destination d ON d.domain = r.domain
      WHERE r.state = 'queued' AND r.next_attempt_at <= now() AND r.domain <> ALL(${full}::text[])
        AND NOT EXISTS (SELECT FROM busy WHERE busy.domain = r.domain)
        AND (d.paused_until IS NULL OR d.paused_until <= now() OR ${isPressing})
      ORDER BY r.next_attempt_at LIMIT 1 FOR UPDATE OF r SKIP LOCKED`.execute(tx);
    const first = due.rows[0];
    if (!first) return undefined;
    // Two copies may both have counted before either leased: the count that decides is made one after the other.
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`outbound ${first.domain}`}, 0))`.execute(tx);
    const underWay = await sql<{ count: number; allowed: number }>`
      SELECT count(DISTINCT b.outbound_id) AS count, least(${maxPerDomain}, coalesce(
        (SELECT concurrency FROM outbound_destination WHERE domain = ${first.domain}), ${initialConcurrency})) AS allowed
      FROM outbound_recipient b WHERE ${isLeased} AND b.domain = ${first.domain}`.execute(tx);
    if (underWay.rows[0]!.count >= underWay.rows[0]!.allowed) return first.domain;
    const token = randomUUID();
    const leased = await sql<{ id: string; address: string; dsn_notify: string[] | null; dsn_orcpt: string | null }>`
      UPDATE outbound_recipient r SET lease_owner = ${token}, lease_until = now() + make_interval(secs => ${leaseSeconds}),
        next_attempt_at = now() + make_interval(secs => ${leaseSeconds})
      FROM (SELECT id FROM outbound_recipient WHERE organization_id = ${first.organization_id}
          AND outbound_id = ${first.outbound_id} AND domain = ${first.domain} AND state = 'queued' AND next_attempt_at <= now()
        ORDER BY id LIMIT ${maxRecipients} FOR UPDATE SKIP LOCKED) due
      WHERE r.organization_id = ${first.organization_id} AND r.id = due.id
      RETURNING r.id, r.address, r.dsn_notify, r.dsn_orcpt`.execute(tx);
    const message = await tx
      .selectFrom("outbound_message")
      .select([
        "blob_id",
        "return_path",
        "prepended_headers",
        "body_type",
        "is_smtputf8",
        "requires_tls",
        "is_tls_optional",
        "dsn_ret",
        "dsn_envid",
      ])
      .where("organization_id", "=", first.organization_id)
      .where("id", "=", first.outbound_id)
      .executeTakeFirstOrThrow();
    return {
      token,
      organizationId: first.organization_id,
      outboundId: first.outbound_id,
      domain: first.domain,
      blobId: message.blob_id,
      returnPath: message.return_path,
      prependedHeaders: message.prepended_headers,
      isEightBit: message.body_type === "8BITMIME",
      isSmtpUtf8: message.is_smtputf8,
      requiresTls: message.requires_tls,
      isTlsOptional: message.is_tls_optional,
      pausedReply: first.paused_reply ?? undefined,
      dsn: { ret: message.dsn_ret, envid: message.dsn_envid },
      recipients: leased.rows.map((row) => ({
        id: row.id,
        address: row.address,
        notify: row.dsn_notify,
        orcpt: row.dsn_orcpt,
      })),
    };
  });
}

/** Prolongs a lease. @returns false when it was lost: stop before the last dot if that is still possible */
export async function renewLease(
  store: Store,
  lease: Lease,
  leaseSeconds = defaultLease.leaseSeconds,
): Promise<boolean> {
  return store.transact(async (tx) => {
    const renewed = await sql`
      UPDATE outbound_recipient SET lease_until = now() + make_interval(secs => ${leaseSeconds}),
        next_attempt_at = now() + make_interval(secs => ${leaseSeconds})
      WHERE organization_id = ${lease.organizationId} AND outbound_id = ${lease.outboundId}
        AND state = 'queued' AND lease_owner = ${lease.token}`.execute(tx);
    return Number(renewed.numAffectedRows ?? 0) > 0;
  });
}

/** Gives a lease back untouched, so that another copy takes the message at once. */
export async function releaseLease(store: Store, lease: Lease): Promise<void> {
  await store.transact(async (tx) => {
    await sql`
      UPDATE outbound_recipient SET lease_until = NULL, lease_owner = NULL, next_attempt_at = now()
      WHERE organization_id = ${lease.organizationId} AND outbound_id = ${lease.outboundId}
        AND state = 'queued' AND lease_owner = ${lease.token}`.execute(tx);
    tx.hint({ kind: "work", id: "outbound" });
  });
}

/** When the next recipient is due, at the latest in `capMs`; in milliseconds from now, never negative. */
export async function nextDueIn(store: Store, capMs: number): Promise<number> {
  const next = await sql<{ ms: number | null }>`
    SELECT extract(epoch FROM min(next_attempt_at) - now()) * 1000 AS ms FROM outbound_recipient WHERE state = 'queued'`.execute(
    store.read,
  );
  const ms = next.rows[0]?.ms;
  return ms === null || ms === undefined ? capMs : Math.max(0, Math.min(capMs, Math.ceil(Number(ms))));
}
