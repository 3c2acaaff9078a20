import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";

/** The address that `postmaster` without a domain means (RFC 5321 section 4.1.1.3): that of the operator's first domain. */
export async function readPostmasterAddress(reader: Reader): Promise<string | undefined> {
  const result = await sql<{ name: string }>`
    SELECT d.name FROM domain d JOIN organization o ON o.id = d.organization_id
    ORDER BY o.kind = 'operator' DESC, d.is_primary DESC, d.created_at LIMIT 1`.execute(reader);
  const name = result.rows[0]?.name;
  return name === undefined ? undefined : `postmaster@${name}`;
}
