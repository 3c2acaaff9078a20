import type { Transactor } from "../../../store/database.ts";
import { prepare } from "../../../store/prepared.ts";
import { storableLine } from "../storable-line.ts";
import type { TraceEntry } from "./trace-entry.ts";

/** The organization of what concerns none of ours. */
export const nobody = "00000000-0000-0000-0000-000000000000";

const statement = prepare<never>(
  "mail_trace_insert",
  `INSERT INTO mail_trace (organization_id, at, direction, sender, recipient, outcome, status, detail, remote_address, message_id, subject, size)
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::text[], $11::text[], $12::bigint[])`,
);

/**
 * Writes what happened to a message, one row a recipient, in one statement that nothing waits for: call it in the transaction of the
 * delivery, before the feeds are taken. It waits for no lock. What was refused has no transaction: see `TraceBuffer`.
 */
export async function recordTrace(tx: Transactor, entries: readonly TraceEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const column = <T>(read: (entry: TraceEntry) => T): T[] => entries.map(read);
  const values = [
    column((entry) => entry.organizationId ?? nobody),
    column((entry) => entry.at),
    column((entry) => entry.direction),
    column((entry) => address(entry.sender)),
    column((entry) => address(entry.recipient)),
    column((entry) => entry.outcome),
    column((entry) => storableLine(entry.status, 20)),
    column((entry) => storableLine(entry.detail, 500)),
    column((entry) => storableLine(entry.remoteAddress, 60)),
    column((entry) => storableLine(entry.messageId, 300)),
    column((entry) => storableLine(entry.subject ?? "", 300)),
    column((entry) => entry.size),
  ];
  tx.trail(statement.execute(tx, values));
}

function address(text: string): string {
  return storableLine(text, 320).toLowerCase();
}
