import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { PrincipalKey } from "./identity-deps.ts";

export interface GroupOfPerson {
  readonly principalId: string;
  readonly uid: string;
  readonly displayName: string;
}

/** The groups that somebody belongs to, by way of other groups too, by name. */
export async function listGroupsOf(reader: Reader, person: PrincipalKey): Promise<GroupOfPerson[]> {
  const { rows } = await sql<{ id: string; uid: string; display_name: string }>`
    WITH RECURSIVE above (id) AS (
      SELECT m.group_id FROM group_member m
        WHERE m.organization_id = ${person.organizationId} AND m.member_id = ${person.principalId}
      UNION
      SELECT m.group_id FROM group_member m JOIN above a ON m.organization_id = ${person.organizationId} AND m.member_id = a.id
    )
    SELECT p.id, p.uid, p.display_name FROM above a
    JOIN principal p ON p.organization_id = ${person.organizationId} AND p.id = a.id AND p.state = 'active'
    ORDER BY p.display_name, p.id`.execute(reader);
  return rows.map((row) => ({ principalId: row.id, uid: row.uid, displayName: row.display_name }));
}
