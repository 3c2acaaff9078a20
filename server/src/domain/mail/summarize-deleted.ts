import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";

export interface DeletedDay {
  /** 2026-11-23, in the time zone of the account's owner. */
  day: string;
  messages: number;
  /** Bytes. */
  size: number;
}

/** How much can be brought back, by the day on which it was deleted, the last first: all that an administrator needs to see. */
export async function summarizeDeleted(reader: Reader, key: AccountKey): Promise<DeletedDay[]> {
  const result = await sql<DeletedDay>`
    SELECT to_char(e.expunged_at AT TIME ZONE p.time_zone, 'YYYY-MM-DD') AS day, count(*)::int AS messages, sum(m.size)::bigint AS size
    FROM expunged_message e
    JOIN message m ON m.organization_id = e.organization_id AND m.id = e.message_id
    JOIN account a ON a.organization_id = e.organization_id AND a.id = e.account_id
    JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id
    WHERE e.organization_id = ${key.organizationId} AND e.account_id = ${key.accountId}
    GROUP BY 1 ORDER BY 1 DESC`.execute(reader);
  return result.rows;
}
