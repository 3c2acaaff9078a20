import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import type { TraceEntry } from "../trace/trace-entry.ts";

/** No such mailbox, no such domain, a domain that takes no mail (RFC 3463 section 3.2, RFC 7505). */
const unknownAddress = /^5\.1\.(?:1|2|3|6|10)$/;

/**
 * Counts, for whoever sent the message, recipients that other servers said do not exist: with those refused at once, they pause a
 * person who writes to an old list, or whose password was stolen.
 */
export async function countUnknownRecipients(
  tx: Transactor,
  message: { organizationId: string; outboundId: string },
  results: readonly Pick<TraceEntry, "outcome" | "status">[],
): Promise<void> {
  const count = results.filter((each) => each.outcome === "failed" && unknownAddress.test(each.status)).length;
  if (count === 0) return;
  await sql`
    INSERT INTO sending_usage AS u (organization_id, principal_id, span, unknown_recipients)
    SELECT a.organization_id, a.owner_id, date_bin('10 minutes', now(), 'epoch'), ${count}
    FROM outbound_message m JOIN account a ON a.organization_id = m.organization_id AND a.id = m.account_id
    WHERE m.organization_id = ${message.organizationId} AND m.id = ${message.outboundId}
    ON CONFLICT (organization_id, principal_id, span) DO UPDATE
      SET unknown_recipients = u.unknown_recipients + excluded.unknown_recipients`.execute(tx);
}
