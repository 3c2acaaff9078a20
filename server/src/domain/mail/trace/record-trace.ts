import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import type { TraceEntry } from "./trace-entry.ts";

/** The organization of what concerns none of ours. */
export const nobody = "00000000-0000-0000-0000-000000000000";

/**
 * Writes what happened to a message, one row a recipient, in one statement: call it in the transaction of the delivery, before the
 * feeds are taken. It waits for no lock. What was refused has no transaction: see `TraceBuffer`.
 */
export async function recordTrace(tx: Transactor, entries: readonly TraceEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const column = <T>(read: (entry: TraceEntry) => T): T[] => entries.map(read);
  await sql`
    INSERT INTO mail_trace (organization_id, at, direction, sender, recipient, outcome, status, detail, remote_address, message_id, subject, size)
    SELECT * FROM unnest(
      ${column((entry) => entry.organizationId ?? nobody)}::uuid[], ${column((entry) => entry.at)}::timestamptz[],
      ${column((entry) => entry.direction)}::text[], ${column((entry) => address(entry.sender))}::text[],
      ${column((entry) => address(entry.recipient))}::text[], ${column((entry) => entry.outcome)}::text[],
      ${column((entry) => plain(entry.status, 20))}::text[], ${column((entry) => plain(entry.detail, 500))}::text[],
      ${column((entry) => plain(entry.remoteAddress, 60))}::text[], ${column((entry) => plain(entry.messageId, 300))}::text[],
      ${column((entry) => plain(entry.subject ?? "", 300))}::text[], ${column((entry) => entry.size)}::bigint[])`.execute(
    tx,
  );
}

function address(text: string): string {
  return plain(text, 320).toLowerCase();
}

/** One line that the database can hold: no NUL, no half of a surrogate pair. */
function plain(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength)
    .toWellFormed()
    .replace(/\p{Cc}+/gu, " ");
}
