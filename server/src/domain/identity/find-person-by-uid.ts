import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { mayWork } from "./load-viewer.ts";

export interface PersonByUid {
  readonly organizationId: string;
  readonly principalId: string;
  readonly uid: string;
  readonly displayName: string;
}

/** Somebody of an organization who may work, by the uid that clients know. */
export async function findPersonByUid(
  reader: Reader,
  organizationId: string,
  uid: string,
): Promise<PersonByUid | undefined> {
  const { rows } = await sql<{ id: string; uid: string; display_name: string }>`
    SELECT p.id, p.uid, p.display_name FROM login l
    JOIN principal p ON p.organization_id = l.organization_id AND p.id = l.principal_id AND p.uid = l.login
    WHERE l.login = ${uid} AND l.organization_id = ${organizationId} AND ${mayWork}`.execute(reader);
  const row = rows[0];
  return row && { organizationId, principalId: row.id, uid: row.uid, displayName: row.display_name };
}
