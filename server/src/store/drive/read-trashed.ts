import { sql } from "kysely";
import type { Reader } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import type { NodeRow } from "./node-row.ts";

export interface TrashedRow extends NodeRow {
  removed_at: Date;
  removed_by_uid: string | null;
  removed_by_name: string | null;
}

/** What was looked for by name, in the second in which it was put there. */
export interface TrashedName {
  name: string;
  /** Since 1970. */
  second: number;
}

/** What was put in the trash of some accounts, not what lies beneath it: the last come first. */
export async function readTrashed(
  reader: Reader,
  accounts: readonly AccountKey[],
  limit: number,
  wanted?: TrashedName,
): Promise<TrashedRow[]> {
  const result = await sql<TrashedRow>`
    SELECT n.*, p.uid AS removed_by_uid, p.display_name AS removed_by_name
    FROM unnest(${accounts.map((each) => each.organizationId)}::uuid[], ${accounts.map((each) => each.accountId)}::uuid[])
      k(organization_id, account_id)
    JOIN drive_node n ON n.organization_id = k.organization_id AND n.account_id = k.account_id
    LEFT JOIN principal p ON p.organization_id = n.organization_id AND p.id = n.removed_by
    WHERE n.state = 'trashed' AND n.removed_at IS NOT NULL
      ${
        wanted
          ? sql`AND n.name = ${wanted.name} AND n.removed_at >= to_timestamp(${wanted.second}::double precision)
            AND n.removed_at < to_timestamp(${wanted.second + 1}::double precision)`
          : sql``
      }
    ORDER BY n.removed_at DESC, n.file_id LIMIT ${limit}`.execute(reader);
  return result.rows;
}
