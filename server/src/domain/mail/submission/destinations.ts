import { sql } from "kysely";
import type { Reader, Transactor } from "../../../store/database.ts";
import type { RecipientResult } from "./mail-transport.ts";
import { delayNoticeMs } from "./retry-schedule.ts";

/** Messages under way at once to a destination that nothing is known of. */
export const initialConcurrency = 2;

/** More than that no destination gets, however well it takes mail. */
export const highestConcurrency = 10;

const minute = 60_000;

/**
 * How long a destination is left alone after failures in a row: a minute, doubled up to an hour.
 * @param failures 1 or more
 */
export function pauseMs(failures: number): number {
  return Math.min(60 * minute, minute * 2 ** Math.min(failures - 1, 6));
}

/** A server that put off this many messages in a row means us, not the messages: greylisting puts off each message once. */
const deferralsBeforePause = 5;

/** A message whose time is over, or whose sender should hear that it waits, is dealt with even while its destination rests. */
export const isPressing = sql`EXISTS (SELECT FROM outbound_message m WHERE m.organization_id = r.organization_id AND m.id = r.outbound_id
  AND (m.expires_at <= now() OR (r.delay_notified_at IS NULL AND m.send_at <= now() - make_interval(secs => ${delayNoticeMs / 1_000}))))`;

export type DestinationEvent = "took" | "deferred" | "unreachable";

/** What an attempt says of the destination; undefined when it says nothing, such as mail delivered here. */
function readEvent(results: readonly RecipientResult[]): DestinationEvent | undefined {
  if (results.length === 0) return undefined;
  if (results.every((result) => result.isUnreachable)) {
    // A domain that does not exist is nobody's trouble but the sender's.
    return results.every((result) => result.outcome === "failed") ? undefined : "unreachable";
  }
  if (results.every((result) => result.remoteHost === null)) return undefined;
  return results.every((result) => result.outcome === "retry") ? "deferred" : "took";
}

/**
 * Slow start and back-off (as Postfix does it): each message taken allows one more at once, each one put off half as many; a
 * destination that cannot be reached, or puts off one after the other, is left alone for a while and then tried with one.
 */
export async function noteDestination(
  tx: Transactor,
  domain: string,
  results: readonly RecipientResult[],
  now: Date,
): Promise<void> {
  const event = readEvent(results);
  if (event === undefined) return;
  // Made first, so that two attempts that end together both count.
  await sql`INSERT INTO outbound_destination (domain, concurrency) VALUES (${domain}, ${initialConcurrency}) ON CONFLICT DO NOTHING`.execute(
    tx,
  );
  const row = await tx
    .selectFrom("outbound_destination")
    .select(["concurrency", "failures", "paused_until"])
    .where("domain", "=", domain)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const failures = event === "took" ? 0 : row.failures + 1;
  const isPaused = event === "unreachable" || (event === "deferred" && failures >= deferralsBeforePause);
  const pausesOver = event === "unreachable" ? failures : failures - deferralsBeforePause + 1;
  // Those that were under way together fail together: they are one failure, not several.
  const wasJustPaused = row.paused_until !== null && row.paused_until > now && event !== "took";
  await tx
    .updateTable("outbound_destination")
    .set({
      updated_at: now,
      last_reply: results[0]!.reply,
      ...(wasJustPaused
        ? {}
        : {
            failures,
            concurrency:
              event === "took"
                ? Math.min(highestConcurrency, row.concurrency + 1)
                : event === "unreachable"
                  ? 1
                  : Math.max(1, Math.floor(row.concurrency / 2)),
            paused_until: isPaused ? new Date(now.getTime() + pauseMs(pausesOver)) : null,
          }),
    })
    .where("domain", "=", domain)
    .execute();
  if (isPaused && !wasJustPaused) await postponeOthers(tx, domain, new Date(now.getTime() + pauseMs(pausesOver)));
}

/** A long queue for one destination must not be read through each time that something is to be sent to another. */
async function postponeOthers(tx: Transactor, domain: string, until: Date): Promise<void> {
  await sql`
    UPDATE outbound_recipient SET next_attempt_at = ${until}
    WHERE (organization_id, id) IN (
      SELECT r.organization_id, r.id FROM outbound_recipient r
      WHERE r.domain = ${domain} AND r.state = 'queued' AND r.next_attempt_at <= now()
        AND (r.lease_until IS NULL OR r.lease_until < now()) AND NOT ${isPressing}
      FOR UPDATE SKIP LOCKED)`.execute(tx);
}

export interface Destination {
  domain: string;
  concurrency: number;
  failures: number;
  pausedUntil: Date | undefined;
  lastReply: string | null;
}

/** Those that are left alone now, longest pause first. */
export async function listPausedDestinations(reader: Reader): Promise<Destination[]> {
  const rows = await reader
    .selectFrom("outbound_destination")
    .select(["domain", "concurrency", "failures", "paused_until", "last_reply"])
    .where("paused_until", ">", new Date())
    .orderBy("paused_until", "desc")
    .limit(1_000)
    .execute();
  return rows.map((row) => ({
    domain: row.domain,
    concurrency: row.concurrency,
    failures: row.failures,
    pausedUntil: row.paused_until ?? undefined,
    lastReply: row.last_reply,
  }));
}
