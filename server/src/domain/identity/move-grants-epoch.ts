import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";

/**
 * Says that what these principals may reach has changed, and with them everybody who belongs to one that is a group, through any
 * number of groups: their sync tokens start again, and their open connections read again what they may reach.
 * @returns the ids of all of them
 */
export async function moveGrantsEpoch(
  tx: Transactor,
  organizationId: string,
  principalIds: readonly string[],
): Promise<string[]> {
  // Locked in one order, so that two of these never wait for each other.
  const moved = await sql<{ id: string }>`
    WITH RECURSIVE reached (id) AS (
      SELECT unnest(${[...principalIds]}::uuid[])
      UNION
      SELECT m.member_id FROM reached r JOIN group_member m ON m.organization_id = ${organizationId} AND m.group_id = r.id
    ), locked AS (
      SELECT id FROM principal WHERE organization_id = ${organizationId} AND id IN (SELECT id FROM reached)
      ORDER BY id FOR NO KEY UPDATE
    ) UPDATE principal p SET grants_epoch = grants_epoch + 1 FROM locked
      WHERE p.organization_id = ${organizationId} AND p.id = locked.id
      RETURNING p.id`.execute(tx);
  const ids = moved.rows.map((row) => row.id);
  for (const id of ids) tx.hint({ kind: "grants", id });
  return ids;
}
